package model

// receptor is a read-out by presynaptic receptors that lower release (science §7). They
// settle at a share of 1/(1 + p/p_h) unoccupied, w, so that division by 1 + p/p_h is
// what release-decreasing gliotransmission does: P = w/p_h, and at once
//
//	P = 1/(p + p_h),
//
// which tends to 1/p with p_h.
type receptor struct{ half float64 } // p_h

func (receptor) states() int                                     { return 0 }
func (receptor) begin(float64, []float64)                        {}
func (receptor receptor) divisor(p float64, _ []float64) float64 { return p + receptor.half }
func (receptor) derivative(float64, []float64, []float64)        {}

// slowReceptor is the same with the time that binding takes,
//
//	τ_Γ dw/dt = 1 − (1 + p/p_h) w,
//
// whose rate is (1 + p/p_h)/τ_Γ.
type slowReceptor struct{ half, tau float64 } // p_h; τ_Γ, s

func (slowReceptor) states() int { return 1 }
func (receptor slowReceptor) begin(p float64, state []float64) {
	state[0] = receptor.half / (receptor.half + p)
}
func (receptor slowReceptor) divisor(_ float64, state []float64) float64 {
	return receptor.half / state[0]
}
func (receptor slowReceptor) derivative(p float64, state, rates []float64) {
	rates[0] = (1 - float64((1+p/receptor.half)*state[0])) / receptor.tau
}

func newReceptor(division *Division) readoutModel {
	if division.TauReceptor > 0 {
		return slowReceptor{division.HalfEffect, division.TauReceptor}
	}
	return receptor{division.HalfEffect}
}
