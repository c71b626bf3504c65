package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Target is where a run is to be written.
type Target struct {
	Path     string // the run's directory
	Identity string // of the run; see [Identity]
	Hash     string // of the run; see [Hash]
	Numerics int    // version of what will compute the numbers
	Kernel   string // kernel path that will
	Named    bool   // the user named the path: then an existing one is refused even if it is this very run
	Force    bool   // an existing run may be replaced

	// Known tells files that may be replaced with the run though its manifest does
	// not list them, by their paths inside it: figures that were drawn later. Nil
	// knows none.
	Known func(path string) bool
}

// Check finds out whether the target can be written, and writes nothing. done
// says that a complete run of this identity is there already.
func (t Target) Check() (done bool, err error) {
	t = t.clean()
	if err := t.refuseSpecial(); err != nil {
		return false, err
	}
	info, err := os.Lstat(t.Path)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return false, errors.Join(nameable(t.Path), Writable(filepath.Dir(t.Path)))
	case err != nil:
		return false, Explain(err)
	case t.Force:
		if err := t.replaceable(t.Path, info); err != nil && !changed(t.Path, info) {
			return false, err
		}
		return false, Writable(filepath.Dir(t.Path))
	}
	return t.already(info)
}

// clean drops what a path does not need, such as a slash at its end, which would
// have links followed.
func (t Target) clean() Target {
	if t.Path != "" {
		t.Path = filepath.Clean(t.Path)
	}
	return t
}

// already says whether what exists is the run itself, complete; if it is not, or
// the path was named, it is refused.
func (t Target) already(info os.FileInfo) (done bool, err error) {
	m, err := ReadManifest(t.Path)
	if t.Named || err != nil || m.Status != StatusComplete || m.Identity != t.Identity {
		return false, t.exists(info)
	}
	if err := t.differs(m); err != nil {
		return false, err
	}
	if err := m.Verify(t.Path); err != nil {
		var damage *Damage
		if errors.As(err, &damage) {
			err = fmt.Errorf("%w; replace it with --force, or remove the directory", err)
		}
		return false, err
	}
	return true, nil
}

// differs says in what a run that has the target's name is not the target's.
func (t Target) differs(m *Manifest) error {
	switch {
	case !m.Recorded():
		return fmt.Errorf("%s was made by a nasim that did not record what computed a run and what its files held, so it cannot be told whether it is this one; "+
			"replace it with --force, or choose another place with --out", t.Path)
	case m.Numerics != t.Numerics:
		return fmt.Errorf("%s was computed by version %d of the numerics, and this nasim computes by version %d; replace it with --force, or choose another place with --out",
			t.Path, m.Numerics, t.Numerics)
	case m.Kernel != t.Kernel:
		return fmt.Errorf("%s was computed with the kernels %s, and this run would be with %s; replace it with --force, choose another place with --out, or set NASIM_KERNEL=%s",
			t.Path, m.Kernel, t.Kernel, m.Kernel)
	case m.SHA256.Run != t.Hash:
		return fmt.Errorf("%s is another run, whose name has the same 8 digits (its hash is %.16s…, this run's %.16s…); choose another place with --out",
			t.Path, m.SHA256.Run, t.Hash)
	}
	return nil
}

// exists explains why an existing path is refused.
func (t Target) exists(info os.FileInfo) error {
	what := "exists"
	if info.Mode()&os.ModeSymlink != 0 {
		what = "exists and is a symbolic link"
	} else if !info.IsDir() {
		what = "exists and is not a directory"
	} else if _, err := ReadManifest(t.Path); errors.Is(err, ErrNoManifest) {
		what = "exists and is not a nasim run"
	} else if err != nil {
		return err
	} else {
		return fmt.Errorf("%s exists; choose another --out, or replace it with --force", t.Path)
	}
	if t.Named {
		return fmt.Errorf("%s %s; choose another --out", t.Path, what)
	}
	return fmt.Errorf("%s %s; move it away, or choose another place with --out", t.Path, what)
}

// refuseSpecial refuses the directories that must never be a target: the root,
// the home directory, the working directory, and all that hold one of them.
func (t Target) refuseSpecial() error {
	if t.Path == "" {
		return errors.New("the output directory's name is empty; name one with --out")
	}
	path, err := filepath.Abs(t.Path)
	if err != nil {
		return err
	}
	path = resolve(path)
	if path == filepath.Dir(path) {
		return fmt.Errorf("%s is the root of the file system; choose another --out", t.Path)
	}
	home, _ := os.UserHomeDir()
	work, _ := os.Getwd()
	for _, special := range []struct{ dir, name string }{{home, "your home directory"}, {work, "the working directory"}} {
		if special.dir != "" && within(resolve(special.dir), path) {
			return fmt.Errorf("%s is %s or holds it; choose another --out", t.Path, special.name)
		}
	}
	return nil
}

// resolve follows the symbolic links of the part of a path that exists.
func resolve(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if up := filepath.Dir(path); up != path {
		return filepath.Join(resolve(up), filepath.Base(path))
	}
	return path
}

// within says whether a path is a directory or inside it; both are absolute.
func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

// replaceable says whether --force may replace what is there: a directory with a
// manifest of nasim, and nothing in it that nasim did not write.
func (t Target) replaceable(path string, info os.FileInfo) error {
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link; name the directory itself", path)
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory; --force replaces only a nasim run", path)
	}
	m, err := ReadManifest(path)
	if err != nil {
		return fmt.Errorf("%w; --force replaces only a nasim run", err)
	}
	found, err := files(path)
	if err != nil {
		return Explain(err)
	}
	for _, name := range found {
		listed := slices.Contains(m.Files, strings.TrimSuffix(name, "/"))
		ours := listed || name == manifestName || name == "inputs/" || name == "figures/" || t.knows(name)
		if !ours {
			return fmt.Errorf("%s holds %s, which is not in its manifest; move it away before --force", path, name)
		}
	}
	return nil
}

// knows says whether a path is of a file that may be replaced though no manifest
// lists it, or of what a process that was killed left of one.
func (t Target) knows(name string) bool {
	if t.Known == nil {
		return false
	}
	if whole := unhidden(name); whole != "" {
		name = whole
	}
	return t.Known(name)
}

// nameable says whether the parts of a path that are not there yet are names that
// the file system takes.
func nameable(path string) error {
	there, missing := path, []string(nil)
	for {
		missing = append(missing, filepath.Base(there))
		up := filepath.Dir(there)
		if _, err := os.Lstat(up); err == nil || up == there {
			there = up
			break
		}
		there = up
	}
	for _, name := range missing {
		if _, err := os.Lstat(filepath.Join(there, name)); errors.Is(err, syscall.ENAMETOOLONG) {
			return Explain(&os.PathError{Op: "mkdir", Path: path, Err: syscall.ENAMETOOLONG})
		}
	}
	return nil
}

// changed says whether a path is no longer what it was: another process replaces
// the same run.
func changed(path string, was os.FileInfo) bool {
	is, err := os.Lstat(path)
	return err != nil || !os.SameFile(is, was)
}

// Writable says whether a directory, or the nearest one above it that exists,
// takes new entries.
func Writable(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		if up := filepath.Dir(dir); up != dir {
			return Writable(up)
		}
		return Explain(err)
	case err != nil:
		return Explain(err)
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory; choose another --out", dir)
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		if errors.Is(err, syscall.EACCES) {
			return fmt.Errorf("%s cannot be written to: %w; choose another --out, or change its permissions", dir, err)
		}
		return Explain(&os.PathError{Op: "access", Path: dir, Err: err})
	}
	return nil
}
