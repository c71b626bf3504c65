package model

import (
	"context"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// stiffNetworks are the head of [astrocyteHead] with astrocytes whose fastest process is thousands of
// times as fast as a read is long, as much so as the size says, s, and what they tend to as it
// becomes 0.
func stiffNetworks() map[string]struct {
	stiff, limit func(p *Parameters, size float64)
} {
	cell := func(p *Parameters) {
		p.Calcium, p.IP3Max, p.LargestSum, p.Drive, p.Read, p.Gap, p.Division.Floor = LiRinzel, 0.3, 9, WhileReading, 1, 0.04, 1e-9
	}
	receptor := func(p *Parameters, half, tau float64) {
		p.Division, p.TauOutput = Division{Readout: Receptor, HalfEffect: half, TauReceptor: tau, Floor: 1e-9}, 0.1
	}
	emergent := func(p *Parameters, tau float64) {
		p.Circuit, p.Division.Processes, p.TauExchange, p.TauSynapse, p.TauOutput = EmergentDivision, 36, 1e-6, tau, 0.1
	}
	return map[string]struct {
		stiff, limit func(p *Parameters, size float64)
	}{
		"li-rinzel in compartments": {
			func(p *Parameters, size float64) {
				cell(p)
				p.Compartments = Compartments{Count: 4, Topology: Line, Exchange: 1 / size}
			},
			func(p *Parameters, _ float64) { cell(p) },
		},
		"compartments that gather": {
			func(p *Parameters, size float64) {
				p.Division = Division{Readout: Threshold, Threshold: 2, Floor: 1e-9}
				p.Compartments = Compartments{Count: 4, Exchange: 1 / size}
			},
			func(p *Parameters, _ float64) { p.Division = Division{Floor: 1e-9} },
		},
		"receptors that take no time": {
			func(p *Parameters, size float64) { receptor(p, 0.3, size) },
			func(p *Parameters, _ float64) { receptor(p, 0.3, 0) },
		},
		"receptors that bind all": {
			func(p *Parameters, size float64) { receptor(p, 2e-4*size, 0.05) },
			func(p *Parameters, size float64) { receptor(p, 2e-4*size, 0) },
		},
		"emergent division": {
			func(p *Parameters, size float64) { emergent(p, size) },
			func(p *Parameters, _ float64) { emergent(p, 0) },
		},
	}
}

// What is stiff is integrated to what a solver gets to, and tends to its closed limit at first order:
// of ten times as fast a process a tenth is left.
func TestStiffAstrocytesAreSolvedExactly(t *testing.T) {
	ctx := context.Background()
	for name, network := range stiffNetworks() {
		t.Run(name, func(t *testing.T) {
			head, p := astrocyteHead(t)
			solve := func(change func(*Parameters, float64), size float64, opt Options) []float64 {
				q := p
				change(&q, size)
				r, err := head.Exact(ctx, q, opt)
				if err != nil {
					t.Fatal(err)
				}
				return r.Output
			}
			fast := solve(network.stiff, 1e-5, Options{Dwell: true})
			if d := difference(solve(network.stiff, 1e-5, Options{Other: integrator.Rodas5P()}), fast); !(d < 1e-9) {
				t.Errorf("by rodas5p it differs by %.2g", d)
			}
			q := p
			network.stiff(&q, 1e-5)
			solved, _, err := head.Integrate(ctx, q, Solver{Method: integrator.Rodas5P(), Rtol: 1e-9, Atol: 1e-12}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if d := difference(solved.Output, fast); !(d < 20e-9) {
				t.Errorf("a solver differs by %.2g", d)
			}
			faster := solve(network.stiff, 1e-6, Options{})
			left, less := difference(fast, solve(network.limit, 1e-5, Options{})), difference(faster, solve(network.limit, 1e-6, Options{}))
			t.Logf("it differs from its limit by %.3g and %.3g", left, less)
			if ratio := left / less; !(ratio > 9.5 && ratio < 10.5) && less > 1e-9 || left > 1e-3 {
				t.Errorf("it differs from its limit by %.3g, and ten times as fast by %.3g", left, less)
			}
		})
	}
}

// The implicit method is turned to where stability limits steps, and only there.
func TestStiffnessTurnsTheMethod(t *testing.T) {
	head, p := astrocyteHead(t)
	for _, c := range []struct {
		tau     float64
		count   int
		methods []string
	}{{0.02, 1, []string{"dop853"}}, {1e-6, 1, []string{"dop853", "radau9"}}, {0.02, 4, []string{"dop853"}}, {1e-6, 4, []string{"dop853", "radau9"}}, {0, 1, nil}} {
		q := p
		q.Division = Division{Readout: Receptor, HalfEffect: 0.3, TauReceptor: c.tau, Floor: 1e-9}
		q.Compartments = Compartments{Count: c.count, Exchange: 3}
		for _, opt := range []Options{{}, {Recorder: &Recorder{Every: 0.01}}} {
			r, err := head.Exact(context.Background(), q, opt)
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, steps := range r.Steps {
				have = append(have, steps.Method)
			}
			if !slices.Equal(have, c.methods) {
				t.Errorf("τ_Γ = %g s, %d compartments: integrated by %v, want %v", c.tau, c.count, have, c.methods)
			}
		}
	}
}
