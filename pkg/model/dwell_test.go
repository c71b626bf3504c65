package model

import (
	"context"
	"fmt"
	"math"
	"testing"
)

// f throughout the reads is what a recorder samples: its average by Simpson's rule on
// some thousand samples a read, its peak the largest of them. The recorder goes by
// time, sample by sample, and is held to SciPy's integration.
func TestDwellIsWhatARecorderSees(t *testing.T) {
	const perRead = 2000
	head := drawHead(t, "positive", 5, 9, 3, 2, 17)
	inf := math.Inf(1)
	for name, p := range map[string]Parameters{
		"leaking, blanks":   {TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 2, TauPresynaptic: 5, Write: 0.1, Read: 0.2, Gap: 0.05, Baseline: 2},
		"causal":            {TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Baseline: 0.1, Causal: true},
		"causal, blanks":    {TauHidden: 0.02, TauOutput: 0.01, TauCalcium: 0.03, TauHebbian: 0.4, TauPresynaptic: 0.3, Write: 0.1, Read: 0.2, Gap: 0.1, Baseline: 3, Causal: true},
		"held":              {TauHidden: 0.02, TauOutput: 0.01, TauCalcium: 0.03, TauHebbian: 4, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Gap: 0.1, Baseline: 3, Drive: Hold, Causal: true},
		"while reading":     {TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.15, TauHebbian: inf, TauPresynaptic: 3, Write: 0.1, Read: 0.2, Gap: 0.05, Baseline: 1, Drive: WhileReading},
		"through the floor": {TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.08, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Baseline: 0.01, Division: Division{Floor: 4}},
		"slow output":       {TauHidden: 0.01, TauOutput: 3, TauCalcium: 0.05, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Baseline: 1},
		"late":              {TauHidden: 0.01, TauOutput: 0.005, TauCalcium: 0.01, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Baseline: 5, Latency: 0.47},
		"late, of three compartments": {
			TauHidden: 0.01, TauOutput: 0.005, TauCalcium: 0.01, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Gap: 0.1, Baseline: 5, Latency: 0.17, Drive: Hold, Causal: true,
			Compartments: Compartments{Count: 3, Exchange: 2},
		},
		"calcium from far off": {TauHidden: 0, TauOutput: 0.01, TauCalcium: 0.02, TauHebbian: inf, TauPresynaptic: inf, Write: 0.1, Read: 0.2, Baseline: 1e-3},
	} {
		for _, opt := range []Options{{Dwell: true}, {Dwell: true, Attention: true}, {Dwell: true, by: bySynapses}} {
			have, err := head.Exact(context.Background(), p, opt)
			if err != nil {
				t.Fatal(err)
			}
			recorder := &Recorder{Every: p.Read / perRead, Output: []int{0, 1}}
			if _, err := head.Exact(context.Background(), p, Options{Recorder: recorder}); err != nil {
				t.Fatal(err)
			}
			output := recorder.Trajectory.Of("output")
			average, peak := make([]float64, head.Tokens*head.Values), make([]float64, head.Tokens)
			for _, seg := range p.Schedule(head.Tokens) {
				if seg.Phase != Reading || seg.Blank {
					continue
				}
				first := int(math.Round(seg.Start / recorder.Every))
				for i := range perRead + 1 {
					weight := []float64{2, 4}[i%2]
					if i == 0 || i == perRead {
						weight = 1
					}
					at := output[2*(first+i) : 2*(first+i)+2]
					for j, f := range at {
						average[2*seg.Token+j] += weight / (3 * perRead) * f
					}
					peak[seg.Token] = max(peak[seg.Token], math.Hypot(at[0], at[1]))
				}
			}
			name := fmt.Sprintf("%s, attention %v, by %d", name, opt.Attention, opt.by)
			if off := difference(have.Dwell.Output, average); off > 1e-7 {
				t.Errorf("%s: the average differs by %.2g", name, off)
			}
			for token, want := range peak {
				if off := have.Dwell.Peak[token]/want - 1; !(math.Abs(off) < 0.01) {
					t.Errorf("%s: the peak of token %d is %g, not %g", name, token, have.Dwell.Peak[token], want)
				}
			}
		}
	}
}

// Looking at the reads changes no answer, and nobody looks who is not asked to.
func TestDwellOnlyWatches(t *testing.T) {
	head := drawHead(t, "positive", 40, 8, 3, 2, 5)
	for _, causal := range []bool{false, true} {
		for _, tau := range []float64{0, 0.01} {
			p := Parameters{TauHidden: tau, TauOutput: tau, TauCalcium: 0.05, TauHebbian: 3, TauPresynaptic: 2, Write: 0.1, Read: 0.2, Gap: 0.01, Baseline: 1, Causal: causal}
			for _, attention := range []bool{false, true} {
				want, err := head.Exact(context.Background(), p, Options{Attention: attention})
				if err != nil || want.Dwell != nil {
					t.Fatalf("%v, %v", want.Dwell, err)
				}
				have, err := head.Exact(context.Background(), p, Options{Attention: attention, Dwell: true})
				if err != nil || difference(have.Output, want.Output) > 0 || attention && difference(have.Attention, want.Attention) > 0 {
					t.Fatalf("causal %v, τ %g, attention %v: the answers change, %v", causal, tau, attention, err)
				}
			}
		}
	}
}

// An output that follows at once is the limit of a fast one, and a read in which
// everything does stays where it is.
func TestDwellOfQuasiStaticOutput(t *testing.T) {
	head := drawHead(t, "positive", 6, 8, 3, 2, 9)
	p := Parameters{TauHidden: 0.02, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.2, Baseline: 0.5}
	solve := func(p Parameters) Result {
		result, err := head.Exact(context.Background(), p, Options{Dwell: true})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	fast := p
	fast.TauOutput = 1e-7
	atOnce, soon := solve(p), solve(fast)
	if off := difference(atOnce.Dwell.Output, soon.Dwell.Output); off > 1e-5 {
		t.Errorf("the average differs by %.2g from that of τ_f = %g", off, fast.TauOutput)
	}
	p.TauHidden, p.TauCalcium = 0, 0
	settled := solve(p)
	if off := difference(settled.Dwell.Output, settled.Output); off > 1e-14 {
		t.Errorf("settled from the start, the average differs by %.2g from the end", off)
	}
	for token, peak := range settled.Dwell.Peak {
		if end := math.Hypot(settled.Output[2*token], settled.Output[2*token+1]); math.Abs(peak/end-1) > 1e-14 {
			t.Errorf("settled from the start, token %d peaks at %g, not %g", token, peak, end)
		}
	}
}
