package rundir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOldManifest: one that lists names at the top only is read as before, and
// vouches for no file within a directory that it lists.
func TestOldManifest(t *testing.T) {
	target := Target{Path: filepath.Join(t.TempDir(), "a"), Identity: "a"}
	write(t, filepath.Join(target.Path, "manifest.json"),
		`{"schema_version": 1, "status": "complete", "identity": "a", "nasim": {"version": "0.1.0"}, "files": ["figures", "inputs", "manifest.json", "metrics.json"]}`)
	write(t, filepath.Join(target.Path, "metrics.json"), "{}")
	write(t, filepath.Join(target.Path, "inputs", "text.txt"), "read")
	if done, err := target.Check(); !done || err != nil { // without the figures, which may be removed
		t.Errorf("Check: %v, %v", done, err)
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
