package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// answer is nasim's side. It prints the kernels in use, then answers each line
// as openblas_gemm.py does, and beside it
//
//	vector NAME f64|f32 seconds
//	map f64|f32 seconds
//
// with the nanoseconds that a function of vectors.go takes for an element, and with
// the seconds of a feature map.
func answer(in io.Reader, out io.Writer) error {
	if err := kernel.Check(); err != nil {
		return err
	}
	fmt.Fprintln(out, kernel.Name())
	for lines := bufio.NewScanner(in); lines.Scan(); {
		result, err := reply(lines.Text())
		if err != nil {
			return fmt.Errorf("question %q: %w", lines.Text(), err)
		}
		if _, err := fmt.Fprintln(out, result); err != nil {
			return err
		}
	}
	return nil
}

// reply measures what one line asks for.
func reply(question string) (float64, error) {
	what, rest, _ := strings.Cut(question, " ")
	var seconds float64
	switch what {
	case "vector":
		var v vector
		if _, err := fmt.Sscan(rest, &v.name, &v.precision, &seconds); err != nil {
			return 0, err
		}
		return v.nanoseconds(seconds)
	case "map":
		var precision string
		if _, err := fmt.Sscan(rest, &precision, &seconds); err != nil {
			return 0, err
		}
		return featureMap(precision, seconds)
	case "gemm":
		var precision string
		var p product
		if _, err := fmt.Sscan(rest, &precision, &p.transA, &p.transB, &p.m, &p.n, &p.k, &seconds); err != nil {
			return 0, err
		}
		switch precision {
		case precisions[0]:
			return gigaflops(p, seconds, kernel.Gemm), nil
		case precisions[1]:
			return gigaflops(p, seconds, kernel.Gemm32), nil
		}
		return 0, fmt.Errorf("%s is no precision", precision)
	}
	return 0, fmt.Errorf("neither gemm nor vector nor map")
}

// shortest repeats f for so many seconds and returns the shortest time.
func shortest(seconds float64, f func()) float64 {
	f()
	best := math.Inf(1)
	for start := time.Now(); math.IsInf(best, 1) || time.Since(start).Seconds() < seconds; {
		begin := time.Now()
		f()
		best = min(best, time.Since(begin).Seconds())
	}
	return best
}

// gigaflops multiplies matrices of ones, as OpenBLAS does beside it.
func gigaflops[T float32 | float64](p product, seconds float64,
	gemm func(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int)) float64 {
	ones := func(n int) []T {
		x := make([]T, n)
		for i := range x {
			x[i] = 1
		}
		return x
	}
	a, b, c := ones(p.m*p.k), ones(p.k*p.n), make([]T, p.m*p.n)
	lda, ldb := p.k, p.n
	if p.transA == "T" {
		lda = p.m
	}
	if p.transB == "T" {
		ldb = p.k
	}
	s := shortest(seconds, func() {
		gemm(p.transA == "T", p.transB == "T", p.m, p.n, p.k, 1, a, lda, b, ldb, 0, c, p.n)
	})
	return p.operations() / s / 1e9
}
