package integrator

import "math"

// Direction selects crossings by sign; it is about the event function along
// the integration, also where that runs backwards in t.
type Direction int

const (
	Either  Direction = iota // any change of sign
	Rising                   // from negative to positive
	Falling                  // from positive to negative
)

// Event is a function whose changes of sign along the solution are located on
// the dense output, to a few units in the last place of t. A zero at the very
// start of an integration is not a change of sign and not reported. Crossings
// at the instant of a terminal one are reported with it.
type Event struct {
	Name string // for messages
	// Function is continuous along the solution between discontinuities; its
	// changes of sign are the events. y must not be changed or kept.
	Function  func(t float64, y []float64) float64
	Direction Direction // which changes of sign count
	// Terminal stops the integration at the crossing.
	Terminal bool
	// Samples is the number of points inside each step at which the sign is
	// looked at too; 0: only at step ends, so that two crossings in one step
	// are missed.
	Samples int
	// Found, if set, is called at each crossing; y is valid during the call.
	Found func(t float64, y []float64)
}

// Crossing is a change of sign that was found.
type Crossing struct {
	Event int     // index in Problem.Events
	Time  float64 // t at the change of sign, on its far side
}

// watcher looks for one event.
type watcher struct {
	before    float64 // the event function at the start of the piece of step looked at
	last, now float64 // the same, and at the end; afterwards both at the end
	theta     float64 // the crossing in it that is not reported yet; +Inf: none
}

func crosses(a, b float64, d Direction) bool {
	switch {
	case a < 0 && b >= 0:
		return d != Falling
	case a > 0 && b <= 0:
		return d != Rising
	}
	return false
}

// root finds a zero of g in [a, b], where ga = g(a) and gb = g(b) differ in
// sign, by inverse quadratic interpolation, secant or bisection, whichever is
// safe (R. P. Brent, Algorithms for Minimization without Derivatives, 1973,
// ch. 4). It returns the end, on b's side of the zero, of a bracket of width
// at most tol or one unit in the last place.
func root(g func(float64) float64, a, ga, b, gb, tol float64) float64 {
	end, signEnd := b, gb // the best point with b's sign
	c, gc := a, ga
	d := b - a
	e := d
	for range 200 {
		if gb == 0 || math.Signbit(gb) == math.Signbit(signEnd) {
			end = b
		}
		if gb == 0 {
			return b
		}
		if math.Signbit(gb) == math.Signbit(gc) {
			c, gc = a, ga
			d = b - a
			e = d
		}
		if math.Abs(gc) < math.Abs(gb) {
			a, b, c = b, c, b
			ga, gb, gc = gb, gc, gb
			if math.Signbit(gb) == math.Signbit(signEnd) {
				end = b
			}
		}
		near := float64(2*epsilon*math.Abs(b)) + float64(tol/2)
		half := (c - b) / 2
		if math.Abs(half) <= near {
			if math.Signbit(gb) != math.Signbit(signEnd) {
				end = c
			}
			return end
		}
		d, e = brentStep(a, b, c, ga, gb, gc, d, e, half, near)
		a, ga = b, gb
		if math.Abs(d) > near {
			b += d
		} else {
			b += math.Copysign(near, half)
		}
		gb = g(b)
	}
	return end
}

const epsilon = 0x1p-52

// brentStep chooses between interpolation and bisection.
func brentStep(a, b, c, ga, gb, gc, d, e, half, near float64) (step, before float64) {
	if math.Abs(e) < near || math.Abs(ga) <= math.Abs(gb) {
		return half, half
	}
	s := gb / ga
	var p, q float64
	if a == c {
		p, q = 2*half*s, 1-s
	} else {
		u, r := ga/gc, gb/gc
		p = s * (float64(2*half*u*(u-r)) - float64((b-a)*(r-1)))
		q = (u - 1) * (r - 1) * (s - 1)
	}
	if p > 0 {
		q = -q
	}
	p = math.Abs(p)
	if 2*p < min(float64(3*half*q)-math.Abs(near*q), math.Abs(e*q)) {
		return p / q, d
	}
	return half, half
}

// scan looks for events in the attempted step to tNew. It returns the part of
// the step that counts, as θ: 1, or less where a terminal event ends it.
func (it *Integrator) scan(tNew float64) (end float64, st Status) {
	h, a := tNew-it.t, 0.0
	for n := 1; n <= it.samples+1; n++ {
		b, tb, yb := 1.0, tNew, it.new
		if n <= it.samples {
			b = float64(n) / float64(it.samples+1)
			tb, yb = it.t+float64(b*h), it.inside(b, tNew)
		}
		for i := range it.watchers {
			it.watchers[i].now = it.problem.Events[i].Function(tb, yb)
		}
		found := 0
		for i := range it.watchers {
			w := &it.watchers[i]
			w.theta, w.before = math.Inf(1), w.last
			if crosses(w.last, w.now, it.problem.Events[i].Direction) {
				w.theta = it.locate(i, a, b, tNew)
				found++
			}
			w.last = w.now
		}
		for ; found > 0; found-- {
			if end, st := it.report(tNew); st.Reason != Unstarted {
				it.reportWith(end, tNew)
				return end, st
			}
		}
		a = b
	}
	return 1, Status{}
}

// inside is the interpolated state at θ of the attempted step, in it.aux.
func (it *Integrator) inside(theta, tNew float64) []float64 {
	it.ws.finish(&it.ev, it.t, tNew, it.y, it.new)
	it.ws.interpolate(theta, tNew-it.t, it.y, it.new, it.aux)
	return it.aux
}

// locate finds the θ in [a, b] where event i crosses zero.
func (it *Integrator) locate(i int, a, b, tNew float64) float64 {
	w, g, h := &it.watchers[i], it.problem.Events[i].Function, tNew-it.t
	tol := 4 * epsilon * (1 + max(math.Abs(it.t), math.Abs(tNew))/math.Abs(h))
	return root(func(theta float64) float64 {
		return g(it.t+float64(theta*h), it.inside(theta, tNew))
	}, a, w.last, b, w.now, tol)
}

// reportWith records the crossings not yet reported that have also happened at
// θ, where a terminal event ends the step: the next step, which begins with
// the signs at θ, would not find them.
func (it *Integrator) reportWith(theta, tNew float64) {
	t := tNew
	if theta < 1 {
		t = it.t + float64(theta*(tNew-it.t))
	}
	for i := range it.watchers {
		w, e := &it.watchers[i], &it.problem.Events[i]
		if math.IsInf(w.theta, 1) || !crosses(w.before, e.Function(t, it.inside(theta, tNew)), e.Direction) {
			continue
		}
		it.crossings = append(it.crossings, Crossing{Event: i, Time: t})
		if e.Found != nil {
			e.Found(t, it.inside(theta, tNew))
		}
	}
}

// report records the earliest crossing not yet reported; its status stops the
// integration if the event is terminal.
func (it *Integrator) report(tNew float64) (end float64, st Status) {
	first := 0
	for i := range it.watchers {
		if it.watchers[i].theta < it.watchers[first].theta {
			first = i
		}
	}
	theta, e := it.watchers[first].theta, &it.problem.Events[first]
	it.watchers[first].theta = math.Inf(1)
	t := tNew
	if theta < 1 {
		t = it.t + float64(theta*(tNew-it.t))
	}
	it.crossings = append(it.crossings, Crossing{Event: first, Time: t})
	if e.Found != nil {
		e.Found(t, it.inside(theta, tNew))
	}
	if e.Terminal {
		return theta, Status{Reason: TerminalEvent, Time: t, Component: -1, Event: first, name: e.Name}
	}
	return 1, Status{}
}
