package model

// A settledReticulum is one that rests at a level of calcium, with all that leads to the IP3 which that
// takes: what flows in is what is pumped, and as h = Q_2/(Q_2 + C), mh = d_2 I/(d_2 (I + d_1) + C (I + d_3)).
type settledReticulum struct {
	calcium, square float64 // C and C²
	half            float64 // C² + K_P²
	gradient        float64 // ρ (C_E − C)
	permeability    float64 // Ω_C (mnh)³ + Ω_L
	open            float64 // mnh
	weight          float64 // mh C
	left            float64 // 1 over d_2 C − mh C (C + d_2), which I is a quotient by
	ip3             float64
}

func (of *reticulum) settled(calcium float64) (at settledReticulum) {
	at.settle(of, calcium, of.open(calcium))
	return at
}

// rests reports whether there is such IP3.
func (at *settledReticulum) rests() bool { return at.gradient > 0 && at.left > 0 }

// open returns mnh at a level of calcium at which it rests.
func (of *reticulum) open(calcium float64) float64 { return cubeRoot(of.openCubed(calcium)) }

func (of *reticulum) openCubed(calcium float64) float64 {
	square := float64(calcium * calcium)
	drained := (square + float64(of.pump*of.pump)) * of.gradient(calcium)
	return (float64(of.uptake*square) - float64(of.leak*drained)) / (of.channel * drained)
}

// opens sets mnh of many, of which calcium is so much above a level. Step by step for all of them: in
// one, each number waits for the one before.
func (of *reticulum) opens(level float64, above []float64, stride int, into []float64) {
	for c := range into {
		into[c] = of.openCubed(level + above[c*stride])
	}
	for c, cube := range into {
		into[c] = cubeRoot(cube)
	}
}

// settle sets where it rests at a level of calcium, of which mnh is known.
func (at *settledReticulum) settle(of *reticulum, calcium, open float64) {
	at.calcium, at.square, at.open = calcium, float64(calcium*calcium), open
	at.half = at.square + float64(of.pump*of.pump)
	at.gradient = of.gradient(calcium)
	at.permeability = float64(of.channel*open*open*open) + of.leak
	at.weight = float64(at.open * (calcium + of.activation))
	at.left = 1 / (float64(of.inactivation*calcium) - float64(at.weight*(calcium+of.inactivation)))
	at.ip3 = at.weight * (float64(of.inhibition*calcium) + float64(of.inactivation*of.opening)) * at.left
}

// slope returns how much the IP3 of two levels of calcium differs, relative to these. The difference of
// each step follows from those before, so that none is taken of two numbers that are nearly alike: it is
// precise however near they are. Of one level and the same it is the derivative.
func (of *reticulum) slope(from, to *settledReticulum) float64 {
	square := from.calcium + to.calcium
	pumped := float64(square*to.gradient) - float64(from.half*(1+of.volumes))
	cubes := float64(from.open*from.open) + float64(from.open*to.open) + float64(to.open*to.open)
	open := (float64(of.uptake*square) - float64(from.permeability*pumped)) / (of.channel * to.half * to.gradient * cubes)
	weight := float64(open*(to.calcium+of.activation)) + from.open
	left := of.inactivation - float64(weight*(to.calcium+of.inactivation)) - from.weight
	right := float64(weight*(float64(of.inhibition*to.calcium)+float64(of.inactivation*of.opening))) + float64(from.weight*of.inhibition)
	return (right - float64(from.ip3*left)) * to.left
}
