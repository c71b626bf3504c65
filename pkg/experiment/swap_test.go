package experiment

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
)

const referenceModels = "../model/transformer/family/testdata/reference"

// withInput makes one of the families' reference checkpoints, which have neither tokenizer nor image processor, a model that
// can be run, and returns the input's part of a configuration.
func withInput(t *testing.T, name string) (input, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(referenceModels, name))); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Vocabulary int `json:"vocab_size"`
		Channels   int `json:"num_channels"`
		Size       any `json:"image_size"`
	}
	if err := json.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	put := func(file string, x any) {
		raw, err := json.Marshal(x)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, file), raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if config.Size == nil {
		vocab := map[string]int{}
		for i, token := range strings.Fields("<s> a b c d e f g h i j k l m n o p q r s t u v w") {
			if i < config.Vocabulary {
				vocab[token] = i
			}
		}
		put("tokenizer.json", map[string]any{
			"version": "1.0", "added_tokens": []any{}, "pre_tokenizer": map[string]any{"type": "Whitespace"},
			"model": map[string]any{"type": "WordLevel", "vocab": vocab, "unk_token": "<s>"},
		})
		return "input: {text: {string: \"b g k d s g m e c\"}}\n", dir
	}
	height, width := config.Size, config.Size
	if pair, ok := config.Size.([]any); ok {
		height, width = pair[0], pair[1]
	}
	half := []float64{0.5, 0.5, 0.5}
	if config.Channels == 1 {
		half = half[:1]
	}
	put("preprocessor_config.json", map[string]any{
		"image_processor_type": "ViTImageProcessor", "size": map[string]any{"height": height, "width": width}, "image_mean": half, "image_std": half,
	})
	return "input: {image: {file: ../../configs/inputs/fashion-bag.png}}\n", dir
}

func eachReference(t *testing.T, do func(t *testing.T, name string)) {
	entries, err := os.ReadDir(referenceModels)
	if err != nil || len(entries) < 40 {
		t.Fatal(len(entries), err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) { do(t, e.Name()) })
	}
}

// With infinitely many neurons and no dynamics the network is softmax attention: a model of any family whose every head it
// replaces, each seeing what those before it make, answers as the model itself. Uniform attention does not.
func TestSwapIsTheModel(t *testing.T) {
	const tolerance = 1e-10
	eachReference(t, func(t *testing.T, name string) {
		input, dir := withInput(t, name)
		order := "bidirectional"
		if strings.HasPrefix(name, "gpt2") {
			order = "causal"
		}
		r, err := plan(t, "nasim: 1\n"+input+"transformer: {model: "+dir+", layers: all, heads: all}\nswap: {mode: free-running, rung: kernel}\n"+
			"network: {features: {map: ideal}, schedule: {order: "+order+"}}\nsolver: {method: none}\nrecord: {attention: false, remedy: none}\n").Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Report.Model
		if m.Replaced != len(r.heads) || len(m.Heads) != m.Replaced {
			t.Errorf("%d heads, %d replaced, %d measured", len(r.heads), m.Replaced, len(m.Heads))
		}
		for _, l := range m.Layers {
			if !(l.RelativeError <= tolerance) || !(math.Abs(1-float64(l.Cosine)) <= tolerance) {
				t.Errorf("layer %d: error %v, cosine %v", l.Layer, l.RelativeError, l.Cosine)
			}
		}
		answers := r.answers()
		for _, part := range []func(*answer) []float64{func(a *answer) []float64 { return a.logits }, func(a *answer) []float64 { return a.embedding }} {
			want, have, uniform := part(answers[compare.Transformer]), part(answers[compare.Network]), part(answers[compare.Uniform])
			if len(want) == 0 {
				continue
			}
			if off := compare.OutputDistance(have, want); !(off <= tolerance) {
				t.Errorf("the answer is off by %v", off)
			}
			if off := compare.OutputDistance(uniform, want); !(off > 1e-4) {
				t.Errorf("the answer of uniform attention is off by %v alone", off)
			}
		}
	})
}

// Teacher-forced, a head's stand-in is that of the run of the head alone, bit for bit, on every rung; and what leaves a layer is
// off where a head of it is replaced, and nowhere else.
func TestTeacherForced(t *testing.T) {
	for _, rung := range []string{compare.Kernel, compare.Exact, compare.Solver} {
		for _, text := range []string{
			"input: {text: {string: The calcium of a star is slow.}}\ntransformer: {select: [\"1:2\", \"3:*\"]}\n",
			"input: {image: {file: ../../configs/inputs/fashion-bag.png}}\ntransformer: {select: [\"1:2\", \"3:*\"]}\nrecord: {attention: false}\n",
		} {
			r, err := plan(t, "nasim: 1\n"+text+"swap: {mode: teacher-forced, rung: "+rung+"}\n", "record.remedy=none", "features.neurons=64").Run(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			m := r.Report.Model
			if len(m.Heads) != len(r.heads) {
				t.Fatalf("%d heads are measured of %d", len(m.Heads), len(r.heads))
			}
			layers := map[int]bool{}
			for i, h := range r.heads {
				layers[h.circuit.in.layer] = true
				if got, want := m.Heads[i].RelativeError, compare.OutputDistance(h.rung(rung).Output, h.rung(compare.Softmax).Output); got != want {
					t.Errorf("%s, %s: the error of head %d:%d is %v, and alone %v", text, rung, m.Heads[i].Layer, m.Heads[i].Head, got, want)
				}
			}
			for _, l := range m.Layers {
				if !layers[l.Layer] || !(l.RelativeError > 0) {
					t.Errorf("layer %d: %v", l.Layer, l.RelativeError)
				}
			}
			if len(m.Layers) != len(layers) || len(m.Responses) > 0 && len(m.Responses[0].Answers) != 1 || m.Top1.Known() {
				t.Errorf("%d layers, responses %+v", len(m.Layers), m.Responses)
			}
		}
	}
}

// To replace no head, or every head by itself, changes nothing.
func TestSwapOfNothing(t *testing.T) {
	p := plan(t, "nasim: 1\ninput: {text: {string: The calcium of a star is slow.}}\nswap: {mode: free-running}\n")
	s := newSwapped(p.Config, p.source.model, nil, 2)
	r, err := s.ask(t.Context(), question{name: "nothing", input: p.first.input, label: -1})
	if err != nil {
		t.Fatal(err)
	}
	for who, d := range r.told.Distances {
		if d.Top1 != 1 || d.Top5 != 1 || d.KL != 0 {
			t.Errorf("%s: %+v", who, d)
		}
	}
	for _, l := range r.told.Layers {
		if l.RelativeError != 0 {
			t.Errorf("layer %d: %v", l.Layer, l.RelativeError)
		}
	}
}

// A replaced head of a causal model is written and read token by token: what comes later changes no earlier hidden state, with
// the dynamics on. (But by the units that all tokens at hand have in common, of which a run warns.)
func TestSwapIsCausal(t *testing.T) {
	_, dir := withInput(t, "gpt2-lmhead")
	states := func(text string) (*answer, int) {
		r, err := plan(t, "nasim: 1\ninput: {text: {string: "+text+"}}\ntransformer: {model: "+dir+", layers: all, heads: all}\n"+
			"swap: {mode: free-running, controls: []}\nnetwork: {features: {neurons: 32, query_gain: none}, astrocyte: {baseline: 1}, schedule: {order: causal}}\nrecord: {remedy: none}\n").Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.answers()[compare.Network], r.whole.told.Tokens
	}
	short, n := states("b g k d")
	long, _ := states("b g k d s g m")
	for l := range short.hidden {
		off := compare.OutputDistance(long.hidden[l][:n*long.width], short.hidden[l])
		// One shift and one floor are common to a head's tokens, and change the last digits.
		if !(off < 1e-6) {
			t.Errorf("hidden state %d: the tokens after it change it by %v", l, off)
		}
	}
}

// Masked words are what is asked where there are any.
func TestQuestions(t *testing.T) {
	ask := func(text string) []compare.Response {
		r, err := plan(t, "nasim: 1\ninput: {text: {string: \""+text+"\"}}\ntransformer: {layers: all}\nswap: {mode: free-running, controls: []}\nnetwork: {features: {neurons: 64}}\nrecord: {remedy: none}\n").Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Report.Model.Responses
	}
	masked := ask("The capital of the [MASK] is a [MASK] city.")
	if len(masked) != 2 || masked[0].Token != 5 || masked[1].Token != 8 {
		t.Errorf("%+v", masked)
	}
	for _, r := range masked {
		for who, a := range r.Answers {
			total := 0.0
			for _, c := range a.Top {
				total += float64(c.Probability)
			}
			if len(a.Top) != 5 || !(total > 0 && total <= 1) {
				t.Errorf("%s: %+v", who, a)
			}
		}
	}
	if plain := ask("The star"); len(plain) != 2 || plain[0].Token != 1 {
		t.Errorf("%+v", plain)
	}
}

// A rung with dynamics where there are none is refused before anything is run.
func TestSwapRefused(t *testing.T) {
	_, err := tryPlan("nasim: 1\ninput: {text: {string: a}}\nswap: {mode: free-running}\nsolver: {method: none}\n")
	if err == nil || !strings.Contains(err.Error(), "swap.rung") || !strings.Contains(err.Error(), "solver.method is none") {
		t.Error(err)
	}
	p := plan(t, "nasim: 1\ninput: {text: {string: a}}\nswap: {mode: free-running}\nnetwork: {schedule: {order: causal}}\n")
	if said := strings.Join(p.Warnings(), "\n"); !strings.Contains(said, "sees all") {
		t.Errorf("nothing is said of the order: %q", said)
	}
	_, err = tryPlan("nasim: 1\ninput: {synthetic: {}}\nswap: {mode: free-running}\n")
	if err == nil || !strings.Contains(err.Error(), "swap.mode") {
		t.Error(err)
	}
}
