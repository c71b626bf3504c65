package fit

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// severalInputs are of different lengths.
func severalInputs(count, d, dv int, rng *rand.Rand) held {
	var all held
	for i := range count {
		all = append(all, randomTokens(4+i%5, d, dv, rng))
	}
	return all
}

// In sample, once the power iterations have converged, it is the error of the truncated singular value decomposition of the kernel
// between all tokens, as another algorithm finds it.
func TestFloorInSample(t *testing.T) {
	for _, causal := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(5, 6))
		inputs := severalInputs(30, 4, 3, rng)
		sample, tokens, err := tokensOf(inputs)
		if err != nil || tokens != 180 {
			t.Fatal(tokens, err)
		}
		for _, m := range []int{4, 12, 40} {
			f := newFloorSample(sample, tokens, causal)
			if err := f.decompose(t.Context(), m, 400, rng); err != nil {
				t.Fatal(err)
			}
			if got, want := f.inSample(), truncated(t, inputs, m, causal); !(math.Abs(got-want) <= 1e-6*want) {
				t.Errorf("causal %t, %d neurons: %v, and by the decomposition %v", causal, m, got, want)
			}
		}
	}
}

// It falls as neurons are added, on inputs that it is not made from, too.
func TestFloor(t *testing.T) {
	for _, causal := range []bool{false, true} {
		rng := rand.New(rand.NewPCG(5, 6))
		in := Inputs{Train: severalInputs(100, 2, 3, rng), Validation: severalInputs(20, 2, 3, rng), HeldOut: severalInputs(20, 2, 3, rng)}
		before, told := math.Inf(1), math.Inf(1)
		for _, m := range []int{4, 16, 64} {
			floor, err := FloorOf(t.Context(), m, in, causal, rng)
			if err != nil {
				t.Fatal(err)
			}
			if !(floor.InSample < before/2) || floor.Tokens != 600 || !(floor.HeldOut > 0.5*floor.InSample) || !(floor.HeldOut < told) {
				t.Errorf("causal %t: %+v with %d neurons, and %v with fewer", causal, floor, m, before)
			}
			before, told = floor.InSample, floor.HeldOut
		}
	}
}

// truncated is the floor in sample by the definition.
func truncated(t *testing.T, inputs held, m int, causal bool) float64 {
	type token struct{ input, at int }
	var tokens []token
	for i, x := range inputs {
		for s := range x.N {
			tokens = append(tokens, token{i, s})
		}
	}
	n := len(tokens)
	score := func(a, b token) float64 {
		q, k := inputs[a.input], inputs[b.input]
		d, sum := len(q.Q)/q.N, 0.0
		for j := range d {
			sum += q.Q[a.at*d+j] * k.K[b.at*d+j]
		}
		return sum
	}
	sees := func(a, b token) bool { return a.input == b.input && (!causal || b.at <= a.at) }
	kernel := mat.NewDense(n, n, nil)
	for i, a := range tokens {
		z := 0.0
		for _, b := range tokens {
			if sees(a, b) {
				z += math.Exp(score(a, b))
			}
		}
		for j, b := range tokens {
			kernel.Set(i, j, math.Exp(score(a, b))/z)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(kernel, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	var u, v mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	values := svd.Values(nil)
	off, size := 0.0, 0.0
	for i, a := range tokens {
		dv := len(inputs[a.input].V) / inputs[a.input].N
		sum, mine, exact := 0.0, make([]float64, dv), make([]float64, dv)
		for j, b := range tokens {
			if !sees(a, b) {
				continue
			}
			k := 0.0
			for c := range m {
				k += u.At(i, c) * values[c] * v.At(j, c)
			}
			sum += k
			for c := range dv {
				x := inputs[a.input].V[b.at*dv+c]
				mine[c] += k * x
				exact[c] += kernel.At(i, j) * x
			}
		}
		if sum < 0.5 {
			sum = 1
		}
		for c := range dv {
			off += math.Pow(mine[c]/sum-exact[c], 2)
			size += exact[c] * exact[c]
		}
	}
	return math.Sqrt(off / size)
}

// What is held out has no part in what is made: with one rank more than the kernel has, tokens of other inputs are as exact as their own.
func TestFloorOfLowRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	in := Inputs{Train: severalInputs(30, 1, 2, rng), Validation: severalInputs(5, 1, 2, rng), HeldOut: severalInputs(5, 1, 2, rng)}
	for _, part := range []Source{in.Train, in.Validation, in.HeldOut} {
		for _, x := range part.(held) { // scores of at most a tenth, whose kernel has hardly more than five directions
			for i := range x.Q {
				x.Q[i], x.K[i] = 0.3*math.Tanh(x.Q[i]), 0.3*math.Tanh(x.K[i])
			}
		}
	}
	floor, err := FloorOf(t.Context(), 6, in, false, rng)
	if err != nil || !(floor.InSample < 1e-6) || !(floor.HeldOut < 1e-4) {
		t.Errorf("%+v, %v", floor, err)
	}
}

// Of fewer tokens than twice the neurons nothing is told, and of many no more are taken than the most.
func TestFloorTokens(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	few := severalInputs(3, 2, 2, rng)
	floor, err := FloorOf(t.Context(), 8, Inputs{Train: few, Validation: few, HeldOut: few}, false, rng)
	if err != nil || !math.IsNaN(floor.InSample) || !math.IsNaN(floor.HeldOut) || floor.Tokens != 15 {
		t.Errorf("%+v, %v", floor, err)
	}
	for count := 1; count < 40; count++ {
		seen := map[int]bool{}
		for i := range count {
			seen[i*stride(count)%count] = true
		}
		if len(seen) != count {
			t.Errorf("of %d inputs %d are read", count, len(seen))
		}
	}
	if _, tokens, err := tokensOf(severalInputs(600, 1, 1, rng)); err != nil || tokens > FloorTokens || tokens < FloorTokens-8 {
		t.Errorf("%d tokens, %v", tokens, err)
	}
}
