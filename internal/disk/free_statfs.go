//go:build linux || darwin || freebsd

package disk

import (
	"math"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Free is how many bytes can be written below a path, which need not exist; ok is
// whether that is known.
func Free(path string) (bytes float64, ok bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return 0, false
	}
	for {
		var s unix.Statfs_t
		switch err := unix.Statfs(path, &s); {
		case err == nil:
			// Where a file system keeps no count, as some in memory do, it is 0 of 0.
			return float64(s.Bavail) * math.Abs(float64(s.Bsize)), s.Blocks > 0
		case !os.IsNotExist(err) || filepath.Dir(path) == path:
			return 0, false
		}
		path = filepath.Dir(path)
	}
}
