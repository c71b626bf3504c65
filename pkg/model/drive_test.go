package model

import (
	"context"
	"math"
	"testing"
)

// After a long blank the calibrated learning rate is 1/(1 − a − b + 2c), and without one it is 1 (science §1b).
func TestCalibratedLearning(t *testing.T) {
	p := Parameters{TauHidden: 0.01, TauOutput: 0.014, Write: 0.6, Gap: 0.8}
	a, b := p.TauHidden/p.Write, p.TauOutput/p.Write
	c := p.TauHidden * p.TauOutput / ((p.TauHidden + p.TauOutput) * p.Write)
	if have, want := p.Learning(), 1/(1-a-b+2*c); math.Abs(have/want-1) > 1e-14 {
		t.Errorf("after a long blank %v, not %v", have, want)
	}
	p.Gap = 0
	if have := p.Learning(); have != 1 {
		t.Errorf("without a blank %v", have)
	}
	p.Gap, p.TauHidden, p.TauOutput = 0.1, 0, 0
	if have := p.Learning(); have != 1 {
		t.Errorf("without inertia %v", have)
	}
	if p.LearningRate = 0.3; p.Learning() != 0.3 {
		t.Errorf("given 0.3, it is %v", p.Learning())
	}
}

// What the calibration is for: tokens that are written and read from rest leave what the sums have, to e^{−gap/τ} and e^{−T_r/τ_p},
// in every order and drive; with η = 1 they do not.
func TestCalibratedNetworkIsItsSums(t *testing.T) {
	head := drawHead(t, "positive", 6, 12, 3, 2, 3)
	for _, causal := range []bool{false, true} {
		for _, drive := range []Drive{Ungated, WhileReading, Hold} {
			p := Parameters{
				TauHidden: 0.01, TauOutput: 0.015, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
				Write: 0.25, Read: 2.5, Gap: 0.6, Baseline: 1, Drive: drive, Causal: causal,
			}
			want := head.Discrete(causal, p.Division, Options{})
			have, err := head.Exact(context.Background(), p, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := difference(have.Output, want.Output); d > 1e-12 {
				t.Errorf("%s, causal %v: differs by %.2g", drive, causal, d)
			}
			p.LearningRate = 1
			if have, err = head.Exact(context.Background(), p, Options{}); err != nil {
				t.Fatal(err)
			}
			if d := difference(have.Output, want.Output); d < 0.05 {
				t.Errorf("%s, causal %v, η = 1: differs by %.2g only", drive, causal, d)
			}
		}
	}
}

// What the calcium does between the reads, as the equations say, seen by a recorder.
func TestDrives(t *testing.T) {
	head := drawHead(t, "positive", 3, 8, 3, 2, 3)
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.015, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.1, Read: 0.2, Gap: 0.06, Baseline: 2, Causal: true,
	}
	for _, drive := range []Drive{WhileReading, Hold} {
		p.Drive = drive
		recorder := &Recorder{Every: 0.01}
		if _, err := head.Exact(context.Background(), p, Options{Recorder: recorder}); err != nil {
			t.Fatal(err)
		}
		calcium, at := recorder.Trajectory.Of("calcium"), recorder.Trajectory
		for i := 1; i < len(calcium); i++ {
			within := math.Mod(at.T[i]-1e-9, 0.42) // of a token: 100 ms written, 60 blank, 200 read, 60 blank
			switch still := math.Abs(calcium[i]/calcium[i-1]-1) < 1e-14; {
			case drive == Hold && (within < 0.16 || within > 0.36) != still && within > 0.01:
				t.Errorf("hold: at %.2f s p goes from %v to %v", at.T[i], calcium[i-1], calcium[i])
			case drive == WhileReading && within < 0.16 && math.Abs(calcium[i]/calcium[i-1]-math.Exp(-0.01/0.05)) > 1e-12 && within > 0.01:
				t.Errorf("reading: at %.2f s p goes from %v to %v, not by e^{−t/τ_p}", at.T[i], calcium[i-1], calcium[i])
			}
		}
	}
}
