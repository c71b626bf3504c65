package config

import (
	"os"
	"path/filepath"
	"slices"
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
		} else if got := Flatten(cfg)[c.path].Text; got != c.want {
			t.Errorf("%v: %s is %s, want %s", c.sets, c.path, got, c.want)
		}
	}
}

// TestSetDisplaces: a --set takes the place of what the file gives instead of it,
// and of nothing else.
func TestSetDisplaces(t *testing.T) {
	const hash = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
	file := "nasim: 1\ninput: {text: {file: a.txt, truncate: true}}\n" +
		"transformer: {model: tiny-text, sha256: " + hash + ", layers: [1], heads: [2]}\n" +
		"solver: {method: dopri5, rtol: 1e-3, atol: 1e-5, state: full}\n"
	pairs := "nasim: 1\ninput: {synthetic: {tokens: 5}}\ntransformer: {select: [\"0:1\"]}\nsolver: {method: rk4, step: 1ms}\n"
	for _, c := range []struct {
		file string
		sets []string
		want map[string]string // "" for a key that is not there
	}{
		{file, []string{`select=["0:1"]`}, map[string]string{"transformer.select": "[0:1]", "transformer.layers": "", "transformer.heads": ""}},
		{file, []string{"select=[]"}, map[string]string{"transformer.layers": "[1]", "transformer.heads": "[2]"}},
		{pairs, []string{"heads=[0]"}, map[string]string{"transformer.select": "[]", "transformer.layers": "[0]", "transformer.heads": "[0]"}},
		{pairs, []string{"layers=all"}, map[string]string{"transformer.select": "[]", "transformer.layers": "all", "transformer.heads": "all"}},
		{file, []string{"input.text.string=b"}, map[string]string{"input.text.file": "", "input.text.string": "b", "input.text.truncate": "true"}},
		{strings.Replace(file, "file:", "string:", 1), []string{"text.file=b"}, map[string]string{"input.text.file": "b", "input.text.string": ""}},
		{file, []string{"input.image.file=x.png"}, map[string]string{"input.image.file": "x.png", "input.text.file": "", "transformer.model": "tiny-text", "transformer.sha256": hash}},
		{file, []string{"input.image.file=x.png", "model=tiny-vision"}, map[string]string{"transformer.model": "tiny-vision", "transformer.sha256": ""}},
		{file, []string{"text.truncate=false", "model=tiny-vision"}, map[string]string{"transformer.sha256": hash}}, // the same input: still a guard
		{file, []string{"input.synthetic={}"}, map[string]string{"input.synthetic.tokens": "64", "input.text.file": "", "transformer.model": "", "transformer.sha256": "", "transformer.layers": "[1]"}},
		{pairs, []string{"text.string=a"}, map[string]string{"input.text.string": "a", "input.synthetic.tokens": "", "transformer.model": "tiny-text"}},
		{file, []string{"solver.method=exact"}, map[string]string{"solver.method": "exact", "solver.rtol": "", "solver.atol": "", "solver.state": ""}},
		{file, []string{"solver.method=rk4", "step=1ms"}, map[string]string{"solver.rtol": "", "solver.atol": "", "solver.state": "full", "solver.step": "1ms"}},
		{file, []string{"solver.method=tsit5"}, map[string]string{"solver.rtol": "0.001", "solver.atol": "1e-05"}},
		{file, []string{"solver.method=exact", "solver.method=bs32"}, map[string]string{"solver.rtol": "0.001", "solver.state": "full"}}, // the last wins
		{pairs, []string{"solver.method=euler"}, map[string]string{"solver.step": "1ms"}},
		{pairs, []string{"solver.method=dopri5"}, map[string]string{"solver.step": "", "solver.rtol": "1e-06"}},
		{strings.Replace(pairs, "step: 1ms", "step: oops", 1), []string{"solver.method=none"}, map[string]string{"solver.step": ""}}, // not checked
	} {
		cfg, problems := Read(strings.NewReader(c.file), "c.yaml", "", c.sets)
		if problems != nil {
			t.Errorf("%v: %v", c.sets, problems)
			continue
		}
		flat := Flatten(cfg)
		for path, want := range c.want {
			if got := flat[path].Text; got != want {
				t.Errorf("%v: %s is %q, want %q", c.sets, path, got, want)
			}
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

// What the file records is left out where a set network has not got it; what is set itself is a problem.
func TestVariablesOfAnotherNetworkAreDropped(t *testing.T) {
	const cell = bare + "network: {astrocyte: {calcium: li-rinzel}}\nrecord: {variables: [output, calcium, ca, ip3]}\n"
	const event = bare + "network: {astrocyte: {readout: event}}\nrecord: {variables: [g_a, x_a]}\n"
	for _, c := range []struct {
		file, set string
		want      []string
	}{
		{cell, "calcium=pole", []string{"output", "calcium"}}, {cell, "circuit=none", []string{"output"}}, {cell, "calcium=de-pitta", []string{"output", "calcium", "ca", "ip3"}},
		{cell, "circuit=replicator", []string{"output"}}, {cell, "circuit=emergent-division", []string{"output"}}, {cell, "seed=3", []string{"output", "calcium", "ca", "ip3"}},
		{event, "readout=reciprocal", []string{"hidden", "output", "calcium", "hebbian_norm"}}, {event, "circuit=replicator", []string{"g_a"}}, // of tokens
		{bare + "record: {variables: [hidden, output]}\n", "map=ideal", []string{"output"}},
	} {
		cfg, problems := Read(strings.NewReader(c.file), "c.yaml", "", []string{c.set})
		if problems != nil {
			t.Errorf("%s: %v", c.set, problems)
		} else if !slices.Equal(cfg.Record.Variables, c.want) {
			t.Errorf("%s: %v are recorded, not %v", c.set, cfg.Record.Variables, c.want)
		}
	}
	for _, sets := range [][]string{nil, {"seed=3"}, {"calcium=pole", "record.variables=[ca]"}} {
		if _, problems := Read(strings.NewReader(bare+"record: {variables: [output, ca]}\n"), "c.yaml", "", sets); problems == nil || !strings.Contains(problems.Error(), "no ca to record") {
			t.Errorf("%v: %v", sets, problems)
		}
	}
}
