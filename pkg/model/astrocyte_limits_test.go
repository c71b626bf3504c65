package model

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// astrocyteHead is a head of positive features, and a network in which nothing has settled
// when it is read.
func astrocyteHead(t *testing.T) (*Head, Parameters) {
	head := drawHead(t, "positive", 5, 12, 4, 3, 7)
	return head, Parameters{
		TauHidden: 0.01, TauOutput: 0.015, TauCalcium: 0.07, TauHebbian: math.Inf(1), TauPresynaptic: 5,
		Write: 0.12, Read: 0.2, Gap: 0.04, Baseline: 2, Causal: true,
	}
}

func outputOf(t *testing.T, head *Head, p Parameters) []float64 {
	t.Helper()
	r, err := head.Exact(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Output
}

// Each of what the paper's astrocyte has not tends to nothing at first order: half of it
// makes half the difference.
func TestAstrocytesTendToThePapers(t *testing.T) {
	head, p := astrocyteHead(t)
	t.Run("well mixed", func(t *testing.T) { tendToThePapers(t, head, p) })
	p.Compartments = Compartments{Count: 4, Topology: Line, Exchange: 10}
	t.Run("in compartments", func(t *testing.T) { tendToThePapers(t, head, p) })
}

func tendToThePapers(t *testing.T, head *Head, p Parameters) {
	for name, of := range map[string]func(p *Parameters, size float64){
		"rise":             func(p *Parameters, size float64) { p.TauRise = size },
		"latency":          func(p *Parameters, size float64) { p.Latency = size },
		"latency, ungated": func(p *Parameters, size float64) { p.Latency, p.Drive = size, Ungated },
		"half effect":      func(p *Parameters, size float64) { p.Division.Readout, p.Division.HalfEffect = Receptor, size },
		"half effect and time": func(p *Parameters, size float64) {
			p.Division.Readout, p.Division.HalfEffect, p.Division.TauReceptor = Receptor, 50*size, 0.01
		},
		"rise, without a decay": func(p *Parameters, size float64) { p.TauRise, p.TauCalcium = size, 0 },
	} {
		t.Run(name, func(t *testing.T) {
			at := func(size float64) []float64 {
				q := p
				q.Drive = Hold
				of(&q, size)
				return outputOf(t, head, q)
			}
			limit := p
			limit.Drive = Hold
			of(&limit, 0)
			limit.Division = Division{}
			want := outputOf(t, head, limit)
			for _, size := range []float64{1e-4, 1e-5} {
				whole, half := difference(at(size), want), difference(at(size/2), want)
				if ratio := whole / half; !(math.Abs(ratio-2) < 0.05) || whole > 1e4*size {
					t.Errorf("%g: off by %.3g, half of it by %.3g, %.3f times", size, whole, half, ratio)
				}
			}
		})
	}
}

// Receptors that bind at once are those whose time is 0.
func TestFastReceptorsAreInstantaneous(t *testing.T) {
	head, p := astrocyteHead(t)
	p.Division = Division{Readout: Receptor, HalfEffect: 0.6}
	for _, p.Compartments = range []Compartments{{}, {Count: 4, Topology: Line, Exchange: 10}} {
		want := outputOf(t, head, p)
		slow := func(tau float64) float64 {
			q := p
			q.Division.TauReceptor = tau
			return difference(outputOf(t, head, q), want)
		}
		if whole, half := slow(2e-4), slow(1e-4); !(math.Abs(whole/half-2) < 0.1) || whole > 0.1 {
			t.Errorf("%d compartments: off by %.3g, with half the time by %.3g", p.Compartments.Count, whole, half)
		}
	}
}

// Where no release comes, all receptors are free, and what divides is their half effect at all times.
func TestWithoutReleaseNothingIsBound(t *testing.T) {
	head, p := astrocyteHead(t)
	for _, p.Compartments = range []Compartments{{}, {Count: 4, Topology: Line, Exchange: 10}} {
		never, none := p, p
		never.Division = Division{Readout: Event, HalfEffect: 0.6, Threshold: 1e6}
		none.Circuit, none.Division, none.Compartments = NoAstrocyte, Division{Level: 0.6}, Compartments{}
		if d := difference(outputOf(t, head, never), outputOf(t, head, none)); !(d < 1e-10) {
			t.Errorf("%d compartments: it differs from a number by %.3g", p.Compartments.Count, d)
		}
	}
}

// Where τ_r = τ_p the kernel is t e^{−t/τ}/τ², and close to it no digit is lost.
func TestRiseAndDecayMayCoincide(t *testing.T) {
	head, p := astrocyteHead(t)
	p.TauRise = p.TauCalcium
	want := outputOf(t, head, p)
	for _, apart := range []float64{1e-12, 1e-9, 1e-6} {
		q := p
		q.TauRise *= 1 + apart
		if d := difference(outputOf(t, head, q), want); d > 1e-12+10*apart {
			t.Errorf("apart by %g: off by %.3g", apart, d)
		}
	}
	// Which of the two comes first makes no difference to p that has settled at the start.
	p.TauRise, p.Baseline = 0.02, 0
	p.Division.Floor = 0.1
	turned := p
	turned.TauRise, turned.TauCalcium = p.TauCalcium, p.TauRise
	if d := difference(outputOf(t, head, turned), outputOf(t, head, p)); d > 1e-12 {
		t.Errorf("turned round it differs by %.3g", d)
	}
}

// Until the latency has passed the calcium is the baseline; with more than the whole
// schedule it never moves.
func TestLatencyBegins(t *testing.T) {
	head, p := astrocyteHead(t)
	p.Latency = p.Duration(head.Tokens) + 1
	r, err := head.Exact(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for token, calcium := range r.Calcium {
		if calcium != p.Baseline {
			t.Errorf("token %d is read at p = %g, not at %g", token, calcium, p.Baseline)
		}
	}
}

// Without an astrocyte the answers are the synapses' over a number, whatever the calcium
// would be.
func TestWithoutAstrocyte(t *testing.T) {
	head, p := astrocyteHead(t)
	p.Circuit, p.Division.Level, p.Causal, p.TauOutput = NoAstrocyte, 3, false, 0
	want := outputOf(t, head, p)
	p.TauCalcium, p.Baseline, p.Drive, p.Latency, p.TauRise = 1, 7, Ungated, 0.05, 0.03
	if d := difference(outputOf(t, head, p), want); d > 1e-13 {
		t.Errorf("with other calcium they differ by %.3g", d)
	}
	p.Division.Level = 6
	for i, x := range outputOf(t, head, p) {
		if math.Abs(2*x-want[i]) > 1e-13*math.Abs(want[i]) {
			t.Errorf("output %d: %g with twice the number, %g before", i, x, want[i])
		}
	}
}

// With all couplings alike the mean coupling is every one's own.
func TestMeanCoupling(t *testing.T) {
	head, p := astrocyteHead(t)
	flat := *head
	flat.PhiQ, flat.PhiK = append([]float64(nil), head.PhiQ...), append([]float64(nil), head.PhiK...)
	for _, phi := range [][]float64{flat.PhiQ, flat.PhiK} {
		for i := range phi {
			phi[i] = phi[i-i%head.Neurons] // each neuron as the first
		}
	}
	want := outputOf(t, &flat, p)
	p.FrozenCoupling = true
	if d := difference(outputOf(t, &flat, p), want); d > 1e-12 {
		t.Errorf("of neurons that are all alike it makes a difference of %.3g", d)
	}
	if d := difference(outputOf(t, head, p), want); d < 1e-3 {
		t.Errorf("of others it makes none: %.3g", d)
	}
	ideal := newIdealHead(head.Gram(), head.V, head.Tokens, head.Values)
	if _, err := ideal.Exact(context.Background(), p, Options{}); err != errNoSums {
		t.Errorf("of inner products alone: %v", err)
	}
}

// saturating is a calcium model that has no closed form: a row that a test adds to the
// table, as anyone would.
type saturating struct{ tau, most float64 }

func (saturating) states() int                              { return 1 }
func (saturating) follows() bool                            { return false }
func (saturating) begin(p float64, state []float64)         { state[0] = p }
func (saturating) settle(calciumCourse, float64, []float64) {}
func (saturating) levels(_ calciumCourse, _, states []float64, stride int, into []float64) {
	for c := range into {
		into[c] = states[c*stride]
	}
}
func (model saturating) derivatives(course calciumCourse, collected, states []float64, stride int, rates []float64) {
	for c, drive := range collected {
		switch course {
		case following:
			rates[c*stride] = (drive/(1+drive/model.most) - states[c*stride]) / model.tau
		case falling:
			rates[c*stride] = -states[c*stride] / model.tau
		}
	}
}

// A calcium model and a read-out that are added to their tables are solved by every way,
// and alike.
func TestRowsThatAreAdded(t *testing.T) {
	defer func(models, outs int) { calciumModels, readouts = calciumModels[:models], readouts[:outs] }(len(calciumModels), len(readouts))
	calciumModels = append(calciumModels, calciumModels[0])
	added := &calciumModels[len(calciumModels)-1]
	added.name, added.of = "saturating", func(p *Parameters) calciumModel { return saturating{p.TauCalcium, 20} }
	readouts = append(readouts, readouts[0])
	out := &readouts[len(readouts)-1]
	out.name, out.of = "slow", func(*Division) readoutModel { return slowReceptor{1.5, 0.05} }

	head, p := astrocyteHead(t)
	p.Calcium, p.Division.Readout = Calcium(len(calciumModels)-1), Readout(len(readouts)-1)
	if p.Calcium.String() != "saturating" || p.Division.Readout.String() != "slow" {
		t.Fatalf("the rows are called %s and %s", p.Calcium, p.Division.Readout)
	}
	for _, drive := range []Drive{Ungated, WhileReading} {
		for _, p.Latency = range []float64{0, 0.09} {
			p.Drive = drive
			t.Run(fmt.Sprintf("%s, latency %g", drive, p.Latency), func(t *testing.T) {
				ctx := context.Background()
				exact, err := head.Exact(ctx, p, Options{Attention: true, Dwell: true})
				if err != nil {
					t.Fatal(err)
				}
				again, err := head.Exact(ctx, p, Options{Attention: true, byTime: true, Other: integrator.Tsit5()})
				if err != nil {
					t.Fatal(err)
				}
				full, _, err := head.IntegrateFull(ctx, p, fine(), Options{Attention: true})
				if err != nil {
					t.Fatal(err)
				}
				for name, other := range map[string]Result{"by another method": again, "with the full state": full} {
					for what, pair := range map[string][2][]float64{"output": {exact.Output, other.Output}, "attention": {exact.Attention, other.Attention}, "calcium": {exact.Calcium, other.Calcium}} {
						if d := difference(pair[0], pair[1]); d > 1e-9 {
							t.Errorf("%s the %s differs by %.2g", name, what, d)
						}
					}
				}
			})
		}
	}
}

// Averages and peaks over the reads are those of the trajectory, of an astrocyte with a
// closed form and of one without.
func TestDwellOfAstrocytes(t *testing.T) {
	for _, change := range []func(*Parameters){
		func(p *Parameters) { p.TauRise, p.Latency = 0.03, 0.09 },
		func(p *Parameters) { p.Division = Division{Readout: Receptor, HalfEffect: 0.4, TauReceptor: 0.03} },
		func(p *Parameters) {
			p.Division, p.TauOutput = Division{Readout: Receptor, HalfEffect: 0.4, TauReceptor: 0.03}, 0
		},
	} {
		head, p := astrocyteHead(t)
		change(&p)
		r, err := head.Exact(context.Background(), p, Options{Dwell: true})
		if err != nil {
			t.Fatal(err)
		}
		const every = 2e-4
		rec := &Recorder{Every: every, Output: []int{0, 1, 2}}
		if _, err := head.Exact(context.Background(), p, Options{Recorder: rec}); err != nil {
			t.Fatal(err)
		}
		dv := head.Values
		mean, count, start := make([]float64, len(r.Output)), make([]float64, head.Tokens), p.Schedule(head.Tokens)
		output := rec.Trajectory.Of("output")
		for i := range rec.Trajectory.T {
			time, token := rec.Trajectory.T[i], int(rec.Trajectory.Token[i])
			if rec.Trajectory.Phase[i] == 0 {
				continue
			}
			var from float64
			for _, seg := range start {
				if seg.Phase == Reading && !seg.Blank && seg.Token == token {
					from = seg.Start
				}
			}
			if time <= from || time > from+p.Read+every/2 {
				continue
			}
			weight := 1.0
			if time > from+p.Read-every/2 {
				weight = 0.5 // the trapezoidal rule's
			}
			count[token] += weight
			for j := range dv {
				mean[token*dv+j] += weight * output[i*dv+j]
			}
		}
		for token := range head.Tokens {
			for j := range dv {
				mean[token*dv+j] /= count[token]
			}
		}
		// What the first half interval misses is 1/2000 of a read.
		if d := difference(mean, r.Dwell.Output); d > 2e-3 {
			t.Errorf("%+v: averages differ by %.2g", p, d)
		}
	}
}

// A cell's calcium that passes its floor while a query is read passes a pole of 1/p that is
// cut off at up to 10⁹ times what it is elsewhere. Two methods, no step of which is alike,
// make the same of it.
func TestCellsPassTheirFloor(t *testing.T) {
	for name, kind := range map[string]Calcium{"li-rinzel": LiRinzel, "de-pitta": DePitta} {
		for _, baseline := range []float64{2, 1e-15} {
			passed := false
			for _, floor := range []float64{1e-4, 1e-9} {
				for _, read := range []float64{0.2, 3, 30, -0.2, -3} { // below 0: without τ_f
					head, p := astrocyteHead(t)
					if read < 0 {
						read, p.TauOutput = -read, 0
					}
					p.Calcium, p.IP3Max, p.LargestSum, p.Drive, p.Read, p.Gap, p.Baseline = kind, 0.3, 6, WhileReading, read, 0.01, baseline
					p.Division.Floor = floor
					recorder := &Recorder{Every: 0.01}
					var outputs [2][]float64
					for i, opt := range []Options{{Recorder: recorder}, {Other: integrator.Tsit5(), byTime: true}} {
						ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
						r, err := head.Exact(ctx, p, opt)
						if cancel(); err != nil {
							t.Fatalf("%s from %g, floor %g, reads of %g s: %v", name, baseline, floor, read, err)
						}
						outputs[i] = r.Output
					}
					if d := difference(outputs[0], outputs[1]); d > 2e-9 {
						t.Errorf("%s from %g, floor %g, reads of %g s: two methods differ by %.2g", name, baseline, floor, read, d)
					}
					calcium := recorder.Trajectory.Of("calcium")
					for i := range calcium[1:] {
						passed = passed || calcium[i] < floor != (calcium[i+1] < floor)
					}
				}
			}
			if !passed && (kind == DePitta || baseline < 1) {
				t.Errorf("%s from %g: the floor is never passed", name, baseline)
			}
		}
	}
}
