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

func (m *RungeKutta) newWorkspace(dim int, keepStages bool) workspace {
	w := &rkWorkspace{method: m, keep: keepStages, err: make([]float64, dim)}
	w.k = make([][]float64, m.total)
	for j := 0; j <= m.stages; j++ {
		w.k[j] = make([]float64, dim)
	}
	w.stage = make([][]float64, m.total)
	var shared []float64
	for j := 1; j < m.total; j++ {
		if j == m.stages {
			continue // the end stage's state is the new solution
		}
		if keepStages || shared == nil {
			shared = make([]float64, dim)
		}
		w.stage[j] = shared
	}
	w.theta.stage = make([]int, 0, m.total)
	w.theta.weight = make([]float64, 0, m.total)
	return w
}

func (w *rkWorkspace) forget() { w.first, w.end, w.extra = false, false, false }

func (w *rkWorkspace) start(e *evaluator, t float64, y []float64) []float64 {
	if !w.first {
		e.stage(0)
		e.derivative(t, y, w.k[0])
		w.first = true
	}
	return w.k[0]
}

func (w *rkWorkspace) attempt(e *evaluator, t, tNew float64, y, yNew []float64) {
	m, h := w.method, tNew-t
	w.end, w.extra = false, false
	e.prepare(m, h)
	if w.keep {
		w.stage[0], w.stage[m.stages] = y, yNew
	}
	for j := 1; j < m.stages; j++ {
		combine(w.stage[j], y, h, m.rows[j], w.k)
		e.stage(j)
		e.derivative(stageTime(t, tNew, m.c[j]), w.stage[j], w.k[j])
	}
	combine(yNew, y, h, m.rows[m.stages], w.k)
	if m.needEnd {
		w.finishEnd(e, tNew, yNew)
	}
}

// stageTime is t + c(tNew − t), exactly tNew for c = 1.
func stageTime(t, tNew, c float64) float64 {
	if c == 1 {
		return tNew
	}
	return t + float64(c*(tNew-t))
}

func (w *rkWorkspace) finishEnd(e *evaluator, tNew float64, yNew []float64) {
	if w.end {
		return
	}
	e.stage(w.method.stages)
	e.derivative(tNew, yNew, w.k[w.method.stages])
	w.end = true
}

func (w *rkWorkspace) finish(e *evaluator, t, tNew float64, y, yNew []float64) {
	m, h := w.method, tNew-t
	w.finishEnd(e, tNew, yNew)
	if w.extra {
		return
	}
	for j := m.stages + 1; j < m.total; j++ {
		if w.k[j] == nil {
			w.k[j] = make([]float64, len(y))
		}
		combine(w.stage[j], y, h, m.rows[j], w.k)
		e.stage(j)
		e.derivative(stageTime(t, tNew, m.c[j]), w.stage[j], w.k[j])
	}
	w.extra = true
}

func (w *rkWorkspace) measure(norm Norm, groups []Group, t, h float64, y, yNew []float64) float64 {
	w.difference(w.method.err, norm, groups, h)
	size := norm.Measure(t, h, y, yNew, w.err, groups)
	if w.method.tableau.Damping == nil {
		return size
	}
	w.difference(w.method.damping, norm, groups, h)
	coarse := norm.Measure(t, h, y, yNew, w.err, groups)
	if size == 0 && coarse == 0 {
		return 0
	}
	return size * (size / portable.Hypot(size, 0.1*coarse))
}

// difference sets w.err to the estimate with weights r, for the components
// that the norm looks at: this package's leave out groups without a tolerance.
func (w *rkWorkspace) difference(r row, norm Norm, groups []Group, h float64) {
	switch norm.(type) {
	case RMS, Groupwise:
		for g := range groups {
			if from, to := groups[g].From, groups[g].To; !math.IsInf(groups[g].Atol, 1) {
				clear(w.err[from:to])
				combineRange(w.err, w.err, h, r, w.k, from, to)
			}
		}
	default:
		clear(w.err)
		combine(w.err, w.err, h, r, w.k)
	}
}

// denseWeights sets w.theta to the weights b_j(θ) of the interpolant.
func (m *RungeKutta) denseWeights(theta float64, r *row) {
	r.stage, r.weight = r.stage[:0], r.weight[:0]
	for j, p := range m.dense {
		sum := 0.0
		for n := len(p) - 1; n >= 0; n-- {
			sum = (sum + p[n]) * theta
		}
		if sum != 0 {
			r.stage = append(r.stage, j)
			r.weight = append(r.weight, sum)
		}
	}
}

func (w *rkWorkspace) interpolate(theta, h float64, y, yNew, out []float64) {
	switch theta {
	case 0:
		copy(out, y)
	case 1:
		copy(out, yNew)
	default:
		w.method.denseWeights(theta, &w.theta)
		combine(out, y, h, w.theta, w.k)
	}
}

func (w *rkWorkspace) accept() {
	s := w.method.stages
	w.first = w.end
	if w.end {
		w.k[0], w.k[s] = w.k[s], w.k[0]
	}
	w.end, w.extra = false, false
}

func (w *rkWorkspace) stiffness(e *evaluator, tNew float64, yNew []float64) float64 {
	m := w.method
	if m.tableau.StabilityLimit == 0 {
		return 0
	}
	w.finishEnd(e, tNew, yNew)
	// The pair's stage has C = 1, so only the state differs between it and the
	// end stage: |h λ| = ‖k_s − k_j‖ / ‖Σ (b_n − a_jn) k_n‖.
	j, s := m.tableau.StiffPair, m.stages
	var df, dy float64
	b, a := m.full[s], m.full[j]
	for i := range yNew {
		d := w.k[s][i] - w.k[j][i]
		df += float64(d * d)
		x := 0.0
		for n := range s {
			x += float64((b[n] - a[n]) * w.k[n][i])
		}
		dy += float64(x * x)
	}
	if dy == 0 {
		return 0
	}
	return math.Sqrt(df/dy) / m.tableau.StabilityLimit
}

func (w *rkWorkspace) notFinite() (component int, value float64) {
	m := w.method
	for j, k := range w.k {
		known := j == 0 && w.first || j > 0 && j < m.stages || j == m.stages && w.end || j > m.stages && w.extra
		if !known {
			continue
		}
		for i, x := range k {
			if x-x != 0 {
				return i, x
			}
		}
	}
	return -1, 0
}

func (w *rkWorkspace) estimate() []float64 { return w.err }

func (w *rkWorkspace) stages() (states [][]float64, c []float64) { return w.stage, w.method.c }
