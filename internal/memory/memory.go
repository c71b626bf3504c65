// Package memory tells how much memory a program may use where it runs, so that
// what needs more can be refused before it is begun.
package memory

import "fmt"

// Needed is an error if so many bytes are more than there are, as far as that can
// be known; what names the thing that needs them.
func Needed(what string, bytes float64) error {
	has, known := There()
	if !known || bytes <= float64(has) {
		return nil
	}
	return fmt.Errorf("%s needs %s of memory, and there are %s", what, About(bytes), Text(float64(has)))
}

// About is "about" and a size.
func About(bytes float64) string {
	if bytes < 1e6 {
		return Text(bytes)
	}
	return "about " + Text(bytes)
}

// Text writes a size, in units of 10⁶ bytes or more.
func Text(bytes float64) string {
	switch {
	case bytes < 1e6:
		return "under 1 MB"
	case bytes < 1e9:
		return fmt.Sprintf("%.0f MB", bytes/1e6)
	case bytes < 1e12:
		return fmt.Sprintf("%.1f GB", bytes/1e9)
	case bytes < 1e15:
		return fmt.Sprintf("%.1f TB", bytes/1e12)
	}
	return fmt.Sprintf("%.2g TB", bytes/1e12)
}
