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
	suspicion := &it.stiff
	suspicion.since++
	if it.stats.Stiff || suspicion.signs == 0 && suspicion.since < stiffEvery {
		return
	}
	suspicion.since = 0
	if it.ws.stiffness(&it.ev, tNew, it.new) <= 1 {
		if suspicion.against++; suspicion.against >= stiffAgainst {
			suspicion.signs = 0
		}
		return
	}
	suspicion.against = 0
	if suspicion.signs++; suspicion.signs >= stiffSigns {
		it.stats.Stiff, it.stats.StiffTime = true, tNew
	}
}
