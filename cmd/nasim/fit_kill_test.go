package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fitOf writes fit.yaml, which fits so many neurons to heads of tiny-text over 40 lines.
func fitOf(t *testing.T, heads string, neurons, steps int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, "In the year %d the city was %s and its people were many.\n", 1000+17*i, []string{"old", "new", "large", "small"}[i%4])
	}
	text := fmt.Sprintf("nasim: 1\ninput: {texts: {file: lines.txt}}\ntransformer: {select: %s}\nfit: {neurons: %d, steps: %d}\n", heads, neurons, steps)
	for name, text := range map[string]string{"lines.txt": lines.String(), "fit.yaml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var fitsAlready = regexp.MustCompile(`already there: ([0-9]+) fit`)

// TestKilledFit kills a fit at twenty random moments: the next one finds every head's fit that was finished, and when it goes through,
// its map file has the bytes of one that never was killed, and nothing is left beside it.
func TestKilledFit(t *testing.T) {
	t.Parallel()
	dir := fitOf(t, `["*:0", "*:1"]`, 24, 40)
	start := time.Now()
	mustRun(t, dir, "nasim", "fit", "fit.yaml", "--out", "whole.npz", "--quiet")
	took, seed := time.Since(start), uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	finished := func() int {
		names, err := filepath.Glob(filepath.Join(dir, ".a.npz.fit", "*.done.npz"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	there, kills, deadline := 0, 0, time.Now().Add(patience)
	for ended := false; !ended; {
		var said bytes.Buffer
		cmd := exec.Command("nasim", "fit", "fit.yaml", "--out", "a.npz")
		cmd.Dir, cmd.Stderr = dir, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if kills < 20 {
			time.Sleep(time.Duration(0.25 * rng.Float64() * float64(took))) // so that it takes several to come through
			cmd.Process.Kill()                                              // who has ended does not mind
		}
		err := cmd.Wait()
		if exit := new(exec.ExitError); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
			kills++
		} else if err != nil {
			t.Fatalf("%v: %s", err, said.String())
		} else {
			ended = true
		}
		found := 0
		if match := fitsAlready.FindStringSubmatch(said.String()); match != nil {
			found, _ = strconv.Atoi(match[1]) // of digits
		}
		if told := strings.Contains(said.String(), "held out"); told && found != there {
			t.Fatalf("seed %d, after %d kills: there were %d fits, and %d were found", seed, kills, there, found)
		}
		if _, err := os.Stat(filepath.Join(dir, "a.npz")); err == nil {
			break // it was killed once the map was there
		}
		next := finished()
		if next < there {
			t.Fatalf("seed %d: of %d fits %d are left", seed, there, next)
		}
		there = next
		if time.Now().After(deadline) {
			t.Fatalf("seed %d: it does not come to its end", seed)
		}
	}
	if kills < 3 {
		t.Errorf("it was killed %d times only", kills)
	}
	a, err := os.ReadFile(filepath.Join(dir, "a.npz"))
	if whole, errWhole := os.ReadFile(filepath.Join(dir, "whole.npz")); err != nil || errWhole != nil || !bytes.Equal(a, whole) {
		t.Errorf("seed %d, after %d kills: the map is not that of a fit that was never killed (%v, %v)", seed, kills, err, errWhole)
	}
	inside(dir, "nasim", nil, "fit", "fit.yaml", "--out", "a.npz") // refused, and what a killed one left is removed
	if names := hidden(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}

// TestKillsOfFit kills a fit before each of its calls to the file system: the same command again goes through, or is refused because
// the map is there, and whole; nothing is left beside it.
func TestKillsOfFit(t *testing.T) {
	t.Parallel()
	dir := fitOf(t, `["0:1"]`, 8, 3)
	mustRun(t, dir, "nasim", "fit", "fit.yaml", "--out", "whole.npz", "--quiet")
	whole, err := os.ReadFile(filepath.Join(dir, "whole.npz"))
	if err != nil {
		t.Fatal(err)
	}
	before, ended := 1, false
	for ; !ended; before++ {
		what := fmt.Sprintf("killed before call %d", before)
		err := inside(dir, "mortal", []string{killBefore + "=" + strconv.Itoa(before), killSeparate + "="}, "fit", "fit.yaml", "--out", "a.npz", "--quiet")
		ended = err == nil
		var exit *exec.ExitError
		if !ended && !(errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL) {
			t.Fatalf("%s: %v", what, err)
		}
		_, lost := os.Stat(filepath.Join(dir, "a.npz"))
		err = inside(dir, "nasim", nil, "fit", "fit.yaml", "--out", "a.npz", "--quiet")
		if lost == nil != (err != nil && strings.Contains(err.Error(), "the file exists")) {
			t.Errorf("%s, and then: %v", what, err)
		}
		if a, err := os.ReadFile(filepath.Join(dir, "a.npz")); err != nil || !bytes.Equal(a, whole) {
			t.Errorf("%s: the map is another (%v)", what, err)
		}
		if names := hidden(t, dir); names != nil {
			t.Errorf("%s: there is still %v", what, names)
		}
		if err := os.Remove(filepath.Join(dir, "a.npz")); err != nil {
			t.Fatal(err)
		}
	}
	if before < 8 {
		t.Errorf("it made %d calls only", before-2)
	}
}

// TestInterruptedFit: Ctrl-C keeps what has been fitted, says so, and with other settings what is kept is refused by name.
func TestInterruptedFit(t *testing.T) {
	hearing(t)
	dir := fitOf(t, `["*:*"]`, 64, 400)
	var said bytes.Buffer
	cmd := exec.Command("nasim", "fit", "fit.yaml", "--out", "a.npz")
	cmd.Dir, cmd.Stderr = dir, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if names, _ := filepath.Glob(filepath.Join(dir, ".a.npz.fit", "*.done.npz")); names != nil {
			break
		}
		if time.Now().After(deadline) {
			cmd.Process.Kill()
			t.Fatal("no fit is finished")
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if want := "nasim: interrupted; what has been fitted is kept, and the same command goes on from there\n"; cmd.ProcessState.ExitCode() != 130 || !strings.HasSuffix(said.String(), want) {
		t.Errorf("status %d: %s", cmd.ProcessState.ExitCode(), said.String())
	}
	err := inside(dir, "nasim", nil, "fit", "fit.yaml", "--out", "a.npz", "--set", "fit.steps=30")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(err.Error(), "fit.steps is 400 there and 30 here; repeat that one, or begin anew with --set fit.resume=false") {
		t.Error(err)
	}
	mustRun(t, dir, "nasim", "fit", "fit.yaml", "--out", "a.npz", "--set", "fit.steps=1", "--set", "fit.resume=false")
	if names := hidden(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}
