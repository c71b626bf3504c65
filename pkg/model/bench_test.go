package model

import (
	"context"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// The reference problem of bench/peers, by every way of solving it. The error
// against its reference output is reported beside the time.
func BenchmarkReferenceProblem(b *testing.B) {
	h, p, want := referenceProblem(b)
	adaptive := Solver{Method: integrator.Dopri5(), Rtol: 1e-6, Atol: 1e-9}
	for _, way := range []struct {
		name  string
		solve func(h *Head) (Result, error)
	}{
		{"exact", func(h *Head) (Result, error) { return h.Exact(context.Background(), p, Options{}) }},
		{"dopri5", func(h *Head) (Result, error) {
			r, _, err := h.Integrate(context.Background(), p, adaptive, Options{})
			return r, err
		}},
		{"dopri5-full", func(h *Head) (Result, error) {
			r, _, err := h.IntegrateFull(context.Background(), p, adaptive, Options{})
			return r, err
		}},
	} {
		b.Run(way.name, func(b *testing.B) {
			var out []float64
			for b.Loop() {
				// A new head each time: the Gram matrix is part of the work.
				fresh, err := NewHead(h.PhiQ, h.PhiK, h.V, h.Tokens, h.Neurons, h.Values)
				if err != nil {
					b.Fatal(err)
				}
				r, err := way.solve(fresh)
				if err != nil {
					b.Fatal(err)
				}
				out = r.Output
			}
			b.ReportMetric(relative(out, want), "error")
		})
	}
}
