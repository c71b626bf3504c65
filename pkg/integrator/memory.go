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
func (m *Memory) Remaining() float64 { return m.level }

// SetRemaining sets what Remaining counts from, 1 for a memory that has just
// been written. Between steps only.
func (m *Memory) SetRemaining(x float64) { m.base, m.level = x, x }

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
func (m *Memory) rate() float64 {
	return -1 / m.TimeConstant
}

func (m *Memory) bind(rk *RungeKutta) {
	m.method, m.step = rk, math.NaN()
	m.factors = make([]float64, rk.total)
	m.weights = make([]float64, rk.total)
	m.SetRemaining(1)
}

// prepare solves (I − zA) F = 1 for all stages, end and extra ones included.
// The end stage's row is b, so F_end = R(z).
func (m *Memory) prepare(rk *RungeKutta, h float64) {
	if h == m.step && m.TimeConstant == m.tau {
		return
	}
	m.step, m.tau = h, m.TimeConstant
	z := h * m.rate()
	for j, r := range rk.rows {
		sum := 0.0
		for n, i := range r.stage {
			sum += float64(r.weight[n] * m.factors[i])
		}
		m.factors[j] = 1 + float64(z*sum)
	}
}

func (m *Memory) enter(stage int) {
	if stage == 0 {
		m.level = m.base
		return
	}
	m.level = m.base * m.factors[stage]
}

// solveTransposed overwrites w = v with vᵀ(I − zA)⁻¹, A being the method's
// total × total matrix: backwards, w_j = v_j + z Σ_{i>j} w_i a_ij.
func (rk *RungeKutta) solveTransposed(w []float64, z float64) {
	if z == 0 {
		return
	}
	for i := rk.total - 1; i > 0; i-- {
		if w[i] == 0 {
			continue
		}
		x := z * w[i]
		r := rk.rows[i]
		for n, j := range r.stage {
			w[j] += float64(x * r.weight[n])
		}
	}
}

// describe fills step with the first θ of the attempted step of size h;
// scratch weights are the memory's own.
func (m *Memory) describe(step *MemoryStep, theta, h float64) {
	rk, z := m.method, h*m.rate()
	m.prepare(rk, h)
	w := m.weights
	if theta == 1 {
		copy(w, rk.full[rk.stages])
	} else {
		for j, p := range rk.dense {
			sum := 0.0
			for n := len(p) - 1; n >= 0; n-- {
				sum = (sum + p[n]) * theta
			}
			w[j] = sum
		}
	}
	sum := 0.0
	for j, b := range w {
		sum += float64(b * m.factors[j])
	}
	step.Decay = 1 + float64(z*sum)
	rk.solveTransposed(w, z)
	for j := range w {
		w[j] *= h
	}
	step.Size, step.Weights, step.Factors = theta*h, w, m.factors
	step.ErrorDecay, step.ErrorWeights = 0, nil
}

// describeError fills step with the error estimate's weights.
func (m *Memory) describeError(step *MemoryStep, h float64) {
	rk, z := m.method, h*m.rate()
	m.describe(step, 1, h)
	w := m.weights
	copy(w, rk.errFull)
	sum := 0.0
	for j, e := range w {
		sum += float64(e * m.factors[j])
	}
	rk.solveTransposed(w, z)
	for j := range w {
		w[j] *= h
	}
	step.ErrorDecay, step.ErrorWeights, step.Weights = z*sum, w, nil
}
