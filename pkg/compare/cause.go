package compare

import "github.com/nasim-sim/nasim/pkg/model"

// A Cause is one way in which the continuous network parts from its sums
// (science §2). It is known by what takes it away.
type Cause struct {
	Part

	// Limit takes the cause away: time constants to 0, memories to ∞.
	Limit func(*model.Parameters)

	// Beside names the cause without which this one has no effect or another meaning:
	// it is measured as what it adds to that one alone. "": none.
	Beside string

	// Idle reports whether the cause, though the network has it, does nothing where
	// the queries read these kernel sums. Nil: never. It is then as if the network
	// did not have it.
	Idle func(p model.Parameters, sums []float64) bool

	// Cure is the setting that takes it away by changing of what kind something is. It is
	// told where there is no size to turn, or none that does. Nil: none.
	Cure *Change

	// With is what is set beside Cure for nothing else to change.
	With []Change

	// Remedies are the ways to reduce it: the knobs of each are turned together.
	Remedies [][]Knob
}

// Cured returns the settings that take the cause away; none where only sizes do.
func (c Cause) Cured() []Change {
	if c.Cure == nil {
		return nil
	}
	return append([]Change{*c.Cure}, c.With...)
}

// Causes lists the causes in the order in which they are reported. To add one, add
// its file and its row here.
func Causes() []Cause { return causes }

var causes = []Cause{carryOver, learningRate, calciumLag, rise, latency, biophysics, drive, readOut, coupling, noAstrocyte, gainLag, settling, leak, floor, compartments, gathering}

// In reports whether the network has the cause at all.
func (c Cause) In(p model.Parameters) bool {
	without := p
	c.Limit(&without)
	return without != p
}

// Only returns the parameters with this cause, and that beside which it is measured, as
// they are and all others at their limit.
func (c Cause) Only(p model.Parameters) model.Parameters {
	for _, other := range Causes() {
		if other.Name != c.Name && other.Name != c.Beside {
			other.Limit(&p)
		}
	}
	return p
}

// CausesIn lists the causes that the network has where the queries read these kernel
// sums; where they are not known, those that do not depend on them.
func CausesIn(p model.Parameters, sums []float64) []Cause {
	var found []Cause
	for _, c := range Causes() {
		if c.In(p) && (c.Idle == nil || sums != nil && !c.Idle(p, sums)) {
			found = append(found, c)
		}
	}
	return found
}
