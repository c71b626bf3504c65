package transformer

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeSafetensors makes a file from a header and the bytes that follow.
func writeSafetensors(header string, body []byte) []byte {
	raw := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(raw, header...), body...)
}

func TestBadSafetensors(t *testing.T) {
	const one = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	entry := func(name, dtype, shape, offsets string) string {
		return fmt.Sprintf(`{%q:{"dtype":%q,"shape":%s,"data_offsets":%s}}`, name, dtype, shape, offsets)
	}
	body := make([]byte, 8)
	cases := map[string]struct {
		raw  []byte
		want string
	}{
		"empty":           {nil, "0 bytes"},
		"no header":       {body[:5], "5 bytes"},
		"header cut":      {writeSafetensors("{"+one+"}", nil)[:20], "only 12 follow"},
		"endless header":  {[]byte("version https://git-lfs"), "at most 100000000"},
		"huge header":     {append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), '{'), "at most 100000000"},
		"no JSON":         {writeSafetensors("[1]", nil), "JSON object"},
		"broken JSON":     {writeSafetensors("{"+one, body), "header"},
		"twice":           {writeSafetensors("{"+one+","+one+"}", body), `"a" is listed twice`},
		"truncated":       {writeSafetensors("{"+one+"}", body[:4]), "truncated"},
		"excess":          {writeSafetensors("{"+one+"}", append(body, 1)), "9 bytes follow"},
		"shape too large": {writeSafetensors(entry("a", "F32", "[3]", "[0,8]"), body), "needs 12 bytes"},
		"overflow":        {writeSafetensors(entry("a", "F32", "[4611686018427387904,4]", "[0,8]"), body), "impossible shape"},
		"negative shape":  {writeSafetensors(entry("a", "F32", "[-2]", "[0,8]"), body), "impossible shape"},
		"backwards":       {writeSafetensors(entry("a", "F32", "[2]", "[8,0]"), body), "data_offsets"},
		"negative offset": {writeSafetensors(entry("a", "F32", "[2]", "[-8,0]"), body), "data_offsets"},
		"no offsets":      {writeSafetensors(`{"a":{"dtype":"F32","shape":[2]}}`, body), "data_offsets"},
		"fraction":        {writeSafetensors(entry("a", "F32", "[2.5]", "[0,8]"), body), `tensor "a"`},
		"unknown type":    {writeSafetensors(entry("a", "F33", "[2]", "[0,8]"), body), `"F33"`},
		"gap":             {writeSafetensors(entry("a", "F32", "[1]", "[4,8]"), body), "belong to no tensor"},
		"overlap": {writeSafetensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, body),
			`"b" (bytes 4 to 8) overlaps tensor "a"`},
	}
	for name, c := range cases {
		_, err := parseSafetensors("w.safetensors", c.raw)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "w.safetensors") {
			t.Errorf("%s: error %v; wanted %q in it", name, err, c.want)
		}
	}
}

func TestTensorValues(t *testing.T) {
	body := []byte{
		0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80, // F32: 1.5, −0
		0, 0x3e, 1, 0, // F16: 1.5, 2⁻²⁴ (the smallest)
		0xc0, 0x3f, 0x80, 0xff, // BF16: 1.5, −∞
	}
	f, err := parseSafetensors("w", writeSafetensors(`{"__metadata__":{"format":"pt"},"f":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},`+
		`"h":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[12,16]}}`, body))
	if err != nil {
		t.Fatal(err)
	}
	if got := f.widened(); got != 6*4 {
		t.Errorf("six numbers take %v bytes as float32", got)
	}
	x, err := f.floats("f", 2, 1)
	if err != nil || x[0] != 1.5 || x[1] != 0 || !math.Signbit(float64(x[1])) {
		t.Errorf("F32 %v %v", x, err)
	}
	if x, err = f.floats("h", 2); err != nil || x[0] != 1.5 || float64(x[1]) != math.Ldexp(1, -24) {
		t.Errorf("F16 %v %v", x, err)
	}
	if _, err = f.floats("b", 1, 2); err == nil || !strings.Contains(err.Error(), `w: tensor "b" holds -Inf at index [0 1]`) {
		t.Errorf("BF16 with an infinity: %v", err)
	}
	if _, err = f.floats("h", 3); err == nil || !strings.Contains(err.Error(), "shape [2], but config.json asks for [3]") {
		t.Errorf("wrong shape: %v", err)
	}
	if _, err = f.floats("z", 3); err == nil || !strings.Contains(err.Error(), `tensor "z" is missing`) {
		t.Errorf("missing: %v", err)
	}
}

// All 65 536 half-precision numbers: the definition, sign · fraction · 2^exponent, evaluated in another way.
func TestHalfPrecision(t *testing.T) {
	for bits := range 1 << 16 {
		got := float64(halfToFloat(uint16(bits)))
		sign := 1 - 2*float64(bits>>15)
		exponent, fraction := bits>>10&31, float64(bits&1023)/1024
		want := sign * (1 + fraction) * math.Pow(2, float64(exponent-15))
		switch {
		case exponent == 0:
			want = sign * fraction * math.Pow(2, -14)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		}
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%04x is %v; wanted %v", bits, got, want)
		}
	}
}

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
		{"albert", configFile, map[string]any{"model_type": "gpt2"}, `model_type is "gpt2"; supported are "albert"`},
		{"albert", configFile, map[string]any{"model_type": nil}, "model_type is missing"},
		{"albert", configFile, map[string]any{"hidden_size": nil}, "hidden_size is 0"},
		{"albert", configFile, map[string]any{"hidden_size": 1e15}, "hidden_size is 1000000000000000"},
		{"albert", configFile, map[string]any{"hidden_size": "12"}, "hidden_size"},
		{"albert", configFile, map[string]any{"hidden_size": 24}, "shape [12 6], but config.json asks for [24 6]"},
		{"albert", configFile, map[string]any{"num_attention_heads": 5}, "not a multiple"},
		{"albert", configFile, map[string]any{"num_hidden_layers": 1000000}, "from 1 to 1024"},
		{"albert", configFile, map[string]any{"num_hidden_groups": 2}, "num_hidden_groups is 2"},
		{"albert", configFile, map[string]any{"hidden_act": "swish"}, `hidden_act is "swish"; supported are "gelu", "gelu_new"`},
		{"albert", configFile, map[string]any{"layer_norm_eps": -1}, "layer_norm_eps"},
		{"albert", configFile, map[string]any{"position_embedding_type": "relative_key"}, "relative_key"},
		{"albert", configFile, map[string]any{"vocab_size": 20}, `vocab_size is 20; the file belongs to another model`},
		{"albert", configFile, map[string]any{"max_position_embeddings": -3}, "max_position_embeddings is -3"},
		{"albert", configFile, map[string]any{"tie_word_embeddings": false}, `tensor "predictions.decoder.weight" is missing`},
		{"vit", configFile, map[string]any{"image_size": nil}, "image_size"},
		{"vit", configFile, map[string]any{"image_size": []int{12, 22}}, "not a multiple of patch_size"},
		{"vit", configFile, map[string]any{"image_size": 1 << 40}, "image_size is"},
		{"vit", configFile, map[string]any{"image_size": "big"}, "no size"},
		{"vit", configFile, map[string]any{"patch_size": []int{4, 2}}, "square patches"},
		{"vit", configFile, map[string]any{"num_channels": 4}, "num_channels is 4"},
		{"vit", configFile, map[string]any{"num_hidden_layers": 3}, `tensor "vit.encoder.layer.2.layernorm_before.weight" is missing`},
		{"vit", configFile, map[string]any{"id2label": map[string]string{"1": "a"}}, "none for class 0"},
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
		"integers": {func(raw []byte) []byte { return []byte(strings.Replace(string(raw), `"F16"`, `"I16"`, 1)) }, "stored as I16; supported are F32, F16 and BF16"},
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
