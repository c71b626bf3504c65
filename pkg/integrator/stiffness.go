package integrator

// stiffCount is Hairer and Wanner's bookkeeping of suspicion: fifteen signs
// for, not interrupted by six against.
type stiffCount struct{ signs, against, since int }

const (
	stiffEvery   = 25 // steps between two looks while nothing is suspected
	stiffSigns   = 15
	stiffAgainst = 6
)

func (it *Integrator) suspectStiffness(tNew float64) {
	c := &it.stiff
	c.since++
	if it.stats.Stiff || c.signs == 0 && c.since < stiffEvery {
		return
	}
	c.since = 0
	if it.ws.stiffness(&it.ev, tNew, it.new) <= 1 {
		if c.against++; c.against >= stiffAgainst {
			c.signs = 0
		}
		return
	}
	c.against = 0
	if c.signs++; c.signs >= stiffSigns {
		it.stats.Stiff, it.stats.StiffTime = true, tNew
	}
}
