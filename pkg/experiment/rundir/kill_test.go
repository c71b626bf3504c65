package rundir

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/nasim-sim/nasim/internal/disk"
)

// Variables of the environment by which a test has a process of its own replace a
// run, and be killed before a call to the file system.
const (
	killPath     = "NASIM_TEST_KILL_PATH"
	killBefore   = "NASIM_TEST_KILL_BEFORE"
	killSeparate = "NASIM_TEST_KILL_SEPARATE"
)

// TestKilledChild is not a test: it is the process that TestKilled kills.
func TestKilledChild(t *testing.T) {
	path := os.Getenv(killPath)
	if path == "" {
		return
	}
	last, err := strconv.Atoi(os.Getenv(killBefore))
	if err != nil {
		t.Fatal(err)
	}
	disk.Separate = os.Getenv(killSeparate) != ""
	calls := 0
	disk.Before = func(string, string) {
		if calls++; calls == last {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	target := Target{Path: path, Identity: "a", Force: true, Known: func(string) bool { return false }}
	if err := target.Recover(); err != nil {
		t.Fatal(err)
	}
	makeRun(t, target, "new")
}

// TestKilled: a process that is killed before any of its renames, settlings and
// removals leaves the run that was there, or the new one, whole, under its name;
// where the system cannot exchange two directories, at the latest after the next
// call. Nothing else is left after the next run.
func TestKilled(t *testing.T) {
	for _, separate := range []bool{false, true} {
		for _, again := range []bool{false, true} { // a run is there
			ended := false
			for n := 1; !ended; n++ {
				what := fmt.Sprintf("separate renames %v, a run is there %v, killed before call %d", separate, again, n)
				dir := t.TempDir()
				target := Target{Path: filepath.Join(dir, "a"), Identity: "a", Force: true}
				if again {
					makeRun(t, target, "old")
				}
				child := exec.Command(os.Args[0], "-test.run", "^TestKilledChild$")
				child.Env = append(os.Environ(), killPath+"="+target.Path, killBefore+"="+strconv.Itoa(n))
				if separate {
					child.Env = append(child.Env, killSeparate+"=yes")
				}
				out, err := child.CombinedOutput()
				var exit *exec.ExitError
				if ended = err == nil; !ended && !(errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL) {
					t.Fatalf("%s: %v\n%s", what, err, out)
				}
				if !separate && again {
					whole(t, what, target.Path)
				}
				if err := target.PutBack(); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if again {
					whole(t, what, target.Path)
				}
				if err := target.Recover(); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				makeRun(t, target, "next")
				whole(t, what, target.Path)
				if names := list(t, dir); !slices.Equal(names, []string{"a"}) {
					t.Errorf("%s: there is %v", what, names)
				}
				if n > 100 {
					t.Fatal("it makes calls without end")
				}
			}
		}
	}
}

func whole(t *testing.T, what, path string) {
	t.Helper()
	m, err := ReadManifest(path)
	if err == nil {
		err = m.Verify(path)
	}
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// TestPutBack: only a run is put back, only where nothing is, and only what a dead
// process of this host left.
func TestPutBack(t *testing.T) {
	gone := exec.Command(os.Args[0], "-test.run", "^$")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, pid string
		run, back bool
		there     string
	}{
		{"of a dead process", strconv.Itoa(gone.Process.Pid), true, true, ""},
		{"of a living one", strconv.Itoa(os.Getpid()), true, false, ""},
		{"no run", strconv.Itoa(gone.Process.Pid), false, false, ""},
		{"something is there", strconv.Itoa(gone.Process.Pid), true, false, "mine"},
	} {
		dir := t.TempDir()
		target := Target{Path: filepath.Join(dir, "a"), Identity: "a"}
		aside := filepath.Join(dir, ".a.replaced-"+host()+"-"+c.pid+"-00c0ffee")
		if c.run {
			makeRun(t, Target{Path: aside, Identity: "a"}, "old")
		} else {
			write(t, filepath.Join(aside, "metrics.json"), "old")
		}
		if c.there != "" {
			write(t, target.Path, c.there)
		}
		for _, order := range []func() error{target.PutBack, target.Recover} {
			if err := order(); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			if _, err := os.Lstat(aside); (err != nil) != c.back {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if c.there != "" && read(t, target.Path) != c.there {
			t.Errorf("%s: it was changed", c.name)
		}
	}
}
