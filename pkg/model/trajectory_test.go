package model

import (
	"fmt"
	"math"
	"testing"
)

// Recording changes nothing: not the outputs, wherever the samples cut a read,
// and not a sample, whatever the others are. The tolerance is rounding.
func TestRecorderOnlyWatches(t *testing.T) {
	const tolerance = 1e-13
	h := drawHead(t, "positive", 3, 8, 3, 2, 17)
	for _, p := range []Parameters{
		{TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 2, TauPresynaptic: 5, Write: 0.1, Read: 0.08, Gap: 0.03, Baseline: 2},
		{TauHidden: 0.03, TauOutput: 0.1, TauCalcium: 0, TauHebbian: math.Inf(1), TauPresynaptic: 0.2, Write: 0.1, Read: 0.08, Baseline: 1, Causal: true},
		{TauHidden: 0.02, TauOutput: 0.01, TauCalcium: 0.06, TauHebbian: 2, TauPresynaptic: 5, Write: 0.1, Read: 0.08, Gap: 0.08, Baseline: 2, Drive: Hold, Causal: true},
		{TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 2, TauPresynaptic: 5, Write: 0.1, Read: 0.08, Gap: 0.03, Baseline: 2, Drive: WhileReading},
		{TauHidden: 0, TauOutput: 0.05, TauCalcium: 0.2, TauHebbian: 0.3, TauPresynaptic: math.Inf(1), Write: 0.05, Read: 0.2, Baseline: 1},
	} {
		p.Division.Floor = 0.2
		end := p.Duration(h.Tokens)
		want, _, err := everyWay()[2].solve(h, p, Solver{}, Options{Attention: true})
		if err != nil {
			t.Fatal(err)
		}
		record := func(every float64) Trajectory {
			r := &Recorder{Every: every, Hidden: []int{0, 1, 2, 3, 4, 5, 6, 7}, Output: []int{0, 1}}
			have, _, err := everyWay()[2].solve(h, p, Solver{}, Options{Attention: true, Recorder: r})
			if err != nil {
				t.Fatal(err)
			}
			for name, c := range map[string][2][]float64{
				"outputs": {have.Output, want.Output}, "attention": {have.Attention, want.Attention}, "calcium": {have.Normalizer, want.Normalizer},
			} {
				if d := difference(c[0], c[1]); d > tolerance {
					t.Errorf("%+v: sampled every %g s, %s differs by %.2g", p, every, name, d)
				}
			}
			// Samples at all multiples from 0 to the end, each of the segment that it is in
			// or that ends there.
			tr := r.Trajectory
			if n := int(math.Floor(end/every+1e-6)) + 1; len(tr.T) != n || math.Abs(r.Samples(end)-float64(n)) > 1 {
				t.Errorf("every %g s: %d samples, not %d", every, len(tr.T), n)
			}
			segments := p.Schedule(h.Tokens)
			for i, at := range tr.T {
				if math.Abs(at-float64(i)*every) > 1e-9*every {
					t.Errorf("sample %d at %g s", i, at)
				}
				for len(segments) > 1 && at > segments[0].Start+segments[0].Duration+1e-9*every {
					segments = segments[1:]
				}
				if tr.Phase[i] != int64(segments[0].Phase) || tr.Token[i] != int64(segments[0].Token) {
					t.Errorf("the sample at %g s is of phase %d and token %d, not of %+v", at, tr.Phase[i], tr.Token[i], segments[0])
				}
			}
			return tr
		}
		coarse := record(0.02)
		for _, times := range []int{2, 3, 8} {
			dense := record(0.02 / float64(times))
			for _, channel := range Channels() {
				if !channel.Has(p) {
					if coarse.Of(channel.Name) != nil {
						t.Errorf("%s is recorded, which the network does not have", channel.Name)
					}
					continue
				}
				width := channel.Width(&Recorder{Hidden: make([]int, 8), Output: make([]int, 2)})
				if !channel.Has(p) {
					continue
				}
				var shared []float64
				for i := range coarse.T {
					at := i * times
					shared = append(shared, dense.Of(channel.Name)[at*width:(at+1)*width]...)
				}
				if d := difference(shared, coarse.Of(channel.Name)); d > tolerance {
					t.Errorf("%s: %d times as many samples differ by %.2g", fmt.Sprint(p), times, d)
				}
			}
		}
	}
}

// Every way of solving says after each segment how many are done.
func TestProgress(t *testing.T) {
	h := drawHead(t, "positive", 3, 4, 2, 2, 3)
	for _, causal := range []bool{false, true} {
		p := distinct()
		p.Causal = causal
		for _, w := range everyWay() {
			last := 0
			if _, _, err := w.solve(h, p, loose(), Options{Progress: func(done int) {
				if done != last+1 {
					t.Errorf("%s: %d segments done after %d", w.name, done, last)
				}
				last = done
			}}); err != nil {
				t.Fatal(err)
			}
			if last != p.Segments(h.Tokens) {
				t.Errorf("%s: %d of %d segments done", w.name, last, p.Segments(h.Tokens))
			}
		}
	}
}
