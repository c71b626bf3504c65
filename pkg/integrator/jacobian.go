package integrator

import "math"

// Jacobian tells the partial derivatives of a right-hand side at (t, y): it
// calls add(i, j, ∂f_i/∂y_j) for those that are not 0, in any order, and
// add(i, len(y), ∂f_i/∂t) where f depends on t. What is added twice is summed. y
// must not be changed, and neither y nor add kept. Only implicit methods ask.
type Jacobian func(t float64, y []float64, add func(row, column int, partial float64))

// mostDifferenced is the largest dimension whose Jacobian is taken by
// differences, of which each step costs as many evaluations as the state has
// components.
const mostDifferenced = 4096

// partials is a Jacobian matrix, by rows and without its zeros, and the
// derivative by t.
type partials struct {
	dim    int
	row    []int // of each entry in the order added
	column []int
	value  []float64
	byTime []float64

	from    []int // row i has the entries [from[i], from[i+1]) of columns and values
	columns []int
	values  []float64
	place   []int

	add    func(row, column int, partial float64)
	moved  []float64 // a state, one component of which has been moved
	slopes []float64 // the derivative there
}

func newPartials(dim int) *partials {
	matrix := &partials{
		dim: dim, byTime: make([]float64, dim), from: make([]int, dim+1), place: make([]int, dim),
		moved: make([]float64, dim), slopes: make([]float64, dim),
	}
	matrix.add = func(row, column int, partial float64) {
		switch {
		case partial == 0:
		case column == dim:
			matrix.byTime[row] += partial
		default:
			matrix.row = append(matrix.row, row)
			matrix.column = append(matrix.column, column)
			matrix.value = append(matrix.value, partial)
		}
	}
	return matrix
}

// evaluate sets the matrix to the partial derivatives at the start of a step to
// tNew, where f is slopes.
func (matrix *partials) evaluate(eval *evaluator, t, tNew float64, y, slopes []float64) {
	matrix.row, matrix.column, matrix.value = matrix.row[:0], matrix.column[:0], matrix.value[:0]
	clear(matrix.byTime)
	if eval.jacobian != nil {
		eval.jacobian(eval.within(t), y, matrix.add)
	} else {
		matrix.difference(eval, t, tNew, y, slopes)
	}
	matrix.sort()
}

// difference takes forward differences: of each component by the root of the
// machine precision times its size, or times what the step would add to it at
// the present rate, and of t towards the step's end.
func (matrix *partials) difference(eval *evaluator, t, tNew float64, y, slopes []float64) {
	const root = 0x1p-26
	step, largest := math.Abs(tNew-t), 0.0
	for j := range y {
		largest = max(largest, math.Abs(y[j]), float64(step*math.Abs(slopes[j])))
	}
	copy(matrix.moved, y)
	for j := range y {
		size := max(math.Abs(y[j]), float64(step*math.Abs(slopes[j])))
		if size == 0 {
			size = largest
		}
		if size == 0 {
			size = 1
		}
		matrix.moved[j] = y[j] + float64(root*size)
		change := matrix.moved[j] - y[j]
		eval.derivative(t, matrix.moved, matrix.slopes)
		for i, slope := range matrix.slopes {
			if slope != slopes[i] {
				matrix.add(i, j, (slope-slopes[i])/change)
			}
		}
		matrix.moved[j] = y[j]
	}
	here := eval.within(t)
	there := eval.within(t + math.Copysign(min(root*max(math.Abs(t), step), step), tNew-t))
	if there == here {
		return
	}
	eval.derivative(there, y, matrix.slopes)
	for i, slope := range matrix.slopes {
		if slope != slopes[i] {
			matrix.add(i, matrix.dim, (slope-slopes[i])/(there-here))
		}
	}
}

// sort puts the entries in the order of their rows.
func (matrix *partials) sort() {
	clear(matrix.from)
	for _, row := range matrix.row {
		matrix.from[row+1]++
	}
	for row := range matrix.dim {
		matrix.from[row+1] += matrix.from[row]
	}
	copy(matrix.place, matrix.from)
	for len(matrix.values) < len(matrix.value) {
		matrix.values, matrix.columns = append(matrix.values, 0), append(matrix.columns, 0)
	}
	for entry, row := range matrix.row {
		at := matrix.place[row]
		matrix.columns[at], matrix.values[at] = matrix.column[entry], matrix.value[entry]
		matrix.place[row]++
	}
}
