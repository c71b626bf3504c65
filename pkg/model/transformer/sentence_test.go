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

// TestSentenceRefused: what is wrong with the modules is said, with the file; where only the embedding is lost, the transformer
// works without it.
func TestSentenceRefused(t *testing.T) {
	const pooling = `{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true}`
	modules := func(kinds ...string) string {
		var list []string
		for i, kind := range kinds {
			path := ""
			if i > 0 {
				path = "1_Pooling"
			}
			list = append(list, `{"path": "`+path+`", "type": "sentence_transformers.models.`+kind+`"}`)
		}
		return "[" + strings.Join(list, ",") + "]"
	}
	for _, c := range []struct {
		modules, pooling string
		opening          string // what opening says, "" where it works
		embedding        string // what the embedding then says
	}{
		{modules: "{}", opening: "modules.json: it does not hold a JSON list"},
		{modules: "[]", opening: "modules.json: it lists no module"},
		{modules: "[3]", opening: "modules.json: entry 0 is 3; wanted is an object"},
		{modules: "[{},]", opening: "modules.json: line 1, column"},
		{modules: `[{"type": 3}]`, opening: "modules.json: entry 0: type is 3; wanted is a text"},
		{modules: `[{"type": "sentence_transformers.models.Transformer", "path": "../x"}]`, opening: `"../x" is no directory within it`},
		{modules: modules("WordEmbeddings"), opening: `"sentence_transformers.models.WordEmbeddings"; supported as the first module is a Transformer`},
		{modules: `[{"type": "mine.Transformer", "path": ""}]`, opening: `type is "mine.Transformer"`},
		{modules: modules("Transformer"), embedding: "lists no Pooling"},
		{modules: modules("Transformer", "Pooling", "CNN"), pooling: pooling, embedding: "the module CNN at place 2 is not supported"},
		{modules: modules("Transformer", "Normalize"), embedding: "the module Normalize at place 1 is not supported"},
		{modules: modules("Transformer", "Pooling"), embedding: "the file 1_Pooling/config.json is missing"},
		{modules: modules("Transformer", "Pooling"), pooling: `{"word_embedding_dimension": 9}`, embedding: "for hidden states of width 9, and the transformer's have 8"},
		{modules: modules("Transformer", "Pooling"), pooling: `{"embedding_dimension": 8, "pooling_mode": "middle"}`, embedding: `pooling_mode is "middle"; supported are "cls", "max", "mean"`},
		{modules: modules("Transformer", "Pooling"), pooling: `{"embedding_dimension": 8, "pooling_mode": 3}`, embedding: "pooling_mode is 3; wanted is a list of texts"},
		{modules: modules("Transformer", "Pooling", "Dense"), pooling: pooling, embedding: "in_features is missing"},
		{modules: modules("Transformer", "Pooling", "Dropout"), pooling: pooling},
	} {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS("testdata/sentence/bert-older")); err != nil {
			t.Fatal(err)
		}
		put := func(name, text string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		put("modules.json", c.modules)
		if err := os.Remove(filepath.Join(dir, "1_Pooling", "config.json")); err != nil {
			t.Fatal(err)
		}
		if c.pooling != "" {
			put("1_Pooling/config.json", c.pooling)
		}
		m, err := transformer.Open(dir)
		if c.opening != "" {
			if err == nil || !strings.Contains(err.Error(), c.opening) {
				t.Errorf("%s: opening says %v, not %q", c.modules, err, c.opening)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.modules, err)
			continue
		}
		switch err := m.CanEmbed(); {
		case c.embedding == "" && err != nil, c.embedding != "" && (err == nil || !strings.Contains(err.Error(), c.embedding)):
			t.Errorf("%s: the embedding says %v, not %q", c.modules, err, c.embedding)
		}
	}
}
