package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
)

// The convolutions of decaying exponentials in which the exact solution is
// written (science §4). Rates may coincide, be 0 (no decay) or +Inf (a process
// in its quasi-static limit, which has no memory and no integral).

// epsilon2 returns ε(a,b) = ∫₀ᵀ e^{−a(T−s)} e^{−bs} ds, symmetric in a and b.
func epsilon2(a, b, T float64) float64 {
	if math.IsInf(a, 1) || math.IsInf(b, 1) {
		return 0
	}
	low, gap := min(a, b), math.Abs(a-b)
	if gap*T == 0 {
		return T * portable.Exp(-low*T)
	}
	return portable.Exp(-low*T) * -portable.Expm1(-gap*T) / gap
}

// epsilon3 returns ε(a,b,c) = ∫₀ᵀ e^{−a(T−s)} ε_s(b,c) ds, symmetric in all.
func epsilon3(a, b, c, T float64) float64 {
	rates := []float64{a, b, c}
	slices.Sort(rates)
	a, b, c = rates[0], rates[1], rates[2]
	if math.IsInf(c, 1) {
		return 0
	}
	if (c-a)*T >= 0.5 {
		return (epsilon2(a, b, T) - epsilon2(b, c, T)) / (c - a)
	}
	// Nearly coinciding rates: the divided difference's Taylor series.
	y, z := (b-a)*T, (c-a)*T
	h, power := 1.0, 1.0 // h_n = Σ_i yⁱ z^{n−i}, yⁿ
	sum, factorial, sign := 0.0, 2.0, 1.0
	for n := range 20 {
		sum += sign * h / factorial
		power = float64(power * y)
		h = float64(z*h) + power
		factorial *= float64(n + 3)
		sign = -sign
	}
	return T * T * portable.Exp(-a*T) * sum
}

// epsilon returns the same for any number of rates, two or more: ε(a, b, …) is the
// convolution of their exponentials. It sorts them.
func epsilon(rates []float64, T float64) float64 {
	switch len(rates) {
	case 2:
		return epsilon2(rates[0], rates[1], T)
	case 3:
		return epsilon3(rates[0], rates[1], rates[2], T)
	}
	slices.Sort(rates)
	return epsilonSorted(rates, T)
}

func epsilonSorted(rates []float64, T float64) float64 {
	last := len(rates) - 1
	low, high := rates[0], rates[last]
	switch {
	case last == 1:
		return epsilon2(low, high, T)
	case math.IsInf(high, 1):
		return 0
	case (high-low)*T >= 0.5:
		return (epsilonSorted(rates[:last], T) - epsilonSorted(rates[1:], T)) / (high - low)
	}
	// The divided difference's Taylor series: Σ (−1)ⁿ h_n / (n + last)!, h_n the complete
	// homogeneous symmetric polynomial of the rates' distances from the lowest, times T.
	const count = 20
	var h [count]float64
	h[0] = 1
	for _, rate := range rates[1:] {
		y := (rate - low) * T
		for n := 1; n < count; n++ {
			h[n] += float64(y * h[n-1])
		}
	}
	first := portable.Exp(-low * T) // T^last e^{−low T} / last!
	for n := 1; n <= last; n++ {
		first *= T / float64(n)
	}
	sum, factor := 0.0, 1.0 // (−1)ⁿ last! / (n + last)!
	for n, symmetric := range h {
		sum += float64(factor * symmetric)
		factor /= -float64(n + 1 + last)
	}
	return first * sum
}

// filter2 returns κ ε(κ,a): e^{−at} as seen after time T through a low-pass
// filter of rate κ. An infinite κ passes it unchanged.
func filter2(kappa, a, T float64) float64 {
	if math.IsInf(kappa, 1) {
		return portable.Exp(-a * T)
	}
	return kappa * epsilon2(kappa, a, T)
}

// The same for many times at once.

// decays returns e^{−rt}.
func decays(rate float64, times []float64) []float64 {
	decayed := make([]float64, len(times))
	if math.IsInf(rate, 1) {
		return decayed // as decay
	}
	kernel.Axpy(-rate, times, decayed)
	kernel.Exp(decayed, decayed, 0)
	return decayed
}

// rises returns 1 − e^{−rt}.
func rises(rate float64, times []float64) []float64 {
	risen := decays(rate, times)
	for i, left := range risen {
		// Where little has decayed, a difference from 1 would be all rounding.
		if left > 0.5 {
			risen[i] = -portable.Expm1(-rate * times[i])
		} else {
			risen[i] = 1 - left
		}
	}
	return risen
}

// filters returns filter2(κ, a, t).
func filters(kappa, a float64, times []float64) []float64 {
	if math.IsInf(kappa, 1) {
		return decays(a, times)
	}
	low, gap := min(kappa, a), math.Abs(kappa-a)
	if math.IsInf(gap, 1) {
		return make([]float64, len(times))
	}
	filtered := decays(low, times)
	if gap == 0 {
		for i, time := range times {
			filtered[i] *= kappa * time
		}
		return filtered
	}
	for i, risen := range rises(gap, times) {
		filtered[i] *= kappa / gap * risen
	}
	return filtered
}
