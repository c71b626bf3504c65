package main

import (
	"errors"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// nasim runs a command in the folder and returns what it prints and says.
func (f folder) nasim(args ...string) (printed, said string, status int) {
	f.Helper()
	cmd := exec.Command("nasim", args...)
	var out, log strings.Builder
	cmd.Dir, cmd.Stdout, cmd.Stderr = f.dir, &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		f.Fatal(err)
	}
	return out.String(), log.String(), cmd.ProcessState.ExitCode()
}

// compared runs a configuration and returns what nasim compare says of it, each
// paragraph in a line.
func (f folder) compared(out string, args ...string) string {
	f.Helper()
	if _, said, status := f.nasim(append([]string{"run", "--no-figures", "--out", out}, args...)...); status != 0 {
		f.Fatalf("%v: %s", args, said)
	}
	printed, said, status := f.nasim("compare", out)
	if status != 0 {
		f.Fatalf("%v: %s", args, said)
	}
	return printed
}

var (
	dominating = regexp.MustCompile(`(?m)^(\S[a-z ]+) dominates:`)
	advice     = regexp.MustCompile(`--set (\S+) brings it to (half|[0-9.e-]+), as was tried: it is ([0-9.e-]+) then and the total ([0-9.e-]+)\.`)
)

// sizeOf is the size of a part in the table of the error budget.
func sizeOf(t *testing.T, text, part string) float64 {
	t.Helper()
	found := regexp.MustCompile(`(?m)^ *` + part + ` .* ([0-9.e-]+)(?: +-?[0-9]+ %)?$`).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %s: %s", part, text)
	}
	x, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestClaims: what nasim compare advises comes true when it is done, for runs of which
// older versions said what did not.
func TestClaims(t *testing.T) {
	for _, name := range []string{"r1", "r6"} { // features given, causal; τ_g alone leaks
		t.Run(name, func(t *testing.T) {
			f := oddFolder(t, "claims")
			text := f.compared("now", name+".yaml")
			part := dominating.FindStringSubmatch(text)
			found := advice.FindAllStringSubmatch(strings.Join(strings.Fields(text), " "), -1)
			if part == nil || len(found) < 2 {
				t.Fatalf("it advises nothing: %s", text)
			}
			for i, a := range found {
				then := f.compared("then"+strconv.Itoa(i), name+".yaml", "--set", a[1])
				for _, c := range [][2]string{{part[1], a[3]}, {"total", a[4]}} {
					promised, err := strconv.ParseFloat(c[1], 64)
					if got := sizeOf(t, then, c[0]); err != nil || got > 1.2*promised || got < promised/1.2 {
						t.Errorf("%s: %s is %v, not %v", a[0], c[0], got, promised)
					}
				}
				if aim, err := strconv.ParseFloat(a[2], 64); err == nil && sizeOf(t, then, part[1]) > 1.2*aim {
					t.Errorf("%s: it is %v", a[0], sizeOf(t, then, part[1]))
				}
			}
		})
	}
	t.Run("r4", func(t *testing.T) { // a bounded estimator, whose tail is drawn
		if text := oddFolder(t, "claims").compared("now", "r4.yaml"); !strings.Contains(text, "analytic relative standard deviation") || strings.Contains(text, "rarely drawn") {
			t.Error(text)
		}
	})
	t.Run("r5", func(t *testing.T) { // queries that excite no neuron, seen before the run
		f := oddFolder(t, "claims")
		for _, flag := range []string{"--check", "--no-figures"} {
			_, said, status := f.nasim("run", "r5.yaml", flag)
			if status != statusRefused || !strings.Contains(said, "are silent in the map positive_cosine") || strings.Contains(said, "smaller steps") {
				t.Errorf("%s: status %d: %s", flag, status, said)
			}
			_, maps, ok := strings.Cut(said, "a map whose neurons all answer: ")
			if !ok {
				t.Fatal(said)
			}
			for _, name := range strings.Split(strings.TrimSpace(maps), ", ") {
				if _, said, status := f.nasim("run", "r5.yaml", "--check", "--set", "features.map="+name, "--set", "solver.method=none"); status != 0 || strings.Contains(said, "silent") {
					t.Errorf("%s: status %d: %s", name, status, said)
				}
			}
		}
	})
}
