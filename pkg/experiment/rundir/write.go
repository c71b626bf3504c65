package rundir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// WriteFile makes a new file and fills it. Every error on the way, that of Close
// included, comes back with the file's name; an existing file is refused.
func WriteFile(path string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return Explain(err)
	}
	return writeTo(f, fill)
}

func writeTo(f *os.File, fill func(io.Writer) error) error {
	buffered := bufio.NewWriterSize(f, 1<<16)
	err := fill(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		return nil
	}
	var path *fs.PathError
	if !errors.As(err, &path) {
		err = fmt.Errorf("%s: %w", f.Name(), err)
	}
	return Explain(err)
}

// known are failures of a file system in words, and what an option that says where to
// write does against them.
var known = []struct {
	err             error
	what, elsewhere string
}{
	{syscall.ENOSPC, "the disk is full; free some space", ", or write elsewhere with --out"},
	{syscall.EDQUOT, "your disk quota is used up; free some space", ", or write elsewhere with --out"},
	{syscall.EROFS, "the file system is read-only", "; write elsewhere with --out"},
	{syscall.EFBIG, "the file is larger than is allowed here (see ulimit -f)", ""},
	{syscall.ENOTDIR, "a part of the path is a file, not a directory", ""},
	{syscall.ENAMETOOLONG, "the name is too long", ""},
	{syscall.ENOENT, "there is no such file or directory", ""},
	{syscall.EACCES, "no permission", ""},
	{syscall.EPERM, "not permitted", ""},
}

// Explain puts a file system's error as "path: what is wrong; remedy". The error
// within stays reachable for errors.Is. Other errors, and nil, come back as they
// are.
func Explain(err error) error { return explain(err, true) }

// ExplainHere is Explain where no --out writes elsewhere.
func ExplainHere(err error) error { return explain(err, false) }

func explain(err error, movable bool) error {
	where := ""
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		where = path.Path + ": "
	case errors.As(err, &link):
		where = link.New + ": "
	}
	var already *explained
	if errors.As(err, &already) {
		return err
	}
	for _, k := range known {
		if !errors.Is(err, k.err) {
			continue
		}
		if movable {
			return &explained{where + k.what + k.elsewhere, err}
		}
		return &explained{where + k.what, err}
	}
	return err
}

// explained is an error in our words around the system's.
type explained struct {
	text  string
	cause error
}

func (e *explained) Error() string { return e.text }
func (e *explained) Unwrap() error { return e.cause }
