package compare_test

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// One head of two tokens, kernel attention against softmax.
func Example() {
	softmax := []float64{0.9, 0.1, 0.2, 0.8} // 2×2 attention, and 2×1 outputs for v = (1, 0)
	kernel := []float64{0.8, 0.2, 0.3, 0.7}
	report := compare.Head(compare.HeadInput{
		Tokens: 2, ValueDim: 1, V: []float64{1, 0},
		Rungs: []compare.Rung{
			{Name: compare.Softmax, Attention: softmax, Output: []float64{0.9, 0.2}, Normalizer: []float64{3, 5}},
			{Name: compare.Kernel, Attention: kernel, Output: []float64{0.8, 0.3}, Normalizer: []float64{3.3, 4.5}},
		},
	})
	fmt.Printf("relative output error  %.3f\n", float64(report.Value(compare.Kernel, compare.RelativeError)))
	fmt.Printf("total variation        %.3f\n", float64(report.Value(compare.Kernel, compare.TVMean)))
	fmt.Printf("|p/Z − 1|, median      %.3f\n", float64(report.Value(compare.Kernel, compare.NormalizerMedian)))
	fmt.Println("dominating part       ", report.Dominant)
	// Output:
	// relative output error  0.153
	// total variation        0.100
	// |p/Z − 1|, median      0.100
	// dominating part        kernel
}
