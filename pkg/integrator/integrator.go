package integrator

import "fmt"

// An Integrator is a problem, a method and the storage to integrate with. It
// is made once and used for any number of stretches of time:
//
//	it.Reset(t0, y0)
//	for each segment {
//		it.SetDerivative(f)          // where f is another
//		it.Advance(ctx, segmentEnd)  // hits segmentEnd exactly
//	}
//
// After the first stretches nothing is allocated, neither per stretch nor per
// step. An Integrator serves one goroutine at a time.
type Integrator struct {
	problem  Problem
	method   Method
	settings Settings
	order    float64 // k of Control: ErrorOrder + 1
	jumps    []float64

	ws  workspace
	ev  evaluator
	t   float64
	y   []float64
	new []float64 // the attempted state
	out []float64 // interpolated states
	aux []float64 // interpolated states while locating an event

	ready     bool // Reset was called
	fresh     bool // nothing is known of the time before t
	start     bool // the state at t0 has not been offered to Save
	next      float64
	opening   float64 // what the first step accepted in the last stretch should have been
	opened    bool    // the present stretch has accepted a step
	past      history
	stiff     stiffCount
	stats     Stats
	attempts  int // of this Advance
	saveNext  int
	gridNext  int
	saved     Saved
	steps     []float64
	watchers  []watcher
	samples   int
	crossings []Crossing
	memStep   MemoryStep
	times     []float64
	planned   float64 // the end of the step at hand, of which an event may leave a part
	at        func(t float64, y []float64)
}

// New checks problem and settings and makes an Integrator for states of dim
// components. A nil method is Dopri5.
func New(problem Problem, dim int, method Method, settings Settings) (*Integrator, error) {
	if method == nil {
		method = Dopri5()
	}
	if problem.Derivative == nil {
		return nil, fmt.Errorf("integrator: Problem.Derivative is nil; give the right-hand side")
	}
	if dim < 1 {
		return nil, fmt.Errorf("integrator: the state has %d components; at least 1 is needed", dim)
	}
	resolved, err := settings.resolved(method, dim)
	if err != nil {
		return nil, err
	}
	if Implicit(method) && problem.Jacobian == nil && dim > mostDifferenced {
		return nil, &SizeError{Method: method.Name(), Dimension: dim}
	}
	jumps, err := sortedTimes(problem.Discontinuities)
	if err != nil {
		return nil, err
	}
	if resolved.uncontrolled(problem.Memories) {
		return nil, fmt.Errorf("integrator: no component has a finite Atol and no memory an Error, so that steps of any size would pass; give a Group a finite Atol, or set Settings.Step")
	}
	it := &Integrator{problem: problem, method: method, settings: resolved, jumps: jumps, order: float64(method.ErrorOrder() + 1)}
	if err := it.bindMemories(); err != nil {
		return nil, err
	}
	for index, event := range problem.Events {
		if event.Function == nil || event.Samples < 0 {
			return nil, fmt.Errorf("integrator: event %d (%q) has no Function or Samples < 0", index, event.Name)
		}
		it.samples = max(it.samples, event.Samples)
	}
	it.ws = method.newWorkspace(dim, len(problem.Memories) > 0)
	it.watchers = make([]watcher, len(problem.Events))
	it.ev = evaluator{
		f: problem.Derivative, jacobian: problem.Jacobian, memories: problem.Memories,
		norm: resolved.Norm, groups: resolved.Groups, equal: resolved.Step > 0, prescribed: resolved.Step > 0 || resolved.Grid != nil,
	}
	it.y, it.new, it.out = make([]float64, dim), make([]float64, dim), make([]float64, dim)
	if len(problem.Events) > 0 || len(settings.Save.At) > 0 {
		it.aux = make([]float64, dim)
	}
	it.at = it.dense
	it.saved.Width = dim
	if resolved.Save.Function != nil {
		it.saved.Width = resolved.Save.Width
	}
	return it, nil
}

func (it *Integrator) bindMemories() error {
	for index, memory := range it.problem.Memories {
		method, ok := it.method.(*RungeKutta)
		if !ok {
			return fmt.Errorf("integrator: %s cannot carry linear memories; use an explicit Runge–Kutta method", it.method.Name())
		}
		if memory == nil {
			return fmt.Errorf("integrator: memory %d is nil", index)
		}
		if !(memory.TimeConstant > 0) {
			return fmt.Errorf("integrator: memory %d has the time constant %v; it must be > 0, +Inf for no decay", index, memory.TimeConstant)
		}
		if memory.Accumulate == nil && memory.Error != nil {
			return fmt.Errorf("integrator: memory %d has an Error but no Accumulate", index)
		}
		memory.bind(method)
		it.times = make([]float64, method.total)
	}
	return nil
}

// Reset begins a new integration at t0 from a copy of y0, whose length must
// be the dimension: here, in Restart and in SetState another length is a fault
// of the calling program, and panics. Saved numbers, recorded steps, crossings, save times, the
// grid and the memories' Remaining start over; statistics and the step size
// for Settings.Carry stay.
func (it *Integrator) Reset(t0 float64, y0 []float64) {
	it.place(t0, y0)
	it.start = true
	it.saveNext, it.gridNext = 0, 0
	it.saved.reset()
	it.steps, it.crossings = it.steps[:0], it.crossings[:0]
	for _, memory := range it.problem.Memories {
		memory.SetRemaining(1)
	}
}

// Restart continues the integration at t0 from a copy of y0 after an
// interruption: as Reset, but what was saved and recorded stays, save times up
// to and including t0 are taken as dealt with, and memories keep Remaining. A
// Settings.Grid goes on with its first end beyond t0, also where t0 lies back.
func (it *Integrator) Restart(t0 float64, y0 []float64) {
	it.place(t0, y0)
	it.start = false
	it.rewind()
}

// rewind puts the grid's position back to the first end beyond t, if it is
// further on.
func (it *Integrator) rewind() {
	grid := it.settings.Grid
	if len(grid) == 1 {
		it.gridNext = 0
	}
	for past := it.gridNext; past > 0 && (grid[past-1]-it.t)*(grid[1]-grid[0]) > 0; past-- {
		it.gridNext = past - 1
	}
}

func (it *Integrator) place(t0 float64, y0 []float64) {
	it.SetState(y0)
	it.t, it.ready = t0, true
}

// SetDerivative replaces the right-hand side from the present time on, and
// drops Problem.Jacobian, which was that of another; SetJacobian gives the new
// one's.
func (it *Integrator) SetDerivative(derivative Derivative) {
	it.problem.Derivative, it.ev.f = derivative, derivative
	it.SetJacobian(nil)
}

// SetJacobian replaces the Jacobian from the present time on; nil is
// differences. Only implicit methods ask for one.
func (it *Integrator) SetJacobian(jacobian Jacobian) {
	it.problem.Jacobian, it.ev.jacobian = jacobian, jacobian
	it.Discontinuity()
}

// SetState replaces the state at the present time by a copy of y.
func (it *Integrator) SetState(y []float64) {
	if len(y) != len(it.y) {
		panic(fmt.Sprintf("integrator: a state of %d components for an Integrator of dimension %d", len(y), len(it.y)))
	}
	copy(it.y, y)
	it.Discontinuity()
}

// Discontinuity drops all that is remembered of the time before, the FSAL
// derivative first of all: for a right-hand side whose parameters were changed.
func (it *Integrator) Discontinuity() {
	it.ws.forget()
	it.fresh, it.opened = true, false
}

// Time is the present time.
func (it *Integrator) Time() float64 { return it.t }

// State is the present state, a view that Advance overwrites. After changing
// it call Discontinuity.
func (it *Integrator) State() []float64 { return it.y }

// Stats are the statistics since New or ClearStats.
func (it *Integrator) Stats() Stats {
	stats := it.stats
	stats.Evaluations = it.ev.count
	return stats
}

// ClearStats starts the statistics over, the signs of stiffness gathered so far
// included.
func (it *Integrator) ClearStats() { it.stats, it.ev.count, it.stiff = Stats{}, 0, stiffCount{} }

// Saved are the numbers saved since Reset, a view.
func (it *Integrator) Saved() *Saved { return &it.saved }

// Steps are the ends of the accepted steps since Reset, where
// Settings.RecordSteps asked for them; a view.
func (it *Integrator) Steps() []float64 { return it.steps }

// Crossings are the events found since Reset; a view.
func (it *Integrator) Crossings() []Crossing { return it.crossings }
