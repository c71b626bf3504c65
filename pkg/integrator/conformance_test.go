package integrator

import (
	"context"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// TestConformance holds every method of the table to what it states of itself
// and to the package's contract. A method that is added to Methods is tested by
// being there.
func TestConformance(t *testing.T) {
	for _, method := range Methods() {
		for _, clause := range []struct {
			name     string
			adaptive bool // of methods with an error estimate only
			check    func(*testing.T, Method)
		}{
			{"is documented", false, isDocumented},
			{"has its order", false, hasItsOrder},
			{"has its dense order", false, hasItsDenseOrder},
			{"dense output joins smoothly", false, joinsSmoothly},
			{"has its error order", true, hasItsErrorOrder},
			{"error falls with the tolerance", true, errorFallsWithTolerance},
			{"keeps a constant", false, keepsAConstant},
			{"an advance over nothing does nothing", false, nothingForNothing},
			{"goes on without end", true, goesOnWithoutEnd},
			{"asks for nothing outside", false, asksForNothingOutside},
			{"components do not mix", false, componentsDoNotMix},
			{"is deterministic", false, isDeterministic},
			{"can be paused", false, canBePaused},
			{"dense output is paid once a step", false, denseOutputIsPaidOnce},
			{"does not allocate", false, doesNotAllocate},
		} {
			if clause.adaptive && method.ErrorOrder() == 0 {
				continue
			}
			t.Run(method.Name()+"/"+clause.name, func(t *testing.T) { clause.check(t, method) })
		}
	}
}

// A method has a source with a year, can be had by its name, and is in the
// documents: with its numbers in the table of the package comment, and in the
// reference of configurations where methods, and the keys they take, are named.
func isDocumented(t *testing.T, m Method) {
	if got, err := ByName(m.Name()); err != nil || got != m || strings.ToLower(m.Name()) != m.Name() {
		t.Errorf("by its name: %v, %v", got, err)
	}
	if !regexp.MustCompile(`\((1[789]|20)\d\d\)`).MatchString(m.Source()) {
		t.Errorf("the source %q has no year", m.Source())
	}
	estimate, stages := "-", fmt.Sprint(m.Stages())
	if m.ErrorOrder() > 0 {
		estimate = fmt.Sprint(m.ErrorOrder())
	}
	if m.FSAL() {
		stages += ` \(FSAL\)`
	}
	contains(t, "doc.go", fmt.Sprintf(`(?m)^//\t%s +%d +%s +%s +%d +`, m.Name(), m.Order(), estimate, stages, m.DenseOrder()))
	const configuration = "../../docs/configuration.md"
	contains(t, configuration, "(?m)^\\| `method` .*`"+m.Name()+"`")
	key := "step"
	if m.ErrorOrder() > 0 {
		key = "rtol"
	}
	contains(t, configuration, "(?m)^\\| `"+key+"` .*\\b"+m.Name()+"\\b")
}

func contains(t *testing.T, file, pattern string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(pattern).Match(text) {
		t.Errorf("%s has nothing that matches %q", file, pattern)
	}
}

// Equal steps on every problem with a formula: the slope down to where rounding
// begins to show.
func hasItsOrder(t *testing.T, m Method) {
	for _, p := range problems.All() {
		if p.Known != nil {
			continue // Arenstorf's whole orbit wants unequal steps: TestMeasuredOrderOnArenstorf
		}
		var hs, es []float64
		factor := math.Pow(2, 0.5/max(1, float64(m.Order())/3))
		for n, last := 3.0, 0.0; n < 3e5; n *= factor {
			if math.Round(n) == last {
				continue
			}
			last = math.Round(n)
			h, e := fixedStepError(p, m, last)
			if e < asymptotic(m.Order()) {
				break
			}
			hs, es = append(hs, h), append(es, e)
		}
		checkSlope(t, p.Name, m, hs, es, m.Order())
	}
}

// falling collects what one step of size h makes of a problem, with h falling
// from half its span by 2^(1/4) until that is below what a quantity of O(h^power)
// needs to show its slope, or near rounding.
func falling(p problems.Problem, power int, rounding float64, measure func(start, h float64) float64) (hs, es []float64) {
	length := p.Span[1] - p.Span[0]
	floor := max(rounding, math.Pow(10, -7-float64(power)))
	for h := length / 2; ; h /= math.Pow(2, 0.25) {
		e := measure(p.Span[0]+0.4*length, h)
		if e < floor {
			return hs, es
		}
		hs, es = append(hs, h), append(es, e)
	}
}

// From the exact solution one step, and the largest error inside it, which is
// O(h^(DenseOrder+1)).
func hasItsDenseOrder(t *testing.T, m Method) {
	for _, p := range problems.All() {
		if p.Known != nil {
			continue
		}
		hs, es := falling(p, m.DenseOrder()+1, 1e-13, func(start, h float64) float64 { return insideError(t, p, m, start, h) })
		checkSlope(t, p.Name, m, hs, es, m.DenseOrder()+1)
	}
}

// From the exact solution one step, and the estimate of its error, which is
// O(h^(ErrorOrder+1)), whatever is made of how many comparisons; a difference of
// stages, it has less rounding than the solution.
func hasItsErrorOrder(t *testing.T, m Method) {
	length := NormFunc(func(_, _ float64, _, _, err []float64) float64 { return euclidean(err) })
	for _, p := range []problems.Problem{problems.Kepler(0.3), problems.Logistic()} {
		it, err := New(Problem{Derivative: p.Derivative}, len(p.Y0), m, Settings{})
		if err != nil {
			t.Fatal(err)
		}
		size := euclidean(p.Y0)
		hs, es := falling(p, m.ErrorOrder()+1, 1e-15, func(start, h float64) float64 {
			p.Exact(start, it.y)
			it.ws.forget()
			it.ws.start(&it.ev, start, it.y)
			it.ws.attempt(&it.ev, start, start+h, it.y, it.new)
			return it.ws.measure(length, nil, start, h, it.y, it.new) / size
		})
		checkSlope(t, p.Name, m, hs, es, m.ErrorOrder()+1)
	}
}

// The interpolant joins the step's ends with the solution's values and, being
// at least Hermite's cubic, its derivatives: no kink between steps.
func joinsSmoothly(t *testing.T, m Method) {
	p := problems.Kepler(0.3)
	it, err := New(Problem{Derivative: p.Derivative}, 4, m, Settings{Step: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	it.Reset(0, p.Y0)
	it.ws.start(&it.ev, 0, it.y)
	it.ws.attempt(&it.ev, 0, 0.1, it.y, it.new)
	it.ws.finish(&it.ev, 0, 0.1, it.y, it.new)
	for theta, want := range map[float64][]float64{0: it.y, 1: it.new} {
		near, slope := make([]float64, 4), make([]float64, 4)
		p.Derivative(theta*0.1, want, slope)
		// A central difference over 2e-5 of the step, good to 1e-9 of y''.
		const d = 1e-5
		a, b := make([]float64, 4), make([]float64, 4)
		it.ws.interpolate(theta-d, 0.1, it.y, it.new, a)
		it.ws.interpolate(theta+d, 0.1, it.y, it.new, b)
		for i := range near {
			near[i] = (a[i] + b[i]) / 2
			if math.Abs(near[i]-want[i]) > 1e-9 {
				t.Errorf("at θ = %v: value %v, want %v", theta, near[i], want[i])
			}
			if got := (b[i] - a[i]) / (2 * d * 0.1); math.Abs(got-slope[i]) > 1e-7 {
				t.Errorf("at θ = %v: slope %v, want %v", theta, got, slope[i])
			}
		}
	}
}

// The estimate, O(h^(ErrorOrder+1)), is held to the tolerance, so that steps
// shrink with its (ErrorOrder+1)-th root and the error, O(h^Order), with the
// Order-th power of that. Seven tolerances, each of steps shorter by 10^(1/4).
func errorFallsWithTolerance(t *testing.T, m Method) {
	p := problems.Kepler(0.3)
	k := float64(m.ErrorOrder() + 1)
	var first, last, e float64
	const tolerances = 7
	for n := range tolerances {
		tol := math.Pow(10, -3-float64(n)*min(k, 6)/4) // down to 1e-12
		sol, err := Solve(context.Background(), Problem{Derivative: p.Derivative}, p.Y0, p.Span, m, Settings{Rtol: tol, Atol: tol})
		if err != nil {
			t.Fatal(err)
		}
		last, e = e, largestDifference(sol.State, p.Y0)
		if n == 0 {
			first = e
		} else if !(e < last) {
			t.Errorf("at %.2g the error is %.2g, at the looser tolerance before %.2g", tol, e, last)
		}
	}
	power := math.Log10(first/e) / ((tolerances - 1) * min(k, 6) / 4)
	if want := float64(m.Order()) / k; !(math.Abs(power-want) <= slopeTolerance*want) {
		t.Errorf("the error falls with the tolerance to the power %.3f, want %.3f", power, want)
	}
}

// stepping are the ways in which a method can step over [0, 4].
func stepping(m Method) map[string]Settings {
	all := map[string]Settings{"fixed": {Step: 0.125}, "grid": {Grid: []float64{0.5, 0.75, 2, 2.75, 3.25, 4}}}
	if m.ErrorOrder() > 0 {
		all["adaptive"] = Settings{Rtol: 1e-5, Atol: 1e-5}
	}
	return all
}

// With a derivative of zero each component stays as it is to the bit, at the
// end, between, and backwards.
func keepsAConstant(t *testing.T, m Method) {
	zero := func(_ float64, _, dy []float64) { clear(dy) }
	for name, s := range stepping(m) {
		for _, start := range [][]float64{{math.Pi}, {1e300, -math.Pi, math.SmallestNonzeroFloat64, 0, -1e-300, 1, 2, 3, 1. / 3}} {
			s.Save.At = []float64{0, 0.3, 1, 2.2, 4}
			sol, err := Solve(context.Background(), Problem{Derivative: zero}, start, Span{0, 4}, m, s)
			if err != nil {
				t.Fatal(err)
			}
			for n := range s.Save.At {
				if largestDifference(sol.Saved.Row(n), start) != 0 {
					t.Errorf("%s: %v at %v", name, sol.Saved.Row(n), s.Save.At[n])
				}
			}
			if largestDifference(sol.State, start) != 0 || sol.Stats.Rejected != 0 {
				t.Errorf("%s: %v became %v after %v", name, start, sol.State, sol.Stats)
			}
		}
	}
}

// An Advance to where the time is evaluates nothing and is there.
func nothingForNothing(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		sol, err := Solve(context.Background(), Problem{Derivative: circuit}, []float64{0.2, 0.9}, Span{3, 3}, m, s)
		if err != nil || sol.Status.Reason != ReachedEnd || sol.Time != 3 || sol.Stats != (Stats{}) || fmt.Sprint(sol.State) != "[0.2 0.9]" {
			t.Errorf("%s: %+v, %v", name, sol, err)
		}
	}
}

// Without an end the steps grow until the state is steady: under f = 0 at once;
// in a decay to 0 once what is left is below the tolerance.
func goesOnWithoutEnd(t *testing.T, m Method) {
	const atol = 1e-5
	s := Settings{SteadyTime: 1, Rtol: atol, Atol: atol}
	for name, f := range map[string]Derivative{"nothing": func(_ float64, _, dy []float64) { dy[0] = 0 }, "decay": problems.Decay().Derivative} {
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{1}, Span{0, math.Inf(1)}, m, s)
		if err != nil || sol.Status.Reason != Steady {
			t.Fatalf("%s: %v, %v", name, sol, err)
		}
		if name == "nothing" && (sol.Stats.Accepted != 0 || sol.State[0] != 1) || name == "decay" && !(math.Abs(sol.State[0]) <= 1.0001*atol && sol.Stats.Accepted > 3) {
			t.Errorf("%s: %v at t = %v after %v", name, sol.State, sol.Time, sol.Stats)
		}
	}
}

// The derivative is asked for in the span only, the guess of the first step and
// dense output included, in either direction. So slow an f would allow of a trial
// step far beyond.
func asksForNothingOutside(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		for _, span := range []Span{{0, 0.75}, {0.75, 0}} {
			if s.Grid != nil {
				s.Grid = []float64{span[0] + (span[1]-span[0])/4, span[1] + 3*(span[1]-span[0])}
			}
			s.Save.At = []float64{0.5}
			f := func(at float64, y, dy []float64) {
				if dy[0] = 0.01 * y[0]; at < 0 || at > 0.75 {
					t.Errorf("%s over %v: asked for at %v", name, span, at)
				}
			}
			if _, err := Solve(context.Background(), Problem{Derivative: f}, []float64{1}, span, m, s); err != nil {
				t.Error(err)
			}
		}
	}
}

// Copies of one equation side by side are each what the equation is alone, to
// the bit: nine of them on steps that do not ask for an error; two where the root
// mean square of two equal errors is that of one, exactly.
func componentsDoNotMix(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		copies := 9 // one more than a vector register pair takes
		if name == "adaptive" {
			copies = 2
		}
		var states [2][]float64
		for n, dim := range []int{1, copies} {
			f := func(t float64, y, dy []float64) {
				for i, x := range y {
					dy[i] = math.Sin(t) - x*x
				}
			}
			start := make([]float64, dim)
			for i := range start {
				start[i] = 0.3
			}
			sol, err := Solve(context.Background(), Problem{Derivative: f}, start, Span{0, 4}, m, s)
			if err != nil {
				t.Fatal(err)
			}
			states[n] = sol.State
		}
		for _, x := range states[1] {
			if x != states[0][0] {
				t.Errorf("%s: alone %v, side by side %v", name, states[0], states[1])
			}
		}
	}
}

// trace runs the circuit from one end to the next and says everything of it.
func trace(t *testing.T, it *Integrator, ends ...float64) string {
	t.Helper()
	it.ClearStats()
	it.Reset(0, []float64{0.2, 0.9})
	for _, end := range ends {
		if st := it.Advance(context.Background(), end); st.Early() {
			t.Fatal(st)
		}
	}
	return fmt.Sprintf("%x at %x after %+v", it.State(), it.Steps(), it.Stats())
}

func newTraced(t *testing.T, m Method, s Settings) *Integrator {
	t.Helper()
	s.RecordSteps = true
	it, err := New(Problem{Derivative: circuit}, 2, m, s)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

// The same bits again, from a new Integrator and from a used one.
func isDeterministic(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		it := newTraced(t, m, s)
		want := trace(t, it, 4)
		for _, again := range []*Integrator{newTraced(t, m, s), it} {
			if got := trace(t, again, 4); got != want {
				t.Errorf("%s: %s, again %s", name, want, got)
			}
		}
	}
}

// A pause at a time that is a step's end anyway changes nothing, evaluations
// included, for what is known there is kept. Adaptive steps are planned towards
// their bound, so that a pause changes them, but nothing else: the same steps in
// one go give the same bits.
func canBePaused(t *testing.T, m Method) {
	for name, s := range stepping(m) {
		paused := newTraced(t, m, s)
		got := trace(t, paused, 2, 4)
		if name == "adaptive" {
			whole := newTraced(t, m, Settings{Grid: paused.Steps()})
			trace(t, whole, 4)
			if fmt.Sprintf("%x", whole.State()) != fmt.Sprintf("%x", paused.State()) {
				t.Errorf("%s: paused %v, replayed %v", name, paused.State(), whole.State())
			}
			continue
		}
		if want := trace(t, newTraced(t, m, s), 4); got != want {
			t.Errorf("%s: paused %s, in one go %s", name, got, want)
		}
	}
}

// However often a step is looked into, the stages that only the interpolant needs
// are evaluated once: the end, unless known, and the tableau's extra ones. An event
// that does not happen looks at step ends and costs none.
func denseOutputIsPaidOnce(t *testing.T, m Method) {
	rk := m.(*RungeKutta)
	for count, at := range [][]float64{{}, {0.3}, {0.1, 0.3, 0.4, 0.7}} {
		want := rk.stages
		if rk.needEnd || count > 0 {
			want++
		}
		if count > 0 {
			want += len(rk.tableau.Extra)
		}
		never := []Event{{Function: func(float64, []float64) float64 { return 1 }}}
		sol, err := Solve(context.Background(), Problem{Derivative: circuit, Events: never}, []float64{0.2, 0.9}, Span{0, 1}, m, Settings{Step: 1, Save: Save{At: at}})
		if err != nil || sol.Stats.Evaluations != want {
			t.Errorf("saved at %v: %d evaluations, want %d; %v", at, sol.Stats.Evaluations, want, err)
		}
	}
}

// Once the first stretch has been integrated, nothing allocates: neither steps
// nor stretches, with dense output, events, memories and discontinuities in
// play, whatever the kind of stepping.
func doesNotAllocate(t *testing.T, m Method) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, s := range stepping(m) {
		s.Norm, s.Carry = Groupwise{}, CarryFirst
		s.Save = Save{At: []float64{0.1, 0.25, 1.7}, Function: func(float64, []float64, []float64) {}}
		sum := 0.0
		mem := &Memory{TimeConstant: 0.5, Accumulate: func(s *MemoryStep) {
			for j, w := range s.Weights {
				sum += w * s.States[j][0]
			}
		}, Sample: func(s *MemoryStep) { sum += s.Decay }, Error: func(s *MemoryStep) float64 { return math.Abs(s.ErrorDecay) }}
		problem := Problem{Derivative: circuit, Discontinuities: []float64{0.3, 1.1}, Memories: []*Memory{mem},
			Events: []Event{{Function: func(_ float64, y []float64) float64 { return y[0] - 0.9 }, Samples: 2}}}
		it, err := New(problem, 2, m, s)
		if err != nil {
			t.Fatal(err)
		}
		y0 := []float64{0.2, 0.9}
		stretches := func() {
			it.Reset(0, y0)
			for _, end := range []float64{0.5, 1.2, 2} {
				it.SetDerivative(circuit)
				if st := it.Advance(ctx, end); st.Early() {
					t.Fatal(st)
				}
			}
		}
		stretches()
		if n := testing.AllocsPerRun(20, stretches); n != 0 {
			t.Errorf("%s: %v allocations in three stretches", name, n)
		}
		if len(it.Crossings()) == 0 || sum == 0 {
			t.Errorf("%s: the test passes by events or memories", name)
		}
	}
}
