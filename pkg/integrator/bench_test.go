package integrator

import (
	"context"
	"fmt"
	"testing"
)

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
