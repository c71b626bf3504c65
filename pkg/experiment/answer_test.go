package experiment

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// A run keeps the embedding that the sentence-transformers library gives (the fixture is its own), and every layer's hidden
// states, of which the last is what the pooling took.
func TestRecordModelEmbedding(t *testing.T) {
	const at = "../model/transformer/testdata/sentence/bert-older"
	raw, err := os.ReadFile(at + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text      string
		Embedding []float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, kept := range []string{"summary", "none"} {
		dir := written(t, plan(t, "nasim: 1\ninput: {text: {string: "+quoted(cases[0].Text)+"}}\n", "transformer.model="+at, "record.model=true", "record.arrays="+kept, "map=ideal"))
		f := openOutputs(t, dir)
		x, shape, err := f.Float64("embedding_transformer")
		if err != nil || len(x) != len(cases[0].Embedding) {
			t.Fatal(shape, err)
		}
		for i, want := range cases[0].Embedding {
			if math.Abs(x[i]-want) > 1e-12 {
				t.Errorf("arrays %s: embedding[%d] is %v, not %v", kept, i, x[i], want)
			}
		}
		hidden, shape, err := f.Float64("hidden_transformer")
		if err != nil || len(shape) != 3 || shape[0] != 3 || shape[2] != len(x) {
			t.Fatal(shape, err)
		}
		// The pooling of this model is the mean, made a unit vector.
		mean, length := make([]float64, len(x)), 0.0
		for i, v := range hidden[2*shape[1]*shape[2]:] {
			mean[i%len(x)] += v
		}
		for _, v := range mean {
			length += v * v
		}
		for i := range mean {
			if got := mean[i] / math.Sqrt(length); math.Abs(got-x[i]) > 1e-12 {
				t.Errorf("arrays %s: the last hidden states' mean is %v at %d, the embedding %v", kept, got, i, x[i])
			}
		}
		if has := contains(f, "output_softmax"); has != (kept == "summary") {
			t.Errorf("arrays %s: the heads' arrays are there: %t", kept, has)
		}
	}
}

// A model with a head answers by logits, and what a run computes of the heads does not change when the rest is asked for, too.
func TestRecordModelLogits(t *testing.T) {
	const text = "nasim: 1\ninput: {text: {string: the calcium of a star}}\ntransformer: {layers: [1], heads: [0]}\nnetwork: {features: {neurons: 16}}\n"
	whole, alone := openOutputs(t, written(t, plan(t, text, "record.model=true"))), openOutputs(t, written(t, plan(t, text)))
	logits, shape, err := whole.Float64("logits_transformer")
	if err != nil || len(shape) != 2 || len(logits) != shape[0]*shape[1] || contains(whole, "embedding_transformer") {
		t.Fatal(shape, whole.Names(), err)
	}
	for _, name := range alone.Names() {
		if strings.HasPrefix(name, "layer") || name == "head" {
			continue
		}
		a, _, err := alone.Float64(name)
		if err != nil {
			t.Fatal(err)
		}
		b, _, err := whole.Float64(name)
		if err != nil || len(a) != len(b) {
			t.Fatal(name, err)
		}
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("%s differs at %d", name, i)
			}
		}
	}
}

func quoted(text string) string { raw, _ := json.Marshal(text); return string(raw) }

func openOutputs(t *testing.T, dir string) *npz.File {
	t.Helper()
	f, err := npz.Open(filepath.Join(dir, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
