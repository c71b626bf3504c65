package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

// product is op(A) op(B), m×k by k×n; "T" where an operand is transposed.
type product struct {
	transA, transB string
	m, n, k        int
}

func (p product) operations() float64 { return 2 * float64(p.m) * float64(p.n) * float64(p.k) }

func (p product) question(precision string, seconds float64) string {
	return fmt.Sprintf("gemm %s %s %s %d %d %d %g", precision, p.transA, p.transB, p.m, p.n, p.k, seconds)
}

// Squares, and what the network and its feature maps need: inner products of 197
// features, and of all features at the paper's scale, q Wᵀ, outputs, H.
var squares = []product{
	{"N", "N", 64, 64, 64},
	{"N", "N", 512, 512, 512},
	{"N", "T", 512, 512, 512},
	{"T", "N", 512, 512, 512},
}

var network = []product{
	{"N", "T", 197, 197, 1024},
	{"N", "T", 200, 200, 100_000},
	{"N", "T", 197, 1000, 64},
	{"N", "T", 197, 1024, 64},
	{"T", "N", 64, 1024, 197},
	{"N", "T", 197, 64, 1024},
	{"N", "N", 197, 64, 10_000},
	{"T", "N", 1000, 64, 197},
}

// A transformer of 768 units, 3072 inner ones and heads of 64, on 197 tokens (ViT-B)
// and 512 (BERT-base): projections, both halves of the MLP, scores and their sums
// of values.
var transformer = []product{
	{"N", "T", 197, 768, 768},
	{"N", "T", 197, 3072, 768},
	{"N", "T", 197, 768, 3072},
	{"N", "T", 512, 768, 768},
	{"N", "T", 512, 3072, 768},
	{"N", "T", 512, 768, 3072},
	{"N", "T", 197, 197, 64},
	{"N", "T", 512, 512, 64},
	{"N", "N", 197, 64, 197},
	{"N", "N", 512, 64, 512},
}

var sizes = slices.Concat(squares, network, transformer)

// square is the one size of Go alone.
var square = product{"N", "N", 512, 512, 512}

// row is a line of the table: GFLOP/s in float64 and float32, the best so far.
type row struct {
	product
	path      *path
	first     bool // the path in use
	own, blas [2]float64
}

var precisions = [2]string{"f64", "f32"}

// products returns the rows: all sizes on the paths beside which OpenBLAS can run,
// one on the others.
func products(paths []*path) (rows []*row) {
	for i, p := range paths {
		if i > 0 && !p.assembly {
			rows = append(rows, &row{product: square, path: p})
			continue
		}
		for _, s := range sizes {
			rows = append(rows, &row{product: s, path: p, first: i == 0})
		}
	}
	return rows
}

// measure takes the rounds.
func measure(rows []*row, paths []*path, opt options) (*functions, error) {
	f := newFunctions(paths)
	for round := range opt.rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, opt.rounds)
		for _, r := range rows {
			if err := r.measure(opt.seconds); err != nil {
				return nil, err
			}
		}
		if err := f.measure(paths, opt.seconds); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// measure asks both sides once.
func (r *row) measure(seconds float64) error {
	for i, precision := range precisions {
		x, err := number(r.path.own, r.question(precision, seconds))
		if err != nil {
			return err
		}
		r.own[i] = max(r.own[i], x)
		if r.path.blas == nil {
			continue
		}
		if x, err = number(r.path.blas, r.question(precision, seconds)); err != nil {
			return err
		}
		r.blas[i] = max(r.blas[i], x)
	}
	return nil
}

func table(rows []*row) string {
	var out strings.Builder
	out.WriteString("| op(A) op(B) | m × n × k | float64, GFLOP/s | × OpenBLAS | float32, GFLOP/s | × OpenBLAS |\n|---|---|---|---|---|---|\n")
	for _, r := range rows {
		name := "A" + superscript(r.transA) + " B" + superscript(r.transB)
		if !r.first {
			name += ", " + r.path.name
		}
		fmt.Fprintf(&out, "| %s | %s × %s × %s |", name, page.Whole(r.m), page.Whole(r.n), page.Whole(r.k))
		for i := range precisions {
			ratio := "–"
			if r.blas[i] > 0 {
				ratio = fmt.Sprintf("%.2f", r.own[i]/r.blas[i])
			}
			fmt.Fprintf(&out, " %s | %s |", page.Decimal(r.own[i], 3), ratio)
		}
		out.WriteString("\n")
	}
	return out.String()
}

func superscript(trans string) string {
	if trans == "T" {
		return "ᵀ"
	}
	return ""
}
