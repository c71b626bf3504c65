package features

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A tile of neurons at a time gives what all at once do, to rounding: exponents of up
// to 30 and a few tens of operations.
func TestInnerProductsAreThoseOfTheFeatures(t *testing.T) {
	const n, d, neurons, tolerance = 7, 5, 2*TileNeurons + 600, 1e-13
	single := []int{0, 3, TileNeurons - 1, TileNeurons, neurons - 1}
	rng := rand.New(rand.NewPCG(5, 5))
	q, k := gaussian(rng, n*d, 1.5), gaussian(rng, n*d, 1.5)
	for _, name := range Drawn() {
		m, err := New(suited(t, Spec{Map: name, Rows: IID, Neurons: neurons}, q, k, d), d, rng)
		if err != nil {
			t.Fatal(err)
		}
		for _, gain := range []Gain{{Kind: GainNone}, {Kind: GainNorm}, {Kind: GainRate}, {Kind: GainEqualised}, {Kind: GainEqualised, Causal: true}} {
			if gain.check(m) != nil {
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
			if !(math.Abs(have.Shift-want.Shift) <= tolerance) {
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
						if pair[0] != pair[1] && !(math.Abs(pair[0]/pair[1]-1) <= tolerance) {
							t.Fatalf("%s %v: neuron %d has the feature %v, want %v", name, gain, neuron, pair[0], pair[1])
						}
					}
				}
			}
		}
	}
}

// A map that is drawn as it goes has the tuning of one that is held, as often as it is
// asked for, and the same inner products.
func TestStreamedMapsAreThoseThatAreHeld(t *testing.T) {
	const n, d, neurons = 3, 5, 2*TileNeurons + 18
	again := func() *rand.Rand { return rand.New(rand.NewPCG(7, 7)) }
	q, k := gaussian(again(), n*d, 1), gaussian(again(), n*d, 1)
	for _, name := range Drawn() {
		for _, rows := range Couplings() {
			spec := suited(t, Spec{Map: name, Rows: rows, Neurons: neurons}, q, k, d)
			held, errHeld := New(spec, d, again())
			streamed, errStreamed := Stream(spec, d, again)
			if errHeld != nil || errStreamed != nil {
				t.Fatal(errHeld, errStreamed)
			}
			for range 2 {
				var all Tuning
				for queries, keys := range streamed.Tiles() {
					if queries != keys {
						t.Fatalf("%s: two tunings", name)
					}
					all.W, all.B = append(all.W, keys.W...), append(all.B, keys.B...)
				}
				if !slices.Equal(all.W, held.Keys.W) || !slices.Equal(all.B, held.Keys.B) {
					t.Errorf("%s, %s: another tuning", name, rows)
				}
			}
			want, errWant := held.Inner(context.Background(), q, k, n, Gain{}, []int{1, neurons - 1})
			have, errHave := streamed.Inner(context.Background(), q, k, n, Gain{}, []int{1, neurons - 1})
			if errWant != nil || errHave != nil || !reflect.DeepEqual(have, want) {
				t.Errorf("%s, %s: other inner products; %v, %v", name, rows, errWant, errHave)
			}
		}
	}
	if _, err := Stream(Spec{Map: "hyperbolic", Rows: IID, Neurons: 3}, d, again); err == nil {
		t.Error("an odd number of neurons in pairs is taken")
	}
}

// Queries and keys that are tuned apart have the inner products of their features.
func TestInnerProductsTunedApart(t *testing.T) {
	const n, d, neurons, tolerance = 3, 4, TileNeurons + 10, 1e-13
	rng := rand.New(rand.NewPCG(3, 3))
	q, k := gaussian(rng, n*d, 1), gaussian(rng, n*d, 1)
	ofQueries, errQueries := New(Spec{Map: "positive", Rows: IID, Neurons: neurons}, d, rng)
	ofKeys, errKeys := New(Spec{Map: "positive", Rows: IID, Neurons: neurons}, d, rng)
	if errQueries != nil || errKeys != nil {
		t.Fatal(errQueries, errKeys)
	}
	apart := *ofKeys
	apart.Queries = ofQueries.Queries
	want, errWant := apart.Evaluate(q, k, n, Gain{})
	have, errHave := apart.Inner(context.Background(), q, k, n, Gain{}, nil)
	if errWant != nil || errHave != nil {
		t.Fatal(errWant, errHave)
	}
	for i := range n {
		for j := range n {
			score := kernel.Dot(want.Q[i*neurons:(i+1)*neurons], want.K[j*neurons:(j+1)*neurons])
			if !(math.Abs(have.Gram[(n+i)*2*n+j]/score-1) <= tolerance) {
				t.Errorf("score of %d and %d is %v, want %v", i, j, have.Gram[(n+i)*2*n+j], score)
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
