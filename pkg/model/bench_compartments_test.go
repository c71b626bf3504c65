//go:build unix

package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// What compartments cost beside one, in turn, asked for the same: the least
// processor time of each. "allowed" is
// the rule that C compartments cost no more than C/8 + 1.5 times one.
func BenchmarkCompartments(b *testing.B) {
	heads := map[int]*Head{}
	paper := Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Drive: Hold,
		Write: 0.25, Read: 0.5, Gap: 0.3, Baseline: 50, Division: Division{Floor: 1e-9},
	}
	for _, c := range []struct {
		name   string
		head   map[int][]int // of so many hidden neurons, in so many compartments
		set    func(*Parameters)
		opt    Options
		record float64 // s from sample to sample; 0: none
	}{
		{name: "ring", head: map[int][]int{1024: {2, 4, 8, 16, 32, 64, 128, 512, 1024}, 625: {5, 25, 125, 625}, 1022: {7, 73, 511}, 521: {521}}},
		{name: "line", head: map[int][]int{1024: {8, 32, 128, 1024}, 625: {5, 25, 125, 625}, 521: {521}}, set: func(p *Parameters) { p.Compartments.Topology = Line }},
		{name: "all", head: map[int][]int{1024: {8, 32, 128, 1024}, 625: {5, 25, 125, 625}, 521: {521}}, set: func(p *Parameters) { p.Compartments.Topology = All }},
		{name: "causal", head: map[int][]int{1024: {2, 8, 32, 128}, 625: {5, 25, 125, 625}}, set: func(p *Parameters) { p.Causal = true }},
		{name: "attention", head: map[int][]int{1024: {2, 8, 32, 128}, 625: {5, 25, 125, 625}}, opt: Options{Attention: true}},
		{name: "dwell", head: map[int][]int{1024: {2, 8, 32, 128}, 625: {5, 25, 125, 625}}, opt: Options{Dwell: true}},
		{name: "attention+dwell", head: map[int][]int{1024: {2, 8, 32, 128}, 625: {5, 25, 125, 625}}, opt: Options{Attention: true, Dwell: true}},
		{name: "recorded", head: map[int][]int{1024: {2, 8, 32, 128}, 625: {5, 25, 125}}, record: 0.01},
		{name: "latency", head: map[int][]int{1024: {8, 32, 128}, 625: {25, 125}}, set: func(p *Parameters) { p.Latency = 0.6 }},
		{name: "slow-receptor", head: map[int][]int{1024: {8, 32}, 625: {5, 25}}, set: func(p *Parameters) {
			p.Division.Readout, p.Division.HalfEffect, p.Division.TauReceptor = Receptor, 0.5, 2
		}},
		{name: "li-rinzel", head: map[int][]int{1024: {2, 8, 32}, 625: {5, 25}}, set: func(p *Parameters) {
			p.Calcium, p.IP3Max, p.LargestSum, p.Drive, p.Read, p.TauCalcium = LiRinzel, 0.3, 100, WhileReading, 30, 0
		}},
	} {
		for _, m := range []int{1024, 1022, 625, 521} {
			for _, count := range c.head[m] {
				b.Run(fmt.Sprintf("%s/m=%d/C=%d", c.name, m, count), func(b *testing.B) {
					if heads[m] == nil {
						heads[m] = positiveHead(b, 197, m, 64)
					}
					solve := func(count int) time.Duration {
						p, opt := paper, c.opt
						if count > 1 {
							p.Compartments = Compartments{Count: count, Exchange: 10}
						}
						if c.set != nil {
							c.set(&p)
						}
						if c.record > 0 {
							opt.Recorder = &Recorder{Every: c.record, Hidden: []int{0}, Output: []int{0}}
						}
						begin, head := processorTime(b), *heads[m] // of which nothing is known yet
						if _, err := head.Exact(context.Background(), p, opt); err != nil {
							b.Fatal(err)
						}
						return processorTime(b) - begin
					}
					one, many := solve(1), solve(count)
					for b.Loop() {
						many = min(many, solve(count))
						b.StopTimer()
						one = min(one, solve(1))
						b.StartTimer()
					}
					b.ReportMetric(float64(many)/1e6, "ms")
					b.ReportMetric(float64(many)/float64(one), "times-one")
					b.ReportMetric(float64(count)/8+1.5, "allowed")
				})
			}
		}
	}
}

// processorTime is what the program has taken of it.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// positiveHead is a head of features that are nowhere negative.
func positiveHead(b *testing.B, n, m, d int) *Head {
	random := rand.New(rand.NewPCG(1, 2))
	positive := func(count int) []float64 {
		x := make([]float64, count)
		for i := range x {
			x[i] = random.Float64() / math.Sqrt(float64(m))
		}
		return x
	}
	head, err := NewHead(positive(n*m), positive(n*m), positive(n*d), n, m, d)
	if err != nil {
		b.Fatal(err)
	}
	return head
}
