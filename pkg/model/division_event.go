package model

// event is a read-out by gliotransmission in events (science §7; Stimberg et al. 2019). Where
// the calcium rises through a threshold the astrocyte releases a share of what it has stored,
//
//	x → x − U x,   G → G + ρ G_T U x        dx/dt = Ω_A (1 − x),  dG/dt = −Ω_e G
//
// and presynaptic receptors bind it, dΓ/dt = O_G G (1 − Γ) − Ω_G Γ, P = (1 − Γ)/p_h: w = 1 − Γ
// is held. What is released does not depend on how far the calcium rises.
type event struct{ half, threshold float64 } // p_h; p_Θ

// Constants of [event], of Stimberg et al. 2019.
const (
	releaseShare     = 0.6          // U_A
	releaseRecovery  = 0.6          // Ω_A, 1/s
	releaseSize      = 6.5e-4 * 2e5 // ρ_e G_T, µM
	releaseClearance = 60           // Ω_e, 1/s
	receptorBinding  = 1.5          // O_G, 1/(µM s)
	receptorRelease  = 0.5 / 60     // Ω_G, 1/s
)

// Its states.
const (
	atStored    = iota // x_A
	atReleased         // G_A, µM
	atUnbound          // w = 1 − Γ
	atThreshold        // 1 while the calcium is above its threshold, else 0
	eventStates
)

func newEvent(division *Division) readoutModel { return event{division.HalfEffect, division.Threshold} }

func (event) states() int         { return eventStates }
func (event) variables() []string { return []string{"x_a", "g_a"} } // atStored, atReleased

// begin is as if the calcium had stood at p for ever: all is stored again.
func (event event) begin(p float64, state []float64) {
	state[atStored], state[atReleased], state[atUnbound], state[atThreshold] = 1, 0, 1, 0
	if p >= event.threshold {
		state[atThreshold] = 1
	}
}

func (event event) divisor(_ float64, state []float64) float64 {
	return event.half / state[atUnbound]
}

func (event) derivative(_ float64, state, rates []float64) {
	rates[atStored] = releaseRecovery * (1 - state[atStored])
	rates[atReleased] = -releaseClearance * state[atReleased]
	rates[atUnbound] = float64(receptorRelease*(1-state[atUnbound])) - float64(receptorBinding*state[atReleased]*state[atUnbound])
}

func (event) partials(_ float64, state []float64, add partial) {
	add(atStored, atStored, -releaseRecovery)
	add(atReleased, atReleased, -releaseClearance)
	add(atUnbound, atUnbound, -receptorRelease-float64(receptorBinding*state[atReleased]))
	add(atUnbound, atReleased, -receptorBinding*state[atUnbound])
}

func (event event) slopes(state, into []float64) {
	into[atUnbound] = -event.half / (state[atUnbound] * state[atUnbound])
}

func (event event) level() float64 { return event.threshold }

func (event event) cross(above bool, state []float64) bool {
	side := 0.0
	if above {
		side = 1
	}
	if side == state[atThreshold] {
		return false
	}
	if state[atThreshold] = side; above {
		released := float64(releaseShare * state[atStored])
		state[atStored] -= released
		state[atReleased] += float64(releaseSize * released)
	}
	return true
}

func (event) above(state []float64) bool { return state[atThreshold] == 1 }
