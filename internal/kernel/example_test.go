package kernel_test

import (
	"fmt"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// The scores q kᵀ of two tokens against three, two numbers each.
func ExampleGemm() {
	q := []float64{
		1, 2,
		3, 4,
	}
	k := []float64{
		1, 0,
		0, 1,
		1, 1,
	}
	scores := make([]float64, 2*3)
	kernel.Gemm(false, true, 2, 3, 2, 1, q, 2, k, 2, 0, scores, 3)
	fmt.Println(scores[:3])
	fmt.Println(scores[3:])
	// Output:
	// [1 2 3]
	// [3 4 7]
}

// The shift makes the largest exp 1, so that none overflows.
func ExampleExp() {
	x := []float64{998, 999, 1000}
	kernel.Exp(x, x, -1000)
	fmt.Printf("%.4f\n", x)
	// Output: [0.1353 0.3679 1.0000]
}

// One token written into a Hebbian matrix that forgets half of what it holds.
func ExampleDecayRank1() {
	h := []float64{
		2, 2, 2,
		2, 2, 2,
	}
	kernel.DecayRank1(0.5, []float64{1, 10}, []float64{1, 2, 3}, h)
	fmt.Println(h[:3])
	fmt.Println(h[3:])
	// Output:
	// [2 3 4]
	// [11 21 31]
}

// A row of a transformer's layer: normalised, then GELU.
func ExampleLayerNorm32() {
	x := []float32{1, 2, 3, 4}
	scale, shift := []float32{1, 1, 1, 1}, []float32{0, 0, 0, 0}
	kernel.LayerNorm32(x, x, scale, shift, 1e-5)
	fmt.Printf("%.4f\n", x)
	kernel.Gelu32(x)
	fmt.Printf("%.4f\n", x)
	// Output:
	// [-1.3416 -0.4472 0.4472 1.3416]
	// [-0.1206 -0.1464 0.3008 1.2211]
}
