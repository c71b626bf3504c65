package rundir

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"
)

// TestSweep: what a dead process of this host left of the same target goes, and
// nothing else does.
func TestSweep(t *testing.T) {
	gone := exec.Command(os.Args[0], "-test.run", "^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	pid, living := gone.Process.Pid, os.Getppid()
	if !dead(pid) || dead(living) || dead(os.Getpid()) || dead(0) {
		t.Fatal("cannot tell the dead from the living")
	}
	dir := t.TempDir()
	var kept []string
	leave := func(keep bool, format string, args ...any) {
		name := fmt.Sprintf(format, args...)
		write(t, filepath.Join(dir, name, "outputs.npz"), "x")
		if keep {
			kept = append(kept, name)
		}
	}
	leave(false, ".a.partial-%s-%d-00c0ffee", host(), pid)
	leave(true, ".a.partial-%s-%d-00c0ffee", host(), living)
	leave(true, ".a.partial-%s-%d-00c0ffee", host(), os.Getpid())
	leave(true, ".a.partial-%s-%d-00c0ffee", "00000000", pid)  // of another host
	leave(true, ".ab.partial-%s-%d-00c0ffee", host(), pid)     // of another target
	leave(true, ".a.replaced-%s-%d-00c0ffee", host(), pid)     // a run, complete
	leave(true, ".a.partial-%s-%d-00c0ffee.orig", host(), pid) // not ours
	leave(true, ".a.partial-%d-00c0ffee", pid)                 // of an older nasim
	leave(true, "x.a.partial-%s-%d-00c0ffee", host(), pid)     // of somebody else
	leave(true, ".a.partial-%s-%d-00c0ffee0", host(), pid)     // unlike any that is drawn
	leave(true, ".a.partial-%s-%d-00C0FFEE", host(), pid)      // the same
	leave(true, ".a.partial-%s-0-00c0ffee", host())            // of no process
	leave(true, ".a.partial-%s--%d-00c0ffee", host(), pid)     // of a group of them
	leave(true, ".a.partial-%s-%d%d-00c0ffee", host(), 1<<62, 1<<62)
	leave(true, "a.partial-%s-%d-00c0ffee", host(), pid) // not hidden
	write(t, filepath.Join(dir, "elsewhere", "mine"), "x")
	kept = append(kept, "elsewhere")
	if err := os.Symlink("elsewhere", filepath.Join(dir, fmt.Sprintf(".a.partial-%s-%d-0ddba115", host(), pid))); err != nil {
		t.Fatal(err) // it goes, what it leads to stays
	}
	makeRun(t, Target{Path: filepath.Join(dir, "a"), Identity: "a"}, "")
	kept = append(kept, "a")
	slices.Sort(kept)
	if names := list(t, dir); !slices.Equal(names, kept) {
		t.Errorf("there is %v, want %v", names, kept)
	}
	read(t, filepath.Join(dir, "elsewhere", "mine"))

	// A name stands for itself, and a long one for its start and a hash.
	long := strings.Repeat("n", 240)
	dot, start := fmt.Sprintf(".a.b.partial-%s-%d-00c0ffee", host(), pid), fmt.Sprintf("%s-%s-%d-00c0ffee", hiddenStem(long, "partial"), host(), pid)
	write(t, filepath.Join(dir, dot, "x"), "")
	write(t, filepath.Join(dir, start, "x"), "")
	sweep(dir, "a+b")
	sweep(dir, "a.?")
	sweep(dir, "axb")
	read(t, filepath.Join(dir, dot, "x"))
	sweep(dir, "a.b")
	sweep(dir, long)
	sweep(filepath.Join(dir, "nowhere"), "a")
	if names := list(t, dir); !slices.Equal(names, kept) {
		t.Errorf("there is %v, want %v", names, kept)
	}
	if name := hidden("a", "partial"); !strings.HasPrefix(name, fmt.Sprintf(".a.partial-%s-%d-", host(), os.Getpid())) {
		t.Errorf("hidden name %s", name)
	}
}

// TestHiddenStem: whatever the target's name is, the hidden one is a name that file
// systems take, and another for another target.
func TestHiddenStem(t *testing.T) {
	seen := map[string]string{}
	for _, base := range []string{
		"a", strings.Repeat("n", 255), strings.Repeat("n", 254) + "m", strings.Repeat("é", 127), "x" + strings.Repeat("é", 127),
		strings.Repeat("e\u0301", 85), strings.Repeat("神", 85), strings.Repeat("🧠", 63), "\xff\xfe", strings.Repeat("\xff", 255), "a*[b", "(",
	} {
		dir := t.TempDir()
		if name := hidden(base, "replaced"); len(name) > 255 || !utf8.ValidString(name) && utf8.ValidString(base) {
			t.Errorf("%q: %q", base, name)
		}
		if before, again := seen[hiddenStem(base, "partial")]; again {
			t.Errorf("%q and %q are both hidden as %q", base, before, hiddenStem(base, "partial"))
		}
		seen[hiddenStem(base, "partial")] = base
		target := Target{Path: filepath.Join(dir, base), Identity: "a"}
		for range 2 {
			makeRun(t, target, "")
			target.Force = true
		}
		if names := list(t, dir); !slices.Equal(names, []string{base}) {
			t.Errorf("there is %q", names)
		}
	}
}

// TestNoHiddenNames: errors on the way name the run, or the file, as the user
// knows it.
func TestNoHiddenNames(t *testing.T) {
	dir := t.TempDir()
	full := &os.PathError{Op: "write", Path: "disk", Err: syscall.ENOSPC}
	err := ReplaceFile(filepath.Join(dir, "budget.png"), func(io.Writer) error { return errors.New("broken") })
	if want := filepath.Join(dir, "budget.png") + ": broken"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if names := list(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
	p, err := Create(Target{Path: filepath.Join(dir, "a"), Identity: "a"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Discard()
	full.Path = filepath.Join(p.Dir(), "outputs.npz")
	err = p.InWords(Explain(full))
	if want := filepath.Join(dir, "a", "outputs.npz") + ": the disk is full; free some space, or write elsewhere with --out"; err.Error() != want || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want %s", err, want)
	}
	for _, name := range []string{"/proc/x", "/proc/x/y"} {
		if _, err := Create(Target{Path: name, Identity: "a"}); err == nil || strings.Contains(err.Error(), "partial") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMadeDirectories: those that were made go again, unless they are in use.
func TestMadeDirectories(t *testing.T) {
	dir := t.TempDir()
	made, err := MakeDir(filepath.Join(dir, "a", "b"))
	if want := (Made{filepath.Join(dir, "a"), filepath.Join(dir, "a", "b")}); err != nil || !slices.Equal(made, want) {
		t.Fatalf("made %v, %v", made, err)
	}
	if again, err := MakeDir(filepath.Join(dir, "a")); again != nil || err != nil {
		t.Errorf("made again %v, %v", again, err)
	}
	write(t, filepath.Join(dir, "a", "mine"), "x")
	made.Remove()
	if names := list(t, filepath.Join(dir, "a")); !slices.Equal(names, []string{"mine"}) {
		t.Errorf("there is %v", names)
	}
}
