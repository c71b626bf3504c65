package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// Heads of every family of transformers are measured: each reference checkpoint, with what reads
// its input beside it, gives a number for every head and column.
func TestEveryFamily(t *testing.T) {
	folders, err := filepath.Glob("../../model/transformer/family/testdata/reference/*")
	if err != nil || len(folders) < 40 {
		t.Fatal(err, len(folders))
	}
	causal := 0
	for _, folder := range folders {
		model, err := transformer.Open(usable(t, folder))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(folder), err)
			continue
		}
		in, err := Ours(model)
		if model.Kind() == transformer.KindText {
			in, err = Text(model, "-", strings.NewReader("b a d c b"))
		}
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(folder), err)
			continue
		}
		r, err := Run(context.Background(), model, in, 2)
		if err != nil || len(r.Rows) != model.Layers()*model.Heads() {
			t.Errorf("%s: %v", filepath.Base(folder), err)
			continue
		}
		if r.Causal {
			causal++
		}
		for _, h := range r.Rows {
			for _, c := range r.columns() {
				if x := c.of(h); !statistics.Finite(x) || x < 0 {
					t.Errorf("%s, head %s: %s is %v", filepath.Base(folder), h.label(), c.name, x)
				}
			}
		}
	}
	if causal == 0 {
		t.Error("no model is causal")
	}
}

// usable is a copy of a reference checkpoint with a tokenizer and a picture's processor beside it.
func usable(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	var sizes struct {
		Size     any `json:"image_size"` // a number, or height and width
		Channels int `json:"num_channels"`
	}
	raw, err := os.ReadFile(filepath.Join(folder, "config.json"))
	err = errors.Join(err, os.CopyFS(dir, os.DirFS(folder)), json.Unmarshal(raw, &sizes))
	height, width := sizes.Size, sizes.Size
	if both, ok := sizes.Size.([]any); ok {
		height, width = both[0], both[1]
	}
	level := make([]float64, max(1, sizes.Channels))
	for i := range level {
		level[i] = 0.5
	}
	for name, content := range map[string]any{
		"tokenizer.json": map[string]any{"version": "1.0", "added_tokens": []any{}, "pre_tokenizer": map[string]any{"type": "Whitespace"},
			"model": map[string]any{"type": "WordLevel", "vocab": map[string]int{"u": 0, "a": 1, "b": 2, "c": 3, "d": 4}, "unk_token": "u"}},
		"preprocessor_config.json": map[string]any{"image_processor_type": "BitImageProcessor", "do_resize": true, "do_center_crop": false, "size": map[string]any{"height": height, "width": width},
			"image_mean": level, "image_std": level},
	} {
		text, problem := json.Marshal(content)
		err = errors.Join(err, problem, os.WriteFile(filepath.Join(dir, name), text, 0o666))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
