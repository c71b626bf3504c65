package features

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// randomLearned is a map of random numbers.
func randomLearned(d, m, dendrites int, rng *rand.Rand) *LearnedMap {
	side := func() LearnedSide {
		return LearnedSide{gaussian(rng, m*(d+dendrites), 0.5), gaussian(rng, m, 0.5), gaussian(rng, dendrites*d, 0.5), gaussian(rng, dendrites, 0.5)}
	}
	l := &LearnedMap{Dim: d, MeanQ: gaussian(rng, d, 1), MeanK: gaussian(rng, d, 1), Balance: make([]float64, d*d), Inverse: make([]float64, d*d), Query: side(), Key: side(), Square: gaussian(rng, d, 0.3)}
	for i := range d { // a triangular matrix with 1s, whose inverse is that of forward substitution
		l.Balance[i*d+i], l.Inverse[i*d+i] = 2, 0.5
		if i > 0 {
			l.Balance[i*d+i-1] = 0.3
		}
	}
	for j := range d {
		for i := j + 1; i < d; i++ {
			l.Inverse[i*d+j] = -0.3 * l.Inverse[(i-1)*d+j] / 2
		}
	}
	return l
}

// logFeatures are the exponents of φ, by the formula, number by number.
func (l *LearnedMap) logFeatures(x []float64, key bool) []float64 {
	d := l.Dim
	y := make([]float64, d)
	for i := range d {
		for j := range d {
			if key {
				y[i] += l.Balance[i*d+j] * (x[j] - l.MeanK[j])
			} else {
				y[i] += l.Inverse[j*d+i] * (x[j] - l.MeanQ[j])
			}
		}
	}
	side, factor := l.Query, 0.0
	if key {
		side = l.Key
		for j, v := range y {
			factor += l.Square[j] * v * v
		}
	}
	for i, c := range side.C {
		u := c
		for j := range d {
			u += side.D[i*d+j] * y[j]
		}
		y = append(y, math.Max(u, 0))
	}
	var logs []float64
	for i, b := range side.B {
		u := b + factor
		for j, v := range y {
			u += side.W[i*len(y)+j] * v
		}
		logs = append(logs, u)
	}
	return logs
}

// A learned map is its formula, on both sides, held or gathered tile by tile.
func TestLearned(t *testing.T) {
	const n, d = 6, 4
	for _, dendrites := range []int{0, 3} {
		rng := rand.New(rand.NewPCG(20, uint64(dendrites)))
		l := randomLearned(d, 9, dendrites, rng)
		m, err := NewLearned(l)
		if err != nil {
			t.Fatal(err)
		}
		q, k := gaussian(rng, n*d, 1), gaussian(rng, n*d, 1)
		a, err := m.Evaluate(q, k, n, Gain{Kind: GainNone})
		if err != nil {
			t.Fatal(err)
		}
		for s := range n {
			for side, have := range map[bool][]float64{false: a.Q, true: a.K} {
				x := q
				if side {
					x = k
				}
				for i, want := range l.logFeatures(x[s*d:(s+1)*d], side) {
					if got := math.Log(have[s*9+i]) - a.Shift; math.Abs(got-want) > 1e-12*math.Max(1, math.Abs(want)) {
						t.Fatalf("key %t, token %d, neuron %d: ln φ is %v, not %v", side, s, i, got, want)
					}
				}
			}
		}
		inner, err := m.Inner(context.Background(), q, k, n, Gain{Kind: GainNone}, []int{2})
		if err != nil {
			t.Fatal(err)
		}
		scale := math.Exp(2 * (a.Shift - inner.Shift))
		for s := range n {
			for u := range n {
				want := 0.0
				for i := range 9 {
					want += a.Q[s*9+i] * a.K[u*9+i]
				}
				if got := inner.Gram[(n+s)*2*n+u] * scale; math.Abs(got-want) > 1e-13*want {
					t.Fatalf("inner product %d, %d is %v, not %v", s, u, got, want)
				}
			}
		}
	}
}

func TestInverse(t *testing.T) {
	const d = 9
	a := gaussian(rand.New(rand.NewPCG(4, 1)), d*d, 1)
	a[0] = 0 // which is no pivot
	inverse, err := Inverse(a, d)
	if err != nil {
		t.Fatal(err)
	}
	for i := range d {
		for j := range d {
			sum := 0.0
			for l := range d {
				sum += a[i*d+l] * inverse[l*d+j]
			}
			want := 0.0
			if i == j {
				want = 1
			}
			if math.Abs(sum-want) > 1e-12 {
				t.Errorf("entry %d, %d of the product is %v", i, j, sum)
			}
		}
	}
	if _, err := Inverse(make([]float64, 4), 2); err == nil {
		t.Error("0 has an inverse")
	}
}

// Arrays that do not fit, or are not finite, are told.
func TestLearnedRefused(t *testing.T) {
	for name, spoil := range map[string]func(*LearnedMap){
		"numbers in W_q":     func(l *LearnedMap) { l.Query.W = l.Query.W[1:] },
		"numbers in b_k":     func(l *LearnedMap) { l.Key.B = nil },
		"numbers in mean_q":  func(l *LearnedMap) { l.MeanQ = nil },
		"numbers in gain":    func(l *LearnedMap) { l.Gain = []float64{1} },
		"square_k holds":     func(l *LearnedMap) { l.Square[1] = math.NaN() },
		"at least 1 of each": func(l *LearnedMap) { *l = LearnedMap{} },
	} {
		l := randomLearned(3, 5, 2, rand.New(rand.NewPCG(1, 1)))
		spoil(l)
		if _, err := NewLearned(l); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New(Spec{Map: Learned, Neurons: 3}, 2, nil); err == nil || !strings.Contains(err.Error(), "not drawn") {
		t.Error(err)
	}
}
