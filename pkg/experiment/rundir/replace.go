package rundir

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/nasim-sim/nasim/internal/disk"
)

// ReplaceFile writes a file beside its path and renames it there: a reader finds
// the old file or the new one, never a part, and a failure leaves the old one.
// Errors name the path. What a process that was killed left beside it is removed.
func ReplaceFile(path string, fill func(io.Writer) error) error {
	dir, base := filepath.Split(path)
	sweep(filepath.Clean(dir), base)
	beside := filepath.Join(dir, hidden(base, "partial"))
	err := WriteFile(beside, fill)
	if err == nil {
		err = Explain(disk.Rename(beside, path))
	}
	if err == nil {
		return nil
	}
	disk.Remove(beside) // what was written of it; the first error is the one to tell
	if text := strings.ReplaceAll(err.Error(), beside, path); text != err.Error() {
		return &explained{text, err}
	}
	return err
}
