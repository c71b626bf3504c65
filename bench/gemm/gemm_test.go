package main

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// Each question has one answer, on a line of its own, after the kernels' name.
func TestAnswer(t *testing.T) {
	var out strings.Builder
	questions := []string{
		product{"T", "N", 3, 5, 7}.question("f64", 1e-6), product{"N", "T", 3, 5, 7}.question("f32", 1e-6), "map f32 1e-6",
	}
	for _, v := range vectors {
		questions = append(questions, fmt.Sprint("vector ", v.name, " ", v.precision, " 1e-6"))
	}
	if err := answer(strings.NewReader(strings.Join(questions, "\n")+"\n"), &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(out.String())
	if len(lines) != 1+len(questions) || lines[0] != kernel.Name() {
		t.Errorf("answers %q", lines)
	}
	for _, wrong := range []string{"gemm f64 N", "gemm f16 N N 1 1 1 0", "vector", "vector log f32 0", "map f16 0", "exp", "log 1", "\n"} {
		if err := answer(strings.NewReader(wrong), &out); err == nil {
			t.Errorf("%q: no error", wrong)
		}
	}
}

// What is timed is a product: of ones, k in every place, whatever is transposed.
func TestWhatIsTimedIsTheProduct(t *testing.T) {
	for _, s := range sizes {
		p := product{s.transA, s.transB, min(s.m, 9), min(s.n, 8), min(s.k, 7)}
		calls := 0
		g := gigaflops(p, 0, func(transA, transB bool, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int,
			beta float64, c []float64, ldc int) {
			calls++
			kernel.Gemm(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
			for i, x := range c {
				if x != float64(p.k) {
					t.Fatalf("%v: place %d holds %g", p, i, x)
				}
			}
		})
		if calls < 2 || !(g > 0) || math.IsInf(g, 0) {
			t.Errorf("%v: %d calls, %g GFLOP/s", p, calls, g)
		}
	}
}
