//go:build unix

package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// Lock takes a file for this process, as long as it is open; false if another has it.
func Lock(f *os.File) bool { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil }
