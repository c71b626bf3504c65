package rundir

import (
	"io"
	"os"
	"path/filepath"
)

// ReplaceFile writes a file beside its path and renames it there: a reader finds
// the old file or the new one, never a part, and a failure leaves the old one.
func ReplaceFile(path string, fill func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	beside := filepath.Join(dir, hidden(base, "partial"))
	if err := WriteFile(beside, fill); err != nil {
		os.Remove(beside) // what was written of it; the first error is the one to tell
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		os.Remove(beside)
		return Explain(err)
	}
	return nil
}

// MakeDir makes a directory and those above it, if they are not there.
func MakeDir(dir string) error {
	return Explain(os.MkdirAll(dir, 0o777))
}
