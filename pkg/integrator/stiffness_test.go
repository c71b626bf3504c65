package integrator

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// stiffMethods are those with a stiffness test.
func stiffMethods() []*RungeKutta {
	var all []*RungeKutta
	for _, m := range explicitMethods() {
		if rk := m.(*RungeKutta); rk.tableau.StabilityLimit > 0 {
			all = append(all, rk)
		}
	}
	return all
}

// explicitMethods are those of a Butcher tableau.
func explicitMethods() []Method {
	var all []Method
	for _, m := range Methods() {
		if _, ok := m.(*RungeKutta); ok {
			all = append(all, m)
		}
	}
	return all
}

// A problem whose exact solution is smooth but whose eigenvalue is −1000 is
// stiff to an explicit method and is reported so; the oscillator is not.
func TestStiffnessSuspicion(t *testing.T) {
	stiff := func(t float64, y, dy []float64) { dy[0] = -1000*(y[0]-math.Cos(t)) - math.Sin(t) }
	p := problems.Oscillator()
	for _, m := range stiffMethods() {
		sol, err := Solve(context.Background(), Problem{Derivative: stiff}, []float64{1}, Span{0, 20}, m, Settings{Rtol: 1e-4, Atol: 1e-4})
		if err != nil || !sol.Stats.Stiff || math.Abs(sol.State[0]-math.Cos(20)) > 1e-3 {
			t.Errorf("%s: not suspected: %v, %v", m.Name(), sol.Stats, err)
		}
		// What is left of a decay is as stiff when its square is no number.
		decay := func(_ float64, y, dy []float64) { dy[0] = -1000 * y[0] }
		sol, err = Solve(context.Background(), Problem{Derivative: decay}, []float64{1e-290}, Span{0, 20}, m, Settings{Rtol: 1e-4, Atol: 1e-300})
		if err != nil || !sol.Stats.Stiff {
			t.Errorf("%s: a tiny decay is not suspected: %v, %v", m.Name(), sol.Stats, err)
		}
		sol, err = Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, Span{0, 1000}, m, Settings{})
		if err != nil || sol.Stats.Stiff {
			t.Errorf("%s: the oscillator is suspected: %v, %v", m.Name(), sol.Stats, err)
		}
	}
}

// Under f = λ y, whatever the sign of λ and the step, the largest eigenvalue is
// |λ| exactly; so it is under a rotation with that frequency, whose two
// eigenvalues are ±iλ. A derivative of zero has none, and a method without the
// test measures none.
func TestStiffnessMeasuresTheEigenvalue(t *testing.T) {
	const step = 0.25
	measure := func(m *RungeKutta, f Derivative) float64 {
		it, err := New(Problem{Derivative: f}, 2, m, Settings{Step: 1})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{1, -3})
		it.ws.start(&it.ev, 0, it.y)
		it.ws.attempt(&it.ev, 0, step, it.y, it.new)
		return it.ws.stiffness(&it.ev, step, it.new)
	}
	for _, m := range stiffMethods() {
		for _, lambda := range []float64{-13, -4, 0, 5} {
			for name, f := range map[string]Derivative{
				"multiple": func(_ float64, y, dy []float64) { dy[0], dy[1] = lambda*y[0], lambda*y[1] },
				"rotation": func(_ float64, y, dy []float64) { dy[0], dy[1] = lambda*y[1], -lambda*y[0] },
			} {
				got, want := measure(m, f), math.Abs(lambda)*step/m.tableau.StabilityLimit
				const rounding = 1e-9 // of a quotient of differences: the two stages agree to many digits
				if !(math.Abs(got-want) <= rounding) {
					t.Errorf("%s, %s with λ = %v: %v of the limit, want %v", m.Name(), name, lambda, got, want)
				}
			}
		}
	}
	if got := measure(RK4(), growth); got != 0 {
		t.Errorf("rk4 measures %v", got)
	}
}

// scripted is a workspace that says of each look whether the step was as long
// as stability allows: '+' a little longer, '-' just so long.
type scripted struct {
	workspace
	looks string
	seen  int
}

func (s *scripted) stiffness(*evaluator, float64, []float64) float64 {
	s.seen++
	if s.looks[s.seen-1] == '+' {
		return math.Nextafter(1, 2)
	}
	return 1
}

// The bookkeeping is Hairer and Wanner's: a look at every 25th step while
// nothing is suspected and at every step while something is; fifteen signs
// make the problem stiff, six looks in a row without one clear it.
func TestStiffnessSigns(t *testing.T) {
	clear6 := strings.Repeat("-", 6)
	for _, c := range []struct {
		name, looks string
		steps       int // after which it is stiff; 0: never
	}{
		{"fifteen signs", strings.Repeat("+", 15), 25 + 14},
		{"fourteen signs", strings.Repeat("+", 14) + strings.Repeat("-", 12), 0},
		{"late", "--" + strings.Repeat("+", 15), 75 + 14},
		{"not cleared by five", strings.Repeat("+", 14) + "-----+", 25 + 13 + 6},
		{"not cleared by five twice", "+-----" + strings.Repeat("+", 13) + "-----+", 25 + 24},
		{"cleared by six", strings.Repeat("+", 14) + clear6 + strings.Repeat("+", 15), 25 + 13 + 6 + 25 + 14},
	} {
		script := &scripted{looks: c.looks}
		it := &Integrator{ws: script}
		step := 0
		for script.seen < len(c.looks) && !it.stats.Stiff {
			step++
			it.suspectStiffness(float64(step))
		}
		if !it.stats.Stiff {
			step = 0
		}
		if step != c.steps || it.stats.StiffTime != float64(c.steps) {
			t.Errorf("%s: stiff after %d steps, at %v; want %d", c.name, step, it.stats.StiffTime, c.steps)
		}
		if it.suspectStiffness(-1); it.stats.Stiff && (script.seen != len(c.looks) || it.stats.StiffTime != float64(c.steps)) {
			t.Errorf("%s: still looked at once it is known", c.name)
		}
	}
}

// ClearStats forgets the signs of stiffness too: after it, an integration says
// what it would say on its own.
func TestClearStatsForgetsStiffness(t *testing.T) {
	stiff := func(_ float64, y, dy []float64) { dy[0] = -1e3 * y[0] }
	it, err := New(Problem{Derivative: stiff}, 1, Dopri5(), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	run := func() Stats {
		it.ClearStats()
		it.Reset(0, []float64{1})
		if st := it.Advance(context.Background(), 0.2); st.Early() {
			t.Fatal(st)
		}
		return it.Stats()
	}
	first := run()
	if !first.Stiff {
		t.Fatalf("no stiffness seen: %v", first)
	}
	if again := run(); again != first {
		t.Errorf("first %+v, again %+v", first, again)
	}
}
