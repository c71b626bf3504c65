package transformer

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const weightsFile = "model.safetensors"

// copyModel copies a small model to a directory that a test may damage.
func copyModel(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(raw), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// changeJSON replaces the values of keys in a JSON file; nil deletes.
func changeJSON(t *testing.T, path string, changes map[string]any) {
	t.Helper()
	rewrite(t, path, func(raw []byte) []byte {
		var file map[string]any
		if err := json.Unmarshal(raw, &file); err != nil {
			t.Fatal(err)
		}
		maps.Copy(file, changes)
		maps.DeleteFunc(file, func(_ string, v any) bool { return v == nil })
		out, err := json.Marshal(file)
		if err != nil {
			t.Fatal(err)
		}
		return out
	})
}

func TestBadConfigurations(t *testing.T) {
	cases := []struct {
		model, file string
		changes     map[string]any
		want        string
	}{
		{"albert", configFile, map[string]any{"model_type": "gpt2"}, `no tensor's name ends in "wte.weight"`},
		{"albert", configFile, map[string]any{"model_type": "mamba"}, `model_type is "mamba"; supported are "bert"`},
		{"albert", configFile, map[string]any{"model_type": "t5"}, "T5 adds a learned bias to every score"},
		{"albert", configFile, map[string]any{"model_type": nil, "architectures": []string{"MambaModel"}}, `model_type is missing, and architectures are "MambaModel"`},
		{"albert", configFile, map[string]any{"hidden_size": nil}, "hidden_size is missing"},
		{"albert", configFile, map[string]any{"hidden_size": 1e15}, "hidden_size is 1000000000000000"},
		{"albert", configFile, map[string]any{"hidden_size": "12"}, "hidden_size"},
		{"albert", configFile, map[string]any{"hidden_size": 24}, "shape [12 6], but config.json asks for [24 6]"},
		{"albert", configFile, map[string]any{"num_attention_heads": 5}, "not a multiple"},
		{"albert", configFile, map[string]any{"num_hidden_layers": 1000000}, "from 1 to 1024"},
		{"albert", configFile, map[string]any{"num_hidden_groups": 2}, `"albert.encoder.albert_layer_groups.1.albert_layers.0.attention.query.weight" is missing`},
		{"albert", configFile, map[string]any{"hidden_act": "mish"}, `hidden_act is "mish"; supported are "gelu"`},
		{"albert", configFile, map[string]any{"layer_norm_eps": -1}, "layer_norm_eps"},
		{"albert", configFile, map[string]any{"position_embedding_type": "relative_key"}, "relative_key"},
		{"albert", configFile, map[string]any{"vocab_size": 20}, "shape [25 6], but config.json asks for [20 6]"},
		{"albert", configFile, map[string]any{"max_position_embeddings": -3}, "max_position_embeddings is -3"},
		{"vit", configFile, map[string]any{"image_size": nil}, "image_size"},
		{"vit", configFile, map[string]any{"image_size": []int{12, 22}}, "but the model's image_size is 12 × 22"},
		{"vit", configFile, map[string]any{"image_size": 1 << 40}, "image_size is"},
		{"vit", configFile, map[string]any{"image_size": "big"}, "wanted are whole numbers of pixels"},
		{"vit", configFile, map[string]any{"patch_size": []int{4, 2}}, "square patches"},
		{"vit", configFile, map[string]any{"num_channels": 4}, "num_channels is 4"},
		{"vit", configFile, map[string]any{"num_hidden_layers": 3}, `tensor "vit.encoder.layer.2.layernorm_before.weight" is missing`},
		{"vit", configFile, map[string]any{"id2label": []int{1}}, "id2label is [1]; wanted is an object"},
		{"vit", configFile, map[string]any{"HIDDEN_SIZE": 8, "hidden_size": nil}, "hidden_size is missing"},
		{"vit", preprocessorFile, map[string]any{"size": map[string]int{"height": 12, "width": 12}}, "size is 12 × 12, but the model's image_size is 12 × 20"},
		{"vit", preprocessorFile, map[string]any{"size": map[string]int{"longest_edge": 12}}, "size has the keys longest_edge"},
		{"vit", preprocessorFile, map[string]any{"resample": 9}, "resample is 9"},
		{"vit", preprocessorFile, map[string]any{"do_center_crop": true}, "crop_size"},
		{"vit", preprocessorFile, map[string]any{"do_center_crop": true, "crop_size": 12}, "crop_size is 12 × 12, but the model's image_size is 12 × 20"},
		{"vit", preprocessorFile, map[string]any{"image_mean": []float64{1, 2}}, "image_mean has 2 numbers"},
		{"vit", preprocessorFile, map[string]any{"image_std": 0}, "image_std holds 0"},
		{"albert", tokenizerFile, map[string]any{"model": map[string]any{"type": "Trigram"}}, `"Trigram" is not supported`},
	}
	for _, c := range cases {
		dir := copyModel(t, c.model)
		path := filepath.Join(dir, c.file)
		changeJSON(t, path, c.changes)
		_, err := Open(dir)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s with %v: error %v; wanted the path and %q in it", c.file, c.changes, err, c.want)
		}
	}
}

func TestBadWeights(t *testing.T) {
	weights := func(dir string) string { return filepath.Join(dir, weightsFile) }
	cases := map[string]struct {
		change func([]byte) []byte
		want   string
	}{
		"truncated": {func(raw []byte) []byte { return raw[:len(raw)-10] }, "truncated"},
		"NaN":       {func(raw []byte) []byte { raw[len(raw)-1], raw[len(raw)-2] = 0x7f, 0xff; return raw }, "holds NaN at index"},
		"renamed": {func(raw []byte) []byte {
			return []byte(strings.Replace(string(raw), "vit.layernorm.bias", "vit.layernorm.bios", 1))
		}, `tensor "vit.layernorm.bias" is missing`},
		"integers": {func(raw []byte) []byte { return []byte(strings.Replace(string(raw), `"F16"`, `"I16"`, 1)) }, "stored as I16; supported are F64, F32, F16 and BF16"},
	}
	for name, c := range cases {
		dir := copyModel(t, "vit")
		rewrite(t, weights(dir), c.change)
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), weights(dir)) {
			t.Errorf("%s: error %v; wanted the path and %q in it", name, err, c.want)
		}
	}
}

// Checkpoints converted from TensorFlow call the layer norm's scale and shift gamma and beta.
func TestOldNamesOfLayerNorm(t *testing.T) {
	dir := copyModel(t, "albert")
	rewrite(t, filepath.Join(dir, weightsFile), func(raw []byte) []byte {
		s := strings.ReplaceAll(string(raw), `albert.embeddings.LayerNorm.weight"`, `albert.embeddings.LayerNorm.gamma" `)
		s = strings.ReplaceAll(s, `albert.embeddings.LayerNorm.bias"`, `albert.embeddings.LayerNorm.beta"`)
		return []byte(s)
	})
	a := forward(t, open(t, dir), Tokens{IDs: []int{2, 3}}, Options{})
	b := forward(t, open(t, "testdata/albert"), Tokens{IDs: []int{2, 3}}, Options{})
	near(t, "logits", a.Logits, b.Logits, 0)
}
