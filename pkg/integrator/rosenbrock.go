package integrator

import "math"

// RosenbrockTableau are the coefficients of a Rosenbrock method of s stages in
// the form without products by the Jacobian (Hairer & Wanner, IV.7): with J =
// ∂f/∂y and f_t = ∂f/∂t at (t, y),
//
//	(1/(hγ) − J) U_i = f(t + C_i h, y + Σ_{j<i} A_ij U_j) + Σ_{j<i} Coupling_ij/h U_j + Time_i h f_t
//	yNew = y + Σ_j B_j U_j
type RosenbrockTableau struct {
	Name       string // short, lower-case
	Source     string // where the coefficients were published
	Order      int    // of the solution carried on
	ErrorOrder int    // of the comparison solution

	Gamma    float64     // γ
	A        [][]float64 // row i has at most i entries
	Coupling [][]float64 // likewise
	C, Time  []float64   // s each
	B        []float64   // s weights of the solution
	Error    []float64   // s weights of the error estimate

	// Dense are rows H_1, H_2, … of s weights, K_n = Σ_j H_nj U_j: the
	// interpolant is (1−θ) y + θ (yNew + (1−θ) (K_1 + θ (K_2 + θ K_3 …))).
	Dense      [][]float64
	DenseOrder int // of the interpolant
}

// Rosenbrock is a linearly implicit Runge–Kutta method: of each step it asks for
// the Jacobian and for as many solutions of one system of linear equations as it
// has stages, and for no iteration. It is immutable and safe for concurrent use.
type Rosenbrock struct {
	tableau  RosenbrockTableau
	a, coupl []row
	b, err   row
}

func newRosenbrock(tableau RosenbrockTableau) *Rosenbrock {
	method := &Rosenbrock{tableau: tableau, b: sparse(tableau.B), err: sparse(tableau.Error)}
	for i := range tableau.B {
		method.a = append(method.a, sparse(tableau.A[i]))
		method.coupl = append(method.coupl, sparse(tableau.Coupling[i]))
	}
	return method
}

// Name is the method's short name.
func (method *Rosenbrock) Name() string { return method.tableau.Name }

// Source is the publication the coefficients come from.
func (method *Rosenbrock) Source() string { return method.tableau.Source }

// Order is the order of the solution carried on.
func (method *Rosenbrock) Order() int { return method.tableau.Order }

// ErrorOrder is the order of the embedded comparison solution.
func (method *Rosenbrock) ErrorOrder() int { return method.tableau.ErrorOrder }

// DenseOrder is the order of the interpolant, which is continuous; its slope
// jumps between steps by as little as it errs.
func (method *Rosenbrock) DenseOrder() int { return method.tableau.DenseOrder }

// Stages counts the evaluations of a step, those for the Jacobian not included.
func (method *Rosenbrock) Stages() int { return len(method.tableau.B) }

// FSAL is false: no stage is the first of the next step.
func (method *Rosenbrock) FSAL() bool { return false }

// denseWeights sets into to the weights of the stages in the interpolant.
func (method *Rosenbrock) denseWeights(theta float64, into *row) {
	into.stage, into.weight = into.stage[:0], into.weight[:0]
	for stage, weight := range method.tableau.B {
		inner := 0.0
		for n := len(method.tableau.Dense) - 1; n >= 0; n-- {
			inner = method.tableau.Dense[n][stage] + float64(theta*inner)
		}
		into.stage = append(into.stage, stage)
		into.weight = append(into.weight, theta*(weight+float64((1-theta)*inner)))
	}
}

// rosenbrockWorkspace takes the steps of a Rosenbrock method.
type rosenbrockWorkspace struct {
	linearised
	method   *Rosenbrock
	factors  *factors
	diagonal [1]float64
	stage    []float64   // a stage's state
	u        [][]float64 // U of each stage
}

func (method *Rosenbrock) newWorkspace(dim int, _ bool) workspace {
	vector := func() []float64 { return make([]float64, dim) }
	work := &rosenbrockWorkspace{method: method, linearised: newLinearised(dim, method.Stages()), stage: vector()}
	work.factors = newFactors(work.blocks, 1)
	for range method.Stages() {
		work.u = append(work.u, vector())
	}
	return work
}

func (work *rosenbrockWorkspace) forget() { work.first, work.known = false, false }

func (work *rosenbrockWorkspace) attempt(eval *evaluator, t, tNew float64, y, yNew []float64) {
	step := tNew - t
	work.begin()
	if !work.factorise(eval, t, tNew, y) {
		for i := range yNew {
			yNew[i] = math.NaN()
		}
		return
	}
	tableau := &work.method.tableau
	for i, u := range work.u {
		if i == 0 {
			copy(u, work.slope)
		} else {
			combine(work.stage, y, 1, work.method.a[i], work.u)
			eval.derivative(stageTime(t, tNew, tableau.C[i]), work.stage, u)
			work.look(u)
		}
		combine(u, u, 1/step, work.method.coupl[i], work.u)
		if factor := tableau.Time[i] * step; factor != 0 {
			for n, rate := range work.matrix.byTime {
				u[n] += float64(factor * rate)
			}
		}
		work.factors.solve(u)
	}
	combine(yNew, y, 1, work.method.b, work.u)
}

// factorise makes the factors of 1/(hγ) − J.
func (work *rosenbrockWorkspace) factorise(eval *evaluator, t, tNew float64, y []float64) bool {
	work.diagonal[0] = 1 / ((tNew - t) * work.method.tableau.Gamma)
	return work.linearise(eval, t, tNew, y, 1) && work.factors.factorise(work.diagonal[:])
}

func (work *rosenbrockWorkspace) measure(norm Norm, groups []Group, t, step float64, y, yNew []float64) float64 {
	clear(work.err)
	combine(work.err, work.err, 1, work.method.err, work.u)
	return norm.Measure(t, step, y, yNew, work.err, groups)
}

func (work *rosenbrockWorkspace) interpolate(theta, _ float64, y, yNew, out []float64) {
	switch theta {
	case 0:
		copy(out, y)
	case 1:
		copy(out, yNew)
	default:
		work.method.denseWeights(theta, &work.theta)
		combine(out, y, 1, work.theta, work.u)
	}
}

func (work *rosenbrockWorkspace) accept() { work.forget() }
