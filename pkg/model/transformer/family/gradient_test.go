package family

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
)

// gradientTolerance is of the gradient's largest number: what five-point differences leave.
const gradientTolerance = 1e-6

// fivePoint is exact to the step's fourth power.
var fivePoint = fd.Settings{Formula: fd.Formula{
	Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -8. / 12}, {Loc: 1, Coeff: 8. / 12}, {Loc: 2, Coeff: -1. / 12}},
	Derivative: 1, Step: 1e-3,
}}

// numbers are as many as asked for, the same for a seed.
func numbers(n int, seed uint64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

func dot(x, y []float64) (sum float64) {
	for i, v := range x {
		sum += v * y[i]
	}
	return sum
}

// product stands in the place of attention: q∘k + v, whose way back is plain.
func product(q, k, v []float64) ([]float64, error) {
	y := slices.Clone(v)
	for i := range y {
		y[i] += q[i] * k[i]
	}
	return y, nil
}

// The way back through every class of every family, its head included, against differences.
func TestBack(t *testing.T) {
	for _, folder := range references(t) {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			m, err := openFolder(folder)
			if err != nil {
				t.Fatal(err)
			}
			x, err := readReference(t, folder).embed(m)
			if err != nil {
				t.Fatal(err)
			}
			pass := NewPass[float64](m, 2, true)
			// The number is a sum of the last hidden states, and of the logits where there are any, weighed at random.
			weights := numbers(len(x)*(1+m.Scores()), 3)
			value := func(x []float64) float64 {
				for layer := range m.Layers {
					if x, err = pass.Block(layer, x, product); err != nil {
						t.Fatal(err)
					}
				}
				if x, err = pass.Finish(x); err != nil {
					t.Fatal(err)
				}
				logits, _, _, err := pass.Logits(x)
				if err != nil {
					t.Fatal(err)
				}
				return dot(x, weights) + dot(logits, weights[len(x):])
			}
			// Forth, and back.
			traces, given := make([]*Trace[float64], m.Layers), make([][3][]float64, m.Layers)
			y := x
			for layer := range m.Layers {
				if y, traces[layer], err = pass.Traced(layer, y, func(q, k, v []float64) ([]float64, error) {
					given[layer] = [3][]float64{q, k, v}
					return product(q, k, v)
				}); err != nil {
					t.Fatal(err)
				}
			}
			final, err := pass.Finish(y)
			if err != nil {
				t.Fatal(err)
			}
			logits, _, _, trace, err := pass.TracedLogits(final)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := dot(final, weights)+dot(logits, weights[len(x):]), value(x); got != want {
				t.Errorf("traced it is %v, and %v otherwise", got, want)
			}
			dx, err := pass.LogitsBack(trace, weights[len(x):len(x)+len(logits)])
			if err != nil {
				t.Fatal(err)
			}
			addTo(dx, weights)
			if dx, err = pass.FinishBack(y, dx); err != nil {
				t.Fatal(err)
			}
			for layer := m.Layers - 1; layer >= 0; layer-- {
				if dx, err = pass.Back(layer, traces[layer], dx, func(d []float64) (q, k, v []float64, err error) {
					q, k = slices.Clone(d), slices.Clone(d)
					for i := range d {
						q[i] *= given[layer][1][i]
						k[i] *= given[layer][0][i]
					}
					return q, k, d, nil
				}); err != nil {
					t.Fatal(err)
				}
			}
			if off := relative(dx, fd.Gradient(nil, value, x, &fivePoint)); !(off <= gradientTolerance) {
				t.Errorf("the gradient is off by %.2g of its largest number", off)
			}
		})
	}
}

// The slope of every activation, against differences, and beside its corners.
func TestSlopes(t *testing.T) {
	for name, f := range activations {
		for x := -8.0; x <= 8; x += 0.0625 {
			if name == "relu" && x == 0 {
				continue
			}
			want := fd.Derivative(f.of, x, &fivePoint)
			if got := f.slope(x); !(math.Abs(got-want) <= 1e-9) {
				t.Errorf("%s'(%g) is %v, not %v", name, x, got, want)
			}
		}
	}
	if activations["relu"].slope(0) != 0 {
		t.Error("relu has a slope at 0")
	}
}

// The way back through every pooling, and through a row's making a unit vector.
func TestPoolBack(t *testing.T) {
	const n, width = 5, 3
	x := numbers(n*width, 7)
	poolings := map[string]*pool{"the second": &secondToken, "the first and the mean": new(pool), "every one": &everyToken}
	*poolings["the first and the mean"] = firstAndMean(2)
	for _, name := range []string{"cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"} {
		poolings[name] = poolOf(name)
	}
	for name, p := range poolings {
		weights := numbers(len(p.of(x, width)), 8)
		want := fd.Gradient(nil, func(x []float64) float64 { return dot(p.of(x, width), weights) }, x, &fivePoint)
		if off := relative(p.back(x, weights, width), want); !(off <= 1e-9) {
			t.Errorf("%s: off by %.2g", name, off)
		}
	}
	weights := numbers(len(x), 9)
	want := fd.Gradient(nil, func(x []float64) float64 { return dot(toUnit(slices.Clone(x), n), weights) }, x, &fivePoint)
	if off := relative(toUnitBack(x, weights, n), want); !(off <= 1e-9) {
		t.Errorf("a unit vector: off by %.2g", off)
	}
	short := []float64{1e-13, -2e-13} // which is divided by 1e-12
	if got := toUnitBack(short, []float64{3, 4}, 1); math.Abs(got[0]-3e12) > 1 || math.Abs(got[1]-4e12) > 1 {
		t.Errorf("a short row's gradient is %v", got)
	}
}
