package model

import (
	"context"
	"fmt"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// lateNetworks are the head of [astrocyteHead] with drives that arrive within a read, at calcium
// that has fallen to some e^{−50} of what it was.
func lateNetworks(t *testing.T) (*Head, map[string]Parameters) {
	head, p := astrocyteHead(t)
	p.Causal, p.Write, p.Gap, p.Read, p.TauCalcium = false, 0.25, 0.3, 0.5, 0.05
	networks := map[string]Parameters{}
	for name, division := range map[string]Division{
		"reciprocal": {}, "receptor": {Readout: Receptor, HalfEffect: 2, TauReceptor: 0.05}, "event": {Readout: Event, HalfEffect: 0.3, Threshold: 2},
		"threshold": {Readout: Threshold, Threshold: 1.5},
	} {
		p.Division = division
		p.Division.Floor = 1e-9
		for _, p.Drive = range []Drive{Ungated, WhileReading, Hold} {
			for _, p.Latency = range []float64{0.12, 0.5, 1} {
				late := fmt.Sprintf("%s, %s, %g s late", name, p.Drive, p.Latency)
				frozen, divided := p, p
				frozen.FrozenCoupling, divided.Compartments = true, Compartments{Count: 4, Exchange: 10}
				networks[late], networks[late+", frozen"], networks[late+", compartments"] = p, frozen, divided
			}
		}
	}
	return head, networks
}

// Where a late drive arrives, what follows is told apart from rounding: with every read-out the
// exact rung is what a solver gets to.
func TestLateDrivesArriveAtCalciumThatHasFallen(t *testing.T) {
	ctx := context.Background()
	head, networks := lateNetworks(t)
	for name, p := range networks {
		t.Run(name, func(t *testing.T) {
			want, err := head.Exact(ctx, p, Options{Dwell: true})
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := head.Integrate(ctx, p, Solver{Method: integrator.Dopri5(), Rtol: 1e-10, Atol: 1e-13}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			// As against SciPy: what is compared has passed the floor, where a solver loses two digits.
			if d := max(difference(got.Output, want.Output), difference(got.Calcium, want.Calcium)); d > 1e-8 {
				t.Errorf("output or calcium differ by %.2g", d)
			}
		})
	}
}
