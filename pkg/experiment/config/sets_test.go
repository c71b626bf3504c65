package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSets: a --set changes what it names and nothing else.
func TestSets(t *testing.T) {
	file := "nasim: 1\nseed: 3\ninput: {text: {file: a.txt, truncate: true}}\nnetwork: {features: {neurons: 64, rows: orthogonal}}\n"
	for _, c := range []struct {
		sets []string
		path string
		want string
	}{
		{nil, "seed", "3"},
		{[]string{"seed=4"}, "seed", "4"},
		{[]string{"seed=4", "seed=5"}, "seed", "5"}, // the last wins
		{[]string{"heads=[1,2]"}, "transformer.heads", "[1, 2]"},
		{[]string{"transformer.heads=all"}, "transformer.heads", "all"},
		{[]string{"network.synapses.tau_hebbian=inf"}, "network.synapses.tau_hebbian", "inf"},
		{[]string{"tau_calcium=150ms"}, "network.astrocyte.tau_calcium", "150ms"},
		{[]string{"features.neurons=128"}, "network.features.neurons", "128"},
		{[]string{"features.neurons=128"}, "network.features.rows", "orthogonal"},
		{[]string{"network.features={neurons: 128}"}, "network.features.rows", "iid"}, // a section is replaced
		{[]string{"network.features={neurons: 128}", "rows=orthogonal"}, "network.features.rows", "orthogonal"},
		{[]string{"text.file=b.txt"}, "input.text.file", "b.txt"},        // to the working directory
		{[]string{"text.truncate=false"}, "input.text.file", "in/a.txt"}, // still to the file
		{[]string{"input={text: {string: a}}"}, "input.text.string", "a"},
		{[]string{`input={text: {string: "a: = b"}}`}, "input.text.string", "a: = b"},
		{[]string{"input={image: {file: x/b.png}}"}, "input.image.file", "x/b.png"},
		{[]string{"input={image: {file: x/b.png}}"}, "transformer.model", "tiny-vision"},
		{[]string{"model=models/albert"}, "transformer.model", "models/albert"},
		{[]string{"model=./tiny-text"}, "transformer.model", "./tiny-text"},
	} {
		cfg, problems := Read(strings.NewReader(file), "in/c.yaml", "in", c.sets)
		if problems != nil {
			t.Errorf("%v: %v", c.sets, problems)
		} else if got := Flatten(cfg)[c.path]; got != c.want {
			t.Errorf("%v: %s is %s, want %s", c.sets, c.path, got, c.want)
		}
	}
}

// TestSetMendsFile: a value that a --set replaces is not checked.
func TestSetMendsFile(t *testing.T) {
	cfg, problems := Read(strings.NewReader("nasim: 1\nseed: oops\ninput: {synthetic: {}}"), "c.yaml", "", []string{"seed=1"})
	if problems != nil || cfg.Seed != 1 {
		t.Errorf("%v", problems)
	}
}

// TestPaths: relative to the file, ~/ the home directory, absolute as they are.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", "/home/someone")
	file := filepath.Join(dir, "c.yaml")
	for written, want := range map[string]string{
		"a.txt": filepath.Join(dir, "a.txt"), "../a.txt": filepath.Join(filepath.Dir(dir), "a.txt"),
		"/a/./b.txt": "/a/b.txt", "~/a.txt": "/home/someone/a.txt", "x/../a b.txt": filepath.Join(dir, "a b.txt"),
	} {
		if err := os.WriteFile(file, []byte("nasim: 1\ninput: {text: {file: \""+written+"\"}}"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, problems := Load(file, nil)
		if problems != nil {
			t.Fatal(problems)
		}
		if got := cfg.Input.Text.File; got != want {
			t.Errorf("%s is %s, want %s", written, got, want)
		}
	}
}

// TestUnreadable: what is no readable file says so.
func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		filepath.Join(dir, "txet.yaml"): "there is no such file; did you mean " + filepath.Join(dir, "text.yaml") + "?",
		filepath.Join(dir, "text"):      "there is no such file; did you mean " + filepath.Join(dir, "text.yaml") + "?",
		filepath.Join(dir, "none.yaml"): "there is no such file; check the path",
		dir:                             "is a directory; name the configuration file in it",
	} {
		_, problems := Load(file, nil)
		if got := problems.Error(); got != file+": "+want {
			t.Errorf("got %s", got)
		}
	}
}

// TestProblemPlace: what is found later is reported where the key was written,
// or its section, or the file.
func TestProblemPlace(t *testing.T) {
	cfg, problems := Read(strings.NewReader("nasim: 1\ninput: {text: {string: a}}\ntransformer:\n  heads: [7]\n"), "c.yaml", "", []string{"seed=2"})
	if problems != nil {
		t.Fatal(problems)
	}
	for path, want := range map[string]string{
		"transformer.heads":    "c.yaml:4:10: transformer.heads: x; y; z",
		"transformer.layers":   "c.yaml:3:1: transformer.layers: x; y; z",
		"network.features.map": "c.yaml:1:1: network.features.map: x; y; z",
		"seed":                 "--set seed=2: seed: x; y; z",
		"input.text.string":    "c.yaml:2:24: input.text.string: x; y; z",
	} {
		if got := cfg.Problem(path, "x", "y", "z").String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := new(Config).Problem("seed", "x", "", "").String(); got != "seed: x" {
		t.Errorf("without a file: %s", got)
	}
}
