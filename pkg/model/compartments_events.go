package model

import (
	"slices"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// What an integration of compartments stops for: where a compartment's calcium crosses the level of
// a read-out that jumps there, and where what all follow changes.

// pooledState is a state of an integration as the pool's events see it.
type pooledState interface {
	states(state []float64) []float64                     // the pool's part
	levelOf(c int, time float64, state []float64) float64 // p of a compartment
	excess(time float64, state []float64) float64         // of a read-out by which compartments gather
}

func (pool *pool) events(of pooledState) []integrator.Event {
	if pool.gathers != nil {
		return []integrator.Event{{Name: "gathering", Function: of.excess, Terminal: true, Samples: 4}}
	}
	readout, jumps := pool.astrocyte.readout.(jumpingReadout)
	if !jumps {
		return nil
	}
	var events []integrator.Event
	for c := range pool.count {
		events = append(events, integrator.Event{Name: "release", Function: func(time float64, state []float64) float64 {
			return of.levelOf(c, time, state) - readout.level()
		}, Terminal: true, Samples: 4})
	}
	return events
}

// follow decides between the whole cell and each compartment where a span begins.
func (pool *pool) follow(of pooledState, stepper stepping) {
	if pool.gathers != nil {
		pool.whole = of.excess(stepper.Time(), stepper.State()) > 0
	}
}

// met does what an event asks for.
func (pool *pool) met(of pooledState, stepper stepping, event int) {
	if pool.gathers == nil {
		pool.cross(of, stepper, event)
		return
	}
	pool.whole = !pool.whole
	stepper.Discontinuity()
}

// cross lets the read-outs jump of the compartment whose calcium crosses its level, −1: none, and
// of any other that is found on another side, as one whose calcium does the same.
func (pool *pool) cross(of pooledState, stepper stepping, crossing int) {
	readout, jumps := pool.astrocyte.readout.(jumpingReadout)
	if !jumps {
		return
	}
	state, jumped := slices.Clone(stepper.State()), false
	for c := range pool.count {
		own := pool.of(c, of.states(state))[pool.astrocyte.own:]
		above := !readout.above(own)
		if c != crossing {
			above = of.levelOf(c, stepper.Time(), state) >= readout.level()
		}
		jumped = readout.cross(above, own) || jumped
	}
	if jumped {
		stepper.SetState(state)
	}
}
