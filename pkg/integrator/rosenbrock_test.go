package integrator

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// relativeError is the largest of the components at the end of a problem.
func relativeError(p problems.Problem, got []float64) float64 {
	want, worst := make([]float64, len(got)), 0.0
	p.Exact(p.Span[1], want)
	for i := range got {
		worst = max(worst, math.Abs(got[i]/want[i]-1))
	}
	return worst
}

// The stiff problems end where SciPy's Radau at 1e-12 does, to a small multiple
// of the tolerance in every component, with the Jacobian and without; a tolerance
// a thousandth as large makes the error far smaller.
func TestStiffProblems(t *testing.T) {
	for _, p := range problems.Stiff() {
		for _, m := range []Method{Rodas5P(), Radau9()} {
			for name, jacobian := range map[string]Jacobian{"analytic": p.Jacobian, "differences": nil} {
				endsWhereItShould(t, p, m, name, jacobian)
			}
		}
	}
}

func endsWhereItShould(t *testing.T, p problems.Problem, m Method, name string, jacobian Jacobian) {
	t.Helper()
	// What SciPy's Radau is good for: from its end of emergent division both methods are
	// 4.3e-9 away at a tolerance of 1e-11.
	const reference = 5e-9
	var errs [2]float64
	for n, rtol := range []float64{1e-5, 1e-8} {
		sol, err := Solve(context.Background(), Problem{Derivative: p.Derivative, Jacobian: jacobian}, p.Y0, p.Span, m, Settings{Rtol: rtol, Atol: 1e-10 * rtol})
		if err != nil {
			t.Fatal(err)
		}
		errs[n] = relativeError(p, sol.State)
		t.Logf("%-18s %s, %-11s rtol %g: error %.2g, %v", p.Name, m.Name(), name, rtol, errs[n], sol.Stats)
		if !(errs[n] <= 20*rtol) || sol.Stats.Stiff {
			t.Errorf("%s by %s, %s, rtol %g: error %.2g, %v", p.Name, m.Name(), name, rtol, errs[n], sol.Stats)
		}
	}
	if !(errs[1] < errs[0]/20) && !(errs[1] <= reference) {
		t.Errorf("%s by %s, %s: errors %.2g", p.Name, m.Name(), name, errs)
	}
}

// The sentence that names rodas5p is true: where dopri5 says so, it takes at most a
// twentieth of the steps, at the same tolerance and no larger an error than 20 of
// them.
func TestTheSuggestedMethodTakesFewerSteps(t *testing.T) {
	p := problems.EmergentDivision()
	s := Settings{Rtol: 1e-6, Atol: 1e-9}
	span := Span{0, 0.5} // a read, at whose end everything has settled
	explicit, err := Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, span, Dopri5(), s)
	if err != nil || !explicit.Stats.Stiff {
		t.Fatalf("dopri5: %v, %v", explicit, err)
	}
	_, after, found := strings.Cut(explicit.Stats.String(), "suspected from t = ")
	_, suggestion, colon := strings.Cut(after, ": ")
	name, _, _ := strings.Cut(suggestion, " ")
	method, err := ByName(name)
	if !found || !colon || err != nil {
		t.Fatalf("%q names no method: %v", explicit.Stats, err)
	}
	for name, jacobian := range map[string]Jacobian{"analytic": p.Jacobian, "differences": nil} {
		implicit, err := Solve(context.Background(), Problem{Derivative: p.Derivative, Jacobian: jacobian}, p.Y0, span, method, s)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v; dopri5: %v", name, implicit.Stats, explicit.Stats)
		if 20*implicit.Stats.Steps > explicit.Stats.Steps {
			t.Errorf("%s: %d steps, dopri5 %d", name, implicit.Stats.Steps, explicit.Stats.Steps)
		}
		for i, x := range implicit.State {
			if !(math.Abs(x-explicit.State[i]) <= 20*(s.Atol+s.Rtol*math.Abs(x))) {
				t.Errorf("%s: component %d is %v, by dopri5 %v", name, i, x, explicit.State[i])
			}
		}
	}
}

// However stiff dy/dt = λ(y − cos t) − sin t is, the order is at least 3, and of radau9 5, in
// equal steps, many times too long for an explicit method, and the error is in proportion
// to 1/λ.
func TestOrderOnStiffLinearProblem(t *testing.T) {
	for _, c := range []struct {
		method Method
		steps  [3]float64 // few enough for errors above rounding
		least  float64
	}{{Rodas5P(), [3]float64{20, 40, 80}, 3}, {Radau9(), [3]float64{8, 16, 32}, 5}} {
		for _, lambda := range []float64{-1e2, -1e4, -1e6} {
			p := problems.ProtheroRobinson(lambda)
			var errs [3]float64
			limit := 1e-3 / -lambda
			for n, steps := range c.steps {
				_, errs[n] = fixedStepError(p, c.method, steps)
			}
			order := math.Log2(errs[0]/errs[2]) / 2
			t.Logf("%s, λ = %g: errors %.2g, order %.2f", c.method.Name(), lambda, errs, order)
			if !(order >= c.least-slopeTolerance) || lambda < -1e3 && !(errs[0] < limit) {
				t.Errorf("%s, λ = %g: errors %.2g, order %.2f", c.method.Name(), lambda, errs, order)
			}
		}
	}
}

// A linear system of two far scales is its matrix exponential, also where t drives it.
func TestStiffLinearSystem(t *testing.T) {
	const fast = 1e5
	f := func(at float64, y, dy []float64) {
		dy[0] = -fast*y[0] + fast*y[1] + fast*math.Sin(at)
		dy[1] = -y[1]
	}
	sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0, 1}, Span{0, 3}, Rodas5P(), Settings{Rtol: 1e-7, Atol: 1e-10})
	if err != nil {
		t.Fatal(err)
	}
	want := fast/(fast-1)*math.Exp(-3) + (fast*fast*math.Sin(3)-fast*math.Cos(3))/(fast*fast+1)
	if e := math.Abs(sol.State[0] - want); !(e <= 1e-7) || sol.Stats.Steps > 100 {
		t.Errorf("error %.2g after %v", e, sol.Stats)
	}
}

// Block by block or as one matrix, the solution is that of gonum's LU: of random
// matrices of 1 to 40 components from nearly empty to full.
func TestBlocksSolve(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for _, dim := range []int{1, 2, 5, 6, 7, 13, 40} {
		for _, density := range []float64{0, 0.5 / float64(dim), 2 / float64(dim), 1} {
			matrix := newPartials(dim)
			whole := mat.NewDense(dim, dim, nil)
			const diagonal = 3
			for i := range dim {
				whole.Set(i, i, diagonal)
				for j := range dim {
					if draw.Float64() < density {
						x := draw.NormFloat64()
						matrix.add(i, j, x/2)
						matrix.add(i, j, x/2)
						whole.Set(i, j, whole.At(i, j)-x)
					}
				}
			}
			matrix.sort()
			b := newBlocks(matrix)
			entries := b.arrange()
			if density == 0 && entries != dim || density == 1 && entries != dim*dim {
				t.Errorf("%d components, density %v: factors of %d entries", dim, density, entries)
			}
			f := newFactors(b, 1)
			if !f.factorise([]float64{diagonal}) {
				t.Fatalf("%d components, density %v: singular", dim, density)
			}
			x, right := make([]float64, dim), mat.NewVecDense(dim, nil)
			for i := range x {
				x[i] = draw.NormFloat64()
				right.SetVec(i, x[i])
			}
			f.solve(x)
			var want mat.VecDense
			if err := want.SolveVec(whole, right); err != nil {
				t.Fatal(err)
			}
			bound := 1e-13 * mat.Cond(whole, 2) * mat.Norm(&want, 2)
			for i := range x {
				if !(math.Abs(x[i]-want.AtVec(i)) <= bound) {
					t.Fatalf("%d components, density %v: %v, want %v", dim, density, x[i], want.AtVec(i))
				}
			}
		}
	}
}

// A large network that feeds forward, or a ring, is taken with its Jacobian, refused without;
// one all of whose components depend on each other by way of one of them is refused by what it
// would take, and every refusal says what to do.
func TestSizes(t *testing.T) {
	const dim = mostDifferenced + 1
	chain := func(_ float64, y, dy []float64) {
		dy[0] = -1e4 * y[0]
		for i := 1; i < dim; i++ {
			dy[i] = y[i-1] - 1e4*y[i]
		}
	}
	jacobian := func(_ float64, _ []float64, add func(row, column int, partial float64)) {
		for i := range dim {
			add(i, i, -1e4)
			if i > 0 {
				add(i, i-1, 1)
			}
		}
	}
	ring := func(at float64, y []float64, add func(row, column int, partial float64)) {
		jacobian(at, y, add)
		add(0, dim-1, 1)
	}
	star := func(at float64, y []float64, add func(row, column int, partial float64)) {
		jacobian(at, y, add)
		for i := 1; i < dim; i++ {
			add(i, 0, 1)
			add(0, i, 1)
		}
	}
	start := make([]float64, dim)
	start[0] = 1
	for name, c := range map[string]struct {
		jacobian Jacobian
		want     string
	}{
		"chain":                    {jacobian, ""},
		"chain without a Jacobian": {nil, "give Problem.Jacobian"},
		"ring":                     {ring, ""},
		"star":                     {star, "reduce the system, or use an explicit method"},
	} {
		sol, err := Solve(context.Background(), Problem{Derivative: chain, Jacobian: c.jacobian}, start, Span{0, 1}, Rodas5P(), Settings{})
		var size *SizeError
		switch {
		case c.want == "":
			if err != nil || sol.Stats.Steps > 200 {
				t.Errorf("%s: %v, %v", name, err, sol)
			}
		case !errors.As(err, &size) || size.Dimension != dim || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Another right-hand side drops the Jacobian of the one before; one that is given
// with it is used.
func TestSetJacobian(t *testing.T) {
	asked := 0
	jacobian := func(_ float64, _ []float64, add func(row, column int, partial float64)) { asked++; add(0, 0, 1) }
	it, err := New(Problem{Derivative: growth, Jacobian: jacobian}, 1, Rodas5P(), Settings{Step: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, []float64{1})
	for n, want := range []int{2, 2, 4} {
		switch n {
		case 1:
			it.SetDerivative(growth)
		case 2:
			it.SetJacobian(jacobian)
		}
		if it.Advance(context.Background(), float64(n+1)); asked != want {
			t.Errorf("stretch %d: asked %d times, want %d", n, asked, want)
		}
	}
	if e := math.Abs(it.State()[0]/math.Exp(3) - 1); e > 1e-6 {
		t.Errorf("error %.2g", e)
	}
}
