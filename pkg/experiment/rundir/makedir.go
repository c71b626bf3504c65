package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nasim-sim/nasim/internal/disk"
)

// Made are directories that were made, outermost first.
type Made []string

// MakeDir makes a directory and those above it, if they are not there, and says
// which it made, also when it fails.
func MakeDir(dir string) (made Made, err error) {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a directory; choose another --out", dir)
		}
		return nil, nil
	}
	if up := filepath.Dir(dir); up != dir {
		if made, err = MakeDir(up); err != nil {
			return made, err
		}
	}
	switch err := disk.Mkdir(dir); {
	case err == nil:
		return append(made, dir), nil
	case errors.Is(err, os.ErrExist):
		return made, nil
	default:
		return made, Explain(err)
	}
}

// Remove removes the directories again, if nothing came into them.
func (m Made) Remove() {
	for i := len(m) - 1; i >= 0; i-- {
		if disk.Remove(m[i]) != nil {
			return
		}
	}
}
