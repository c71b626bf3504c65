package config

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// full holds every key and section that can stand beside the others, and others
// the rest.
const full = `nasim: 1
seed: 3
input:
  text:
    file: a.txt
    truncate: true
transformer:
  model: tiny-text
  sha256: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
  layers: [0]
  heads: [1]
  precision: float32
  projections: trained
swap:
  mode: free-running
  rung: kernel
  controls: [uniform]
network:
  circuit: tripartite
  features:
    map: positive
    neurons: 64
    rows: iid
    invariances: none
    query_gain: none
  neurons:
    tau_hidden: 10ms
    tau_output: 10ms
  synapses:
    tau_hebbian: inf
    tau_presynaptic: inf
    learning_rate: calibrated
  astrocyte:
    kind: well-mixed
    calcium: pole
    tau_calcium: 50ms
    tau_rise: 10ms
    latency: 20ms
    readout: receptor
    half_effect: 0.1
    tau_receptor: 5ms
    coupling_plasticity: false
    drive: hold
    baseline: 1
    floor: 1e-9
  schedule:
    order: causal
    write: 250ms
    read: 250ms
    gap: 1ms
solver:
  method: dopri5
  rtol: 1e-6
  atol: 1e-9
  state: full
record:
  every: 5ms
  variables: [hidden]
  neurons: 8
  attention: true
  arrays: all
  features: true
  model: true
  remedy: thorough
`

var others = []string{
	"nasim: 1\ninput:\n  text:\n    string: a\ntransformer:\n  select: [\"0:1\"]\nsolver:\n  method: rk4\n  step: 1ms\n",
	"nasim: 1\ninput:\n  synthetic:\n    tokens: 4\n    dim: 4\n    values: 4\n    norm: 1\n    correlation: 0\n",
	"nasim: 1\ninput:\n  image:\n    file: a.png\n",
	"nasim: 1\ninput:\n  image:\n    file: a.png\nnetwork:\n  features:\n    map: learned\n    file: m.npz\n",
	"nasim: 1\ninput:\n  image:\n    file: a.png\nnetwork:\n  astrocyte:\n    calcium: li-rinzel\n    ip3_max: 0.25\n",
	"nasim: 1\ninput:\n  texts:\n    file: a.txt\n    split: paragraph\n    limit: 3\nfit:\n  neurons: 3\n  synapses: 0\n  target: 0\n  dendrites: 2\n  validation: 0.2\n  held_out: 0.2\n  steps: 3\n  batch: 2\n  rate: 0.1\n  patience: 2\n  resume: false\n  objective: heads\n",
	"nasim: 1\ninput:\n  images:\n    dir: a\n    labels: a.csv\n    limit: 3\n",
	"nasim: 1\ninput:\n  images:\n    idx: a\n",
	"nasim: 1\ninput:\n  images:\n    npz: a.npz\n",
	"nasim: 1\ninput:\n  synthetic: {}\nnetwork:\n  circuit: emergent-division\n  emergent_division:\n    tau_synapse: 30ms\n    tau_exchange: 30ms\n    scale: neurons\n",
	"nasim: 1\ninput:\n  synthetic: {}\nnetwork:\n  astrocyte:\n    readout: event\n    threshold: 2\n",
	"nasim: 1\ninput:\n  synthetic: {}\nnetwork:\n  circuit: replicator\n  replicator:\n    tau_gain: 30ms\n",
	"nasim: 1\ninput:\n  synthetic: {}\nnetwork:\n  astrocyte:\n    compartments: 4\n    coupling: line\n    exchange: 3/s\n",
	"nasim: 1\ninput:\n  synthetic: {}\nnetwork:\n  astrocyte:\n    compartments: 4\n    length: 10um\n    diffusion: 13um2/s\n",
	"nasim: 1\ninput:\n  tensors:\n    file: a.npz\n",
}

// TestOneLetter misspells each key of the configurations above by one letter, in
// many ways: replaced, left out, doubled, or swapped with its neighbour. Each
// must be refused with an error on that line that names the key that was meant.
func TestOneLetter(t *testing.T) {
	covered := map[string]bool{}
	for _, file := range append([]string{full}, others...) {
		if _, problems := Read(strings.NewReader(file), "c.yaml", "", nil); problems != nil {
			t.Fatalf("%s\nis refused: %v", file, problems)
		}
		lines := strings.Split(strings.TrimRight(file, "\n"), "\n")
		var path []string
		for i, line := range lines {
			key, rest, _ := strings.Cut(strings.TrimLeft(line, " "), ":")
			indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
			path = append(path[:len(indent)/2], key)
			covered[strings.Join(path, ".")] = true
			for _, wrong := range misspellings(key) {
				if slices.Contains(children(strings.Join(path[:len(path)-1], ".")), wrong) {
					continue // another key (text for texts)
				}
				changed := slices.Clone(lines)
				changed[i] = indent + wrong + ":" + rest
				_, problems := Read(strings.NewReader(strings.Join(changed, "\n")), "c.yaml", "", nil)
				if !names(problems, i+1, key) {
					t.Errorf("%s for %s: %v", wrong, strings.Join(path, "."), problems)
				}
			}
		}
	}
	for _, at := range allPaths() {
		if !covered[at] {
			t.Errorf("%s is in none of the configurations", at)
		}
	}
}

// names says whether a problem on the line proposes the key, or says that a key
// of this section is there twice (atol for rtol is a key too).
func names(problems Problems, line int, key string) bool {
	for _, p := range problems {
		if p.Line == line && (strings.Contains(p.Fix, "did you mean") && slices.Contains(strings.FieldsFunc(p.Fix, notInKey), key) ||
			strings.Contains(p.Found, "the key is given twice")) {
			return true
		}
	}
	return slices.ContainsFunc(problems, func(p Problem) bool { return strings.Contains(p.Found, "the key is given twice") })
}

func notInKey(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }

func misspellings(key string) []string {
	var wrong []string
	for i := range len(key) {
		wrong = append(wrong, key[:i]+key[i+1:], key[:i+1]+key[i:], key[:i]+strings.ToUpper(key[i:i+1])+key[i+1:])
		for _, letter := range "aeimqtxz" {
			wrong = append(wrong, key[:i]+string(letter)+key[i+1:])
		}
		if i+1 < len(key) {
			wrong = append(wrong, key[:i]+key[i+1:i+2]+key[i:i+1]+key[i+2:])
		}
	}
	return slices.DeleteFunc(wrong, func(w string) bool { return w == key || w == "" })
}

// TestAnyBytes: whatever is read, there is a configuration or a problem with a
// text, and no panic. Half of the inputs are a valid file with a few bytes
// changed.
func TestAnyBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := []byte(full)
		if rapid.Bool().Draw(t, "rubbish") {
			file = rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "file")
		}
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			if len(file) > 0 {
				file = slices.Clone(file)
				file[rapid.IntRange(0, len(file)-1).Draw(t, "at")] = rapid.SampledFrom([]byte("\t\n :-[]{}&*!|>'\"%@#,?0a\x00\xff")).Draw(t, "byte")
			}
		}
		sets := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.Map(rapid.String(), func(s string) string { return "seed=" + s })), 0, 2).Draw(t, "sets")
		cfg, problems := Read(strings.NewReader(string(file)), "c.yaml", "", sets)
		if (cfg == nil) != (len(problems) > 0) {
			t.Fatalf("configuration %v with problems %v", cfg, problems)
		}
		for _, p := range problems {
			if p.Source == "" || p.Found == "" {
				t.Fatalf("empty problem %+v", p)
			}
		}
	})
}
