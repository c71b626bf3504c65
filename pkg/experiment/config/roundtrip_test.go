package config

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"github.com/nasim-sim/nasim/pkg/model"
)

// onlyValues compares configurations without the places they were read from.
var onlyValues = cmpopts.IgnoreUnexported(Config{})

// TestRoundTrip: the resolved configuration reads back to the same Config, for
// any configuration that the table allows.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := draw(t)
		first, problems := Read(strings.NewReader(written), "drawn", "some/dir", nil)
		if problems != nil {
			t.Fatalf("%s\nis refused: %v", written, problems)
		}
		resolved := Marshal(first)
		second, problems := Read(bytes.NewReader(resolved), "resolved", "", nil)
		if problems != nil {
			t.Fatalf("%s\nis refused: %v", resolved, problems)
		}
		if diff := cmp.Diff(first, second, onlyValues); diff != "" {
			t.Fatalf("%s\nreads back differently: %s", resolved, diff)
		}
		if again := Marshal(second); !bytes.Equal(resolved, again) {
			t.Fatalf("first\n%s\nthen\n%s", resolved, again)
		}
		if diff := cmp.Diff(Flatten(first), Flatten(second)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// A drawing is a random valid configuration on its way.
type drawing struct {
	cfg               *Config
	chosen            map[string]any // by path
	input             string
	string            bool   // the text stands in the configuration
	images            string // where pictures are from
	features, circuit string
}

// draw writes a random valid configuration: each key that applies is written or
// left out, with a value inside its limits.
func draw(t *rapid.T) string {
	d := drawBranches(t)
	for _, k := range keys {
		if _, done := d.chosen[k.Path]; done || k.field(d.cfg) == nil || d.leavesOut(k) {
			continue
		}
		switch {
		case k.Path == "solver.method":
			method := rapid.SampledFrom(k.Choices).Draw(t, "method")
			d.chosen[k.Path], d.cfg.Solver.Method = method, method
		case k.Path == "solver.step" && k.Only.holds(d.cfg):
			d.chosen[k.Path] = drawStep(t, d.chosen)
		case k.Only != nil && k.Only.key != "transformer.select" && !k.Only.holds(d.cfg):
		case k.Require || k.Default == "" || rapid.Bool().Draw(t, k.Path+" given"):
			d.chosen[k.Path] = drawValue(t, k)
		}
	}
	tree := map[string]any{}
	for path, x := range d.chosen {
		plant(tree, strings.Split(path, "."), x)
	}
	if _, ok := tree["input"]; !ok {
		tree["input"] = map[string]any{d.input: map[string]any{}}
	}
	out, err := yaml.Dump(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// drawBranches draws what decides which keys there are.
func drawBranches(t *rapid.T) *drawing {
	d := &drawing{cfg: &Config{}}
	d.input = rapid.SampledFrom(children("input")).Draw(t, "input")
	s, _ := findSection("input." + d.input)
	s.enter(d.cfg)
	d.features = rapid.SampledFrom(maps).Draw(t, "map")
	d.string = rapid.Bool().Draw(t, "string")
	d.images = rapid.SampledFrom([]string{"dir", "idx", "npz"}).Draw(t, "images")
	d.circuit = rapid.SampledFrom(circuits).Draw(t, "circuit")
	if d.circuit == emergent && d.features == "ideal" {
		d.features = "positive"
	}
	network := &d.cfg.Network
	network.Circuit, network.Features.Map = d.circuit, d.features
	d.chosen = map[string]any{"nasim": 1, "network.features.map": d.features, "network.circuit": d.circuit}
	if d.circuit == replicator { // which has no map
		delete(d.chosen, "network.features.map")
		d.features, network.Features.Map = "ideal", ""
	}
	if d.circuit == "tripartite" {
		network.Astrocyte.Calcium = rapid.SampledFrom(model.Calciums()).Draw(t, "calcium")
		d.chosen["network.astrocyte.calcium"] = network.Astrocyte.Calcium
		network.Astrocyte.Readout = rapid.SampledFrom(those(model.Readouts(), func(name string) bool { return name != model.Threshold.String() })).Draw(t, "readout") // that one goes with compartments
		d.chosen["network.astrocyte.readout"] = network.Astrocyte.Readout
	}
	return d
}

// leavesOut reports whether a key is not written, as not all of its values would be allowed.
func (d *drawing) leavesOut(k Key) bool {
	has := func(path string) bool { return d.chosen[path] != nil }
	switch {
	case k.Path == "input.text.file" && d.string, k.Path == "input.text.string" && !d.string:
	case parent(k.Path) == "input.images" && leaf(k.Path) != d.images && leaf(k.Path) != "limit" && (leaf(k.Path) != "labels" || d.images == "npz"):
	case k.Path == "network.features.query_gain":
	case d.features == "learned" && k.Path == "network.features.invariances": // it has its own
	case k.Path == "network.astrocyte.drive" && slices.Contains(cells, d.cfg.Network.Astrocyte.Calcium): // which cannot be held
	case d.features == "ideal" && (k.Path == "solver.state" || k.Path == "record.variables" || k.Path == "network.astrocyte.coupling_plasticity"): // which have values that need neurons
	case d.circuit != "tripartite" && k.Path == "record.variables": // which has one that needs an astrocyte
	case d.input == "synthetic" && k.Path == "network.astrocyte.latency": // which may be longer than all tokens take
	case k.Path == "network.astrocyte.compartments": // of as many neurons each: TestCompartmentsRoundTrip
	case k.Path == "swap.mode" && d.chosen["transformer.projections"] == "random":
	case (k.Path == "fit.synapses" || k.Path == "fit.target") && has("fit.neurons"):
	case k.Path == "transformer.select" && (has("transformer.layers") || has("transformer.heads")):
	default:
		return false
	}
	return true
}

// drawStep draws a step that is stable with the time constants chosen: one that is
// not longer than the shortest.
func drawStep(t *rapid.T, chosen map[string]any) string {
	shortest := math.Inf(1)
	for _, k := range keys {
		written, given := chosen[k.Path].(string)
		if !given {
			written = k.Default
		}
		if strings.Contains(k.Path, ".tau_") {
			if tau, err := ParseTime(written); err == nil && tau > 0 {
				shortest = min(shortest, float64(tau))
			}
		}
	}
	if calcium, ok := chosen["network.astrocyte.calcium"].(string); ok && slices.Contains(cells, calcium) {
		shortest = min(shortest, 0.02)
	}
	if tau, ok := chosen["network.astrocyte.tau_receptor"].(string); ok {
		half := 0.01
		if drawn, ok := chosen["network.astrocyte.half_effect"].(float64); ok {
			half = drawn
		}
		if tau, err := ParseTime(tau); err == nil && tau > 0 {
			shortest = min(shortest, float64(tau)/(1+1/half))
		}
	}
	return Time(min(shortest, rapid.Float64Range(1e-12, 1e4).Draw(t, "step"))).String()
}

func plant(tree map[string]any, names []string, x any) {
	for _, name := range names[:len(names)-1] {
		if tree[name] == nil {
			tree[name] = map[string]any{}
		}
		tree = tree[name].(map[string]any)
	}
	tree[names[len(names)-1]] = x
}

func drawValue(t *rapid.T, k Key) any {
	inLimits := func(x float64) bool { return k.Limits.allow(x) && (x == 0 || math.Abs(x) >= leastNumber) }
	switch k.field(whole()).(type) {
	case *int:
		return 2 * rapid.IntRange(1, 1<<20).Draw(t, k.Path)
	case *uint64:
		return rapid.Uint64().Draw(t, k.Path)
	case *float64:
		return rapid.OneOf(rapid.Float64Range(-2, 2), rapid.Float64()).Filter(inLimits).Draw(t, k.Path)
	case *Time:
		seconds := rapid.Float64Range(0, 1e4).Filter(inLimits).Draw(t, k.Path)
		if k.Limits.infinite && rapid.Bool().Draw(t, k.Path+" infinite") {
			seconds = math.Inf(1)
		}
		return Time(seconds).String()
	case *bool:
		return rapid.Bool().Draw(t, k.Path)
	case *Selection:
		if rapid.Bool().Draw(t, k.Path+" all") {
			return "all"
		}
		return rapid.SliceOfNDistinct(rapid.IntRange(0, 100), 1, 5, rapid.ID[int]).Draw(t, k.Path)
	case *[]string:
		item := rapid.SampledFrom([]string{"0:1", "*:3", "12:*", "*:*", "3:3"})
		if k.Choices != nil {
			item = rapid.SampledFrom(k.Choices)
			if k.Path == "record.variables" { // others are not of every network
				item = rapid.SampledFrom(usualVariables)
			}
		}
		return rapid.SliceOfNDistinct(item, 0, 3, rapid.ID[string]).Draw(t, k.Path)
	}
	switch {
	case k.isFile:
		return rapid.StringMatching(`(\.\./|/|\./)?[\pL\pN \-_.,:#'"{}\[\]&*!|>%@?]{1,10}(/x)?`).Draw(t, k.Path)
	case k.isHash:
		return rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, k.Path)
	case k.isModel:
		return rapid.SampledFrom([]string{"tiny-text", "tiny-vision", "./tiny-text", "../tiny-text", "models/albert", "/opt/x y", "..", "."}).Draw(t, k.Path)
	case k.Choices != nil:
		return rapid.SampledFrom(k.Choices).Draw(t, k.Path)
	}
	return rapid.OneOf(rapid.StringMatching(`[ \pL\pN\pP\pS\n\t]{0,30}x`),
		rapid.SampledFrom([]string{"null", "true", "~", "1e3", "12", ".5", "-", "no", "a: b", "# a", "é 😀 \u2028 \u0085 \ufeff \U0001F9E0", "a\r\nb", "'", `"\`, "- a", "...", "---", "<<", "0o7", "2020-01-01"})).Draw(t, k.Path)
}

// TestDefaults compares the defaults with science §8, written out here.
func TestDefaults(t *testing.T) {
	got, problems := Read(strings.NewReader("nasim: 1\ninput: {text: {file: a.txt}}"), "c.yaml", "configs", nil)
	if problems != nil {
		t.Fatal(problems)
	}
	inf := Time(math.Inf(1))
	want := &Config{
		Nasim: 1, Seed: 16,
		Input:       Input{Text: &Text{File: "configs/a.txt"}},
		Transformer: Transformer{Model: "tiny-text", Layers: Selection{Index: []int{0}}, Heads: Selection{All: true}, Precision: "float64", Projections: "trained"},
		Swap:        Swap{Mode: "none", Rung: "exact", Controls: []string{"uniform", "random"}},
		Network: Network{
			Circuit:   "tripartite",
			Features:  Features{Map: "positive", Neurons: 1000, Rows: "iid", Invariances: "none", QueryGain: "balanced"},
			Neurons:   Neurons{TauHidden: 0.01, TauOutput: 0.01},
			Synapses:  Synapses{TauHebbian: inf, TauPresynaptic: inf, LearningRate: Level{Word: Calibrated}},
			Astrocyte: Astrocyte{Kind: "well-mixed", Calcium: "pole", TauCalcium: 0.05, Readout: "reciprocal", Drive: "hold", Baseline: Level{Word: Median}, Floor: 1e-9, CouplingPlasticity: true, Compartments: 1},
			Schedule:  Schedule{Order: "bidirectional", Write: 0.25, Read: 0.5, Gap: 0.3},
		},
		Solver: Solver{Method: "dopri5", Rtol: 1e-6, Atol: 1e-9, State: "reduced"},
		Record: Record{Every: 0.005, Variables: usualVariables, Neurons: 8, Attention: true, Arrays: "all", Features: true, Remedy: "brief"},
	}
	if diff := cmp.Diff(want, got, onlyValues); diff != "" {
		t.Error(diff)
	}
}

// TestDependentDefaults: what is left out depends on what is given.
func TestDependentDefaults(t *testing.T) {
	for file, check := range map[string]func(*Config) bool{
		"input: {image: {file: a.png}}":                                                                  func(c *Config) bool { return c.Transformer.Model == "tiny-vision" },
		"input: {tensors: {file: a.npz}}":                                                                func(c *Config) bool { return c.Transformer.Model == "" && c.Transformer.Heads.All },
		"input: {synthetic: {}}\nnetwork: {features: {map: trig}}":                                       func(c *Config) bool { return c.Solver == Solver{Method: "none"} },
		"input: {synthetic: {}}\nnetwork: {features: {map: hyperbolic}}":                                 func(c *Config) bool { return c.Solver.Method == "dopri5" },
		"input: {synthetic: {}}\nsolver: {method: exact}":                                                func(c *Config) bool { return c.Solver == Solver{Method: "exact"} },
		"input: {synthetic: {}}\nsolver: {method: rk4, step: 1ms}":                                       func(c *Config) bool { return c.Solver == Solver{Method: "rk4", Step: 0.001, State: "reduced"} },
		"input: {synthetic: {}}\nnetwork: {features: {map: trig}}\nsolver: {method: dopri5, rtol: 1e-3}": func(c *Config) bool { return c.Solver.Rtol == 1e-3 },
		"input: {synthetic: {}}\ntransformer: {select: [\"0:*\"]}":                                       func(c *Config) bool { return !c.Transformer.Heads.All && c.Transformer.Layers.Index == nil },
		"input: {synthetic: {}}\nnetwork: {features: {neurons: 1e5}}":                                    func(c *Config) bool { return c.Network.Features.Neurons == 100_000 },
		"input: {synthetic: {}}\nseed: 18446744073709551615":                                             func(c *Config) bool { return c.Seed == math.MaxUint64 },
	} {
		cfg, problems := Read(strings.NewReader("nasim: 1\n"+file), "c.yaml", "", nil)
		if problems != nil {
			t.Errorf("%s\nis refused: %v", file, problems)
		} else if !check(cfg) {
			t.Errorf("%s\nis read as\n%s", file, Marshal(cfg))
		}
	}
}
