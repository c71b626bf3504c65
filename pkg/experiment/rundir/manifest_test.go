package rundir

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOldManifest: one of version 1 can be read and replaced, but no run is passed
// off as complete by it; one that lists names at the top only vouches for no file
// within a directory that it lists.
func TestOldManifest(t *testing.T) {
	target := Target{Path: filepath.Join(t.TempDir(), "a"), Identity: "a"}
	write(t, filepath.Join(target.Path, "manifest.json"),
		`{"schema_version": 1, "status": "complete", "identity": "a", "nasim": {"version": "0.1.0"}, "files": ["figures", "inputs", "manifest.json", "metrics.json"]}`)
	write(t, filepath.Join(target.Path, "metrics.json"), "{}")
	write(t, filepath.Join(target.Path, "inputs", "text.txt"), "read")
	if done, err := target.Check(); done || err == nil || !strings.Contains(err.Error(), "did not record what computed a run") {
		t.Errorf("Check: %v, %v", done, err)
	}
	if m, err := ReadManifest(target.Path); err != nil || m.Recorded() || m.Verify(target.Path) != nil { // without the figures, which may be removed
		t.Errorf("%+v, %v", m, err)
	}
	target.Force = true
	if _, err := target.Check(); err == nil || !strings.Contains(err.Error(), "inputs/text.txt") {
		t.Errorf("with --force: %v", err)
	}
	if err := os.Remove(filepath.Join(target.Path, "inputs", "text.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := target.Check(); err != nil {
		t.Errorf("with --force, inputs empty: %v", err)
	}
}

// TestNewerManifest: one of a version that is not known is named so.
func TestNewerManifest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	write(t, filepath.Join(dir, "manifest.json"), `{"schema_version": 99, "status": "complete", "identity": "a", "nasim": {"version": "9.0.0"}}`)
	if _, err := ReadManifest(dir); err == nil || !strings.Contains(err.Error(), "nasim 9.0.0") {
		t.Error(err)
	}
	for _, force := range []bool{false, true} {
		if done, err := (Target{Path: dir, Identity: "a", Force: force}).Check(); done || err == nil || !strings.Contains(err.Error(), "use a newer nasim") {
			t.Errorf("force %v: %v, %v", force, done, err)
		}
	}
}

// TestNoRun: a path that does not exist is told from a directory that is no run.
func TestNoRun(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadManifest(filepath.Join(dir, "gone")); err == nil || err.Error() != filepath.Join(dir, "gone")+": there is no such file or directory" {
		t.Error(err)
	}
	if _, err := ReadManifest(dir); !errors.Is(err, ErrNoManifest) {
		t.Error(err)
	}
}

// TestDamage: a run is complete only if every file is as it was written.
func TestDamage(t *testing.T) {
	for want, damage := range map[string]func(path string) error{
		"is damaged: metrics.json has 2 bytes, and 3 were written": func(path string) error { return os.Truncate(path, 2) },
		"is damaged: metrics.json is not what was written":         func(path string) error { return os.WriteFile(path, []byte("olt"), 0o666) },
		"is damaged: metrics.json is not a file": func(path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o777))
		},
		"is not complete: metrics.json is missing": os.Remove,
	} {
		target := Target{Path: filepath.Join(t.TempDir(), "a"), Identity: "a"}
		makeRun(t, target, "old")
		if err := damage(filepath.Join(target.Path, "metrics.json")); err != nil {
			t.Fatal(err)
		}
		done, err := target.Check()
		if done || err == nil || !strings.Contains(err.Error(), want) || !strings.HasSuffix(err.Error(), "; replace it with --force, or remove the directory") {
			t.Errorf("%v, %v; want %s", done, err, want)
		}
	}
}

// TestOtherRunOfTheName: a run of the same name is this one only if it was computed
// in the same way and the whole hash is the same; what differs is said.
func TestOtherRunOfTheName(t *testing.T) {
	here := Target{Path: filepath.Join(t.TempDir(), "a-00000000"), Identity: "a-00000000", Hash: strings.Repeat("0", 64), Numerics: 1, Kernel: "avx2"}
	p, err := Create(here)
	if err != nil {
		t.Fatal(err)
	}
	made := Manifest{Identity: here.Identity, Nasim: Version{Version: "1"}, SHA256: Hashes{Run: here.Hash}, Numerics: 1, Kernel: "avx2"}
	if err := WriteManifest(p.Dir(), made); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Complete(); err != nil {
		t.Fatal(err)
	}
	if done, err := here.Check(); !done || err != nil {
		t.Fatalf("the run itself: %v, %v", done, err)
	}
	for want, change := range map[string]func(*Target){
		"computed by version 1 of the numerics, and this nasim computes by version 2": func(t *Target) { t.Numerics = 2 },
		"with the kernels avx2, and this run would be with generic":                   func(t *Target) { t.Kernel = "generic" },
		"is another run, whose name has the same 8 digits":                            func(t *Target) { t.Hash = strings.Repeat("0", 63) + "1" },
	} {
		other := here
		change(&other)
		if done, err := other.Check(); done || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %s", done, err, want)
		}
		other.Force = true
		if _, err := other.Check(); err != nil {
			t.Errorf("with --force: %v", err)
		}
	}
}

// TestMissingFile: a run that has lost a file is not complete, and can be made
// again in the ways that the error says.
func TestMissingFile(t *testing.T) {
	for _, name := range []string{"metrics.json", "inputs/text.txt"} {
		target := Target{Path: filepath.Join(t.TempDir(), "a"), Identity: "a"}
		makeRun(t, target, "old")
		if err := os.Remove(filepath.Join(target.Path, name)); err != nil {
			t.Fatal(err)
		}
		want := target.Path + " is not complete: " + name + " is missing; replace it with --force, or remove the directory"
		if done, err := target.Check(); done || err == nil || err.Error() != want {
			t.Errorf("Check: %v, %v; want %s", done, err, want)
		}
		target.Force = true
		if _, err := target.Check(); err != nil {
			t.Errorf("with --force: %v", err)
		}
		makeRun(t, target, "new")
		if done, err := (Target{Path: target.Path, Identity: "a"}).Check(); !done || err != nil {
			t.Errorf("made again: %v, %v", done, err)
		}
	}
}
