package model

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkCells is of the two things that are asked of a cell at each stage of a step, its rates
// of change and the p that is read of it, for each cell of a pool.
func BenchmarkCells(b *testing.B) {
	for _, calcium := range []Calcium{LiRinzel, DePitta} {
		for _, count := range []int{1, 8, 64} {
			pool := (&Parameters{Calcium: calcium, IP3Max: 0.3, LargestSum: 5, Compartments: Compartments{Count: count, Exchange: 0.1}}).pool()
			random := rand.New(rand.NewPCG(1, 2))
			var states []float64
			drives, levels := make([]float64, count), make([]float64, count)
			for c := range drives {
				drives[c] = 5 * random.Float64()
				states = append(states, pool.astrocyte.begin(5*random.Float64())...)
			}
			rates := make([]float64, len(states))
			for name, ask := range map[string]func(){
				"rates": func() { pool.derivative(following, drives, levels, states, rates) },
				"level": func() { pool.levels(following, drives, states, levels) },
			} {
				b.Run(fmt.Sprintf("%s/%s/C=%d", calcium, name, count), func(b *testing.B) {
					begin := processorTime(b)
					for b.Loop() {
						ask()
					}
					b.ReportMetric(float64((processorTime(b)-begin).Nanoseconds())/float64(b.N*count), "ns/cell")
				})
			}
		}
	}
}
