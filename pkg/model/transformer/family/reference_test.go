package family

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// Both sides compute in float64 from the same weights, in another order of summation.
const tolerance = 1e-12

// references lists the checkpoints that testdata/make_reference.py wrote.
func references(t testing.TB) []string {
	t.Helper()
	folders, err := filepath.Glob("testdata/reference/*")
	if err != nil || len(folders) < 40 {
		t.Fatalf("%d references, %v: run testdata/make_reference.py", len(folders), err)
	}
	return folders
}

// openFolder opens a checkpoint.
func openFolder(folder string) (*Model, error) {
	d, err := checkpoint.Open(folder)
	if err != nil {
		return nil, err
	}
	config, err := d.Object("config.json", "the model's sizes")
	if err != nil {
		return nil, err
	}
	weights, err := d.Weights()
	if err != nil {
		return nil, err
	}
	return Open(config, weights)
}

// relative is the largest difference, relative to the largest reference value.
func relative(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	difference, scale := 0.0, 0.0
	for i := range want {
		difference = max(difference, math.Abs(got[i]-want[i])) // NaN propagates
		scale = max(scale, math.Abs(want[i]))
	}
	return difference / scale
}

// seen collects what a forward pass computes, as the references store it.
type seen struct{ hidden, q, k, v, attention, final, logits []float64 }

// forward is attention written out, for all heads.
func forward(t testing.TB, m *Model, x []float64) *seen {
	pass := NewPass[float64](m, 2, true)
	t.Helper()
	s := &seen{hidden: slices.Clone(x)}
	n, d := len(x)/m.Width, m.HeadDim()
	for layer := range m.Layers {
		var err error
		x, err = pass.Block(layer, x, func(q, k, v []float64) ([]float64, error) {
			out := make([]float64, n*m.Width)
			for h := range m.Heads {
				row := func(x []float64, t int) []float64 { return x[t*m.Width+h*d : t*m.Width+(h+1)*d] }
				for t := range n {
					weights, sum := make([]float64, n), 0.0
					for u := range n {
						if m.Causal && u > t {
							continue
						}
						score := 0.0
						for i, a := range row(q, t) {
							score += a * row(k, u)[i]
						}
						weights[u] = math.Exp(score * m.Scale(layer))
						sum += weights[u]
					}
					for u := range n {
						weights[u] /= sum
						for i, b := range row(v, u) {
							out[t*m.Width+h*d+i] += weights[u] * b
						}
					}
					s.attention = append(s.attention, weights...)
				}
				for t := range n {
					s.q, s.k, s.v = append(s.q, row(q, t)...), append(s.k, row(k, t)...), append(s.v, row(v, t)...)
				}
			}
			return out, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.hidden = append(s.hidden, x...)
	}
	var err error
	if s.final, err = pass.Finish(x); err != nil {
		t.Fatal(err)
	}
	if s.logits, _, _, err = pass.Logits(s.final); err != nil {
		t.Fatal(err)
	}
	return s
}

// A reference is a checkpoint's own numbers.
type reference struct {
	arrays map[string][]float64
	shapes map[string][]int
}

func readReference(t testing.TB, folder string) reference {
	t.Helper()
	f, err := npz.Open(filepath.Join(folder, "reference.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := reference{map[string][]float64{}, map[string][]int{}}
	for _, name := range []string{"input_ids", "token_type_ids", "pixel_values", "hidden", "q", "k", "v", "attention", "final", "logits"} {
		x, shape, err := f.Float64(name)
		if err != nil {
			ints, shape, err := f.Int64(name)
			if err != nil {
				continue
			}
			for _, i := range ints {
				x = append(x, float64(i))
			}
			r.arrays[name], r.shapes[name] = x, shape
			continue
		}
		r.arrays[name], r.shapes[name] = x, shape
	}
	return r
}

// embed gives the model what the reference gave its own.
func (r reference) embed(m *Model) ([]float64, error) {
	whole := func(name string) (numbers []int) {
		for _, x := range r.arrays[name] {
			numbers = append(numbers, int(x))
		}
		return numbers
	}
	if m.Kind == Text {
		return m.EmbedText(whole("input_ids"), whole("token_type_ids"))
	}
	shape, pixels := r.shapes["pixel_values"], r.arrays["pixel_values"]
	rows, columns := shape[1]/m.Patch, shape[2]/m.Patch
	var patches []float64
	for y := range rows {
		for x := range columns {
			for c := range shape[0] {
				for i := range m.Patch {
					at := (c*shape[1]+y*m.Patch+i)*shape[2] + x*m.Patch
					patches = append(patches, pixels[at:at+m.Patch]...)
				}
			}
		}
	}
	return m.EmbedImage(patches, rows, columns)
}

// scores are q·k times the layers' scales, of all heads.
func scores(m *Model, q, k []float64) (s []float64) {
	d := m.HeadDim()
	n := len(q) / (m.Layers * m.Width)
	for at := 0; at < len(q); at += n * d {
		scale := m.Scale(at / (n * m.Width))
		for t := range n {
			for u := range n {
				sum := 0.0
				for i := range d {
					sum += q[at+t*d+i] * k[at+u*d+i]
				}
				s = append(s, sum*scale)
			}
		}
	}
	return s
}

// differences are those of a folder's checkpoint from the reference's numbers, by what is compared.
func (r reference) differences(t *testing.T, folder string) map[string]float64 {
	t.Helper()
	m, err := openFolder(folder)
	if err != nil {
		t.Error(err)
		return nil
	}
	x, err := r.embed(m)
	if err != nil {
		t.Error(err)
		return nil
	}
	have := forward(t, m, x)
	found := map[string]float64{"scores": relative(scores(m, have.q, have.k), scores(m, r.arrays["q"], r.arrays["k"]))}
	for name, got := range map[string][]float64{"hidden": have.hidden, "q": have.q, "k": have.k, "v": have.v, "attention": have.attention, "final": have.final, "logits": have.logits} {
		want, ok := r.arrays[name]
		if ok || name != "logits" {
			found[name] = relative(got, want)
		} else if m.Type != "gpt2" && (m.Reads != "" || len(got) > 0) { // a bare GPT-2 has its read-out in its words
			t.Errorf("%s: a head that nobody stored: %q", folder, m.Reads)
		}
	}
	return found
}

// check compares a folder's checkpoint with the reference's numbers.
func (r reference) check(t *testing.T, folder string) {
	t.Helper()
	for name, off := range r.differences(t, folder) {
		if !(off <= tolerance) {
			t.Errorf("%s: %s differs by %.2g", folder, name, off)
		}
	}
}

// Every class of every family gives what transformers gives.
func TestReferences(t *testing.T) {
	of := map[string]bool{}
	for _, folder := range references(t) {
		r := readReference(t, folder)
		t.Run(filepath.Base(folder), func(t *testing.T) { r.check(t, folder) })
		family, _, _ := strings.Cut(filepath.Base(folder), "-")
		of[family] = true
	}
	for _, f := range Families() {
		if !of[f.Type] {
			t.Errorf("%s has no reference", f.Type)
		}
	}
}
