package family

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/portable"
)

func sameStream() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// spread returns the mean and the standard deviation of numbers.
func spread(x []float64) (mean, sd float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sd += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, math.Sqrt(sd)
}

// Of every family: freshly initialised maps are those of the drawn weights, written out, and
// see the hidden states behind a plain norm where the family's own norms come first.
func TestFresh(t *testing.T) {
	for _, folder := range references(t) {
		m, err := openFolder(folder)
		if err != nil {
			t.Fatal(err)
		}
		r := readReference(t, folder)
		width, layer := m.Width, m.Layers-1
		n := len(r.arrays["hidden"]) / (m.Layers + 1) / width
		x := r.arrays["hidden"][layer*n*width : (layer+1)*n*width]
		seen := slices.Clone(x)
		first := slices.Contains([]string{"gpt2", "vit", "deit", "dinov2", "dinov2_with_registers"}, m.Type)
		for at := 0; at < len(x) && first; at += width {
			mean, sd := spread(x[at : at+width])
			for i := range width {
				seen[at+i] = (x[at+i] - mean) / math.Sqrt(sd*sd+m.block[layer].attentionNorm.eps)
			}
		}
		q, k, v, err := m.Fresh(layer, x, sameStream())
		if err != nil {
			t.Fatal(err)
		}
		rng := sameStream()
		for i, got := range [][]float64{q, k, v} {
			weights := make([]float64, m.HeadDim()*width)
			for j := range weights {
				weights[j] = 0.02 * portable.Normal(rng)
			}
			want := make([]float64, 0, len(got))
			for token := range n {
				for row := range m.HeadDim() {
					sum := 0.0
					for j := range width {
						sum += weights[row*width+j] * seen[token*width+j]
					}
					want = append(want, sum)
				}
			}
			if off := relative(got, want); !(off <= tolerance) {
				t.Errorf("%s: map %d differs by %.2g", folder, i, off)
			}
		}
	}
}

// The drawn weights are normal with the standard deviation that config.json has, read off
// by showing the maps one unit at a time.
func TestFreshSpread(t *testing.T) {
	m, err := openFolder("testdata/reference/bert-model")
	if err != nil {
		t.Fatal(err)
	}
	unit := make([]float64, m.Width*m.Width)
	for i := range m.Width {
		unit[i*m.Width+i] = 1
	}
	var all []float64
	rng := sameStream()
	for range 40 {
		q, k, v, err := m.Fresh(0, unit, rng)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.Concat(q, k, v)...)
	}
	n := float64(len(all))
	mean, sd := spread(all)
	if m.Initial != 0.02 || math.Abs(mean) > 4*0.02/math.Sqrt(n) || math.Abs(sd/0.02-1) > 4/math.Sqrt(2*n) {
		t.Errorf("of %.0f weights the mean is %.3g and the standard deviation %.5g, not 0 and %g", n, mean, sd, m.Initial)
	}
	m.Initial = -1
	if _, _, _, err := m.Fresh(0, unit, rng); err == nil || !strings.Contains(err.Error(), "initializer_range is -1") {
		t.Errorf("a negative spread: %v", err)
	}
}

// Layers that share their weights are told.
func TestShares(t *testing.T) {
	for folder, want := range map[string][]int{"albert-model": {0, 0}, "albert-groups": nil, "gpt2-model": {0, 1}, "vit-model": {0, 1}} {
		m, err := openFolder(filepath.Join("testdata/reference", folder))
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for layer := range m.Layers {
			got = append(got, m.Shares(layer))
		}
		if want != nil && !slices.Equal(got[:2], want) || want == nil && !(got[0] == 0 && slices.Max(got) > 0 && slices.Max(got) < m.Layers-1) {
			t.Errorf("%s: %v", folder, got)
		}
	}
}
