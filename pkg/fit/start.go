package fit

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// Starts of a fit.
const (
	StartPairs = "pairs" // rows are sums of pairs that attend each other
	StartGauss = "gauss" // rows are Gaussian, of the moments of such sums
)

// leastPairs is how many pairs the moments are taken from, at least.
const leastPairs = 8192

// mostStartInputs is how many inputs they are drawn from.
const mostStartInputs = 512

// Start tunes a map to the tokens without training: each neuron's row is ω = q'_t + k'_s + noise of a pair that attends, weighed as
// a sample for the Gaussian that the unbiased map draws from (importance sampling):
//
//	log w = log N(ω; 0, I) − log N(ω; mean, Cov(q'+k') + I), at most its 99th percentile
//	W_q = ω,  W_k = ω + A⁻ᵀq̄,  b_q = b_k = ½ log w,  u = −½
//
// A presynaptic neuron is thus tuned to what occurs, and the coupling corrects for what occurs too often.
func Start(f Form, kind string, inputs []*Tokens[float64], v *Invariances, causal bool, rng *rand.Rand) (*Parameters[float64], error) {
	inputs = inputs[:min(len(inputs), mostStartInputs)]
	if len(inputs) == 0 {
		return nil, errors.New("there are no inputs to start from")
	}
	d, m := f.Dim, f.Neurons
	sums := pairs(inputs, v.Shift, causal, max(m, leastPairs), rng)
	mean, covariance, err := momentsOf(sums, d)
	if err != nil {
		return nil, err
	}
	var lower mat.TriDense
	covariance.LTo(&lower)
	rows := make([]float64, m*d)
	noise := mat.NewVecDense(d, nil)
	for i := range m {
		row := rows[i*d : (i+1)*d]
		for j := range d {
			noise.SetVec(j, rng.NormFloat64())
		}
		if kind == StartGauss {
			var x mat.VecDense
			x.MulVec(&lower, noise)
			for j := range row {
				row[j] = mean[j] + x.AtVec(j)
			}
			continue
		}
		for j := range row {
			row[j] = sums[i*d+j] + noise.AtVec(j)
		}
	}
	p := NewParameters[float64](f)
	weights := logWeights(rows, mean, covariance, d)
	if kind == StartPairs {
		most := statistics.Quantile(weights, 0.99)
		for i, w := range weights {
			weights[i] = min(w, most)
		}
	}
	for i := range m {
		p.Query.B[i], p.Key.B[i] = weights[i]/2, weights[i]/2
		for j, x := range rows[i*d : (i+1)*d] {
			p.Query.W[i*f.Inputs()+j] = x
			p.Key.W[i*f.Inputs()+j] = x + v.Shift[j]
		}
	}
	for j := range p.Square {
		p.Square[j] = -0.5
	}
	for _, side := range []*Side[float64]{&p.Query, &p.Key} {
		for i := range side.D {
			side.D[i] = rng.NormFloat64() / math.Sqrt(float64(d))
		}
		for i := range side.C {
			side.C[i] = rng.Float64()
		}
	}
	return p, nil
}

// pairs draws sums q'_t + k'_s, t among all queries alike and s as t attends.
func pairs(inputs []*Tokens[float64], shift []float64, causal bool, count int, rng *rand.Rand) []float64 {
	d := len(shift)
	ends := make([]int, len(inputs)) // of the queries, counted over all inputs
	total := 0
	for i, in := range inputs {
		total += in.N
		ends[i] = total
	}
	// Drawn query by query, and answered input by input, so that attention is computed once an input.
	type wanted struct{ token, at int }
	of := make([][]wanted, len(inputs))
	chances := make([]float64, count)
	for i := range count {
		q := rng.IntN(total)
		input, found := slices.BinarySearch(ends, q)
		if found {
			input++
		}
		of[input] = append(of[input], wanted{q - ends[input] + inputs[input].N, i})
		chances[i] = rng.Float64()
	}
	sums := make([]float64, count*d)
	var attention []float64
	for i, in := range inputs {
		if of[i] == nil {
			continue
		}
		attention = Attend(in, shift, causal, attention)
		for _, w := range of[i] {
			row, chance, s := attention[w.token*in.N:(w.token+1)*in.N], chances[w.at], 0
			for chance -= row[0]; chance > 0 && s+1 < in.N; chance -= row[s] {
				s++
			}
			for j := range d {
				sums[w.at*d+j] = in.Q[w.token*d+j] + in.K[s*d+j]
			}
		}
	}
	return sums
}

// momentsOf are the mean of rows, and the Cholesky factor of their covariance plus the identity.
func momentsOf(rows []float64, d int) ([]float64, *mat.Cholesky, error) {
	n := len(rows) / d
	mean := make([]float64, d)
	for i, x := range rows {
		mean[i%d] += x / float64(n)
	}
	centred, outer := make([]float64, len(rows)), make([]float64, d*d)
	for i, x := range rows {
		centred[i] = x - mean[i%d]
	}
	gemm(true, false, d, d, n, centred, centred, 0, outer)
	s := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			s.SetSym(i, j, outer[i*d+j]/float64(max(n-1, 1)))
		}
		s.SetSym(i, i, s.At(i, i)+1)
	}
	var c mat.Cholesky
	if !c.Factorize(s) {
		return nil, nil, errEigen
	}
	return mean, &c, nil
}

// logWeights is log N(ω; 0, I) − log N(ω; mean, C) of every row ω.
func logWeights(rows, mean []float64, c *mat.Cholesky, d int) []float64 {
	weights := make([]float64, len(rows)/d)
	centred := mat.NewVecDense(d, nil)
	var solved mat.VecDense
	for i := range weights {
		norm2 := 0.0
		for j, x := range rows[i*d : (i+1)*d] {
			norm2 += float64(x * x)
			centred.SetVec(j, x-mean[j])
		}
		if err := c.SolveVecTo(&solved, centred); err != nil {
			panic(err) // a covariance plus the identity is well conditioned
		}
		weights[i] = -norm2/2 + mat.Dot(centred, &solved)/2 + c.LogDet()/2
	}
	return weights
}
