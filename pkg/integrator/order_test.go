package integrator

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// tree is a rooted tree, the index of an elementary differential.
type tree struct{ sons []*tree }

// order is the number of nodes.
func (t *tree) order() int {
	n := 1
	for _, s := range t.sons {
		n += s.order()
	}
	return n
}

// density is γ(t): the order times the densities of the subtrees.
func (t *tree) density() float64 {
	g := float64(t.order())
	for _, s := range t.sons {
		g *= s.density()
	}
	return g
}

// weight is Φ(t) at each stage: Π over the sons of Σ_j a_ij Φ_j(son).
func (t *tree) weight(a [][]float64) []float64 {
	out := make([]float64, len(a))
	for i := range out {
		out[i] = 1
	}
	for _, s := range t.sons {
		w := s.weight(a)
		for i := range out {
			sum := 0.0
			for j, x := range a[i] {
				sum += x * w[j]
			}
			out[i] *= sum
		}
	}
	return out
}

// trees lists all rooted trees of each order up to n; trees(n)[q] has order q.
func trees(n int) [][]*tree {
	all := make([][]*tree, n+1)
	all[1] = []*tree{{}}
	for q := 2; q <= n; q++ {
		var flat []*tree
		for _, level := range all[:q] {
			flat = append(flat, level...)
		}
		// Forests of q−1 nodes with sons in a fixed order, so that each comes once.
		var grow func(from, left int, sons []*tree)
		grow = func(from, left int, sons []*tree) {
			if left == 0 {
				all[q] = append(all[q], &tree{append([]*tree(nil), sons...)})
				return
			}
			for i := from; i < len(flat); i++ {
				if o := flat[i].order(); o <= left {
					grow(i, left-o, append(sons, flat[i]))
				}
			}
		}
		grow(0, q-1, nil)
	}
	return all
}

// residual is the worst violation of the conditions of order q by weights b
// for a step of the fraction theta, relative to the sum of absolute terms.
func residual(level []*tree, a [][]float64, b []float64, theta float64) float64 {
	worst := 0.0
	for _, t := range level {
		want := math.Pow(theta, float64(t.order())) / t.density()
		sum, size := 0.0, want
		for j, w := range t.weight(a) {
			sum += b[j] * w
			size += math.Abs(b[j] * w)
		}
		worst = max(worst, math.Abs(sum-want)/size)
	}
	return worst
}

// conditionBound separates a condition that holds in float64 (the worst, 5e-13,
// is that of dop853's interpolant, whose weights are sums of terms up to 200
// times larger) from one that does not (the mildest violation is 2e-4).
const conditionBound = 1e-11

// holds returns the order of the quadrature b by all conditions up to at most.
func holds(all [][]*tree, a [][]float64, b []float64, theta float64) int {
	for q := 1; q < len(all); q++ {
		if residual(all[q], a, b, theta) > conditionBound {
			return q - 1
		}
	}
	return len(all) - 1
}

func TestTreesAreComplete(t *testing.T) {
	// The numbers of rooted trees (Hairer, Nørsett & Wanner, table II.2.1).
	want := []int{0, 1, 1, 2, 4, 9, 20, 48, 115, 286}
	for q, level := range trees(9) {
		if len(level) != want[q] {
			t.Errorf("%d trees of order %d, want %d", len(level), q, want[q])
		}
	}
}

// Every condition up to the stated order holds and one of the next fails: of
// the method, its comparison solution and its interpolant at four points.
func TestOrderConditions(t *testing.T) {
	all := trees(9)
	for _, m := range explicitMethods() {
		rk := m.(*RungeKutta)
		b := rk.full[rk.stages]
		if got := holds(all, rk.full, b, 1); got != m.Order() {
			t.Errorf("%s: the weights have order %d, stated %d", m.Name(), got, m.Order())
		}
		for _, theta := range []float64{0.1, 0.35, 0.6, 0.9} {
			var r row
			rk.denseWeights(theta, &r)
			w := make([]float64, rk.total)
			for n, j := range r.stage {
				w[j] = r.weight[n]
			}
			if got := holds(all, rk.full, w, theta); got != m.DenseOrder() {
				t.Errorf("%s: dense output at %v has order %d, stated %d", m.Name(), theta, got, m.DenseOrder())
			}
		}
		if m.ErrorOrder() == 0 {
			continue
		}
		compare := make([]float64, rk.total)
		for j := range compare {
			compare[j] = b[j] - rk.errFull[j]
		}
		want := m.ErrorOrder()
		if m.Name() == "dop853" {
			want = 5 // its order 7 comes of ‖E₅‖²/‖E₃‖: 2·6 − 4 = 8 powers of h
			coarse := append([]float64(nil), b...)
			for n, j := range rk.damping.stage {
				coarse[j] -= rk.damping.weight[n]
			}
			if got := holds(all, rk.full, coarse, 1); got != 3 {
				t.Errorf("dop853: the second comparison has order %d, want 3", got)
			}
		}
		if got := holds(all, rk.full, compare, 1); got != want {
			t.Errorf("%s: the comparison solution has order %d, want %d", m.Name(), got, want)
		}
	}
}

// What the integrator calls a stiffness limit is where |R(z)| = 1 on the
// negative real axis, found here from the tableau by bisection. Hairer and
// Wanner's practical limits lie within 5 % of it.
func TestStabilityLimit(t *testing.T) {
	for _, m := range stiffMethods() {
		amplification := func(z float64) float64 {
			mem := Memory{TimeConstant: 1}
			mem.bind(m)
			mem.prepare(m, -z)
			return math.Abs(mem.factors[m.stages])
		}
		lo, hi := 1.0, 10.0
		for range 60 {
			if mid := (lo + hi) / 2; amplification(-mid) <= 1 {
				lo = mid
			} else {
				hi = mid
			}
		}
		if r := m.tableau.StabilityLimit / lo; r < 0.95 || r > 1.05 {
			t.Errorf("%s: limit %v, but |R(−x)| = 1 at x = %v", m.Name(), m.tableau.StabilityLimit, lo)
		}
	}
}

// rosenbrockWeight is Φ(t) at each stage of a Rosenbrock method: where a node has
// one son its derivative is J, whose stages are added by β = α + Γ, otherwise by α
// (Hairer & Wanner, IV.7).
func (t *tree) rosenbrockWeight(alpha, beta *mat.Dense) []float64 {
	stages, _ := alpha.Dims()
	out := make([]float64, stages)
	for i := range out {
		out[i] = 1
	}
	matrix := alpha
	if len(t.sons) == 1 {
		matrix = beta
	}
	for _, s := range t.sons {
		w := s.rosenbrockWeight(alpha, beta)
		for i := range out {
			sum := 0.0
			for j, x := range w {
				sum += matrix.At(i, j) * x
			}
			out[i] *= sum
		}
	}
	return out
}

// usual are the coefficients of a Rosenbrock method with products by the
// Jacobian, α and Γ, of those without: C = 1/γ − Γ⁻¹, A = αΓ⁻¹; what is
// multiplied by Γ from the right turns weights of U into weights of k.
func (method *Rosenbrock) usual() (alpha, beta, gamma *mat.Dense) {
	stages := method.Stages()
	a, inverse := mat.NewDense(stages, stages, nil), mat.NewDense(stages, stages, nil)
	for i := range stages {
		inverse.Set(i, i, 1/method.tableau.Gamma)
		for j, c := range method.tableau.Coupling[i] {
			inverse.Set(i, j, -c)
		}
		for j, x := range method.tableau.A[i] {
			a.Set(i, j, x)
		}
	}
	alpha, beta, gamma = new(mat.Dense), new(mat.Dense), new(mat.Dense)
	if err := gamma.Inverse(inverse); err != nil {
		panic(err)
	}
	alpha.Mul(a, gamma)
	beta.Add(alpha, gamma)
	return alpha, beta, gamma
}

// Every condition up to the stated order holds for the Rosenbrock method, and one
// of the next fails: of the solution, the comparison and the interpolant. C and
// Time are the row sums of α and Γ, without which f(t, y) would have a lower order
// than f(y). Of order 6 the condition of the tree without branches holds as well, so that
// y' = Jy + c is solved to that order. The published digits hold to 1e-13 of the
// terms.
func TestRosenbrockOrderConditions(t *testing.T) {
	all := trees(6)
	m := Rodas5P()
	alpha, beta, gamma := m.usual()
	order := func(weights []float64, theta float64) (order int, tall float64) {
		var k mat.VecDense
		k.MulVec(gamma.T(), mat.NewVecDense(len(weights), weights))
		order = len(all) - 1
		for q := len(all) - 1; q > 0; q-- {
			for _, tr := range all[q] {
				want := math.Pow(theta, float64(q)) / tr.density()
				sum, size, branches := 0.0, want, false
				for j, w := range tr.rosenbrockWeight(alpha, beta) {
					sum += k.AtVec(j) * w
					size += math.Abs(k.AtVec(j) * w)
				}
				for s := tr; len(s.sons) > 0; s = s.sons[0] {
					branches = branches || len(s.sons) > 1
				}
				off := math.Abs(sum-want) / size
				if !branches && q == 6 {
					tall = off
				}
				if off > conditionBound {
					order = q - 1
				}
			}
		}
		return order, tall
	}
	got, tall := order(m.tableau.B, 1)
	if got != m.Order() || tall > conditionBound {
		t.Errorf("the weights have order %d, stated %d; the tall tree of order 6 is off by %.2g", got, m.Order(), tall)
	}
	compare := make([]float64, m.Stages())
	for j := range compare {
		compare[j] = m.tableau.B[j] - m.tableau.Error[j]
	}
	if got, _ := order(compare, 1); got != m.ErrorOrder() {
		t.Errorf("the comparison solution has order %d, stated %d", got, m.ErrorOrder())
	}
	for _, theta := range []float64{0.1, 0.35, 0.6, 0.9} {
		var r row
		m.denseWeights(theta, &r)
		if got, _ := order(r.weight, theta); got != m.DenseOrder() {
			t.Errorf("dense output at %v has order %d, stated %d", theta, got, m.DenseOrder())
		}
	}
	for i := range m.Stages() {
		if c, g := mat.Sum(alpha.Slice(i, i+1, 0, m.Stages())), mat.Sum(gamma.Slice(i, i+1, 0, m.Stages())); math.Abs(c-m.tableau.C[i]) > 1e-11 || math.Abs(g-m.tableau.Time[i]) > 1e-11 {
			t.Errorf("stage %d: α sums to %v and Γ to %v, stated %v and %v", i, c, g, m.tableau.C[i], m.tableau.Time[i])
		}
	}
}
