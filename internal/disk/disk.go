// Package disk holds the calls to the file system on which it depends what a
// process that is killed leaves behind: making, renaming, settling and removing.
// A test can stop the program before any of them.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Before, where it is not nil, is told of every call before it is made: its name
// and its path. Only tests set it, before anything else runs.
var Before func(call, path string)

// Separate, where it is true, makes Exchange unsupported, as it is on some systems.
// Only tests set it.
var Separate bool

func announce(call, path string) {
	if Before != nil {
		Before(call, path)
	}
}

// Mkdir is [os.Mkdir] with all permissions that the user's mask leaves.
func Mkdir(path string) error {
	announce("mkdir", path)
	return os.Mkdir(path, 0o777)
}

// Rename is [os.Rename].
func Rename(from, to string) error {
	announce("rename", from)
	return os.Rename(from, to)
}

// Exchange gives each of two paths, which must exist, what is at the other, in one
// step. The error is [errors.ErrUnsupported] where system or file system cannot.
func Exchange(a, b string) error {
	if Separate {
		return errors.ErrUnsupported
	}
	announce("exchange", a)
	return exchange(a, b)
}

// Remove is [os.Remove].
func Remove(path string) error {
	announce("remove", path)
	return os.Remove(path)
}

// RemoveAll is [os.RemoveAll]; before a test's eyes it goes an entry at a time.
func RemoveAll(path string) error {
	if info, err := os.Lstat(path); Before != nil && err == nil && info.IsDir() { // so that it may end half-way
		entries, _ := os.ReadDir(path)
		for _, e := range entries {
			if err := RemoveAll(filepath.Join(path, e.Name())); err != nil {
				return err
			}
		}
	}
	announce("remove", path)
	return os.RemoveAll(path)
}

// Settle makes everything in a directory durable: the contents of its files and
// then the names in it. Some file systems report a full disk only here.
func Settle(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || entry.Type().IsRegular() {
			return Sync(path)
		}
		return nil
	})
}

// Sync makes a file's contents, or a directory's names, durable.
func Sync(path string) error {
	announce("fsync", path)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil // a file system that cannot make a directory durable
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}
