package integrator

// RadauTableau are the coefficients of a Radau IIA method of s stages (Hairer &
// Wanner, IV.5, IV.8): collocation at the nodes c of Radau's quadrature, the last of
// which is the step's end,
//
//	Z_i = h Σ_j A_ij f(t + c_j h, y + Z_j),   yNew = y + Z_s
//
// with the inverse of A as T Λ T⁻¹, Λ of one real eigenvalue and of blocks
// [[a, b], [−b, a]], each of a pair a ± ib.
type RadauTableau struct {
	Name   string // short, lower-case
	Source string // where the coefficients were published

	C          []float64    // the s nodes, rising to 1
	Real       float64      // the real eigenvalue of A⁻¹
	Pairs      [][2]float64 // a and b of each pair
	T, Inverse [][]float64  // T and T⁻¹, by rows

	// What another quadrature, with the weight 1/Real at the step's start, makes of
	// the step, less what this one does: weights of the stages' Z, in units of that
	// one's. Error is of degree s − 1, Damping less accurate; see [Radau.ErrorOrder].
	Error, Damping []float64
	DampingDegree  int // of the latter: it is exact to this degree
}

// Radau is a fully implicit Runge–Kutta method of Radau IIA: of each step it asks for the
// Jacobian and for the iterations of a simplified Newton's method, each of which
// evaluates f at every stage. It is immutable and safe for concurrent use.
type Radau struct {
	tableau           RadauTableau
	t, inverse        []row
	estimate, damping row
	barycentric       []float64 // 1/Π_{j≠i} (c_i − c_j), of the start and the nodes
}

func newRadau(tableau RadauTableau) *Radau {
	method := &Radau{tableau: tableau, estimate: sparse(tableau.Error), damping: sparse(tableau.Damping)}
	for i := range tableau.C {
		method.t = append(method.t, sparse(tableau.T[i]))
		method.inverse = append(method.inverse, sparse(tableau.Inverse[i]))
	}
	nodes := append([]float64{0}, tableau.C...)
	for i, node := range nodes {
		product := 1.0
		for j, other := range nodes {
			if j != i {
				product *= node - other
			}
		}
		method.barycentric = append(method.barycentric, 1/product)
	}
	return method
}

// Name is the method's short name.
func (method *Radau) Name() string { return method.tableau.Name }

// Source is the publication the coefficients come from.
func (method *Radau) Source() string { return method.tableau.Source }

// Order is the order of the solution carried on, 2s − 1.
func (method *Radau) Order() int { return 2*len(method.tableau.C) - 1 }

// ErrorOrder is that of the estimate ê²/√(ê² + (ẽ/100)²), much as dop853 has it: ê = O(h^(s+1))
// is by the quadrature of degree s − 1 and ẽ = O(h^(q+1)) by the other, whose degree is
// q − 1. Where the problem is so stiff that both lose their orders, it is ê.
func (method *Radau) ErrorOrder() int {
	return 2*len(method.tableau.C) - method.tableau.DampingDegree - 1
}

// DenseOrder is the order of the interpolant, the collocation polynomial. It is continuous;
// its slope, f at the nodes, jumps at a step's start by as little as it errs.
func (method *Radau) DenseOrder() int { return len(method.tableau.C) }

// Stages counts the stages, each of which is evaluated once in every iteration.
func (method *Radau) Stages() int { return len(method.tableau.C) }

// FSAL is false: the last stage is at the step's end, but for what the iteration leaves.
func (method *Radau) FSAL() bool { return false }

// lagrange sets into to the weights of the stages' Z in the collocation polynomial at θ.
func (method *Radau) lagrange(theta float64, into *row) {
	into.stage, into.weight = into.stage[:0], into.weight[:0]
	nodes := method.tableau.C
	for i := range nodes {
		weight := theta * method.barycentric[i+1]
		for j, other := range nodes {
			if j != i {
				weight *= theta - other
			}
		}
		into.stage = append(into.stage, i)
		into.weight = append(into.weight, weight)
	}
}
