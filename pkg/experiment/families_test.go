package experiment

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
)

// A causal model's heads, written and read token by token as the model sees them: with
// infinitely many neurons and no time constants the network's answer is the model's own.
// In the other order it is said that tokens see more than they do there.
func TestCausalModel(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../model/transformer/family/testdata/reference/gpt2-inverse-scale")); err != nil {
		t.Fatal(err)
	}
	vocab := map[string]int{}
	for i, token := range strings.Fields("<s> a b c d e f g h i j k l m n o p q r s t u v w") {
		vocab[token] = i
	}
	raw, err := json.Marshal(map[string]any{
		"version": "1.0", "added_tokens": []any{}, "pre_tokenizer": map[string]any{"type": "Whitespace"},
		"model": map[string]any{"type": "WordLevel", "vocab": vocab, "unk_token": "<s>"},
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	text := "nasim: 1\ninput: {text: {string: \"b g k d s g m e c\"}}\ntransformer: {model: " + dir + ", layers: all, heads: all}\n" +
		"network: {features: {map: ideal, query_gain: none}, neurons: {tau_hidden: 0s, tau_output: 0s}, astrocyte: {tau_calcium: 0s, baseline: 1}}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	p := plan(t, text, "schedule.order=causal")
	r, err := p.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Report.Heads) != 4 || len(p.Warnings()) != 0 {
		t.Errorf("%d heads, warnings %q", len(r.Report.Heads), p.Warnings())
	}
	for _, h := range r.Report.Heads {
		if off := h.Value(compare.OnLadder, compare.TotalError); !(off < 1e-12) {
			t.Errorf("head %d:%d differs from the model by %v", h.Layer, h.Head, off)
		}
	}
	// The text's tokens are those of the reference, so the attention is PyTorch's.
	f, err := npz.Open(filepath.Join(dir, "reference.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	want, _, err := f.Float64("attention")
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range r.heads {
		have := h.rung(compare.Softmax).Attention
		for j, a := range have {
			if off := math.Abs(a - want[i*len(have)+j]); !(off < 1e-12) {
				t.Fatalf("head %d: weight %d is off by %g", i, j, off)
			}
		}
	}
	if said := strings.Join(plan(t, text).Warnings(), "\n"); !strings.Contains(said, "--set schedule.order=causal has it as in the model") {
		t.Errorf("nothing is said of the order: %q", said)
	}
}
