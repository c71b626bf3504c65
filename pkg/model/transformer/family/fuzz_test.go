package family

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// seeds are reference checkpoints of all families, small, one of each.
func seeds(t testing.TB) (folders []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, folder := range references(t) {
		if family, _, _ := strings.Cut(filepath.Base(folder), "-"); !seen[family] {
			seen[family] = true
			folders = append(folders, folder)
		}
	}
	return folders
}

// FuzzConfig: whatever config.json says of weights that stay the same, an error that
// names the file, or a model whose forward pass is finite; never a panic, and never
// memory beyond what the weights account for.
func FuzzConfig(f *testing.F) {
	folders := seeds(f)
	var weights []*checkpoint.Weights
	for i, folder := range folders {
		d, err := checkpoint.Open(folder)
		if err != nil {
			f.Fatal(err)
		}
		w, err := d.Weights()
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { w.Close() })
		weights = append(weights, w)
		raw, err := os.ReadFile(filepath.Join(folder, "config.json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(byte(i), raw)
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(raw, &keys); err != nil {
			f.Fatal(err)
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) { // every key wrong in some way
			for _, wrong := range []string{"0", "-1", "1e9", "3", `"8"`, "[]", "{}", "true", "null", "0.5"} {
				changed := maps.Clone(keys)
				changed[key] = json.RawMessage(wrong)
				if text, err := json.Marshal(changed); err == nil {
					f.Add(byte(i), text)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, of byte, raw []byte) {
		config, err := checkpoint.ParseObject("config.json", raw)
		if err != nil {
			named(t, err)
			return
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Open(config, weights[int(of)%len(weights)])
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > mostOpened {
			t.Fatalf("%d bytes", after.TotalAlloc-before.TotalAlloc)
		}
		if err != nil {
			named(t, err)
			return
		}
		x, err := firstStates(m)
		if err != nil {
			t.Fatalf("it is open, and takes nothing: %v", err)
		}
		if m.Layers > 64 { // which take their time, all alike
			return
		}
		for _, layer := range slices.Concat([][]float64{x}, states(t, m, x)) {
			for _, v := range layer {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("a hidden state of %v", v)
				}
			}
		}
	})
}

// mostOpened is what opening a model may allocate: its weights stay on disk, and its
// parts are no more than 1024 layers'.
const mostOpened = 32 << 20

func named(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); !strings.Contains(text, "config.json") && !strings.Contains(text, "model.safetensors") || len(text) > 3000 || strings.Contains(text, " json: ") || strings.Contains(text, "unmarshal") {
		t.Fatalf("%.300s", text)
	}
}

// firstStates are those of an input of the model's own making.
func firstStates(m *Model) ([]float64, error) {
	if m.Kind == Text {
		n := min(m.MaxTokens, 5)
		ids := make([]int, n)
		for i := range ids {
			ids[i] = (7*i + 2) % m.Vocabulary
		}
		return m.EmbedText(ids, nil)
	}
	pixels := make([]float64, m.Rows*m.Columns*m.Channels*m.Patch*m.Patch)
	for i := range pixels {
		pixels[i] = math.Sin(float64(i))
	}
	return m.EmbedImage(pixels, m.Rows, m.Columns)
}

// states are the hidden states after each layer, what the head sees, and its answer.
// The attention is even: what is tried here is all that is around it.
func states(t *testing.T, m *Model, x []float64) (all [][]float64) {
	t.Helper()
	pass := NewPass[float64](m, 1, false)
	for layer := range m.Layers {
		if s := m.Scale(layer); !(s > 0) || math.IsInf(s, 0) {
			t.Fatalf("scores are multiplied by %v", s)
		}
		var err error
		x, err = pass.Block(layer, x, func(q, k, v []float64) ([]float64, error) {
			if len(q) != len(v) || len(k) != len(v) || len(v)%(m.Heads*m.HeadDim()) != 0 {
				t.Fatalf("%d, %d and %d numbers for %d heads of %d", len(q), len(k), len(v), m.Heads, m.HeadDim())
			}
			all = append(all, q, k)
			return v, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, x)
	}
	final, err := pass.Finish(x)
	if err != nil {
		t.Fatal(err)
	}
	logits, rows, columns, err := pass.Logits(final)
	if err != nil || len(logits) != rows*columns {
		t.Fatalf("%d numbers in %d × %d, %v", len(logits), rows, columns, err)
	}
	return append(all, final, logits)
}
