package model

import (
	"context"
	"slices"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// A jumpingReadout is a readoutModel whose state jumps where the calcium crosses a level.
type jumpingReadout interface {
	readoutModel
	level() float64

	// above tells on which side of the level the calcium is, as far as the state knows, and cross
	// takes it to a side; it reports whether that is another one.
	above(state []float64) bool
	cross(above bool, state []float64) bool
}

// events are where the integration stops for an astrocyte to jump; none for most. p is
// that of a state.
func (astrocyte *astrocyte) events(p func(time float64, state []float64) float64) []integrator.Event {
	readout, jumps := astrocyte.readout.(jumpingReadout)
	if !jumps {
		return nil
	}
	level := readout.level()
	return []integrator.Event{{Name: "release", Function: func(time float64, state []float64) float64 { return p(time, state) - level }, Terminal: true, Samples: 4}}
}

// advance takes a stepper to a time, from one jump of the astrocyte to the next. The
// astrocyte's state lies at an offset of the stepper's.
func (astrocyte *astrocyte) advance(ctx context.Context, stepper stepping, end float64, offset int, p func(time float64, state []float64) float64) integrator.Status {
	readout, jumps := astrocyte.readout.(jumpingReadout)
	if !jumps {
		return stepper.Advance(ctx, end)
	}
	from, to := offset+astrocyte.own, offset+astrocyte.states
	cross := func(above bool) {
		state := slices.Clone(stepper.State())
		if readout.cross(above, state[from:to]) {
			stepper.SetState(state)
		}
	}
	// Where p follows what is collected at once it may have jumped itself.
	cross(p(stepper.Time(), stepper.State()) >= readout.level())
	for {
		status := stepper.Advance(ctx, end)
		if status.Reason != integrator.TerminalEvent {
			return status
		}
		cross(!readout.above(stepper.State()[from:to]))
	}
}
