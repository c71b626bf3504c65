// Package bounded reads files of which nobody knows what they are: none is read
// further than it can be of use, and none is waited for that never comes.
package bounded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// TooLarge is the error of a file that holds more than is read.
type TooLarge struct {
	Path string
	Most int64 // bytes
}

// Error says how much is read.
func (t *TooLarge) Error() string {
	return fmt.Sprintf("%s is larger than %s, the most that is read of it", t.Path, size(t.Most))
}

// ErrSilent is what is wrong with a pipe that nobody writes to.
var ErrSilent = errors.New("is a pipe, and nothing is written to it")

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.3g GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// Open opens a file to read from. A pipe that nobody writes to, which [os.Open]
// would wait for, is an empty file.
func Open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// ReadFile reads a whole file of at most so many bytes: a regular file, or what
// comes out of a pipe. The error is [TooLarge] if there are more.
func ReadFile(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Size() > most {
		return nil, &TooLarge{path, most}
	}
	raw, err := read(f, path, most, info.Size())
	if err == nil && len(raw) == 0 && info.Mode()&os.ModeNamedPipe != 0 {
		return nil, fmt.Errorf("%s %w", path, ErrSilent)
	}
	return raw, err
}

// Read is ReadFile for what is open; the name is for messages.
func Read(from io.Reader, name string, most int64) ([]byte, error) {
	var expected int64
	if f, ok := from.(fs.File); ok {
		if info, err := f.Stat(); err == nil {
			expected = info.Size()
		}
	}
	return read(from, name, most, expected)
}

// read makes room for what is expected at once: growing takes twice the memory.
func read(from io.Reader, name string, most, expected int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(expected, most)) + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(from, most+1)); err != nil {
		return nil, err
	}
	if int64(b.Len()) > most {
		return nil, &TooLarge{name, most}
	}
	return b.Bytes(), nil
}
