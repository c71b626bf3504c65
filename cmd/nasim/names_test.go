package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/experiment"
)

// oddNames are names of files: in any script and length, and in none.
var oddNames = []string{
	strings.Repeat("n", 250), strings.Repeat("é", 125), "x" + strings.Repeat("é", 124), strings.Repeat("e\u0301", 83), strings.Repeat("神経", 41),
	strings.Repeat("🧠", 62), strings.Repeat("\xff", 250), "\xe2\x82", "a\nb", " ", "...", "..x", "🙂", "\u0301", "\u202e", "a b", "%s", "*", "[", "(", "-x", "τ_p = 50 ms",
}

// TestNames: a configuration, and a run's directory, can be called anything that a
// file system takes.
func TestNames(t *testing.T) {
	small := []byte("nasim: 1\ninput: {synthetic: {tokens: 2, dim: 2, values: 2}}\nnetwork: {features: {neurons: 2}}\nsolver: {method: none}\n")
	for _, name := range oddNames {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), small, 0o666); err != nil {
			t.Logf("%q: this file system does not take it: %v", name, err)
			continue
		}
		mustRun(t, dir, "nasim", "run", "--no-figures", "--", name+".yaml")
		made, err := filepath.Glob(filepath.Join(dir, "runs", "*"))
		if err != nil || len(made) != 1 {
			t.Errorf("%q: there is %q, %v", name, made, err)
			continue
		}
		if _, err := experiment.OpenRun(made[0]); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		for range 2 {
			mustRun(t, dir, "nasim", "run", "--no-figures", "--force", "--out="+name, "--", name+".yaml")
		}
		mustRun(t, dir, "nasim", "compare", "--", name)
		if names := hidden(t, dir); len(names) > 0 && !strings.HasPrefix(name, ".") {
			t.Errorf("%q: there is still %q", name, names)
		}
	}
}

// TestNamesThatAreTooLong: what no file system takes is refused, and nothing made.
func TestNamesThatAreTooLong(t *testing.T) {
	dir := t.TempDir()
	small := []byte("nasim: 1\ninput: {synthetic: {tokens: 2, dim: 2, values: 2}}\n")
	if err := os.WriteFile(filepath.Join(dir, "small.yaml"), small, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{strings.Repeat("é", 150), strings.Repeat("n", 300), strings.Repeat("n/", 3000) + "n", "new/" + strings.Repeat("n", 300)} {
		for _, args := range [][]string{{"run", "small.yaml", "--out", name}, {"run", name + ".yaml"}, {"run", "small.yaml", "--set", "transformer.select=[]", "--set", "input.text.file=" + name}} {
			err := inside(dir, "nasim", nil, args...)
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != statusRefused || strings.Contains(err.Error(), "goroutine") {
				t.Errorf("%.40q: %v", args, err)
			}
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("there are %v, %v", entries, err)
	}
}
