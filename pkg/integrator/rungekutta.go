package integrator

import (
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// rkWorkspace takes the steps of an explicit Runge–Kutta method.
type rkWorkspace struct {
	method *RungeKutta
	k      [][]float64 // total derivatives; those of Extra are made when first needed
	stage  [][]float64 // stage states; all the same slice unless they are kept
	err    []float64
	theta  row  // weights of the interpolant at the θ asked for
	first  bool // k[0] is the derivative at the step's start
	end    bool // k[stages] is the derivative at the step's end
	extra  bool // the derivatives of Extra are known
	keep   bool
}

func (method *RungeKutta) newWorkspace(dim int, keepStages bool) workspace {
	work := &rkWorkspace{method: method, keep: keepStages, err: make([]float64, dim)}
	work.k = make([][]float64, method.total)
	for stage := 0; stage <= method.stages; stage++ {
		work.k[stage] = make([]float64, dim)
	}
	work.stage = make([][]float64, method.total)
	var shared []float64
	for stage := 1; stage < method.total; stage++ {
		if stage == method.stages {
			continue // the end stage's state is the new solution
		}
		if keepStages || shared == nil {
			shared = make([]float64, dim)
		}
		work.stage[stage] = shared
	}
	work.theta.stage = make([]int, 0, method.total)
	work.theta.weight = make([]float64, 0, method.total)
	return work
}

func (work *rkWorkspace) forget() { work.first = false }

func (work *rkWorkspace) start(eval *evaluator, t float64, y []float64) []float64 {
	if !work.first {
		eval.stage(0)
		eval.derivative(t, y, work.k[0])
		work.first = true
	}
	return work.k[0]
}

func (work *rkWorkspace) attempt(eval *evaluator, t, tNew float64, y, yNew []float64) {
	method := work.method
	work.end, work.extra = false, false
	eval.prepare(method, tNew-t)
	if work.keep {
		work.stage[0], work.stage[method.stages] = y, yNew
	}
	for stage := 1; stage < method.stages; stage++ {
		work.evaluate(eval, stage, t, tNew, y)
	}
	combine(yNew, y, tNew-t, method.rows[method.stages], work.k)
	if method.needEnd {
		work.finishEnd(eval, tNew, yNew)
	}
}

// stageTime is t + c(tNew − t), exactly tNew for c = 1.
func stageTime(t, tNew, c float64) float64 {
	if c == 1 {
		return tNew
	}
	return t + float64(c*(tNew-t))
}

func (work *rkWorkspace) finishEnd(eval *evaluator, tNew float64, yNew []float64) {
	if work.end {
		return
	}
	eval.stage(work.method.stages)
	eval.derivative(tNew, yNew, work.k[work.method.stages])
	work.end = true
}

func (work *rkWorkspace) finish(eval *evaluator, t, tNew float64, y, yNew []float64) {
	method := work.method
	work.finishEnd(eval, tNew, yNew)
	if work.extra {
		return
	}
	for stage := method.stages + 1; stage < method.total; stage++ {
		if work.k[stage] == nil {
			work.k[stage] = make([]float64, len(y))
		}
		work.evaluate(eval, stage, t, tNew, y)
	}
	work.extra = true
}

// evaluate makes a stage's state of the stages before and the derivative there.
func (work *rkWorkspace) evaluate(eval *evaluator, stage int, t, tNew float64, y []float64) {
	combine(work.stage[stage], y, tNew-t, work.method.rows[stage], work.k)
	eval.stage(stage)
	eval.derivative(stageTime(t, tNew, work.method.c[stage]), work.stage[stage], work.k[stage])
}

func (work *rkWorkspace) measure(norm Norm, groups []Group, t, step float64, y, yNew []float64) float64 {
	work.difference(work.method.err, norm, groups, step)
	size := norm.Measure(t, step, y, yNew, work.err, groups)
	if work.method.tableau.Damping == nil {
		return size
	}
	work.difference(work.method.damping, norm, groups, step)
	coarse := norm.Measure(t, step, y, yNew, work.err, groups)
	if size == 0 && coarse == 0 {
		return 0
	}
	return size * (size / portable.Hypot(size, 0.1*coarse))
}

// difference sets work.err to the estimate of those weights, for the components
// that the norm looks at: this package's leave out groups without a tolerance.
func (work *rkWorkspace) difference(weights row, norm Norm, groups []Group, step float64) {
	switch norm.(type) {
	case RMS, Groupwise:
		for group := range groups {
			if from, to := groups[group].From, groups[group].To; !math.IsInf(groups[group].Atol, 1) {
				clear(work.err[from:to])
				combineRange(work.err, work.err, step, weights, work.k, from, to)
			}
		}
	default:
		clear(work.err)
		combine(work.err, work.err, step, weights, work.k)
	}
}

// denseWeights sets into to the weights b_j(θ) of the interpolant.
func (method *RungeKutta) denseWeights(theta float64, into *row) {
	into.stage, into.weight = into.stage[:0], into.weight[:0]
	for stage, polynomial := range method.dense {
		if weight := horner(polynomial, theta); weight != 0 {
			into.stage = append(into.stage, stage)
			into.weight = append(into.weight, weight)
		}
	}
}

// horner is Σ_n polynomial[n] θ^{n+1}.
func horner(polynomial []float64, theta float64) float64 {
	sum := 0.0
	for power := len(polynomial) - 1; power >= 0; power-- {
		sum = (sum + polynomial[power]) * theta
	}
	return sum
}

func (work *rkWorkspace) interpolate(theta, h float64, y, yNew, out []float64) {
	switch theta {
	case 0:
		copy(out, y)
	case 1:
		copy(out, yNew)
	default:
		work.method.denseWeights(theta, &work.theta)
		combine(out, y, h, work.theta, work.k)
	}
}

func (work *rkWorkspace) accept() {
	end := work.method.stages
	if work.first = work.end; work.first {
		work.k[0], work.k[end] = work.k[end], work.k[0]
	}
}

func (work *rkWorkspace) stiffness(eval *evaluator, tNew float64, yNew []float64) float64 {
	method := work.method
	if method.tableau.StabilityLimit == 0 {
		return 0
	}
	work.finishEnd(eval, tNew, yNew)
	df, dy := work.gaps(yNew, 1)
	if df < smallestSquare || dy < smallestSquare { // squares of what is tiny lose their digits
		df, dy = work.gaps(yNew, 0x1p500)
	}
	if dy == 0 {
		return 0
	}
	return math.Sqrt(df/dy) / method.tableau.StabilityLimit
}

// gaps are the squares of ‖k_s − k_j‖ and ‖Σ (b_n − a_jn) k_n‖, in so small a unit. The pair's stage
// j has C = 1, so only the state differs between it and the end stage: their quotient is that of |h λ|.
func (work *rkWorkspace) gaps(yNew []float64, unit float64) (df, dy float64) {
	pair, end := work.method.tableau.StiffPair, work.method.stages
	weights, paired := work.method.full[end], work.method.full[pair]
	for i := range yNew {
		change := unit * (work.k[end][i] - work.k[pair][i])
		df += float64(change * change)
		gap := 0.0
		for stage := range end {
			gap += float64((weights[stage] - paired[stage]) * work.k[stage][i])
		}
		gap *= unit
		dy += float64(gap * gap)
	}
	return df, dy
}

func (work *rkWorkspace) notFinite() (component int, value float64) {
	known := work.method.stages
	if work.end {
		known++
	}
	for _, slopes := range work.k[:known] {
		if i := firstNotFinite(slopes); i >= 0 {
			return i, slopes[i]
		}
	}
	return -1, math.NaN()
}

func (work *rkWorkspace) tooLarge() int { return 0 }

func (work *rkWorkspace) estimate() []float64 { return work.err }

func (work *rkWorkspace) stages() (states [][]float64, abscissae []float64) {
	return work.stage, work.method.c
}
