package model

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A folded is the transform between the compartments, its points, and their modes. Each topology is its own
// mirror image, and so is each mode, but for a sign: what the even modes add to a point and its image is
// the same, what the odd ones add the opposite. So V falls into two matrices of half the size, of one point of each
// pair; and these, or the one of them, into two again where all their modes have a mirror image, too.
// Where all exchange with all, V is a reflection.
type folded struct {
	pairs           [][2]int  // points that are each other's image, or one that is its own
	even, odd       *folded   // of the first point of each pair, and of each but those that are their own; nil: V is not folded
	byMode, byPoint []float64 // V, [modes×points], where it is not, and by points
	sums, less      []float64 // space

	normal []float64 // of the reflection that V is where all exchange with all; nil: it is none
}

// fewVectors are those of which inner products cost less than a matrix product.
const fewVectors = 8

// fewPoints are those for which folding costs more than it saves.
const fewPoints = 24

// fold puts the modes in the order of the transform, and returns it.
func (topology Topology) fold(vectors [][]float64, decays []float64) *folded {
	count := len(vectors)
	if topology == All {
		return &folded{normal: reflector(count)}
	}
	order := make([]int, count)
	for k := range order {
		order[k] = k
	}
	image := mirror(count)
	if topology == Ring && count > 2 {
		image = func(c int) int { return (count - c) % count }
	}
	folded := newFolded(vectors, order, image)
	before, decayed := slices.Clone(vectors), slices.Clone(decays)
	for i, k := range order {
		vectors[i], decays[i] = before[k], decayed[k]
	}
	return folded
}

// mirror turns so many points round.
func mirror(count int) func(int) int { return func(c int) int { return count - 1 - c } }

// newFolded returns the transform of some modes at as many points, whose numbers it puts in order.
func newFolded(vectors [][]float64, order []int, image func(int) int) *folded {
	folded := &folded{}
	var whole, apart [][2]int
	for c := range vectors {
		switch other := image(c); {
		case c < other:
			whole, apart = append(whole, [2]int{c, other}), append(apart, [2]int{c, other})
		case c == other:
			whole = append(whole, [2]int{c, c})
		}
	}
	var numbers [2][]int // of even modes and of odd ones
	var halves [2][][]float64
	alike := len(vectors) >= fewPoints
	for k, vector := range vectors {
		var overlap, square float64
		for c, x := range vector {
			overlap += float64(x * vector[image(c)])
			square += float64(x * x)
		}
		alike = alike && math.Abs(math.Abs(overlap)-square) < 1e-9*square
		parity, points := 0, whole
		if overlap < 0 {
			parity, points = 1, apart
		}
		half := make([]float64, len(points))
		for i, pair := range points {
			half[i] = vector[pair[0]]
		}
		numbers[parity], halves[parity] = append(numbers[parity], order[k]), append(halves[parity], half)
	}
	if !alike {
		folded.byMode, folded.byPoint = slices.Concat(vectors...), make([]float64, 0, len(vectors)*len(vectors))
		for c := range vectors {
			for _, vector := range vectors {
				folded.byPoint = append(folded.byPoint, vector[c])
			}
		}
		return folded
	}
	folded.pairs = whole
	folded.even = newFolded(halves[0], numbers[0], mirror(len(whole)))
	folded.odd = newFolded(halves[1], numbers[1], mirror(len(apart)))
	copy(order, slices.Concat(numbers[0], numbers[1]))
	return folded
}

// room returns space for what is the same in both of each pair, and for what is the opposite.
func (folded *folded) room(times int) (sums, less []float64) {
	size := len(folded.pairs) * times
	folded.sums, folded.less = slices.Grow(folded.sums[:0], size)[:size], slices.Grow(folded.less[:0], size)[:size]
	return folded.sums, folded.less
}

// analyse sets modes to what there is in each of what there is in each compartment, of some vectors,
// [vectors×C] both.
func (folded *folded) analyse(vectors int, x, modes []float64) {
	if vectors == 0 {
		return
	}
	count := len(x) / vectors
	folded.within(vectors, x, modes, count)
}

// within is analyse into rows of a stride.
func (folded *folded) within(vectors int, x, modes []float64, stride int) {
	count := len(x) / vectors
	switch {
	case folded.normal != nil:
		copy(modes, x)
		for vector := range vectors {
			along := kernel.Dot(folded.normal, x[vector*count:][:count])
			kernel.Axpy(-2*along, folded.normal, modes[vector*count:][:count])
		}
		return
	case folded.even != nil:
	case vectors < fewVectors:
		for vector := range vectors {
			x, modes := x[vector*count:][:count], modes[vector*stride:]
			for k := range count {
				modes[k] = kernel.Dot(folded.byMode[k*count:(k+1)*count], x)
			}
		}
		return
	default:
		kernel.Gemm(false, false, vectors, count, count, 1, x, count, folded.byPoint, count, 0, modes, stride)
		return
	}
	evens, odds := len(folded.pairs), count-len(folded.pairs)
	sums, less := folded.room(vectors)
	for vector := range vectors {
		x, sums, less := x[vector*count:], sums[vector*evens:], less[vector*odds:]
		next := 0
		for i, pair := range folded.pairs {
			if pair[0] == pair[1] {
				sums[i] = x[pair[0]]
				continue
			}
			sums[i], less[next] = x[pair[0]]+x[pair[1]], x[pair[0]]-x[pair[1]]
			next++
		}
	}
	folded.even.within(vectors, sums[:vectors*evens], modes, stride)
	folded.odd.within(vectors, less[:vectors*odds], modes[evens:], stride)
}

// synthesize sets into to what there is in each compartment, at so many times, of what there is in each
// mode, [C×times] both.
func (folded *folded) synthesize(times int, modes, into []float64) {
	count := len(modes) / times
	switch {
	case folded.normal != nil:
		folded.sums = slices.Grow(folded.sums[:0], times)[:times]
		clear(folded.sums)
		for k, x := range folded.normal {
			kernel.Axpy(x, modes[k*times:][:times], folded.sums)
		}
		copy(into, modes)
		for c, x := range folded.normal {
			kernel.Axpy(-2*x, folded.sums, into[c*times:][:times])
		}
		return
	case folded.even != nil:
	default:
		kernel.Gemm(false, false, count, times, count, 1, folded.byPoint, count, modes, times, 0, into, times)
		return
	}
	sums, less := folded.room(times)
	folded.even.synthesize(times, modes[:len(sums)], sums)
	folded.odd.synthesize(times, modes[len(sums):], less[:len(modes)-len(sums)])
	next := 0
	for i, pair := range folded.pairs {
		sum, one, image := sums[i*times:(i+1)*times], into[pair[0]*times:][:times], into[pair[1]*times:][:times]
		if pair[0] == pair[1] {
			copy(one, sum)
			continue
		}
		difference := less[next*times : (next+1)*times]
		next++
		for at, x := range sum {
			one[at], image[at] = x+difference[at], x-difference[at]
		}
	}
}
