package model

import (
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// folded is the transform between compartments and modes by half. Each topology is its own mirror image,
// and so is each mode, but for a sign. What the even modes add to a compartment and its image is the same,
// and what the odd ones add the opposite, so that the transform takes half of V's multiplications, and of its memory.
type folded struct {
	pairs  [][2]int  // compartments that are each other's image, or one that is its own
	even   int       // modes, which are first
	byMode []float64 // V at the first of each pair, [C×pairs]
	byPair []float64 // the same by pairs: of the even modes, [pairs×even], and then of the odd ones
	halves []float64 // space
}

// fold puts the even modes first, in their order, and returns the transform.
func (topology Topology) fold(vectors [][]float64, decays []float64) folded {
	count := len(vectors)
	var folded folded
	image := func(c int) int {
		if topology == Ring && count > 2 {
			return (count - c) % count
		}
		return count - 1 - c
	}
	for c := range count {
		if c <= image(c) {
			folded.pairs = append(folded.pairs, [2]int{c, image(c)})
		}
	}
	var sorted [2][][]float64
	var sortedDecays [2][]float64
	for k, vector := range vectors {
		var overlap float64 // with its image: 1 or −1
		for c, x := range vector {
			overlap += float64(x * vector[image(c)])
		}
		parity := 0
		if overlap < 0 {
			parity = 1
		}
		sorted[parity], sortedDecays[parity] = append(sorted[parity], vector), append(sortedDecays[parity], decays[k])
	}
	folded.even = len(sorted[0])
	copy(vectors, slices.Concat(sorted[0], sorted[1]))
	copy(decays, slices.Concat(sortedDecays[0], sortedDecays[1]))
	for _, vector := range vectors {
		for _, pair := range folded.pairs {
			folded.byMode = append(folded.byMode, vector[pair[0]])
		}
	}
	for _, some := range sorted {
		for _, pair := range folded.pairs {
			for _, vector := range some {
				folded.byPair = append(folded.byPair, vector[pair[0]])
			}
		}
	}
	return folded
}

// parts returns V by pairs, of the even modes and of the odd ones.
func (folded *folded) parts() (even, odd []float64) {
	size := len(folded.pairs) * folded.even
	return folded.byPair[:size], folded.byPair[size:]
}

// room returns space for two halves of so many numbers.
func (folded *folded) room(size int) (even, odd []float64) {
	folded.halves = slices.Grow(folded.halves[:0], 2*size)[:2*size]
	return folded.halves[:size], folded.halves[size:]
}

// analyse replaces what there is in each compartment by what there is in each mode.
func (folded *folded) analyse(x []float64) {
	pairs := len(folded.pairs)
	even, odd := folded.room(pairs)
	for i, pair := range folded.pairs {
		if even[i], odd[i] = x[pair[0]], 0; pair[0] != pair[1] {
			even[i], odd[i] = x[pair[0]]+x[pair[1]], x[pair[0]]-x[pair[1]]
		}
	}
	for k := range x {
		half := even
		if k >= folded.even {
			half = odd
		}
		x[k] = kernel.Dot(folded.byMode[k*pairs:(k+1)*pairs], half)
	}
}

// synthesize sets into to what there is in each compartment, at so many times, of what there is in each
// mode, [C×times] both.
func (folded *folded) synthesize(times int, modes, into []float64) {
	pairs, first := len(folded.pairs), folded.even
	second := len(modes)/times - first
	even, odd := folded.room(pairs * times)
	byEven, byOdd := folded.parts()
	if times == 1 {
		for i := range pairs {
			even[i] = kernel.Dot(byEven[i*first:(i+1)*first], modes[:first])
			odd[i] = kernel.Dot(byOdd[i*second:(i+1)*second], modes[first:])
		}
	} else {
		kernel.Gemm(false, false, pairs, times, first, 1, byEven, first, modes, times, 0, even, times)
		kernel.Gemm(false, false, pairs, times, second, 1, byOdd, second, modes[first*times:], times, 0, odd, times)
	}
	for i, pair := range folded.pairs {
		even, odd := even[i*times:(i+1)*times], odd[i*times:(i+1)*times]
		one, image := into[pair[0]*times:][:times], into[pair[1]*times:][:times]
		if pair[0] == pair[1] {
			copy(one, even)
			continue
		}
		for at, x := range even {
			one[at], image[at] = x+odd[at], x-odd[at]
		}
	}
}
