package integrator

import (
	"fmt"
	"math"
)

// A Tableau is a Butcher tableau of an explicit Runge–Kutta method of s
// stages: Y_i = y + h Σ_{j<i} A_ij k_j, k_i = f(t + C_i h, Y_i), and the new
// value y + h Σ B_j k_j. One further stage, number s (counting from 0), is
// always understood: the derivative at the new point, k_s = f(t + h, yNew).
// It is the first stage of the next step, so a method that uses it costs no
// more ("first same as last", FSAL).
type Tableau struct {
	Name   string // short, lower-case
	Source string // where the coefficients were published
	Order  int    // of the solution carried on, y + h Σ B_j k_j

	C []float64   // s abscissae, C[0] = 0
	A [][]float64 // row i has at most i entries; trailing zeros may be left out
	B []float64   // s weights

	// Error are the s (or, with the end stage, s+1) weights of the error
	// estimate B − B̂; nil when there is none. ErrorOrder is the order of the
	// comparison solution B̂, 0 when there is none.
	Error      []float64
	ErrorOrder int // of B̂
	// Damping are the weights of a second, coarser estimate E₃; the error is
	// then ‖E‖²/√(‖E‖² + 0.01 ‖E₃‖²) (Hairer, Nørsett & Wanner, II.10, for
	// the 8th order method). nil: none.
	Damping []float64

	// FSAL says that the literature counts the end stage as one of the method.
	FSAL bool

	// Dense are the polynomials of the interpolant,
	// y(t + θh) = y + h Σ_j k_j Σ_n Dense[j][n] θ^{n+1}, over the s stages, the
	// end stage and the rows of Extra in this order. nil: the cubic Hermite
	// polynomial through both ends' values and derivatives. DenseOrder is the
	// order of the interpolant; for the Hermite polynomial it is filled in.
	Dense      [][]float64
	DenseOrder int // of the interpolant
	// Extra are the rows (over all earlier stages, the end stage included) and
	// ExtraC the abscissae of stages that only the interpolant needs.
	Extra  [][]float64
	ExtraC []float64 // one per row of Extra

	// StiffPair is a stage at C = 1 other than the end stage, with which the
	// end stage measures the largest eigenvalue, and StabilityLimit the length
	// of the region of stability along the negative real axis (Hairer &
	// Wanner, IV.2). 0: no stiffness test.
	StiffPair      int
	StabilityLimit float64 // a length in units of |hλ|
}

// row is a sparse row of coefficients: Σ_n weight[n] · k[stage[n]].
type row struct {
	stage  []int
	weight []float64
}

func sparse(dense []float64) row {
	var coefficients row
	for stage, coefficient := range dense {
		if coefficient != 0 {
			coefficients.stage = append(coefficients.stage, stage)
			coefficients.weight = append(coefficients.weight, coefficient)
		}
	}
	return coefficients
}

// RungeKutta is an explicit Runge–Kutta method made from a Tableau. It is
// immutable and safe for concurrent use.
type RungeKutta struct {
	tableau Tableau
	stages  int         // s, without the end stage
	total   int         // stages, end stage and extra stages
	full    [][]float64 // total rows of length total; row s is B
	rows    []row       // the same, without zeros
	c       []float64   // total abscissae
	err     row
	damping row
	errFull []float64
	dense   [][]float64 // total polynomials, all of the same length
	needEnd bool        // the error estimate uses the end stage
}

// NewRungeKutta checks a tableau's shape and its consistency (rows sum to C,
// B to 1, the interpolant ends at B; all to 1e-12) and makes a method of it.
// Whether it has the order it claims is for the caller to prove.
func NewRungeKutta(tableau Tableau) (*RungeKutta, error) {
	stages := len(tableau.B)
	if err := tableau.check(stages); err != nil {
		return nil, fmt.Errorf("integrator: tableau %q: %w", tableau.Name, err)
	}
	method := &RungeKutta{tableau: tableau, stages: stages, total: stages + 1 + len(tableau.Extra)}
	method.c = append(append(append(method.c, tableau.C...), 1), tableau.ExtraC...)
	rows := append(append(append([][]float64{}, tableau.A...), tableau.B), tableau.Extra...)
	for _, coefficients := range rows {
		full := make([]float64, method.total)
		copy(full, coefficients)
		method.full = append(method.full, full)
		method.rows = append(method.rows, sparse(full))
	}
	method.errFull = make([]float64, method.total)
	copy(method.errFull, tableau.Error)
	method.err, method.damping = sparse(tableau.Error), sparse(tableau.Damping)
	method.needEnd = len(tableau.Error) > stages && tableau.Error[stages] != 0
	method.setDense()
	if err := method.checkRows(); err != nil {
		return nil, fmt.Errorf("integrator: tableau %q: %w", tableau.Name, err)
	}
	return method, nil
}

// setDense copies the interpolant, or writes the cubic Hermite polynomial
// y + (3θ²−2θ³)(yNew − y) + h(θ−2θ²+θ³) k_0 + h(θ³−θ²) k_s as weights of stages.
func (method *RungeKutta) setDense() {
	if method.tableau.Dense != nil {
		degree := 0
		for _, polynomial := range method.tableau.Dense {
			degree = max(degree, len(polynomial))
		}
		for stage := 0; stage < method.total; stage++ {
			polynomial := make([]float64, degree)
			if stage < len(method.tableau.Dense) {
				copy(polynomial, method.tableau.Dense[stage])
			}
			method.dense = append(method.dense, polynomial)
		}
		return
	}
	for stage := 0; stage < method.total; stage++ {
		polynomial := make([]float64, 3)
		if stage < method.stages {
			polynomial[1], polynomial[2] = 3*method.tableau.B[stage], -2*method.tableau.B[stage]
		}
		if stage == 0 {
			polynomial[0]++
			polynomial[1] -= 2
			polynomial[2]++
		}
		if stage == method.stages {
			polynomial[1]--
			polynomial[2]++
		}
		method.dense = append(method.dense, polynomial)
	}
	method.tableau.DenseOrder = min(3, method.tableau.Order)
}

// check looks at shapes only.
func (tableau *Tableau) check(stages int) error {
	switch {
	case stages == 0:
		return fmt.Errorf("field B is empty; a method has at least one stage")
	case len(tableau.A) != stages || len(tableau.C) != stages:
		return fmt.Errorf("field B has %d entries, A %d rows and C %d entries; they must agree", stages, len(tableau.A), len(tableau.C))
	case len(tableau.Extra) != len(tableau.ExtraC):
		return fmt.Errorf("field Extra has %d rows and ExtraC %d entries; they must agree", len(tableau.Extra), len(tableau.ExtraC))
	case len(tableau.Error) > stages+1 || len(tableau.Damping) > stages+1 && tableau.Damping != nil:
		return fmt.Errorf("an error estimate has more than the %d weights of the stages and the end stage", stages+1)
	case len(tableau.Dense) > stages+1+len(tableau.Extra):
		return fmt.Errorf("field Dense has %d polynomials for %d stages", len(tableau.Dense), stages+1+len(tableau.Extra))
	case tableau.Order < 1 || (tableau.Error != nil && tableau.ErrorOrder < 1):
		return fmt.Errorf("field Order and, with an error estimate, ErrorOrder must be at least 1")
	case tableau.Error == nil && tableau.ErrorOrder != 0:
		return fmt.Errorf("field ErrorOrder is %d but Error is nil; give the weights of the error estimate, or ErrorOrder 0 for none", tableau.ErrorOrder)
	case tableau.Error != nil && len(sparse(tableau.Error).weight) == 0:
		return fmt.Errorf("field Error has no weight other than 0, so that every step would pass; leave it nil where there is no estimate")
	case tableau.StabilityLimit > 0 && (tableau.StiffPair <= 0 || tableau.StiffPair >= stages || tableau.C[tableau.StiffPair] != 1):
		return fmt.Errorf("field StiffPair %d is not a stage at C = 1", tableau.StiffPair)
	}
	for index, coefficients := range tableau.A {
		if len(coefficients) > index {
			return fmt.Errorf("row %d of A has %d entries; an explicit method has at most %d", index, len(coefficients), index)
		}
	}
	for index, coefficients := range tableau.Extra {
		if len(coefficients) > stages+1+index {
			return fmt.Errorf("row %d of Extra has %d entries; at most %d stages come before it", index, len(coefficients), stages+1+index)
		}
	}
	return nil
}

// checkRows tests the sums that every consistent method satisfies. The bound
// leaves room for coefficients printed with 13 digits.
func (method *RungeKutta) checkRows() error {
	const bound = 1e-12
	for i, coefficients := range method.full {
		sum, size := 0.0, 1.0
		for _, coefficient := range coefficients {
			sum += coefficient
			size += math.Abs(coefficient)
		}
		if !(math.Abs(sum-method.c[i])/size <= bound) {
			return fmt.Errorf("row %d sums to %v, not to its abscissa %v", i, sum, method.c[i])
		}
	}
	for stage, polynomial := range method.dense {
		sum, size, weight := 0.0, 1.0, method.full[method.stages][stage]
		for _, coefficient := range polynomial {
			sum += coefficient
			size += math.Abs(coefficient)
		}
		if !(math.Abs(sum-weight)/size <= bound) {
			return fmt.Errorf("the interpolant of stage %d ends at weight %v, not at %v", stage, sum, weight)
		}
	}
	return nil
}

// mustRungeKutta is for the tableaus of this package, where a fault is a bug.
func mustRungeKutta(tableau Tableau) *RungeKutta {
	method, err := NewRungeKutta(tableau)
	if err != nil {
		panic(err)
	}
	return method
}

// Name is the method's short name.
func (method *RungeKutta) Name() string { return method.tableau.Name }

// Source is the publication the coefficients come from.
func (method *RungeKutta) Source() string { return method.tableau.Source }

// Order is the order of the solution carried on.
func (method *RungeKutta) Order() int { return method.tableau.Order }

// ErrorOrder is the order of the embedded comparison solution, 0 for none.
func (method *RungeKutta) ErrorOrder() int { return method.tableau.ErrorOrder }

// DenseOrder is the order of the interpolant: its error inside a step that
// started from the exact solution is O(h^(DenseOrder+1)).
func (method *RungeKutta) DenseOrder() int { return method.tableau.DenseOrder }

// FSAL says whether the last stage is the first of the next step.
func (method *RungeKutta) FSAL() bool { return method.tableau.FSAL }

// Stages counts the stages as the literature does, an FSAL stage included.
func (method *RungeKutta) Stages() int {
	if method.tableau.FSAL {
		return method.stages + 1
	}
	return method.stages
}
