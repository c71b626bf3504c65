package model

// ExchangeByDiffusion is the rate D = D_Ca/(ℓ/C)², in 1/s, at which neighbours of C compartments exchange
// what diffuses with D_Ca, in µm²/s, along a process of length ℓ, in µm.
func ExchangeByDiffusion(coefficient, length float64, compartments int) float64 {
	each := float64(compartments) / length
	return coefficient * (each * each)
}

// A MeasuredDiffusion is a range of diffusion coefficients, in µm²/s, and a usual one.
type MeasuredDiffusion struct {
	Least, Usual, Most float64
	From               string // where it is from, in a few words
	Source             string // the key of its entry in the bibliography
}

// BufferedCalcium is how calcium diffuses in cytosol that binds it: the more slowly, the less of it there
// is, as more of it is bound.
func BufferedCalcium() MeasuredDiffusion {
	return MeasuredDiffusion{13, 20, 65, "Allbritton et al. 1992", "allbritton1992"}
}
