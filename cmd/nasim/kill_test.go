package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/nasim-sim/nasim/internal/disk"
	"github.com/nasim-sim/nasim/pkg/experiment"
)

// Variables of the environment that tell mortal how to die.
const (
	killBefore   = "NASIM_TEST_KILL_BEFORE"
	killSeparate = "NASIM_TEST_KILL_SEPARATE"
)

// mortal is nasim that is killed before one of its calls to the file system.
func mortal() {
	last, err := strconv.Atoi(os.Getenv(killBefore))
	if err != nil {
		panic(err)
	}
	disk.Separate = os.Getenv(killSeparate) != ""
	calls := 0
	disk.Before = func(string, string) {
		if calls++; calls == last {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	main()
}

// TestKills kills a run, a run with --force and a plot before each rename, fsync
// and removal. The run that was finished last is there, and whole; the same command
// again goes through; and nothing is left beside what it makes.
func TestKills(t *testing.T) {
	for _, c := range []struct {
		name     string
		separate bool     // directories cannot be exchanged
		first    []string // makes what is there before; nil: nothing
		command  []string
	}{
		{"run", false, nil, []string{"run", "small.yaml", "--out", "runs/a"}},
		{"force", false, []string{"run", "small.yaml", "--out", "runs/a"}, []string{"run", "small.yaml", "--out", "runs/a", "--force", "--seed", "3", "--no-figures"}},
		{"force in two", true, []string{"run", "small.yaml", "--out", "runs/a"}, []string{"run", "small.yaml", "--out", "runs/a", "--force", "--seed", "3", "--no-figures"}},
		{"plot", false, []string{"run", "small.yaml", "--out", "runs/a", "--no-figures"}, []string{"plot", "runs/a", "--figure", "budget"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before, ended := 0, false
			for before = 1; !ended; before++ {
				dir := t.TempDir()
				what := fmt.Sprintf("killed before call %d", before)
				small := "nasim: 1\ninput: {synthetic: {tokens: 4, dim: 2, values: 2}}\nnetwork: {features: {neurons: 4}}\nrecord: {arrays: none, features: false}\n"
				if err := os.WriteFile(filepath.Join(dir, "small.yaml"), []byte(small), 0o666); err != nil {
					t.Fatal(err)
				}
				if c.first != nil {
					mustRun(t, dir, "nasim", c.first...)
				}
				err := inside(dir, "mortal", []string{killBefore + "=" + strconv.Itoa(before), killSeparate + "=" + map[bool]string{true: "yes"}[c.separate]}, c.command...)
				ended = err == nil
				var exit *exec.ExitError
				if !ended && !(errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL) {
					t.Fatalf("%s: %v", what, err)
				}
				_, lost := os.Stat(filepath.Join(dir, "runs", "a"))
				if c.first != nil || lost == nil {
					if lost != nil && !c.separate {
						t.Errorf("%s: %v", what, lost)
					}
					if _, err := experiment.OpenRun(filepath.Join(dir, "runs", "a")); err != nil {
						t.Errorf("%s: %v", what, err)
					}
				}
				next := c.command
				if c.first == nil && lost == nil {
					next = []string{"plot", "runs/a"} // such a run would be refused
				}
				if err := inside(dir, "nasim", nil, next...); err != nil {
					t.Errorf("%s, and then: %v", what, err)
				}
				if names := hidden(t, dir); names != nil {
					t.Errorf("%s: there is still %v", what, names)
				}
				mustRun(t, dir, "nasim", "run", "small.yaml", "--out", "runs/a", "--force", "--no-figures")
			}
			if before < 5 {
				t.Errorf("it made %d calls only", before-2)
			}
		})
	}
}

// TestDebrisOfPlot: what a killed plot left is in nobody's way.
func TestDebrisOfPlot(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "small.yaml"), []byte("nasim: 1\ninput: {synthetic: {tokens: 4, dim: 2, values: 2}}\nnetwork: {features: {neurons: 4}}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	mustRun(t, dir, "nasim", "run", "small.yaml", "--out", "a")
	for _, name := range []string{".budget.png.partial-00c0ffee-1-00c0ffee", ".attention-0-3.svg.partial-0ddba115-77-00c0ffee"} {
		if err := os.WriteFile(filepath.Join(dir, "a", "figures", name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mustRun(t, dir, "nasim", "plot", "a")
	mustRun(t, dir, "nasim", "run", "small.yaml", "--out", "a", "--force", "--no-figures")
	if names := hidden(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}

// inside runs a command of [TestMain] in a directory.
func inside(dir, command string, env []string, args ...string) error {
	cmd := exec.Command(command, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said strings.Builder
	cmd.Stderr = &said
	err := cmd.Run()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said.String())
	}
	return nil
}

func mustRun(t *testing.T, dir, command string, args ...string) {
	t.Helper()
	if err := inside(dir, command, nil, args...); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
}

// hidden lists the hidden files in a directory.
func hidden(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasPrefix(filepath.Base(path), ".") {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}
