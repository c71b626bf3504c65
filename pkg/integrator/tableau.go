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
	var r row
	for j, a := range dense {
		if a != 0 {
			r.stage = append(r.stage, j)
			r.weight = append(r.weight, a)
		}
	}
	return r
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
func NewRungeKutta(t Tableau) (*RungeKutta, error) {
	s := len(t.B)
	if err := t.check(s); err != nil {
		return nil, fmt.Errorf("integrator: tableau %q: %w", t.Name, err)
	}
	m := &RungeKutta{tableau: t, stages: s, total: s + 1 + len(t.Extra)}
	m.c = append(append(append(m.c, t.C...), 1), t.ExtraC...)
	rows := append(append(append([][]float64{}, t.A...), t.B), t.Extra...)
	for _, r := range rows {
		full := make([]float64, m.total)
		copy(full, r)
		m.full = append(m.full, full)
		m.rows = append(m.rows, sparse(full))
	}
	m.errFull = make([]float64, m.total)
	copy(m.errFull, t.Error)
	m.err, m.damping = sparse(t.Error), sparse(t.Damping)
	m.needEnd = len(t.Error) > s && t.Error[s] != 0
	m.setDense()
	if err := m.checkRows(); err != nil {
		return nil, fmt.Errorf("integrator: tableau %q: %w", t.Name, err)
	}
	return m, nil
}

// setDense copies the interpolant, or writes the cubic Hermite polynomial
// y + (3θ²−2θ³)(yNew − y) + h(θ−2θ²+θ³) k_0 + h(θ³−θ²) k_s as weights of stages.
func (m *RungeKutta) setDense() {
	if m.tableau.Dense != nil {
		degree := 0
		for _, p := range m.tableau.Dense {
			degree = max(degree, len(p))
		}
		for j := 0; j < m.total; j++ {
			p := make([]float64, degree)
			if j < len(m.tableau.Dense) {
				copy(p, m.tableau.Dense[j])
			}
			m.dense = append(m.dense, p)
		}
		return
	}
	for j := 0; j < m.total; j++ {
		p := make([]float64, 3)
		if j < m.stages {
			p[1], p[2] = 3*m.tableau.B[j], -2*m.tableau.B[j]
		}
		if j == 0 {
			p[0]++
			p[1] -= 2
			p[2]++
		}
		if j == m.stages {
			p[1]--
			p[2]++
		}
		m.dense = append(m.dense, p)
	}
	m.tableau.DenseOrder = min(3, m.tableau.Order)
}

// check looks at shapes only.
func (t *Tableau) check(s int) error {
	switch {
	case s == 0:
		return fmt.Errorf("field B is empty; a method has at least one stage")
	case len(t.A) != s || len(t.C) != s:
		return fmt.Errorf("field B has %d entries, A %d rows and C %d entries; they must agree", s, len(t.A), len(t.C))
	case len(t.Extra) != len(t.ExtraC):
		return fmt.Errorf("field Extra has %d rows and ExtraC %d entries; they must agree", len(t.Extra), len(t.ExtraC))
	case len(t.Error) > s+1 || len(t.Damping) > s+1 && t.Damping != nil:
		return fmt.Errorf("an error estimate has more than the %d weights of the stages and the end stage", s+1)
	case len(t.Dense) > s+1+len(t.Extra):
		return fmt.Errorf("field Dense has %d polynomials for %d stages", len(t.Dense), s+1+len(t.Extra))
	case t.Order < 1 || (t.Error != nil && t.ErrorOrder < 1):
		return fmt.Errorf("field Order and, with an error estimate, ErrorOrder must be at least 1")
	case t.Error == nil && t.ErrorOrder != 0:
		return fmt.Errorf("field ErrorOrder is %d but Error is nil; give the weights of the error estimate, or ErrorOrder 0 for none", t.ErrorOrder)
	case t.Error != nil && len(sparse(t.Error).weight) == 0:
		return fmt.Errorf("field Error has no weight other than 0, so that every step would pass; leave it nil where there is no estimate")
	case t.StabilityLimit > 0 && (t.StiffPair <= 0 || t.StiffPair >= s || t.C[t.StiffPair] != 1):
		return fmt.Errorf("field StiffPair %d is not a stage at C = 1", t.StiffPair)
	}
	for i, r := range t.A {
		if len(r) > i {
			return fmt.Errorf("row %d of A has %d entries; an explicit method has at most %d", i, len(r), i)
		}
	}
	for i, r := range t.Extra {
		if len(r) > s+1+i {
			return fmt.Errorf("row %d of Extra has %d entries; at most %d stages come before it", i, len(r), s+1+i)
		}
	}
	return nil
}

// checkRows tests the sums that every consistent method satisfies. The bound
// leaves room for coefficients printed with 13 digits.
func (m *RungeKutta) checkRows() error {
	const bound = 1e-12
	for i, r := range m.full {
		sum, size := 0.0, 1.0
		for _, a := range r {
			sum += a
			size += math.Abs(a)
		}
		if !(math.Abs(sum-m.c[i]) <= bound*size) {
			return fmt.Errorf("row %d sums to %v, not to its abscissa %v", i, sum, m.c[i])
		}
	}
	for j, p := range m.dense {
		sum, size, b := 0.0, 1.0, m.full[m.stages][j]
		for _, a := range p {
			sum += a
			size += math.Abs(a)
		}
		if !(math.Abs(sum-b) <= bound*size) {
			return fmt.Errorf("the interpolant of stage %d ends at weight %v, not at %v", j, sum, b)
		}
	}
	return nil
}

// mustRungeKutta is for the tableaus of this package, where a fault is a bug.
func mustRungeKutta(t Tableau) *RungeKutta {
	m, err := NewRungeKutta(t)
	if err != nil {
		panic(err)
	}
	return m
}

// Name is the method's short name.
func (m *RungeKutta) Name() string { return m.tableau.Name }

// Source is the publication the coefficients come from.
func (m *RungeKutta) Source() string { return m.tableau.Source }

// Order is the order of the solution carried on.
func (m *RungeKutta) Order() int { return m.tableau.Order }

// ErrorOrder is the order of the embedded comparison solution, 0 for none.
func (m *RungeKutta) ErrorOrder() int { return m.tableau.ErrorOrder }

// DenseOrder is the order of the interpolant: its error inside a step that
// started from the exact solution is O(h^(DenseOrder+1)).
func (m *RungeKutta) DenseOrder() int { return m.tableau.DenseOrder }

// FSAL says whether the last stage is the first of the next step.
func (m *RungeKutta) FSAL() bool { return m.tableau.FSAL }

// Stages counts the stages as the literature does, an FSAL stage included.
func (m *RungeKutta) Stages() int {
	if m.tableau.FSAL {
		return m.stages + 1
	}
	return m.stages
}
