package model

// poles is one pool of calcium that follows what the processes collect, and where it takes
// time to rise follows what follows that,
//
//	τ_r dr/dt = −r + S       τ_p dp/dt = −p + r
//
// so that p is S seen through the kernel (e^{−t/τ_p} − e^{−t/τ_r})/(τ_p − τ_r). At τ_r = 0
// it is the paper's well-mixed astrocyte, at τ_p = 0 as well p = S.
type poles struct {
	taus    []float64
	settles bool // τ_p = 0
}

func newPoles(parameters *Parameters) *poles {
	chain := &poles{settles: parameters.TauCalcium == 0}
	for _, tau := range []float64{parameters.TauRise, parameters.TauCalcium} {
		if tau > 0 {
			chain.taus = append(chain.taus, tau)
		}
	}
	return chain
}

func (chain *poles) filters() []float64 { return chain.taus }

// states counts one more where there is no filter: the p at which the calcium is held.
func (chain *poles) states() int { return max(len(chain.taus), 1) }

func (chain *poles) follows() bool { return len(chain.taus) == 0 }

func (chain *poles) begin(p float64, state []float64) {
	for i := range state {
		state[i] = p
	}
}

func (chain *poles) levels(course calciumCourse, collected, states []float64, stride int, into []float64) {
	last := chain.states() - 1
	for c := range into {
		into[c] = states[c*stride+last]
		if chain.follows() {
			into[c] = course.settledCalcium(into[c], collected[c])
		}
	}
}

func (chain *poles) settle(course calciumCourse, collected float64, state []float64) {
	if chain.follows() {
		state[0] = course.settledCalcium(state[0], collected)
	}
}

func (chain *poles) derivatives(course calciumCourse, collected, states []float64, stride int, rates []float64) {
	if course == held {
		return
	}
	for c, drive := range collected {
		if course == falling {
			drive = 0
		}
		for i, tau := range chain.taus {
			at := c*stride + i
			rates[at] = (drive - states[at]) / tau
			drive = states[at]
		}
	}
}
