package integrator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The solution is that of gonum's LU, of chains and rings of components of one, two or five numbers each, in any order, of
// one copy and of two, where the diagonal is so small that rows have to be exchanged, too; and
// no more numbers are held than a band of their width has.
func TestBandsSolve(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for _, count := range []int{1, 2, 3, 9, 40, 65} {
		for _, each := range []int{1, 2, 5} {
			for _, ring := range []bool{false, true} {
				for _, diagonal := range []float64{3, 1e-3} {
					bandSolves(t, draw, count, each, ring, diagonal)
				}
			}
		}
	}
}

func bandSolves(t *testing.T, draw *rand.Rand, count, each int, ring bool, diagonal float64) {
	t.Helper()
	name := fmt.Sprintf("%d components of %d, ring %v, diagonal %v", count, each, ring, diagonal)
	dim := count * each
	place, matrix, plain := draw.Perm(dim), newPartials(dim), mat.NewDense(dim, dim, nil)
	couple := func(c, other int) {
		for i := range each {
			for j := range each {
				x, row, column := draw.NormFloat64(), place[c*each+i], place[other*each+j]
				matrix.add(row, column, x)
				plain.Set(row, column, plain.At(row, column)+x)
			}
		}
	}
	for c := range count {
		couple(c, c)
		if c > 0 || ring {
			couple(c, (c+count-1)%count)
			couple((c+count-1)%count, c)
		}
	}
	matrix.sort()
	b := newBlocks(matrix)
	// The search comes to the other numbers of the first component and those beside it at once, and
	// then to those of one component after another on either side.
	half := 3*each - 2
	switch {
	case ring && count > 2 && each == 1:
		half = 2
	case ring && count > 2:
		half = 5*each - 2
	}
	if entries, most := b.arrange(), dim*(3*half+1); entries > most && 2*most <= dim*dim {
		t.Errorf("%s: %d numbers, not %d", name, entries, most)
	}
	for _, d := range [][]float64{{diagonal}, {diagonal, 2, -2, diagonal}} {
		copies := int(math.Sqrt(float64(len(d))))
		var whole mat.Dense // D ⊗ 1 − 1 ⊗ J
		whole.Kronecker(mat.NewDense(copies, copies, d), mat.NewDiagDense(dim, slices.Repeat([]float64{1}, dim)))
		for k := range copies {
			part := whole.Slice(k*dim, (k+1)*dim, k*dim, (k+1)*dim).(*mat.Dense)
			part.Apply(func(i, j int, x float64) float64 { return x - plain.At(i, j) }, part)
		}
		f := newFactors(b, copies)
		if !f.factorise(d) {
			t.Fatalf("%s: singular", name)
		}
		right, x := mat.NewVecDense(copies*dim, nil), make([][]float64, copies)
		for i := range copies * dim {
			right.SetVec(i, draw.NormFloat64())
		}
		for k := range x {
			x[k] = append(x[k], right.RawVector().Data[k*dim:(k+1)*dim]...)
		}
		f.solve(x...)
		var want mat.VecDense
		if err := want.SolveVec(&whole, right); err != nil {
			t.Fatal(err)
		}
		bound := 1e-13 * mat.Cond(&whole, 2) * mat.Norm(&want, 2)
		for i := range copies * dim {
			if have := x[i/dim][i%dim]; !(math.Abs(have-want.AtVec(i)) <= bound) {
				t.Fatalf("%s: %v, want %v", name, have, want.AtVec(i))
			}
		}
	}
}
