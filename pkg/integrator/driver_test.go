package integrator

import (
	"context"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

func growth(_ float64, y, dy []float64) { dy[0] = y[0] }

// Whatever the span, the steps and the bounds on the way, each end is hit to
// the last bit, in both directions.
func TestEndsAreHitExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SampledFrom(Methods()).Draw(t, "method")
		settings := Settings{Rtol: 1e-3, Atol: 1e-3, RecordSteps: true}
		if m.ErrorOrder() == 0 || rapid.Bool().Draw(t, "fixed") {
			settings.Step = rapid.Float64Range(0.01, 3).Draw(t, "step")
		}
		ends := rapid.SliceOfN(rapid.Float64Range(-5, 5), 1, 5).Draw(t, "ends")
		jumps := rapid.SliceOfN(rapid.Float64Range(-5, 5), 0, 3).Draw(t, "jumps")
		it, err := New(Problem{Derivative: growth, Discontinuities: jumps}, 1, m, settings)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(rapid.Float64Range(-5, 5).Draw(t, "start"), []float64{1})
		for _, end := range ends {
			from, before := it.Time(), len(it.Steps())
			if st := it.Advance(context.Background(), end); st.Reason != ReachedEnd || it.Time() != end {
				t.Fatalf("%v at %v, want %v", st, it.Time(), end)
			}
			hit := map[float64]bool{}
			for _, s := range it.Steps()[before:] {
				hit[s] = true
				if step := math.Abs(s - from); settings.Step > 0 && step > settings.Step*(1+1e-8) {
					t.Fatalf("a step of %v, asked for %v", step, settings.Step)
				}
				if (s-from)*(end-s) < 0 {
					t.Fatalf("step to %v on the way from %v to %v", s, from, end)
				}
				from = s
			}
			for _, j := range jumps {
				if len(it.Steps()) > before && (j-it.Steps()[before])*(j-end) < 0 && !hit[j] {
					t.Fatalf("the discontinuity at %v was crossed: %v", j, it.Steps()[before:])
				}
			}
		}
	})
}

// There and back again: what a method of order p loses is O(h^p), far less
// than the solution's change.
func TestBackwards(t *testing.T) {
	p := problems.Kepler(0.3)
	for _, m := range Methods() {
		s := Settings{Rtol: 1e-9, Atol: 1e-9}
		bound := 1e-5
		if m.Order() < 4 {
			s.Step, bound = 1e-3, map[int]float64{1: 0.1, 2: 1e-4, 3: 1e-6}[m.Order()]
		} else if m.ErrorOrder() == 0 {
			s.Step = 1e-2
		}
		it, err := New(Problem{Derivative: p.Derivative}, 4, m, s)
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, p.Y0)
		for _, end := range []float64{2, 0} {
			if st := it.Advance(context.Background(), end); st.Early() {
				t.Fatal(st)
			}
		}
		if d := largestDifference(it.State(), p.Y0); !(d < bound) {
			t.Errorf("%s: back with an error of %.2g", m.Name(), d)
		}
	}
}

// Backwards under f is forwards under −f(−t, y): to the last bit, first step
// and all.
func TestTimeReversal(t *testing.T) {
	mirrored := func(t float64, y, dy []float64) {
		circuit(-t, y, dy)
		dy[0], dy[1] = -dy[0], -dy[1]
	}
	for _, m := range Methods() {
		s := Settings{Rtol: 1e-5, Atol: 1e-5}
		if m.ErrorOrder() == 0 {
			s.Step = 0.1
		}
		var states [2][]float64
		for n, c := range []struct {
			f    Derivative
			span Span
			sign float64
		}{{circuit, Span{1, -1}, 1}, {mirrored, Span{-1, 1}, -1}} {
			sol, err := Solve(context.Background(), Problem{Derivative: c.f, Discontinuities: []float64{0.3 * c.sign}}, []float64{0.2, 0.9}, c.span, m, s)
			if err != nil {
				t.Fatal(err)
			}
			states[n] = sol.State
		}
		if largestDifference(states[0], states[1]) != 0 {
			t.Errorf("%s: %v backwards, %v mirrored", m.Name(), states[0], states[1])
		}
	}
}

// A right-hand side that jumps: announced, the answer of a sum of polynomials
// of low degree is exact to rounding even with large steps, whichever of the
// two values f has at the jump itself, in both directions; not announced, the
// error is plain to see.
func TestDiscontinuityIsNotCrossed(t *testing.T) {
	const jump = 0.6180339887
	for _, left := range []bool{false, true} {
		f := func(t float64, _, dy []float64) {
			if t > jump || t == jump && !left {
				dy[0] = 100
			} else {
				dy[0] = -1
			}
		}
		for _, span := range []Span{{0, 1}, {1, 0}} {
			want := -jump + 100*(1-jump)
			if span[0] > span[1] {
				want = -want
			}
			for _, m := range Methods() {
				s := Settings{Step: 0.3}
				announced, err := Solve(context.Background(), Problem{Derivative: f, Discontinuities: []float64{jump, 5, jump, -1}}, []float64{0}, span, m, s)
				if err != nil {
					t.Fatal(err)
				}
				rounding := 1e-13
				if _, explicit := m.(*RungeKutta); !explicit {
					rounding = 1e-12 // of stages that are added with weights up to 12, multiplied by couplings up to 165
				}
				if e := math.Abs(announced.State[0] - want); e > rounding {
					t.Errorf("%s over %v: error %.2g", m.Name(), span, e)
				}
				if announced.Stats.Discontinuities != 1 {
					t.Errorf("%s met %d discontinuities, want 1", m.Name(), announced.Stats.Discontinuities)
				}
				silent, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0}, span, m, s)
				if err != nil || math.Abs(silent.State[0]-want) < 1e-3 {
					t.Errorf("%s over %v: the jump does no harm unannounced; the test shows nothing", m.Name(), span)
				}
			}
		}
	}
}

// One Advance over three ends or three Advances: the same numbers to the
// tolerance, and between them nothing is evaluated twice (FSAL).
func TestAdvanceGoesOn(t *testing.T) {
	for _, m := range Methods() {
		if !m.FSAL() {
			continue
		}
		it, err := New(Problem{Derivative: growth}, 1, m, Settings{Step: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{1})
		for n := 1; n <= 10; n++ {
			it.Advance(context.Background(), float64(n)/10)
		}
		want := 10 * (m.Stages() - 1)
		if m.(*RungeKutta).needEnd {
			want++ // the last step's end is known too, and not asked for any more
		}
		if got := it.Stats().Evaluations; got != want {
			t.Errorf("%s: %d evaluations in ten steps of FSAL, want %d", m.Name(), got, want)
		}
		it.ClearStats()
		it.SetDerivative(func(_ float64, y, dy []float64) { dy[0] = -y[0] })
		it.Advance(context.Background(), 0)
		it.Advance(context.Background(), 1)
		// Back to 0 under the other sign is growth again: e² in all, and e² /e.
		if e := math.Abs(it.State()[0]/math.E - 1); e > 1e-3 {
			t.Errorf("%s: %v after exchanging the derivative, want e", m.Name(), it.State()[0])
		}
	}
}

// CarryLast and CarryFirst start a stretch with a known step: no evaluation is
// spent on guessing, which Estimate does each time.
func TestCarry(t *testing.T) {
	count := func(c Carry) (evaluations int, second float64) {
		it, err := New(Problem{Derivative: growth}, 1, Dopri5(), Settings{Carry: c, RecordSteps: true})
		if err != nil {
			t.Fatal(err)
		}
		it.Reset(0, []float64{1})
		it.Advance(context.Background(), 3)
		n := len(it.Steps())
		it.ClearStats()
		it.Restart(3, []float64{1})
		it.Advance(context.Background(), 6)
		s := it.Stats()
		return s.Evaluations - 6*s.Steps, it.Steps()[n] - 3
	}
	estimated, _ := count(Estimate)
	last, long := count(CarryLast)
	first, short := count(CarryFirst)
	if estimated != 2 || last != 1 || first != 1 {
		t.Errorf("evaluations beyond the steps: estimate %d, last %d, first %d; want 2, 1, 1", estimated, last, first)
	}
	if !(short < long) {
		t.Errorf("the first step was carried as %v, the last as %v", short, long)
	}
}

// A carried first step that was far too short grows from stretch to stretch
// until it is as long as the tolerance allows.
func TestCarriedFirstStepAdapts(t *testing.T) {
	it, err := New(Problem{Derivative: growth}, 1, Dopri5(), Settings{Carry: CarryFirst, FirstStep: 1e-9, RecordSteps: true})
	if err != nil {
		t.Fatal(err)
	}
	var first []float64
	for range 15 {
		it.Reset(0, []float64{1})
		it.Advance(context.Background(), 3)
		first = append(first, it.Steps()[0])
	}
	// e^h is wrong by h⁶/720 − …, estimated within a factor of a few as 1e-6.
	if last := first[len(first)-1]; last < 0.05 || last > 0.5 || math.Abs(last/first[len(first)-2]-1) > 0.05 {
		t.Errorf("first steps %.3g", first)
	}
}
