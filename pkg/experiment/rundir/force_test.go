package rundir

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestForceReplaces(t *testing.T) {
	dir := t.TempDir()
	target := Target{Path: filepath.Join(dir, "a"), Identity: "a", Named: true}
	makeRun(t, target, "old")
	if _, err := target.Check(); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("an existing run is refused with %v", err)
	}
	target.Force = true
	if done, err := target.Check(); done || err != nil {
		t.Fatalf("Check with --force: %v, %v", done, err)
	}
	makeRun(t, target, "new")
	if got := read(t, filepath.Join(target.Path, "metrics.json")); got != "new" {
		t.Errorf("the run holds %q", got)
	}
	if names := list(t, dir); !slices.Equal(names, []string{"a"}) {
		t.Errorf("there is %v", names)
	}
}

// TestForceRefuses: --force destroys nothing but a run, whatever it is given.
func TestForceRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", filepath.Join(dir, "home"))
	write(t, filepath.Join(dir, "home", "letters", "mine.txt"), "dear")
	write(t, filepath.Join(dir, "thesis", "chapter.tex"), "x")
	write(t, filepath.Join(dir, "file"), "x")
	write(t, filepath.Join(dir, "webapp", "manifest.json"), `{"name": "an app", "status": "complete"}`)
	write(t, filepath.Join(dir, "list", "manifest.json"), `[1]`)
	makeRun(t, Target{Path: filepath.Join(dir, "home", "run"), Identity: "a"}, "")
	makeRun(t, Target{Path: filepath.Join(dir, "notes"), Identity: "a"}, "")
	write(t, filepath.Join(dir, "notes", "notes.md"), "mine")
	if err := os.Symlink(filepath.Join(dir, "home", "run"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "home"), filepath.Join(dir, "homelink")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	// A run's manifest in the home directory does not make it a run to replace.
	if err := os.Link(filepath.Join(dir, "notes", "manifest.json"), filepath.Join(dir, "home", "manifest.json")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "notes"))
	for path, want := range map[string]string{
		"/": "root of the file system", filepath.Join(dir, "home"): "your home directory", filepath.Join(dir, "homelink"): "your home directory",
		dir: "your home directory or holds it", ".": "the working directory", "": "name is empty", "..": "or holds it",
		filepath.Join(dir, "thesis"): "holds no nasim manifest.json", filepath.Join(dir, "empty"): "holds no nasim manifest.json",
		filepath.Join(dir, "webapp"): "holds no nasim manifest.json", filepath.Join(dir, "list"): "holds no nasim manifest.json",
		filepath.Join(dir, "file"): "is not a directory", filepath.Join(dir, "link"): "symbolic link", filepath.Join(dir, "link") + "/": "symbolic link",
	} {
		done, err := Target{Path: path, Identity: "a", Named: true, Force: true}.Check()
		if done || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %q", path, done, err, want)
		}
	}
	t.Chdir(dir)
	if _, err := (Target{Path: "notes", Identity: "a", Named: true, Force: true}).Check(); err == nil || !strings.Contains(err.Error(), "notes.md") {
		t.Errorf("a run that holds notes: %v", err)
	}
	if read(t, filepath.Join(dir, "home", "letters", "mine.txt")) != "dear" || read(t, filepath.Join(dir, "notes", "notes.md")) != "mine" {
		t.Error("something was changed")
	}
}

// TestForceKeepsUsersFiles: inside a run's directories, too, --force removes only
// what the manifest lists and what the caller knows.
func TestForceKeepsUsersFiles(t *testing.T) {
	known := func(path string) bool { return path == "figures/budget.png" }
	for path, refused := range map[string]bool{
		"inputs/notes.txt": true, "inputs/deep/notes.txt": true, "figures/mine.png": true, "figures/budget.png.orig": true,
		"figures/old/budget.png": true, "notes/a.txt": true, "inputs/empty/": true, ".hidden": true, "figures/budget.png": false, "figures/": false,
		"figures/.budget.png.partial-00c0ffee-1-00c0ffee": false, "figures/.mine.png.partial-00c0ffee-1-00c0ffee": true, "figures/.budget.png": true,
	} {
		target := Target{Path: filepath.Join(t.TempDir(), "a"), Identity: "a", Named: true, Force: true, Known: known}
		makeRun(t, target, "old")
		if dir, ok := strings.CutSuffix(path, "/"); ok {
			if _, err := MakeDir(filepath.Join(target.Path, dir)); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, filepath.Join(target.Path, path), "mine")
		}
		_, err := target.Check()
		if refused != (err != nil) || refused && !strings.Contains(err.Error(), " holds "+path+", ") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestWithoutForce: what is there is named for what it is, and the remedy with it.
func TestWithoutForce(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("file"), "x")
	write(t, at("thesis/chapter.tex"), "x")
	makeRun(t, Target{Path: at("run"), Identity: "a"}, "")
	if err := errors.Join(os.Symlink("run", at("link")), os.Symlink("nowhere", at("dangling"))); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"file": "exists and is not a directory", "thesis": "exists and is not a nasim run", "link": "exists and is a symbolic link",
		"dangling": "exists and is a symbolic link",
	} {
		for named, remedy := range map[bool]string{true: "choose another --out", false: "move it away, or choose another place with --out"} {
			done, err := Target{Path: at(name), Identity: "b", Named: named}.Check()
			if want := at(name) + " " + want + "; " + remedy; done || err == nil || err.Error() != want {
				t.Errorf("%v, %v; want %s", done, err, want)
			}
		}
	}
	write(t, at("unfinished/manifest.json"), `{"schema_version": 1, "status": "running", "identity": "a", "nasim": {"version": "1"}}`)
	if done, err := (Target{Path: at("unfinished"), Identity: "a"}).Check(); done || err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a run that is not complete: %v, %v", done, err)
	}
	for named, identity := range map[bool]string{true: "a", false: "b"} {
		done, err := Target{Path: at("run"), Identity: identity, Named: named}.Check()
		if want := at("run") + " exists; choose another --out, or replace it with --force"; done || err == nil || err.Error() != want {
			t.Errorf("%v, %v; want %s", done, err, want)
		}
	}
}

// TestForceLooksTwice: what comes into the old run, or into the new one, while they
// are exchanged is not lost: the old run is put back, and the error says where the
// new one is.
func TestForceLooksTwice(t *testing.T) {
	for _, taken := range []bool{false, true} {
		dir := t.TempDir()
		target := Target{Path: filepath.Join(dir, "a"), Identity: "a", Named: true, Force: true}
		makeRun(t, target, "old")
		write(t, filepath.Join(target.Path, "figures", "mine.png"), "mine")
		looks := 0
		target.Known = func(string) bool {
			if looks++; looks == 2 && taken {
				write(t, filepath.Join(target.Path, "other"), "x")
			}
			return looks == 1 // as though it had come after the first look
		}
		p, err := Create(target)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, p, "a", "new")
		_, err = p.Complete()
		if err == nil || looks < 2 || !strings.Contains(err.Error(), "holds figures/mine.png, which is not in its manifest") {
			t.Fatalf("Complete after %d looks: %v", looks, err)
		}
		if err := p.Discard(); err != nil {
			t.Error(err)
		}
		if read(t, filepath.Join(target.Path, "metrics.json")) != "old" || read(t, filepath.Join(target.Path, "figures", "mine.png")) != "mine" {
			t.Error("the old run was changed")
		}
		names := list(t, dir)
		if len(names) != 1 && !taken || len(names) != 2 && taken {
			t.Errorf("there is %v", names)
		}
		if taken {
			_, kept, _ := strings.Cut(err.Error(), "; what came into the new one meanwhile is in ")
			read(t, filepath.Join(kept, "other"))
		}
	}
}
