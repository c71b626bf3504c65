package integrator

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// dense is a matrix of gonum's.
func dense(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, row := range rows {
		m.SetRow(i, row)
	}
	return m
}

// The coefficients are those of Radau IIA: the nodes are the roots of P_s − P_{s−1}, T and its inverse
// are inverse, A = T Λ⁻¹ T⁻¹ integrates polynomials of degree s − 1 up to every node, and its last
// row those of degree 2s − 2 over the step. The estimates are of the degrees that are stated.
func TestRadauCoefficients(t *testing.T) {
	const rounding = 1e-13 // of the entries of A⁻¹, 10² of which are added
	tableau := Radau9().tableau
	s := len(tableau.C)
	legendre := func(degree int, x float64) float64 {
		before, p := 1.0, x
		for n := 1; n < degree; n++ {
			before, p = p, (float64(2*n+1)*x*p-float64(n)*before)/float64(n+1)
		}
		return p
	}
	for _, c := range tableau.C {
		if d := legendre(s, 2*c-1) - legendre(s-1, 2*c-1); !(math.Abs(d) < rounding) {
			t.Errorf("at the node %v: %.2g", c, d)
		}
	}
	lambda := mat.NewDense(s, s, nil)
	lambda.Set(0, 0, tableau.Real)
	for i, pair := range tableau.Pairs {
		at := 1 + 2*i
		lambda.Set(at, at, pair[0])
		lambda.Set(at, at+1, pair[1])
		lambda.Set(at+1, at, -pair[1])
		lambda.Set(at+1, at+1, pair[0])
	}
	var identity, half, inverse, a mat.Dense
	identity.Mul(dense(tableau.T), dense(tableau.Inverse))
	half.Mul(dense(tableau.T), lambda)
	inverse.Mul(&half, dense(tableau.Inverse))
	if err := a.Inverse(&inverse); err != nil {
		t.Fatal(err)
	}
	for i, c := range tableau.C {
		for j := range tableau.C {
			want := 0.0
			if i == j {
				want = 1
			}
			if d := identity.At(i, j) - want; !(math.Abs(d) < rounding) {
				t.Errorf("T T⁻¹ at %d, %d is off by %.2g", i, j, d)
			}
		}
		degrees := s
		if i == s-1 {
			degrees = 2*s - 1
		}
		for q := range degrees {
			sum := 0.0
			for j, node := range tableau.C {
				sum += a.At(i, j) * math.Pow(node, float64(q))
			}
			if d := sum - math.Pow(c, float64(q+1))/float64(q+1); !(math.Abs(d) < rounding) {
				t.Errorf("the integral of t^%d to node %d is off by %.2g", q, i, d)
			}
		}
	}
	for name, weights := range map[string][]float64{"error": tableau.Error, "damping": tableau.Damping} {
		degree := s - 1
		if name == "damping" {
			degree = tableau.DampingDegree
		}
		// What it makes of y = t^(q+1), whose derivative at 0 is 1 for q = 0; Z is y at the nodes.
		for q := 0; q <= degree+1; q++ {
			sum := 0.0
			if q == 0 {
				sum = 1
			}
			for i, weight := range weights {
				sum += weight * math.Pow(tableau.C[i], float64(q+1))
			}
			if sees := math.Abs(sum) > 1e-3; sees != (q > degree) || !sees && math.Abs(sum) > rounding {
				t.Errorf("%s sees %.2g of t^%d", name, sum, q+1)
			}
		}
	}
}
