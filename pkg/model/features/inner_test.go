package features

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A tile of neurons at a time gives what all at once do: the common factor and the
// named neurons' features to the bit, inner products and gains to rounding.
func TestInnerProductsAreThoseOfTheFeatures(t *testing.T) {
	const n, d, neurons, tolerance = 7, 5, 2*TileNeurons + 600, 1e-13
	single := []int{0, 3, TileNeurons - 1, TileNeurons, neurons - 1}
	rng := rand.New(rand.NewPCG(5, 5))
	q, k := gaussian(rng, n*d, 1.5), gaussian(rng, n*d, 1.5)
	for _, name := range Drawn() {
		m, err := New(Spec{Map: name, Rows: IID, Neurons: neurons}, d, rng)
		if err != nil {
			t.Fatal(err)
		}
		for _, gain := range []Gain{{Kind: GainNone}, {Kind: GainNorm}, {Kind: GainRate}, {Kind: GainEqualised}, {Kind: GainEqualised, Causal: true}} {
			if gain.check(m.family) != nil {
				if _, err := m.Inner(context.Background(), q, k, n, gain, nil); err == nil {
					t.Errorf("%s: gain %s has a meaning", name, gain.Kind)
				}
				continue
			}
			want, err := m.Evaluate(q, k, n, gain)
			if err != nil {
				t.Fatal(err)
			}
			have, err := m.Inner(context.Background(), q, k, n, gain, single)
			if err != nil {
				t.Fatal(err)
			}
			if have.Shift != want.Shift {
				t.Errorf("%s %v: shift %v, want %v", name, gain, have.Shift, want.Shift)
			}
			all := append(append([]float64(nil), want.K...), want.Q...)
			for i := range 2 * n {
				for j := range 2 * n {
					u, v := all[i*neurons:(i+1)*neurons], all[j*neurons:(j+1)*neurons]
					size := math.Sqrt(kernel.Dot(u, u) * kernel.Dot(v, v))
					if off := math.Abs(have.Gram[i*2*n+j] - kernel.Dot(u, v)); !(off <= tolerance*size) {
						t.Fatalf("%s %v: product of %d and %d is off by %.2g", name, gain, i, j, off/size)
					}
				}
			}
			for token := range n {
				if !(math.Abs(have.LogGain[token]-want.LogGain[token]) <= tolerance*(1+math.Abs(want.LogGain[token]))) {
					t.Errorf("%s %v: log gain %v, want %v", name, gain, have.LogGain[token], want.LogGain[token])
				}
				for column, neuron := range single {
					for _, pair := range [][2]float64{
						{have.Q[token*len(single)+column], want.Q[token*neurons+neuron]}, {have.K[token*len(single)+column], want.K[token*neurons+neuron]},
					} {
						if same := pair[0] == pair[1]; !same && (gain.Kind == GainNone || gain.Kind == GainNorm || math.Abs(pair[0]/pair[1]-1) > tolerance) {
							t.Fatalf("%s %v: neuron %d has the feature %v, want %v", name, gain, neuron, pair[0], pair[1])
						}
					}
				}
			}
		}
	}
}

// It ends when it is told to, and refuses what Evaluate refuses.
func TestInnerEnds(t *testing.T) {
	m, err := New(Spec{Map: "positive", Rows: IID, Neurons: 10}, 2, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Inner(ctx, []float64{1, 2}, []float64{1, 2}, 1, Gain{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), 1e200} {
		if _, err := m.Inner(context.Background(), []float64{1, 2}, []float64{x, 2}, 1, Gain{}, nil); err == nil {
			t.Errorf("a key of %v is taken", x)
		}
	}
}
