package integrator

import (
	"context"
	"math"
	"testing"
)

// Both norms against sums written out by hand, with groups that are named,
// that inherit tolerances, that are left out, and that fill the gaps.
func TestNormsByHand(t *testing.T) {
	groups, err := resolveGroups([]Group{{Name: "calcium", From: 3, To: 5, Rtol: 0.5}, {Name: "ignored", From: 1, To: 2, Atol: math.Inf(1)}}, 0.1, 2, 6)
	if err != nil {
		t.Fatal(err)
	}
	want := []Group{{"", 0, 1, 0.1, 2}, {"ignored", 1, 2, 0.1, math.Inf(1)}, {"", 2, 3, 0.1, 2}, {"calcium", 3, 5, 0.5, 2}, {"", 5, 6, 0.1, 2}}
	for n := range want {
		if len(groups) != len(want) || groups[n] != want[n] {
			t.Fatalf("groups %+v, want %+v", groups, want)
		}
	}
	old, now, e := []float64{10, 1, -30, 3, 4, 0}, []float64{-20, 1, 5, 0, -1, 0}, []float64{1, 1e9, -2, 3, 4, 0.8}
	r := []float64{1 / (2 + 0.1*20), -2 / (2 + 0.1*30), 3 / (2 + 0.5*3), 4 / (2 + 0.5*4), 0.8 / 2}
	sum := 0.0
	for _, x := range r {
		sum += x * x
	}
	const rounding = 1e-14
	if got, want := (RMS{}).Measure(0, 1, old, now, e, groups), math.Sqrt(sum/5); math.Abs(got-want) > rounding {
		t.Errorf("RMS %v, want %v", got, want)
	}
	worst := max(1/(2+0.1*20), 2/(2+0.1*30), 5/(math.Sqrt2*2+0.5*5), 0.8/2)
	if got := (Groupwise{}).Measure(0, 1, old, now, e, groups); math.Abs(got-worst) > rounding {
		t.Errorf("groupwise %v, want %v", got, worst)
	}
	e[2] = math.NaN()
	if got := (Groupwise{}).Measure(0, 1, old, now, e, groups); !math.IsNaN(got) {
		t.Errorf("groupwise lost a NaN: %v", got)
	}
	if got := (RMS{}).Measure(0, 1, old, now, e, groups); !math.IsNaN(got) {
		t.Errorf("RMS lost a NaN: %v", got)
	}
}

// A solver with the group-wise norm sees a rotation of the state: same steps.
// With RMS it does not, as a component passes through zero.
func TestGroupwiseNormIsInvariantUnderRotation(t *testing.T) {
	rotated := func(angle float64) (Derivative, []float64) {
		s, c := math.Sincos(angle)
		y0 := []float64{2, 0.1}
		return func(t float64, u, du []float64) { // u = Q y, dy₀ = −y₀ + y₁², dy₁ = −3 y₁ + sin t
			a, b := c*u[0]+s*u[1], -s*u[0]+c*u[1]
			fa, fb := -a+b*b, -3*b+math.Sin(t)
			du[0], du[1] = c*fa-s*fb, s*fa+c*fb
		}, []float64{c*y0[0] - s*y0[1], s*y0[0] + c*y0[1]}
	}
	steps := func(angle float64, n Norm) Stats {
		f, y0 := rotated(angle)
		sol, err := Solve(context.Background(), Problem{Derivative: f}, y0, Span{0, 5}, nil, Settings{Norm: n, Rtol: 1e-5, Atol: 1e-12})
		if err != nil {
			t.Fatal(err)
		}
		return sol.Stats
	}
	a, b := steps(0, Groupwise{}), steps(0.9, Groupwise{})
	// The peak error is a sum of cancelling terms of size 1/rtol: 1e-16/1e-5 and growth.
	if a.Steps != b.Steps || math.Abs(a.PeakError-b.PeakError) > 1e-8 {
		t.Errorf("group-wise: %v, rotated %v", a, b)
	}
	if a, b := steps(0, RMS{}), steps(0.9, RMS{}); a.PeakError == b.PeakError {
		t.Errorf("RMS: %v, rotated %v", a, b)
	}
}

// A group's own tolerance holds for that group: a slow oscillator beside a
// fast one, each in its group; tightening one tightens its error alone.
func TestGroupTolerances(t *testing.T) {
	f := func(_ float64, y, dy []float64) { dy[0], dy[1], dy[2], dy[3] = y[1], -y[0], 10*y[3], -10*y[2] }
	fast := func(rtol float64) float64 {
		g := []Group{{Name: "slow", From: 0, To: 2}, {Name: "fast", From: 2, To: 4, Rtol: rtol, Atol: rtol}}
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0, 1, 0, 1}, Span{0, 5}, nil, Settings{Rtol: 1e-3, Atol: 1e-3, Groups: g, Norm: Groupwise{}})
		if err != nil {
			t.Fatal(err)
		}
		return math.Abs(sol.State[2] - math.Sin(50))
	}
	if loose, tight := fast(1e-3), fast(1e-9); !(tight < 1e-7) || !(loose > 1e-5) {
		t.Errorf("errors %.2g at 1e-3 and %.2g at 1e-9", loose, tight)
	}
}

// A caller's norm is given the step's own numbers and decides: with it made
// thrice as severe a method of error order 4 takes steps 3^(1/5) as short.
func TestCallersNorm(t *testing.T) {
	h := func(factor float64) float64 {
		norm := NormFunc(func(_, _ float64, old, now, err []float64) float64 {
			return factor * math.Hypot(err[0], err[1]) / 1e-7
		})
		f := func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] }
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0, 1}, Span{0, 100}, nil, Settings{Norm: norm})
		if err != nil {
			t.Fatal(err)
		}
		return 100 / float64(sol.Stats.Accepted)
	}
	if got, want := h(1)/h(3), math.Pow(3, 0.2); math.Abs(got/want-1) > 0.01 {
		t.Errorf("steps shrink by %v, want %v", got, want)
	}
}

// With a second, coarser estimate the error is ‖E‖²/√(‖E‖² + 0.01‖E₃‖²).
func TestDamping(t *testing.T) {
	for _, c := range []struct{ size, coarse, want float64 }{{3, 40, 9. / 5}, {0.5, 0, 0.5}, {0, 2, 0}, {0, 0, 0}} {
		looks := []float64{c.size, c.coarse}
		norm := NormFunc(func(_, _ float64, _, _, _ []float64) float64 { defer func() { looks = looks[1:] }(); return looks[0] })
		work := Dop853().newWorkspace(1, false)
		if got := work.measure(norm, nil, 0, 1, []float64{1}, []float64{1}); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// Every controller keeps the promise on each problem: on the oscillator the
// error per unit time stays near the tolerance, with few rejections.
func TestControllers(t *testing.T) {
	f := func(_ float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] }
	for name, c := range map[string]Control{"I": I(), "PI": PI(), "PID": PID()} {
		for _, m := range Methods() {
			if m.ErrorOrder() == 0 {
				continue
			}
			sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{0, 1}, Span{0, 20}, m, Settings{Rtol: 1e-5, Atol: 1e-5, Control: c})
			if err != nil {
				t.Fatal(err)
			}
			e := math.Abs(sol.State[0] - math.Sin(20))
			if e > 1e-2 || sol.Stats.Rejected*4 > sol.Stats.Accepted+4 || sol.Stats.PeakError > 1 {
				t.Errorf("%s, %s: error %.2g, %v", name, m.Name(), e, sol.Stats)
			}
		}
	}
}

// The controllers' exponents, from their definitions.
func TestControlFactors(t *testing.T) {
	const k, e0, e1, e2 = 5.0, 0.3, 0.2, 0.6
	for _, c := range []Control{I(), PI(), PID()} {
		r, err := c.resolved(Dopri5())
		if err != nil {
			t.Fatal(err)
		}
		past := history{e1: e1, e2: e2}
		want := 0.9 * math.Pow(e0, -(c.I+c.P+c.D)/k) * math.Pow(e1, (c.P+2*c.D)/k) * math.Pow(e2, -c.D/k)
		if got := r.grow(1, e0, k, &past); math.Abs(got/want-1) > 1e-14 || past.e1 != e0 || past.e2 != e1 {
			t.Errorf("%+v: factor %v, want %v; history %+v", c, got, want, past)
		}
		if got, want := r.shrink(32, k, &past), 0.9/2; math.Abs(got-want) > 1e-14 || !past.rejected {
			t.Errorf("%+v: factor %v after a rejection, want %v", c, got, want)
		}
		if got := r.grow(1, 1e-3, k, &past); got != 1 {
			t.Errorf("%+v: grows by %v right after a rejection", c, got)
		}
		if got := r.shrink(math.NaN(), k, &past); got != r.MinFactor {
			t.Errorf("%+v: factor %v after NaN", c, got)
		}
	}
}

// The exponents that the controllers' comments state, without a history, where
// the errors before count as 1.
func TestControllersAsStated(t *testing.T) {
	const k, e0, e1, e2 = 4.0, 0.3, 0.2, 0.6
	for name, c := range map[string]struct {
		control          Control
		now, last, first float64
	}{"I": {I(), -1, 0, 0}, "PI": {PI(), -0.85, 0.2, 0}, "PID": {PID(), -0.7, 0.5, -0.1}} {
		r, err := c.control.resolved(Dopri5())
		if err != nil {
			t.Fatal(err)
		}
		fresh, past := newHistory(), history{e1: e1, e2: e2}
		alone := 0.9 * math.Pow(e0, c.now/k)
		if got := r.grow(1, e0, k, &fresh); math.Abs(got/alone-1) > 1e-14 {
			t.Errorf("%s: factor %v without a history, want %v", name, got, alone)
		}
		want := alone * math.Pow(e1, c.last/k) * math.Pow(e2, c.first/k)
		if got := r.grow(1, e0, k, &past); math.Abs(got/want-1) > 1e-14 {
			t.Errorf("%s: factor %v, want %v", name, got, want)
		}
	}
}

// The prediction, where it asks for less than the elementary controller: of an error that grew
// although the step did not, and of one that grew as the step did.
func TestPredictiveControlAsStated(t *testing.T) {
	const k = 8.0
	r, err := Predictive().resolved(Radau9())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ size, e0, e1, want float64 }{
		{1, 0.4, 0.1, 0.9 * math.Pow(0.1, 1/k) * math.Pow(0.4, -2/k)},
		{2, 0.4, 0.4 / math.Pow(2, k), 0.9 * math.Pow(0.4, -1/k)},
		{2, 0.4, 0.3, 0.9 * math.Pow(0.4, -1/k)},
	} {
		past := history{e1: c.e1, e2: 1, size: 1}
		if got := r.grow(c.size, c.e0, k, &past); math.Abs(got/c.want-1) > 1e-13 || past.size != c.size {
			t.Errorf("%+v: factor %v", c, got)
		}
	}
}

// Factors stay within their bounds: no error is the largest, one beyond measure
// the smallest; after a rejection the step is shorter by Safety at least; an
// error of 0 counts as 1e-8, and as 1e-4 when it is remembered.
func TestControlFactorsAreBounded(t *testing.T) {
	const k = 5
	c := Control{I: 1, Safety: 0.8, MinFactor: 0.25, MaxFactor: 3}
	near := func(got, want float64) bool { return math.Abs(got/want-1) < 1e-14 }
	past := newHistory()
	if got := c.grow(1, 0, k, &past); got != 3 || past.e1 != 1e-4 || past.e2 != 1 {
		t.Errorf("no error: factor %v, history %+v", got, past)
	}
	if a, b := c.shrink(1e30, k, &past), c.shrink(math.Inf(1), k, &past); a != 0.25 || b != 0.25 || !past.rejected {
		t.Errorf("errors beyond measure: factors %v, %v", a, b)
	}
	if got := c.shrink(1, k, &past); got != 0.8 {
		t.Errorf("an error just too large: factor %v", got)
	}
	if got := c.grow(1, 1, k, &past); got != 0.8 || past.rejected {
		t.Errorf("a just tolerable error: factor %v, history %+v", got, past)
	}
	if a, b, m := c.again(1, k), c.again(1e30, k), c.again(0, k); a != 0.8 || b != 0.25 || m != 3 {
		t.Errorf("taken anew: factors %v, %v, %v", a, b, m)
	}
	c.MaxFactor = 1e9
	past = newHistory()
	want := 0.8 * math.Pow(1e-8, -1./k)
	if a, b, m := c.grow(1, 0, k, &past), c.again(0, k), c.again(1e-6, k); !near(a, want) || !near(b, want) || !near(m, 0.8*math.Pow(1e-6, -1./k)) {
		t.Errorf("an error of 0: factors %v, %v, want %v; one of 1e-6: %v", a, b, want, m)
	}
}

// The group-wise norm is right wherever float64 has the components, not only
// where it has their squares: solutions scaled by a power of two, tolerances
// with them, take the same steps to the same digits.
func TestGroupwiseNormHasTheRangeOfFloat64(t *testing.T) {
	groups := []Group{{From: 0, To: 5, Rtol: 1e-3, Atol: math.SmallestNonzeroFloat64}}
	const rounding = 1e-12
	for _, size := range []float64{1e-300, 1e-160, 1e-150, 1, 1e150, 1e160, 1e300} {
		y := []float64{3 * size, -4 * size, 0, 12 * size, 84 * size} // of length 85
		if got := euclidean(y); math.Abs(got/(85*size)-1) > rounding {
			t.Errorf("the length of %v is %v", y, got)
		}
		cannonballs := make([]float64, 24) // 1² + 2² + … + 24² = 70², and 70² + 24² = 74²
		for i := range cannonballs {
			cannonballs[i] = size * float64(i+1)
		}
		if a, b := euclidean(cannonballs), euclidean(append(cannonballs, -24*size)); math.Abs(a/(70*size)-1) > rounding || math.Abs(b/(74*size)-1) > rounding {
			t.Errorf("the lengths of 24 and 25 numbers in units of %v are %v and %v", size, a/size, b/size)
		}
		e := []float64{0, 0, 8.5 * size, 0, 0}
		if got := (Groupwise{}).Measure(0, 1, y, y, e, groups); math.Abs(got-100) > 100*rounding {
			t.Errorf("at %v: scaled error %v, want 100", size, got)
		}
	}
	if x := []float64{1, math.NaN(), 2, 3, 1e300}; !math.IsNaN(euclidean(x)) || euclidean(make([]float64, 7)) != 0 || !math.IsInf(euclidean([]float64{1, math.Inf(-1)}), 1) {
		t.Errorf("the lengths of vectors with NaN, of zeros, or with −Inf")
	}
	f := func(t float64, y, dy []float64) { dy[0], dy[1] = -y[0]+y[1], -3*y[1]-y[0]*math.Sin(t) }
	var want Solution
	for n, scale := range []float64{1, 0x1p-996, 0x1p996} {
		sol, err := Solve(context.Background(), Problem{Derivative: f}, []float64{scale, -2 * scale}, Span{0, 5}, nil, Settings{Norm: Groupwise{}, Rtol: 1e-5, Atol: 1e-6 * scale})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			want = *sol
			continue
		}
		if d := math.Hypot(sol.State[0]/scale-want.State[0], sol.State[1]/scale-want.State[1]); d > rounding || sol.Stats.Steps != want.Stats.Steps {
			t.Errorf("scaled by %v: %d steps and a difference of %v, unscaled %d steps", scale, sol.Stats.Steps, d, want.Stats.Steps)
		}
	}
}
