package model

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A skeletonPart is a part of a grid and some of its columns from which the calcium at all of them follows:
// whatever its terms are, p(t_i) = Σ_j w_ij p(t_j), as the modes of many compartments are nearly alike. It is
// an interpolative decomposition of the modes' basis, to rounding.
type skeletonPart struct {
	from, to int       // columns of the grid
	first, n int       // of the skeletons
	weights  []float64 // [n×(to−from)]
}

// Skeletons pay from so many compartments on, for grids of so many columns. Parts are no
// longer than skeletonSpan time constants of the calcium, in which that falls by no more than e⁻⁵:
// what is interpolated has an error relative to its largest value in the part.
const (
	skeletonCompartments = 12
	skeletonNodes        = 8 * panelNodes
	skeletonSpan         = 5
	skeletonResolution   = 1e-15
)

// interpolative chooses some of the times from … to−1 and weights, [chosen×times], by which every
// function of the basis follows from its values there: by Gram–Schmidt's method on the times' columns, each
// function relative to its largest value, with the column that is left longest next.
func interpolative(basis calciumBasis, from, to int) (chosen []int, weights []float64) {
	count := to - from
	columns := make([][]float64, count) // by times, over the functions
	for _, function := range basis {
		var most float64
		for _, value := range function[from:to] {
			most = max(most, math.Abs(value))
		}
		if most == 0 {
			continue
		}
		for i := range columns {
			columns[i] = append(columns[i], function[from+i]/most)
		}
	}
	var rows [][]float64 // R, [chosen×times]
	var limit float64
	for len(chosen) < count {
		next, longest := -1, 0.0
		for i, column := range columns {
			if square := kernel.Dot(column, column); square > longest {
				next, longest = i, square
			}
		}
		length := math.Sqrt(longest)
		if len(chosen) == 0 {
			limit = float64(skeletonResolution * length)
		}
		if next < 0 || length <= limit {
			break
		}
		direction := append([]float64(nil), columns[next]...)
		scale(direction, 1/length)
		row := make([]float64, count)
		for i, column := range columns {
			row[i] = kernel.Dot(direction, column)
			kernel.Axpy(-row[i], direction, column)
		}
		clear(columns[next])
		chosen, rows = append(chosen, from+next), append(rows, row)
	}
	// Of R, the part of the chosen columns is triangular: it is solved from the last row up.
	weights = make([]float64, len(chosen)*count)
	for j := len(chosen) - 1; j >= 0; j-- {
		solved := weights[j*count : (j+1)*count]
		copy(solved, rows[j])
		for later := j + 1; later < len(chosen); later++ {
			kernel.Axpy(-rows[j][chosen[later]-from], weights[later*count:(later+1)*count], solved)
		}
		scale(solved, 1/rows[j][chosen[j]-from])
	}
	return chosen, weights
}
