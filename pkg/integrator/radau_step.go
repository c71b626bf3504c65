package integrator

import (
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// radauWorkspace takes the steps of a Radau method. In W = (T⁻¹ ⊗ 1) Z, and with the Jacobian J
// of the step's start for that of all stages, Newton's iteration
//
//	(Λ/h ⊗ 1 − 1 ⊗ J) ΔW = −(Λ/h ⊗ 1) W + (T⁻¹ ⊗ 1) f(y + (T ⊗ 1) W)
//
// falls apart into one system of the state's dimension and one of twice that for each pair.
type radauWorkspace struct {
	linearised
	method *Radau
	real   *factors
	pairs  []*factors
	lambda [][4]float64 // Λ/h of each pair

	stage  []float64
	z, w   [][]float64
	change [][]float64 // ΔW, and the right-hand side before
	f      [][]float64 // f at the stages; then ΔZ

	past     [][]float64 // Z of the step before
	size     float64     // of the attempt
	pastSize float64     // of that step; 0: none
	diverged bool        // the iteration did not end
}

func (method *Radau) newWorkspace(dim int, _ bool) workspace {
	vector := func() []float64 { return make([]float64, dim) }
	work := &radauWorkspace{method: method, linearised: newLinearised(dim, method.Stages()), stage: vector()}
	work.real = newFactors(work.blocks, 1)
	for range method.tableau.Pairs {
		work.pairs = append(work.pairs, newFactors(work.blocks, 2))
	}
	work.lambda = make([][4]float64, len(work.pairs))
	for _, vectors := range []*[][]float64{&work.z, &work.w, &work.change, &work.f, &work.past} {
		for range method.Stages() {
			*vectors = append(*vectors, vector())
		}
	}
	return work
}

func (work *radauWorkspace) forget() { work.first, work.known, work.pastSize = false, false, 0 }

func (work *radauWorkspace) attempt(eval *evaluator, t, tNew float64, y, yNew []float64) {
	work.size, work.diverged = tNew-t, false
	work.begin()
	if work.factorise(eval, t, tNew, y) {
		work.guess()
		work.iterate(eval, t, tNew, y, yNew)
	} else {
		work.diverged = true
	}
	if work.diverged && eval.prescribed && work.component < 0 {
		work.component = work.restless()
	}
	if work.component >= 0 {
		yNew[work.component] = math.NaN()
	}
}

// restless is the component that the last iteration changed most.
func (work *radauWorkspace) restless() int {
	found, last := 0, work.f[len(work.f)-1]
	for i, change := range last {
		if math.Abs(change) > math.Abs(last[found]) {
			found = i
		}
	}
	return found
}

// factorise makes the factors.
func (work *radauWorkspace) factorise(eval *evaluator, t, tNew float64, y []float64) bool {
	if !work.linearise(eval, t, tNew, y, 1+4*len(work.pairs)) {
		return false
	}
	one := [1]float64{work.method.tableau.Real / work.size}
	if !work.real.factorise(one[:]) {
		return false
	}
	for i, pair := range work.method.tableau.Pairs {
		a, b := pair[0]/work.size, pair[1]/work.size
		work.lambda[i] = [4]float64{a, b, -b, a}
		if !work.pairs[i].factorise(work.lambda[i][:]) {
			return false
		}
	}
	return true
}

// farthest is how many times as long as the step before one may be whose iteration starts
// from that one's polynomial.
const farthest = 3

// guess sets Z, and with it W, to what the polynomial of the step before goes on to.
func (work *radauWorkspace) guess() {
	ratio := work.size / work.pastSize
	if !(ratio > 0 && ratio <= farthest) {
		for i := range work.z {
			clear(work.z[i])
			clear(work.w[i])
		}
		return
	}
	last := len(work.z) - 1
	for i, c := range work.method.tableau.C {
		work.method.lagrange(1+float64(c*ratio), &work.theta)
		work.theta.weight[last]--
		clear(work.z[i])
		combine(work.z[i], work.z[i], 1, work.theta, work.past)
	}
	for i, weights := range work.method.inverse {
		clear(work.w[i])
		combine(work.w[i], work.w[i], 1, weights, work.z)
	}
}

// An iteration ends when what it still leaves of Z is so much of what the norm tolerates, or
// when rounding keeps it from becoming less and that is tolerable. In equal steps the norm
// says nothing about what is wanted, and both are a matter of rounding. Steps that are
// prescribed cannot be taken shorter, and are worth more iterations.
const (
	left, tolerable                  = 1e-4, 0.1
	leftPrecisely, mostPrecisely     = 1e-9, 1e-3
	iterations, iterationsPrescribed = 12, 40
)

// iterate is the simplified Newton iteration.
func (work *radauWorkspace) iterate(eval *evaluator, t, tNew float64, y, yNew []float64) {
	wanted, most, limit := left, tolerable, iterations
	if eval.equal {
		wanted, most = leftPrecisely, mostPrecisely
	}
	if eval.prescribed {
		limit = iterationsPrescribed
	}
	last := len(work.z) - 1
	copy(yNew, y)
	before := math.Inf(1)
	for n := 1; n <= limit; n++ {
		if !work.correct(eval, t, tNew, y) {
			return
		}
		for i, z := range work.z[last] {
			yNew[i] = y[i] + z
		}
		if work.look(yNew); work.component >= 0 {
			return
		}
		size := 0.0
		for _, change := range work.f {
			size = max(size, eval.norm.Measure(t, work.size, y, yNew, change, eval.groups)) // keeps a NaN
		}
		rate := size / before
		switch {
		case size == 0, n > 1 && rate < 1 && rate/(1-rate)*size <= wanted:
			return
		case rate >= 1 && size <= most:
			return
		case !(rate < 2), n > 1 && rate < 1 && !eval.prescribed && portable.Pow(rate, float64(limit-n))/(1-rate)*size > most:
			work.diverged = true
			return
		}
		before = size
	}
	work.diverged = before > most
}

// correct makes one iteration: it leaves ΔZ in f. It is false where f is not finite.
func (work *radauWorkspace) correct(eval *evaluator, t, tNew float64, y []float64) bool {
	method := work.method
	for i, z := range work.z {
		for n := range y {
			work.stage[n] = y[n] + z[n]
		}
		eval.derivative(stageTime(t, tNew, method.tableau.C[i]), work.stage, work.f[i])
		if work.look(work.f[i]); work.component >= 0 {
			return false
		}
	}
	for i, weights := range method.inverse {
		clear(work.change[i])
		combine(work.change[i], work.change[i], 1, weights, work.f)
	}
	rate := method.tableau.Real / work.size
	for n, w := range work.w[0] {
		work.change[0][n] -= float64(rate * w)
	}
	work.real.solve(work.change[0])
	for i, lambda := range work.lambda {
		first, second := work.change[1+2*i], work.change[2+2*i]
		for n, w := range work.w[1+2*i] {
			other := work.w[2+2*i][n]
			first[n] -= float64(lambda[0]*w) + float64(lambda[1]*other)
			second[n] -= float64(lambda[2]*w) + float64(lambda[3]*other)
		}
		work.pairs[i].solve(first, second)
	}
	for i, change := range work.change {
		for n, x := range change {
			work.w[i][n] += x
		}
	}
	for i, weights := range method.t {
		clear(work.f[i])
		combine(work.f[i], work.f[i], 1, weights, work.change)
		for n, x := range work.f[i] {
			work.z[i][n] += x
		}
	}
	return true
}

// damped is how much the coarse estimate counts: a tenth of dop853's share, with which
// problems as stiff as HIRES end many tolerances off.
const damped = 0.01

// measure is +Inf where the iteration did not end, so that the step is taken shorter.
func (work *radauWorkspace) measure(norm Norm, groups []Group, t, step float64, y, yNew []float64) float64 {
	if work.diverged {
		copy(work.err, work.f[len(work.f)-1])
		return math.Inf(1)
	}
	work.compare(work.method.damping)
	coarse := norm.Measure(t, step, y, yNew, work.err, groups)
	work.compare(work.method.estimate)
	size := norm.Measure(t, step, y, yNew, work.err, groups)
	if size == 0 && coarse == 0 {
		return 0
	}
	return size * (size / portable.Hypot(size, damped*coarse))
}

// compare sets err to what another quadrature makes of the step, (1 − hJ/Real)⁻¹ (h f + Σ weight Z)/Real:
// so divided it does not grow with how stiff the problem is.
func (work *radauWorkspace) compare(weights row) {
	combine(work.err, work.slope, 1/work.size, weights, work.z)
	work.real.solve(work.err)
}

func (work *radauWorkspace) interpolate(theta, _ float64, y, yNew, out []float64) {
	switch theta {
	case 0:
		copy(out, y)
	case 1:
		copy(out, yNew)
	default:
		work.method.lagrange(theta, &work.theta)
		combine(out, y, 1, work.theta, work.z)
	}
}

func (work *radauWorkspace) accept() {
	work.first, work.known = false, false
	work.z, work.past, work.pastSize = work.past, work.z, work.size
}
