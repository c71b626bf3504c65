package main

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// products is where matrix products go.
type products struct{ q, k, synapses, found []float64 }

// project is the products of a head's feature maps.
func (t *tokensOf) project(to *products) {
	for _, side := range []struct{ x, u []float64 }{{t.q, to.q}, {t.k, to.k}} {
		kernel.Gemm(false, true, t.n, t.phi.Neurons, t.d, 1, side.x, t.d, t.phi.Queries.W, t.d, 0, side.u, t.phi.Neurons)
	}
}

// recall is the products of its solution by H, which is the shorter way here: what is written, and what is read.
func (t *tokensOf) recall(in *products) {
	m := t.phi.Neurons
	kernel.Gemm(true, false, t.d, m, t.n, 1, t.v, t.d, in.k, m, 0, in.synapses, m)
	kernel.Gemm(false, true, t.n, t.d, m, 1, in.q, m, in.synapses, m, 0, in.found, t.d)
}

// besideProducts times each head's feature maps and solution in turn with their matrix
// products, so many seconds, and returns the block: of each head the shortest times, which
// what else the machine does disturbs least, summed over heads.
func besideProducts(seconds int) (string, error) {
	watch := machine.Watch()
	space := products{make([]float64, tokens*neurons), make([]float64, tokens*neurons), make([]float64, dim*neurons), make([]float64, tokens*dim)}
	var all [heads]*tokensOf
	var least [heads][4]float64 // maps' products, maps, all products, all
	for i := range all {
		var err error
		if all[i], err = randomHead(tokens, dim, neurons, uint64(i+1)); err != nil {
			return "", err
		}
		for part := range least[i] {
			least[i][part] = math.Inf(1)
		}
	}
	var last *features.Activity
	rounds := 0
	for start := time.Now(); rounds == 0 || time.Since(start) < time.Duration(seconds)*time.Second; rounds++ {
		for i, t := range all {
			lap := func(start time.Time, part int) {
				least[i][part] = min(least[i][part], time.Since(start).Seconds())
			}
			start := time.Now()
			t.project(&space)
			lap(start, 0)
			t.recall(&space)
			lap(start, 2)

			start = time.Now()
			var err error
			if last, err = t.activityOver(last); err != nil {
				return "", err
			}
			lap(start, 1)
			if err := t.solve(last); err != nil {
				return "", err
			}
			lap(start, 3)
		}
	}
	var sum [4]float64
	for i := range least {
		for part, seconds := range least[i] {
			sum[part] += seconds
		}
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\nThe shortest times of each head, summed over %d:\n\n| | time | of it matrix products | × these |\n|---|---|---|---|\n", watch.Describe(rounds), heads)
	for part, name := range []string{"the feature maps", "`exact` with its feature maps"} {
		products, took := sum[2*part], sum[2*part+1]
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", name, page.Seconds(took), page.Seconds(products), page.Decimal(took/products, 3))
	}
	return out.String(), nil
}
