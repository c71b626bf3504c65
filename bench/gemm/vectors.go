package main

import (
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/internal/kernel"
)

// vector is a function of internal/kernel that is applied to a row, in a
// precision and at a length.
type vector struct {
	name, precision string
	length          int
	title           string
}

// Lengths are those of a transformer's rows: tokens, hidden and inner sizes.
var vectors = []vector{
	{"exp", "f64", 1000, "exp"},
	{"softmax", "f64", 512, "softmax of a row"},
	{"exp", "f32", 1000, "exp"},
	{"softmax", "f32", 512, "softmax of a row"},
	{"gelu", "f32", 3072, "GELU"},
	{"gelutanh", "f32", 3072, "GELU by tanh"},
	{"silu", "f32", 3072, "SiLU"},
	{"layernorm", "f32", 768, "layer normalisation"},
	{"add", "f32", 768, "sum of two rows"},
}

// nanoseconds returns the time an element takes. What works in place works on a copy,
// whose time is taken off.
func (v vector) nanoseconds(seconds float64) (float64, error) {
	for _, known := range vectors {
		if known.name == v.name && known.precision == v.precision {
			v.length = known.length
		}
	}
	x, y, ones := ramp[float64](v.length), make([]float64, v.length), make([]float32, v.length)
	x32, y32 := ramp[float32](v.length), make([]float32, v.length)
	f, inPlace := map[string]func(){
		"exp f64":       func() { kernel.Exp(y, x, 0.5) },
		"softmax f64":   func() { copy(y, x); kernel.SoftmaxRow(y) },
		"exp f32":       func() { kernel.Exp32(y32, x32, 0.5) },
		"softmax f32":   func() { copy(y32, x32); kernel.SoftmaxRow32(y32) },
		"gelu f32":      func() { copy(y32, x32); kernel.Gelu32(y32) },
		"gelutanh f32":  func() { copy(y32, x32); kernel.GeluTanh32(y32) },
		"silu f32":      func() { copy(y32, x32); kernel.Silu32(y32) },
		"layernorm f32": func() { kernel.LayerNorm32(y32, x32, ones, ones, 1e-5) },
		"add f32":       func() { kernel.Add32(y32, ones) },
	}[v.name+" "+v.precision], v.name != "exp" && v.name != "layernorm" && v.name != "add"
	if f == nil {
		return 0, fmt.Errorf("no function %s in %s", v.name, v.precision)
	}
	const repeat = 100 // the clock takes longer than a vector
	each := func(f func()) float64 {
		return shortest(seconds, func() {
			for range repeat {
				f()
			}
		})
	}
	t := each(f)
	if inPlace {
		t -= each(func() {
			if v.precision == precisions[0] {
				copy(y, x)
			} else {
				copy(y32, x32)
			}
		})
	}
	return 1e9 * t / float64(repeat*v.length), nil
}

// ramp runs from −5 to 5, where most activations lie, again and again.
func ramp[T float32 | float64](n int) []T {
	x := make([]T, n)
	for i := range x {
		x[i] = T(i%200)/20 - 5
	}
	return x
}

// hidden is the product of a feature map: tokens × neurons × head size.
var hidden = product{"N", "T", 197, 1024, 64}

// featureMap returns the seconds that exp(x Wᵀ − ½|x|²) takes.
func featureMap(precision string, seconds float64) (float64, error) {
	switch precision {
	case precisions[0]:
		return mapSeconds(seconds, kernel.Gemm, kernel.Exp), nil
	case precisions[1]:
		return mapSeconds(seconds, kernel.Gemm32, kernel.Exp32), nil
	}
	return 0, fmt.Errorf("%s is no precision", precision)
}

func mapSeconds[T float32 | float64](seconds float64,
	gemm func(transA, transB bool, m, n, k int, alpha T, a []T, lda int, b []T, ldb int, beta T, c []T, ldc int),
	exp func(dst, src []T, shift T)) float64 {
	p := hidden
	x, w, phi := ramp[T](p.m*p.k), ramp[T](p.n*p.k), make([]T, p.m*p.n)
	return shortest(seconds, func() {
		gemm(false, true, p.m, p.n, p.k, 1e-2, x, p.k, w, p.k, 0, phi, p.n)
		for t := range p.m {
			row := phi[t*p.n : (t+1)*p.n]
			exp(row, row, -1)
		}
	})
}

// functions are the least of what each path took: nanoseconds an element by
// function, and for each precision the seconds of the feature map and of its
// product.
type functions struct {
	nanoseconds    [][]float64
	maps, products [len(precisions)][]float64
}

func newFunctions(paths []*path) *functions {
	unknown := func() []float64 {
		x := make([]float64, len(paths))
		for i := range x {
			x[i] = math.Inf(1)
		}
		return x
	}
	f := &functions{}
	for range vectors {
		f.nanoseconds = append(f.nanoseconds, unknown())
	}
	for i := range f.maps {
		f.maps[i], f.products[i] = unknown(), unknown()
	}
	return f
}

// measure takes one round.
func (f *functions) measure(paths []*path, seconds float64) error {
	for at, p := range paths {
		for i, v := range vectors {
			x, err := number(p.own, fmt.Sprint("vector ", v.name, " ", v.precision, " ", seconds))
			if err != nil {
				return err
			}
			f.nanoseconds[i][at] = min(f.nanoseconds[i][at], x)
		}
		for i, precision := range precisions {
			x, err := number(p.own, fmt.Sprint("map ", precision, " ", seconds))
			if err != nil {
				return err
			}
			gigaflops, err := number(p.own, hidden.question(precision, seconds))
			if err != nil {
				return err
			}
			f.maps[i][at] = min(f.maps[i][at], x)
			f.products[i][at] = min(f.products[i][at], hidden.operations()/gigaflops/1e9)
		}
	}
	fmt.Fprintln(os.Stderr, "functions of rows")
	return nil
}

// table has a column for each path.
func (f *functions) table(paths []*path) string {
	var out strings.Builder
	out.WriteString("| function | precision | length |")
	for _, p := range paths {
		fmt.Fprintf(&out, " %s, ns an element |", p.name)
	}
	out.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(paths)) + "\n")
	word := map[string]string{precisions[0]: "float64", precisions[1]: "float32"}
	for i, v := range vectors {
		fmt.Fprintf(&out, "| %s | %s | %s |", v.title, word[v.precision], page.Whole(v.length))
		for _, x := range f.nanoseconds[i] {
			fmt.Fprintf(&out, " %s |", page.Decimal(x, 2))
		}
		out.WriteString("\n")
	}
	for i, precision := range precisions {
		fmt.Fprintf(&out, "| feature map exp(x Wᵀ − ½x²), in the time of x Wᵀ | %s | %s × %s × %s |", word[precision],
			page.Whole(hidden.m), page.Whole(hidden.n), page.Whole(hidden.k))
		for at, x := range f.maps[i] {
			fmt.Fprintf(&out, " × %.2f |", x/f.products[i][at])
		}
		out.WriteString("\n")
	}
	return out.String()
}
