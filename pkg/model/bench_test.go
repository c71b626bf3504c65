package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model/features"
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

// One head of a vision transformer's size: features, or their inner products alone,
// then outputs.
func BenchmarkHead(b *testing.B) {
	const n, m, d = 197, 1024, 64
	rng := rand.New(rand.NewPCG(1, 2))
	gauss := func(k int, s float64) []float64 {
		x := make([]float64, k)
		for i := range x {
			x[i] = s * rng.NormFloat64()
		}
		return x
	}
	q, k, v := gauss(n*d, 0.2), gauss(n*d, 0.2), gauss(n*d, 1)
	fm, err := features.New(features.Spec{Map: "positive", Rows: features.IID, Neurons: m}, d, rng)
	if err != nil {
		b.Fatal(err)
	}
	a, err := fm.Evaluate(q, k, n, features.Gain{})
	if err != nil {
		b.Fatal(err)
	}
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.25, Read: 0.25, Baseline: 1, Division: Division{Floor: 1e-9},
	}
	b.Run("features", func(b *testing.B) {
		for b.Loop() {
			if _, err := fm.Evaluate(q, k, n, features.Gain{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("inner-products", func(b *testing.B) {
		for b.Loop() {
			if _, err := fm.Inner(context.Background(), q, k, n, features.Gain{}, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, attention := range []bool{false, true} {
		b.Run(fmt.Sprintf("exact/attention=%v", attention), func(b *testing.B) {
			for b.Loop() {
				h, err := NewHead(a.Q, a.K, v, n, m, d)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := h.Exact(context.Background(), p, Options{Attention: attention}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A causal head of many tokens, outputs alone, beside the matrix products of the same
// shapes that it takes and nothing else.
func BenchmarkCausal(b *testing.B) {
	for _, c := range []struct{ n, m, dv int }{{1024, 2048, 64}, {1024, 4096, 256}, {197, 24576, 64}, {197, 1024, 64}, {512, 1024, 64}} {
		random := rand.New(rand.NewPCG(1, 2))
		positive := func(count int) []float64 {
			x := make([]float64, count)
			for i := range x {
				x[i] = random.Float64()
			}
			return x
		}
		head, err := NewHead(positive(c.n*c.m), positive(c.n*c.m), positive(c.n*c.dv), c.n, c.m, c.dv)
		if err != nil {
			b.Fatal(err)
		}
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
			Write: 0.25, Read: 0.25, Baseline: 1, Causal: true, Division: Division{Floor: 1e-9},
		}
		name := fmt.Sprintf("N=%d,m=%d,dv=%d", c.n, c.m, c.dv)
		b.Run("exact/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := head.Exact(context.Background(), p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("attention/"+name, func(b *testing.B) {
			for b.Loop() {
				fresh, err := NewHead(head.PhiQ, head.PhiK, head.V, c.n, c.m, c.dv)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := fresh.Exact(context.Background(), p, Options{Attention: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("products/"+name, func(b *testing.B) {
			const count, size = blockTokens, tileNeurons
			rows, left, past := positive(3*count*size), positive(2*count*c.dv), positive(c.dv*c.m)
			inner, recalled := make([]float64, 4*count*count), make([]float64, 2*count*c.dv)
			for b.Loop() {
				for range c.n / count {
					for from := 0; from < c.m; from += size {
						past := past[from*c.dv : (from+size)*c.dv]
						kernel.Gemm(true, false, c.dv, size, 2*count, 1, left, c.dv, rows[count*size:], size, 0, past, size)
						kernel.Gemm(false, true, 2*count, 2*count, size, 1, rows, size, rows[count*size:], size, 0, inner, 2*count)
						kernel.Gemm(false, true, 2*count, c.dv, size, 1, rows, size, past, size, 0, recalled, c.dv)
					}
				}
			}
		})
	}
}

// One head of a vision transformer's size, outputs alone, with every astrocyte.
func BenchmarkAstrocytes(b *testing.B) {
	const n, m, d = 197, 1024, 64
	random := rand.New(rand.NewPCG(1, 2))
	positive := func(count int) []float64 {
		x := make([]float64, count)
		for i := range x {
			x[i] = random.Float64() / math.Sqrt(m)
		}
		return x
	}
	head, err := NewHead(positive(n*m), positive(n*m), positive(n*d), n, m, d)
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range []struct {
		name string
		set  func(*Parameters)
	}{
		{"paper", func(*Parameters) {}},
		{"rise", func(p *Parameters) { p.TauRise, p.TauCalcium = 0.1, 0.2 }},
		{"latency", func(p *Parameters) { p.Latency = 0.6 }},
		{"latency=11.1s", func(p *Parameters) { p.Latency = 11.1 }},
		{"receptor", func(p *Parameters) { p.Division.Readout, p.Division.HalfEffect = Receptor, 0.5 }},
		{"slow-receptor", func(p *Parameters) {
			p.Division.Readout, p.Division.HalfEffect, p.Division.TauReceptor = Receptor, 0.5, 2
		}},
		{"li-rinzel", func(p *Parameters) {
			p.Calcium, p.IP3Max, p.LargestSum, p.Drive, p.Read, p.TauCalcium = LiRinzel, 0.3, 100, WhileReading, 30, 0
		}},
		{"none", func(p *Parameters) { p.Circuit, p.Division.Level = NoAstrocyte, 50 }},
		{"frozen", func(p *Parameters) { p.FrozenCoupling = true }},
		{"replicator", func(p *Parameters) { p.Circuit, p.TauGain = Replicator, 0.05 }},
		{"emergent", func(p *Parameters) {
			p.Circuit, p.TauSynapse, p.TauExchange, p.Division.Processes = EmergentDivision, 2, 0.05, m
		}},
	} {
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Drive: Hold,
			Write: 0.25, Read: 0.5, Gap: 0.3, Baseline: 50, Division: Division{Floor: 1e-9},
		}
		row.set(&p)
		b.Run(row.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := head.Exact(context.Background(), p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
