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
	last, now float64 // the event function where the piece of a step that is looked at starts and ends
	before    float64 // last, for that piece, when last is already that of the piece after it
	theta     float64 // the crossing in the piece that is not reported yet; +Inf: none
}

func crosses(before, after float64, direction Direction) bool {
	switch {
	case before < 0 && after >= 0:
		return direction != Falling
	case before > 0 && after <= 0:
		return direction != Rising
	}
	return false
}

// root finds a zero of g in [a, b], where ga = g(a) and gb = g(b) differ in
// sign, by inverse quadratic interpolation, secant or bisection, whichever is
// safe (R. P. Brent, Algorithms for Minimization without Derivatives, 1973,
// ch. 4, whose letters these are). Of a bracket of width at most tol or one unit
// in the last place it returns the end at which g has the sign of gb, or is 0.
func root(function func(float64) float64, a, ga, b, gb, tol float64) float64 {
	sign := math.Signbit(gb)
	c, gc := a, ga
	step, before := b-a, b-a
	for tries := 0; ; tries++ {
		if gb == 0 {
			return b
		}
		if math.Signbit(gb) == math.Signbit(gc) {
			c, gc = a, ga
			step, before = b-a, b-a
		}
		if math.Abs(gc) < math.Abs(gb) {
			a, b, c = b, c, b
			ga, gb, gc = gb, gc, gb
		}
		near := float64(2*epsilon*math.Abs(b)) + float64(tol/2)
		half := (c - b) / 2
		if math.Abs(half) <= near || tries == 200 {
			if math.Signbit(gb) != sign {
				return c
			}
			return b
		}
		step, before = brentStep(a, b, c, ga, gb, gc, step, before, half, near)
		a, ga = b, gb
		if math.Abs(step) > near {
			b += step
		} else {
			b += math.Copysign(near, half)
		}
		gb = function(b)
	}
}

const epsilon = 0x1p-52

// brentStep chooses between interpolation and bisection.
func brentStep(a, b, c, ga, gb, gc, last, before, half, near float64) (step, earlier float64) {
	if math.Abs(before) < near || math.Abs(ga) <= math.Abs(gb) {
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
	if 2*p < min(float64(3*half*q)-math.Abs(near*q), math.Abs(before*q)) {
		return p / q, last
	}
	return half, half
}

// scan looks for events in the attempted step to tNew. It returns the part of
// the step that counts, as θ: 1, or less where a terminal event ends it.
func (it *Integrator) scan(tNew float64) (end float64, status Status) {
	from := 0.0
	for sample := 1; sample <= it.samples+1; sample++ {
		to, state := float64(sample)/float64(it.samples+1), it.new
		if to < 1 {
			state = it.inside(to, tNew)
		}
		t := it.instant(to, tNew)
		for event := range it.watchers {
			it.watchers[event].now = it.problem.Events[event].Function(t, state)
		}
		found := 0
		for event := range it.watchers {
			watched := &it.watchers[event]
			watched.theta, watched.before = math.Inf(1), watched.last
			if crosses(watched.last, watched.now, it.problem.Events[event].Direction) {
				watched.theta = it.locate(event, from, to, tNew)
				found++
			}
			watched.last = watched.now
		}
		for ; found > 0; found-- {
			if end, status := it.report(tNew); status.Reason != Unstarted {
				it.reportWith(end, tNew)
				return end, status
			}
		}
		from = to
	}
	return 1, Status{}
}

// inside is the interpolated state at θ of the attempted step, in it.aux.
func (it *Integrator) inside(theta, tNew float64) []float64 {
	it.ws.finish(&it.ev, it.t, tNew, it.y, it.new)
	it.ws.interpolate(theta, tNew-it.t, it.y, it.new, it.aux)
	return it.aux
}

// locate finds the θ in [from, to] where the event crosses zero.
func (it *Integrator) locate(event int, from, to, tNew float64) float64 {
	watched, function, step := &it.watchers[event], it.problem.Events[event].Function, tNew-it.t
	tol := 4 * epsilon * (1 + max(math.Abs(it.t), math.Abs(tNew))/math.Abs(step))
	return root(func(theta float64) float64 {
		return function(it.t+float64(theta*step), it.inside(theta, tNew))
	}, from, watched.last, to, watched.now, tol)
}

// reportWith records the crossings not yet reported that have also happened at
// θ, where a terminal event ends the step: the next step, which begins with
// the signs at θ, would not find them.
func (it *Integrator) reportWith(theta, tNew float64) {
	t := it.instant(theta, tNew)
	for i := range it.watchers {
		watched, event := &it.watchers[i], &it.problem.Events[i]
		if math.IsInf(watched.theta, 1) || !crosses(watched.before, event.Function(t, it.inside(theta, tNew)), event.Direction) {
			continue
		}
		it.record(i, theta, t, tNew)
	}
}

// record stores a crossing at t, at θ of the attempted step, and shows it.
func (it *Integrator) record(event int, theta, t, tNew float64) {
	it.crossings = append(it.crossings, Crossing{Event: event, Time: t})
	if found := it.problem.Events[event].Found; found != nil {
		found(t, it.inside(theta, tNew))
	}
}

// instant is the time at θ of the attempted step.
func (it *Integrator) instant(theta, tNew float64) float64 {
	if theta < 1 {
		return it.t + float64(theta*(tNew-it.t))
	}
	return tNew
}

// report records the earliest crossing not yet reported; its status stops the
// integration if the event is terminal.
func (it *Integrator) report(tNew float64) (end float64, status Status) {
	first := 0
	for i := range it.watchers {
		if it.watchers[i].theta < it.watchers[first].theta {
			first = i
		}
	}
	theta, event := it.watchers[first].theta, &it.problem.Events[first]
	it.watchers[first].theta = math.Inf(1)
	t := it.instant(theta, tNew)
	it.record(first, theta, t, tNew)
	if event.Terminal {
		return theta, Status{Reason: TerminalEvent, Time: t, Component: -1, Event: first, name: event.Name}
	}
	return 1, Status{}
}
