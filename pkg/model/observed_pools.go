package model

// observedPools is what is recorded of the astrocyte's compartments.
type observedPools struct {
	model  *astrocyte
	levels []float64             // p of each
	states func(c int) []float64 // of each
	half   float64               // p_h
}

func (of *observedPools) pools(into []float64) []float64 { return append(into, of.levels...) }

// mean is that over the compartments.
func (of *observedPools) mean(value func(c int) float64) float64 {
	var mean float64
	for c := range of.levels {
		mean += value(c) / float64(len(of.levels))
	}
	return mean
}

func (of *observedPools) calciumNow() float64 {
	return of.mean(func(c int) float64 { return of.levels[c] })
}

// divisorNow is the harmonic mean over the compartments: of their P, the mean.
func (of *observedPools) divisorNow() float64 {
	return 1 / of.mean(func(c int) float64 { return 1 / of.model.divisor(of.levels[c], of.states(c)) })
}

func (of *observedPools) astrocyteNow(variable string) float64 {
	place := of.model.place(variable)
	return of.mean(func(c int) float64 { return of.model.variable(place, of.states(c)) })
}

func (of *observedPools) halfEffect() float64 { return of.half }
