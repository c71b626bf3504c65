package model

// Drive says when the calcium follows what the astrocyte's processes collect,
// S = g·h (science §1b).
type Drive int

const (
	Ungated      Drive = iota // always: τ_p dp/dt = −p + S
	WhileReading              // as the gate r: τ_p dp/dt = −p + r S, so that p falls while tokens are written
	Hold                      // only while a query is presented; otherwise dp/dt = 0
)

// Drives lists the drives' names, as in a configuration.
func Drives() []string { return []string{"ungated", "reading", "hold"} }

// String names the drive.
func (drive Drive) String() string { return Drives()[drive] }

// A calciumCourse is what the calcium does in a segment.
type calciumCourse int

const (
	following calciumCourse = iota // τ_p dp/dt = −p + S
	falling                        // τ_p dp/dt = −p
	held                           // dp/dt = 0
)

// course returns what the calcium does in a segment.
func (drive Drive) course(seg Segment) calciumCourse {
	switch {
	case drive == Ungated, seg.Phase == Reading && !seg.Blank:
		return following
	case drive == Hold:
		return held
	case seg.Phase == Reading:
		return following
	}
	return falling
}

// driving returns what of S drives a cell: nothing is collected that is below 0.
func (course calciumCourse) driving(collected float64) float64 {
	if course == falling {
		return 0
	}
	return max(collected, 0)
}

// settledCalcium returns p of the quasi-static limit τ_p = 0, where it has stood at
// before and the processes collect so much.
func (course calciumCourse) settledCalcium(before, collected float64) float64 {
	switch course {
	case falling:
		return 0
	case held:
		return before
	}
	return collected
}

// Learning returns the learning rate η of dH/dt = η (1−r) f hᵀ/T_w − H/τ_H: the one
// given or, where that is 0, the calibrated one.
func (parameters Parameters) Learning() float64 {
	if parameters.LearningRate != 0 {
		return parameters.LearningRate
	}
	return parameters.CalibratedLearning()
}

// CalibratedLearning returns the learning rate by which a token that is written from
// rest leaves v φᵀ in H (science §1b):
//
//	η = T_w / ∫ f̂ ĥ dt    over its write and its blank,
//
// where f̂ and ĥ are the responses of f and h to a unit drive while it is written, and
// their decay in the blank. It is 1/(1−a−b+2c) after a long blank; without a blank it
// is 1, as there a token's neighbour adds what is missing.
func (parameters Parameters) CalibratedLearning() float64 {
	if parameters.Gap == 0 {
		return 1
	}
	beta, phi, write, gap := rate(parameters.TauHidden), rate(parameters.TauOutput), parameters.Write, parameters.Gap
	// ∫₀ᵀ (1 − e^{−βt}) (1 − e^{−φt}) dt, and what is left of both decays on.
	felt := write - epsilon2(0, beta, write) - epsilon2(0, phi, write) + epsilon2(0, beta+phi, write)
	felt += float64(rise(beta, write) * rise(phi, write) * epsilon2(0, beta+phi, gap))
	return write / felt
}
