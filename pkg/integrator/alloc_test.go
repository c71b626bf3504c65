package integrator

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// Once the first stretch has been integrated, nothing allocates: neither steps
// nor stretches, with dense output, events, memories and discontinuities in
// play, whatever the method and the kind of stepping.
func TestNothingAllocates(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for _, m := range Methods() {
		for _, mode := range []string{"fixed", "adaptive", "grid"} {
			if mode == "adaptive" && m.ErrorOrder() == 0 {
				continue
			}
			t.Run(m.Name()+"/"+mode, func(t *testing.T) {
				settings := Settings{Norm: Groupwise{}, Carry: CarryFirst, Save: Save{At: []float64{0.1, 0.25, 1.7}, Function: func(float64, []float64, []float64) {}}}
				switch mode {
				case "fixed":
					settings.Step = 0.05
				case "grid":
					for n := 1; n <= 200; n++ {
						settings.Grid = append(settings.Grid, float64(n)*0.01)
					}
				}
				sum := 0.0
				mem := &Memory{TimeConstant: 0.5, Accumulate: func(s *MemoryStep) {
					for j, w := range s.Weights {
						sum += w * s.States[j][0]
					}
				}, Sample: func(s *MemoryStep) { sum += s.Decay }, Error: func(s *MemoryStep) float64 { return math.Abs(s.ErrorDecay) }}
				problem := Problem{Derivative: circuit, Discontinuities: []float64{0.3, 1.1}, Memories: []*Memory{mem},
					Events: []Event{{Function: func(_ float64, y []float64) float64 { return y[0] - 0.9 }, Samples: 2}}}
				it, err := New(problem, 2, m, settings)
				if err != nil {
					t.Fatal(err)
				}
				y0 := []float64{0.2, 0.9}
				stretches := func() {
					it.Reset(0, y0)
					for _, end := range []float64{0.5, 1.2, 2} {
						it.SetDerivative(circuit)
						if st := it.Advance(ctx, end); st.Early() {
							t.Fatal(st)
						}
					}
				}
				stretches()
				if n := testing.AllocsPerRun(20, stretches); n != 0 {
					t.Errorf("%v allocations in three stretches", n)
				}
				if len(it.Crossings()) == 0 || sum == 0 {
					t.Error("the test passes by events or memories")
				}
			})
		}
	}
}

func BenchmarkStep(b *testing.B) {
	for _, dim := range []int{4, 1024, 65536} {
		for _, m := range []Method{RK4(), Dopri5(), Dop853()} {
			b.Run(fmt.Sprintf("%s/%d", m.Name(), dim), func(b *testing.B) {
				f := func(_ float64, y, dy []float64) {
					for i, x := range y {
						dy[i] = -x
					}
				}
				it, err := New(Problem{Derivative: f}, dim, m, Settings{Step: 1e-3})
				if err != nil {
					b.Fatal(err)
				}
				it.Reset(0, make([]float64, dim))
				b.ReportAllocs()
				b.ResetTimer()
				if st := it.Advance(context.Background(), float64(b.N)*1e-3); st.Early() {
					b.Fatal(st)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(dim), "ns/component")
			})
		}
	}
}
