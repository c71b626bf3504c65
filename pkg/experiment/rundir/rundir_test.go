package rundir

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// fill writes a small run into a partial directory; note tells runs apart.
func fill(t testing.TB, p *Partial, identity, note string) {
	t.Helper()
	err := WriteFile(filepath.Join(p.Dir(), "metrics.json"), func(w io.Writer) error {
		_, err := io.WriteString(w, note)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MakeDir(filepath.Join(p.Dir(), "inputs")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(p.Dir(), "inputs", "text.txt"), "read")
	if err := WriteManifest(p.Dir(), Manifest{Identity: identity, Nasim: Version{Version: "1"}}); err != nil {
		t.Fatal(err)
	}
}

// make writes a complete run.
func makeRun(t testing.TB, target Target, note string) {
	t.Helper()
	p, err := Create(target)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, p, target.Identity, note)
	if _, err := p.Complete(); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write makes a file and the directories above it.
func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func list(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestCompleteAndResume(t *testing.T) {
	dir := t.TempDir()
	target := Target{Path: filepath.Join(dir, "runs", "a-1234"), Identity: "a-1234"}
	if done, err := target.Check(); done || err != nil {
		t.Fatalf("nothing is there, but Check says %v, %v", done, err)
	}
	if names := list(t, dir); names != nil {
		t.Fatalf("Check wrote %v", names)
	}
	makeRun(t, target, "first")
	if done, err := target.Check(); !done || err != nil {
		t.Errorf("a complete run is there, but Check says %v, %v", done, err)
	}
	if names := list(t, filepath.Join(dir, "runs")); !slices.Equal(names, []string{"a-1234"}) {
		t.Errorf("beside the run there is %v", names)
	}
	other := target
	other.Identity = "a-9999"
	if done, err := other.Check(); done || err == nil {
		t.Errorf("another run is there, but Check says %v, %v", done, err)
	}
	m, err := ReadManifest(target.Path)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"inputs/text.txt", "manifest.json", "metrics.json"}; m.Status != "complete" || !slices.Equal(m.Files, want) {
		t.Errorf("manifest %+v, want files %v", m, want)
	}
}

// TestDiscard: a run that fails leaves nothing, not even the parents made for it.
func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	target := Target{Path: filepath.Join(dir, "x", "y", "run"), Identity: "run-1"}
	p, err := Create(target)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, p, "run-1", "")
	if err := p.Discard(); err != nil {
		t.Fatal(err)
	}
	if names := list(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
	if err := p.Discard(); err != nil {
		t.Errorf("a second Discard: %v", err)
	}
}

// TestDiscardKeepsOthers: parents that came into use are left.
func TestDiscardKeepsOthers(t *testing.T) {
	dir := t.TempDir()
	p, err := Create(Target{Path: filepath.Join(dir, "runs", "a"), Identity: "a"})
	if err != nil {
		t.Fatal(err)
	}
	makeRun(t, Target{Path: filepath.Join(dir, "runs", "b"), Identity: "b"}, "")
	if err := p.Discard(); err != nil {
		t.Fatal(err)
	}
	if names := list(t, filepath.Join(dir, "runs")); !slices.Equal(names, []string{"b"}) {
		t.Errorf("there is %v", names)
	}
}

// TestUnfinished: a run without its manifest never gets its name.
func TestUnfinished(t *testing.T) {
	dir := t.TempDir()
	p, err := Create(Target{Path: filepath.Join(dir, "a"), Identity: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Complete(); !errors.Is(err, ErrNoManifest) {
		t.Errorf("Complete: %v", err)
	}
	fill(t, p, "b", "")
	if _, err := p.Complete(); err == nil {
		t.Error("a run of another identity was accepted")
	}
	p.Discard()
	if names := list(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}

// TestRace: of many processes writing one run, one places it and the others are
// content, wherever they stand when it happens.
func TestRace(t *testing.T) {
	for _, force := range []bool{false, true} {
		dir := t.TempDir()
		target := Target{Path: filepath.Join(dir, "runs", "a"), Identity: "a", Force: force}
		var group sync.WaitGroup
		failures := make(chan error, 32)
		placed := make(chan bool, 32)
		for i := range 16 {
			group.Go(func() {
				if done, err := target.Check(); done || err != nil {
					failures <- err
					return
				}
				p, err := Create(target)
				if err != nil {
					failures <- err
					return
				}
				defer p.Discard()
				fill(t, p, "a", fmt.Sprint(i))
				already, err := p.Complete()
				failures <- err
				placed <- !already && err == nil
			})
		}
		group.Wait()
		close(failures)
		close(placed)
		for err := range failures {
			// With --force, ten in a row may get in before one: that one says so.
			if err != nil && !(force && errors.Is(err, errMoved)) {
				t.Errorf("force %v: %v", force, err)
			}
		}
		count := 0
		for first := range placed {
			if first {
				count++
			}
		}
		if !force && count != 1 || force && count < 1 {
			t.Errorf("force %v: %d processes placed the run", force, count)
		}
		if names := list(t, filepath.Join(dir, "runs")); !slices.Equal(names, []string{"a"}) {
			t.Errorf("force %v: there is %v", force, names)
		}
		if done, err := (Target{Path: target.Path, Identity: "a"}).Check(); !done {
			t.Errorf("force %v: not complete: %v", force, err)
		}
	}
}

// TestChangedMeanwhile: what becomes of the target during a run is looked at
// again when it ends.
func TestChangedMeanwhile(t *testing.T) {
	dir := t.TempDir()
	target := Target{Path: filepath.Join(dir, "a"), Identity: "a", Named: true, Force: true}
	makeRun(t, target, "old")
	p, err := Create(target)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, p, "a", "new")
	if err := os.WriteFile(filepath.Join(dir, "a", "notes.md"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Complete(); err == nil || !strings.Contains(err.Error(), "notes.md") {
		t.Errorf("Complete: %v", err)
	}
	p.Discard()
	if read(t, filepath.Join(dir, "a", "metrics.json")) != "old" {
		t.Error("the old run was changed")
	}
	if names := list(t, dir); !slices.Equal(names, []string{"a"}) {
		t.Errorf("there is %v", names)
	}
}

// TestNotWritable: what cannot be written is found before anything is done.
func TestNotWritable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "file", "a"), filepath.Join(dir, "file", "b", "a"), "/proc/a", "/proc/b/a"} {
		target := Target{Path: path, Identity: "a"}
		_, checked := target.Check()
		p, created := Create(target)
		if checked == nil && path != "/proc/a" && path != "/proc/b/a" {
			t.Errorf("Check accepts %s", path)
		}
		if created == nil {
			p.Discard()
			t.Errorf("%s was written", path)
		}
	}
	if os.Getuid() == 0 {
		return // to whom permissions do not apply
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0o555); err != nil {
		t.Fatal(err)
	}
	if _, err := (Target{Path: filepath.Join(closed, "a"), Identity: "a"}).Check(); err == nil || !strings.Contains(err.Error(), "permissions") {
		t.Errorf("Check: %v", err)
	}
}

// TestFullDisk writes to the device that is always full.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		t.Log("there is no /dev/full on this system; only the text is checked")
	} else if err != nil {
		t.Fatal(err)
	} else {
		err = writeTo(full, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "/dev/full: the disk is full") {
			t.Errorf("error %v", err)
		}
	}
	err = Explain(fmt.Errorf("outputs.npz: %w", &os.PathError{Op: "write", Path: "outputs.npz", Err: syscall.ENOSPC}))
	if got := err.Error(); got != "outputs.npz: the disk is full; free some space, or write elsewhere with --out" {
		t.Errorf("text %q", got)
	}
	if again := Explain(err); again.Error() != err.Error() {
		t.Errorf("explained twice: %v", again)
	}
}

func TestWriteFileErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	broken := errors.New("broken")
	if err := WriteFile(path, func(io.Writer) error { return broken }); !errors.Is(err, broken) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
	if err := WriteFile(path, func(io.Writer) error { return nil }); !errors.Is(err, os.ErrExist) {
		t.Errorf("an existing file: %v", err)
	}
}

func TestIdentity(t *testing.T) {
	// SHA-256 of the bytes 01 00 00 00 00 00 00 00 61, by coreutils' sha256sum.
	if got := Hash([]byte("a")); Identity("text", got) != "text-ae6121c8" || len(got) != 64 {
		t.Errorf("hash %s", got)
	}
	if Hash([]byte("ab"), []byte("c")) == Hash([]byte("a"), []byte("bc")) {
		t.Error("parts run together")
	}
	for file, want := range map[string]string{
		"configs/text.yaml": "text", "-": "stdin", "a b*c.yml": "a_b_c", ".yaml": "yaml", "x.tar.yaml": "x.tar", "τ_p.yaml": "τ_p", "..": "run",
		strings.Repeat("é", 200) + ".yaml": strings.Repeat("é", 50),
	} {
		if got := ConfigName(file); got != want {
			t.Errorf("ConfigName(%q) = %q, want %q", file, got, want)
		}
	}
}
