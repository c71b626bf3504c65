package transformer_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// sentenceCase is a text with what the sentence-transformers library makes of it in float64.
type sentenceCase struct {
	Text      string
	IDs       []int
	Embedding []float64
}

// TestSentenceEmbeddings: models of the sentence-transformers library, in its layouts of today and of earlier releases, give the
// tokens and embeddings that it gives (testdata/make_sentence_reference.py).
func TestSentenceEmbeddings(t *testing.T) {
	const tolerance = 1e-12 // of the embedding's length
	files, err := filepath.Glob("testdata/sentence/*.json")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		dir := strings.TrimSuffix(file, ".json")
		t.Run(filepath.Base(dir), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var cases []sentenceCase
			if err := json.Unmarshal(raw, &cases); err != nil || len(cases) == 0 {
				t.Fatal(cases, err)
			}
			m, err := transformer.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				tokens, err := m.EncodeText(c.Text, transformer.TextOptions{Truncate: true})
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(tokens.IDs, c.IDs) {
					t.Errorf("%q: tokens %v, not %v", c.Text, tokens.IDs, c.IDs)
					continue
				}
				a, err := m.Forward(context.Background(), tokens, transformer.Options{})
				if err != nil {
					t.Fatal(err)
				}
				x, err := m.Embedding(a.Final)
				if err != nil {
					t.Fatal(err)
				}
				if d := distance(x, c.Embedding); !(d <= tolerance) {
					t.Errorf("%q: the embedding is off by %.2g of its length", c.Text, d)
				}
			}
		})
	}
}

// distance is ‖x − y‖/‖y‖.
func distance(x, y []float64) float64 {
	if len(x) != len(y) {
		return math.NaN()
	}
	d, n := 0.0, 0.0
	for i := range x {
		d += (x[i] - y[i]) * (x[i] - y[i])
		n += y[i] * y[i]
	}
	return math.Sqrt(d / n)
}
