package integrator

import "math"

// A Memory is a quantity M, of any shape, with
//
//	dM/dt = −M/τ + s(t, y)
//
// that lies outside the state because no other right-hand side reads it while
// it is being written: science §4 "Runge–Kutta". The integrator never sees M.
// After each accepted step of size Δ it hands Accumulate the numbers with
// which the step of the same Runge–Kutta method on the larger system (y, M)
// would have ended,
//
//	M ← R(z) M + Σ_j w_j s(t_j, Y_j),   w = Δ b(z),  b(z)ᵀ = bᵀ(I − zA)⁻¹,
//	R(z) = 1 + z b(z)ᵀ1,  z = −Δ/τ,
//
// so that many steps' sources can be gathered into one product. A memory is
// used by one Integrator at a time.
type Memory struct {
	// TimeConstant is τ > 0, in the unit of time; +Inf is no decay. It may be
	// changed between two Advances.
	TimeConstant float64
	// Accumulate receives every accepted step. A step cut short by a terminal
	// event arrives with the interpolant's weights.
	Accumulate func(*MemoryStep)
	// Sample, if set, receives the part of a step that leads to a save time,
	// before the save function is called: R M + Σ w_j s_j with M as left by the
	// last Accumulate is the memory then. It must not change M.
	Sample func(*MemoryStep)
	// Error, if set, makes the memory count in the step-size control: it
	// returns the scaled size of the memory's local error in the attempted step,
	// ErrorDecay M + Σ_j ErrorWeights_j s_j, 1 being just tolerable.
	Error func(*MemoryStep) float64

	base    float64   // what is left at the step's start of the memory at Reset
	level   float64   // the same at the stage being evaluated
	factors []float64 // (I − zA)⁻¹1 of the attempted step, and R(z) at the end stage
	method  *RungeKutta
	step    float64 // the h that factors are for
	tau     float64 // the TimeConstant that factors are for
	weights []float64
}

// Remaining is what is left, at the stage that is being evaluated, of a
// memory of size 1 at Reset (or at the last SetRemaining) that has had no
// source since: the product of R(z) over the steps before, times the stage's
// factor ((I − zA)⁻¹1)_j. A right-hand side that reads a decaying memory
// multiplies by it and gets the numbers that it would get with the memory in
// the state.
func (memory *Memory) Remaining() float64 { return memory.level }

// SetRemaining sets what Remaining counts from, 1 for a memory that has just
// been written. Between steps only.
func (memory *Memory) SetRemaining(level float64) { memory.base, memory.level = level, level }

// MemoryStep tells a Memory of a step. All slices have the same length, one
// entry per stage of the method, are valid only during the call and must not
// be changed. Stages of weight 0 have no influence and may be skipped.
type MemoryStep struct {
	Start   float64     // t at the step's start
	Size    float64     // Δ, signed; the part up to a save time or event where the step is cut there
	Decay   float64     // R(z)
	Weights []float64   // w_j = Δ b_j(z)
	Times   []float64   // t_j
	States  [][]float64 // Y_j, each of the state's dimension
	Factors []float64   // ((I − zA)⁻¹1)_j: a sourceless memory at the stages, relative to the step's start

	ErrorDecay   float64   // z eᵀ(I − zA)⁻¹1, for Error only
	ErrorWeights []float64 // Δ eᵀ(I − zA)⁻¹, for Error only
}

// rate is −1/τ.
func (memory *Memory) rate() float64 {
	return -1 / memory.TimeConstant
}

func (memory *Memory) bind(method *RungeKutta) {
	memory.method, memory.step = method, math.NaN()
	memory.factors = make([]float64, method.total)
	memory.weights = make([]float64, method.total)
	memory.SetRemaining(1)
}

// prepare solves (I − zA) F = 1 for all stages, end and extra ones included.
// The end stage's row is b, so F_end = R(z).
func (memory *Memory) prepare(method *RungeKutta, h float64) {
	if h == memory.step && memory.TimeConstant == memory.tau {
		return
	}
	memory.step, memory.tau = h, memory.TimeConstant
	z := h * memory.rate()
	for stage, coefficients := range method.rows {
		sum := 0.0
		for term, earlier := range coefficients.stage {
			sum += float64(coefficients.weight[term] * memory.factors[earlier])
		}
		memory.factors[stage] = 1 + float64(z*sum)
	}
}

func (memory *Memory) enter(stage int) {
	if memory.level = memory.base; stage > 0 {
		memory.level *= memory.factors[stage]
	}
}

// solveTransposed overwrites weights v with w = vᵀ(I − zA)⁻¹, A being the method's
// total × total matrix: backwards, w_j = v_j + z Σ_{i>j} w_i a_ij.
func (method *RungeKutta) solveTransposed(weights []float64, z float64) {
	if z == 0 {
		return
	}
	for stage := method.total - 1; stage > 0; stage-- {
		if weights[stage] == 0 {
			continue
		}
		factor := z * weights[stage]
		coefficients := method.rows[stage]
		for term, earlier := range coefficients.stage {
			weights[earlier] += float64(factor * coefficients.weight[term])
		}
	}
}

// describe fills step with the first θ of the attempted step of that size;
// scratch weights are the memory's own.
func (memory *Memory) describe(step *MemoryStep, theta, size float64) {
	method, weights := memory.method, memory.weights
	memory.prepare(method, size)
	if theta == 1 {
		copy(weights, method.full[method.stages])
	} else {
		for stage, polynomial := range method.dense {
			weights[stage] = horner(polynomial, theta)
		}
	}
	step.Decay = 1 + memory.fold(size)
	step.Size, step.Weights, step.Factors = theta*size, memory.weights, memory.factors
	step.ErrorDecay, step.ErrorWeights = 0, nil
}

// fold turns the memory's weights v, of stages, into those of sources in a step
// of that size, h vᵀ(I − zA)⁻¹, and returns z vᵀ(I − zA)⁻¹1.
func (memory *Memory) fold(size float64) float64 {
	z, sum := size*memory.rate(), 0.0
	for stage, weight := range memory.weights {
		sum += float64(weight * memory.factors[stage])
	}
	memory.method.solveTransposed(memory.weights, z)
	for stage := range memory.weights {
		memory.weights[stage] *= size
	}
	return float64(z * sum)
}

// describeError replaces the weights of a described step by the error estimate's.
func (memory *Memory) describeError(step *MemoryStep, size float64) {
	copy(memory.weights, memory.method.errFull)
	step.ErrorDecay = memory.fold(size)
	step.ErrorWeights, step.Weights = memory.weights, nil
}
