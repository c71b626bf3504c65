package model

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// emergentProblem is one entry of testdata/emergent_reference.json: every p, s and f of science
// §5 by SciPy's DOP853 (rtol 1e-12), by testdata/emergent_reference.py.
type emergentProblem struct {
	Order                                       string
	Tokens, Neurons, Values                     int
	TauOutput                                   float64 `json:"tau_output"`
	TauSynapse                                  float64 `json:"tau_synapse"`
	TauExchange                                 float64 `json:"tau_exchange"`
	Scale, Read                                 float64
	Query, Key, Value, Output, Average, Calcium []float64
}

func emergentProblems(t *testing.T) []emergentProblem {
	t.Helper()
	problems := reference[emergentProblem](t, "emergent")
	if len(problems) < 7 {
		t.Fatalf("only %d reference problems", len(problems))
	}
	return problems
}

func (p emergentProblem) head(t *testing.T) (*Head, Parameters) {
	t.Helper()
	head, err := NewHead(p.Query, p.Key, p.Value, p.Tokens, p.Neurons, p.Values)
	if err != nil {
		t.Fatal(err)
	}
	return head, Parameters{
		Circuit: EmergentDivision, TauOutput: p.TauOutput, TauSynapse: p.TauSynapse, TauExchange: p.TauExchange, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.05, Read: p.Read, Gap: 0.03, Causal: p.Order == "causal", Division: Division{Processes: p.Scale},
	}
}

// The reduced form, by every method, and the plain equations are SciPy's solution of the
// plain equations; the exchange conserves Σp.
func TestEmergentDivisionAgreesWithSciPy(t *testing.T) {
	ctx := context.Background()
	for i, p := range emergentProblems(t) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			head, parameters := p.head(t)
			sums := head.KernelSums(parameters.Causal)
			check := func(name string, tolerance float64, r Result, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				if d := difference(r.Output, p.Output); d > tolerance {
					t.Errorf("%s: output differs by %.2g, more than %.2g", name, d, tolerance)
				}
				if r.Dwell != nil && difference(r.Dwell.Output, p.Average) > tolerance {
					t.Errorf("%s: averages differ by %.2g", name, difference(r.Dwell.Output, p.Average))
				}
				if d := max(difference(r.Normalizer, p.Calcium), difference(r.Normalizer, sums)); d > 1e-11 {
					t.Errorf("%s: the mean of p differs by %.2g", name, d)
				}
				answers := make([]float64, len(r.Output))
				for token := range p.Tokens {
					for s := range p.Tokens {
						for j := range p.Values {
							answers[token*p.Values+j] += r.Attention[token*p.Tokens+s] * p.Value[s*p.Values+j]
						}
					}
				}
				if d := difference(answers, r.Output); d > 20*tolerance {
					t.Errorf("%s: A_eff answers otherwise by %.2g", name, d)
				}
			}
			for _, method := range []integrator.Method{nil, integrator.Tsit5()} {
				r, err := head.Exact(ctx, parameters, Options{Attention: true, Dwell: true, Other: method})
				check("exact", 1e-8, r, err)
			}
			const tolerance = 1e-7
			for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Dop853(), integrator.Rodas5P()} {
				solver := Solver{Method: method, Rtol: tolerance, Atol: 1e-3 * tolerance}
				r, _, err := head.Integrate(ctx, parameters, solver, Options{Attention: true, Dwell: true})
				check(method.Name(), 20*tolerance, r, err)
				r, _, err = head.IntegrateFull(ctx, parameters, solver, Options{Attention: true})
				check(method.Name()+", in full", 20*tolerance, r, err)
			}
		})
	}
}

// Settled it is kernel attention. What is left falls as e^{−T/τ} with the slower of τ_f and
// τ_s/p*, p* = σ Z/m, once the calcium is exchanged.
func TestEmergentDivisionSettles(t *testing.T) {
	p := emergentProblems(t)[0]
	p.Tokens, p.Query, p.Key, p.Value = 1, p.Query[:p.Neurons], p.Key[:p.Neurons], p.Value[:p.Values] // one Z
	head, parameters := p.head(t)
	parameters.TauExchange = 1e-3
	want := head.Discrete(false, Division{}, Options{}).Output
	sum := head.KernelSums(false)[0]
	for _, slow := range []struct{ output, synapse float64 }{{0, 0.02}, {0.2, 0.002}} {
		parameters.TauOutput, parameters.TauSynapse = slow.output, slow.synapse
		tau := max(slow.output, slow.synapse*float64(p.Neurons)/sum)
		off := func(times float64) float64 {
			parameters.Read = times * tau
			return difference(outputOf(t, head, parameters), want)
		}
		for _, times := range []float64{6, 9} {
			if ratio := off(times) / off(times+1); math.Abs(ratio-math.E) > 0.02 {
				t.Errorf("τ_f %g, τ_s %g: after %g time constants one more makes it %.4f times better, not e times", slow.output, slow.synapse, times, ratio)
			}
		}
		if d := off(33); d > 1e-10 {
			t.Errorf("settled it differs by %.2g", d)
		}
	}
	parameters.TauSynapse, parameters.TauOutput = 0, 0
	if d := difference(outputOf(t, head, parameters), want); d > 1e-13 {
		t.Errorf("at once it differs by %.2g", d)
	}
}

// Where synapses follow their processes fast it is stiff: a method for that takes a
// twentieth of the steps or fewer, and the run says so.
func TestEmergentDivisionIsStiff(t *testing.T) {
	head := drawHead(t, "positive", 6, 100, 16, 8, 7)
	parameters := Parameters{
		Circuit: EmergentDivision, TauOutput: 0.01, TauExchange: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.25, Read: 0.5, Gap: 0.3,
		Division: Division{Processes: 100},
	}
	parameters.TauSynapse = 1e-4 * head.KernelSums(false)[0] // as 10 ms are where queries read 100
	want := outputOf(t, head, parameters)
	steps := map[string]int{}
	for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Rodas5P()} {
		r, stats, err := head.Integrate(context.Background(), parameters, Solver{Method: method, Rtol: 1e-6, Atol: 1e-9}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(r.Output, want); d > 2e-5 {
			t.Errorf("%s: output differs by %.2g", method.Name(), d)
		}
		if stats.Stiff != (method.Name() == "dopri5") {
			t.Errorf("%s: stiff is %v", method.Name(), stats.Stiff)
		}
		steps[method.Name()] = stats.Accepted
	}
	if 20*steps["rodas5p"] > steps["dopri5"] {
		t.Errorf("steps %v", steps)
	}
}

// The Jacobians are the derivatives', by differences.
func TestEmergentJacobians(t *testing.T) {
	for i, p := range emergentProblems(t) {
		for _, averaging := range []bool{false, true} {
			head, parameters := p.head(t)
			opt := Options{Dwell: averaging, Attention: true}
			solver := Solver{Method: integrator.Rodas5P(), Rtol: 1e-6, Atol: 1e-9}
			network := newEmergent(context.Background(), head, parameters, solver, opt)
			if err := network.prepare(opt); err != nil {
				t.Fatal(err)
			}
			for token := range p.Tokens {
				network.write(token)
			}
			if err := network.present(Segment{Phase: Reading, Duration: p.Read}); err != nil {
				t.Fatal(err)
			}
			derivativeIs(t, fmt.Sprintf("%d, reduced", i), len(network.state), network.derivative, network.jacobian)
			full := &emergentInFull{emergent: network, synapses: p.Values * p.Neurons, outputs: (p.Values + network.width) * p.Neurons}
			dim := full.outputs
			if p.TauOutput > 0 {
				dim += network.width
			}
			derivativeIs(t, fmt.Sprintf("%d, full", i), dim, full.derivative, full.jacobian)
		}
	}
}

func derivativeIs(t *testing.T, name string, dim int, derivative integrator.Derivative, jacobian integrator.Jacobian) {
	t.Helper()
	state := make([]float64, dim)
	for n := range state {
		state[n] = 0.4 + 0.3*math.Sin(float64(7*n+1))
	}
	const time, step = 1e-4, 1e-6
	have := make([]float64, dim*(dim+1))
	jacobian(time, state, func(row, column int, value float64) { have[row*(dim+1)+column] += value })
	up, down := make([]float64, dim), make([]float64, dim)
	var scale, off float64
	for column := range dim + 1 {
		moved, later, width := append([]float64(nil), state...), time, 2*step
		if column == dim {
			width = 2e-9
			derivative(later+1e-9, moved, up)
			derivative(later-1e-9, moved, down)
		} else {
			moved[column] += step
			derivative(time, moved, up)
			moved[column] -= 2 * step
			derivative(time, moved, down)
		}
		for row := range dim {
			want := (up[row] - down[row]) / width
			scale, off = max(scale, math.Abs(want)), max(off, math.Abs(have[row*(dim+1)+column]-want))
		}
	}
	if off > 1e-4*scale {
		t.Errorf("%s: the Jacobian differs from differences by %.2g of %.2g", name, off, scale)
	}
}

// What is recorded of a read ends where the result is; with inner products alone, and
// where a query reads nothing, there is an error.
func TestEmergentDivisionIsRecorded(t *testing.T) {
	p := emergentProblems(t)[2]
	head, parameters := p.head(t)
	ctx := context.Background()
	for name, solve := range map[string]func(Options) (Result, error){
		"exact": func(opt Options) (Result, error) { return head.Exact(ctx, parameters, opt) },
		"full": func(opt Options) (Result, error) {
			r, _, err := head.IntegrateFull(ctx, parameters, Solver{Method: integrator.Dopri5(), Rtol: 1e-9, Atol: 1e-12}, opt)
			return r, err
		},
	} {
		recorder := &Recorder{Every: 0.005, Output: []int{0, 1}, Hidden: []int{0, 3}, Processes: []int{0, 3}}
		r, err := solve(Options{Recorder: recorder})
		if err != nil {
			t.Fatal(err)
		}
		trajectory, ends := &recorder.Trajectory, 0
		for i, at := range trajectory.T {
			for _, seg := range parameters.Schedule(p.Tokens) {
				if seg.Phase != Reading || seg.Blank || math.Abs(at-seg.Start-seg.Duration) > 1e-9 {
					continue
				}
				ends++
				if f := trajectory.Of("output")[2*i]; math.Abs(f-r.Output[2*seg.Token]) > 1e-8 {
					t.Errorf("%s: f ends at %g, and %g is recorded", name, r.Output[2*seg.Token], f)
				}
				for j := range 2 {
					if calcium := trajectory.Of("p_alpha")[2*i+j]; math.Abs(calcium/r.Normalizer[seg.Token]-1) > 1e-8 {
						t.Errorf("%s: a process ends at %g, not at the mean %g", name, calcium, r.Normalizer[seg.Token])
					}
					if synapse := trajectory.Of("s_alpha")[2*i+j]; math.Abs(synapse-1) > 1e-3 {
						t.Errorf("%s: a synapse ends at %g of what it settles at", name, synapse)
					}
				}
			}
		}
		if ends != p.Tokens {
			t.Errorf("%s: %d ends of reads are recorded", name, ends)
		}
	}
	if _, err := head.ByGram().Exact(ctx, parameters, Options{}); !errors.Is(err, errProcesses) {
		t.Errorf("of inner products alone: %v", err)
	}
	silent := *head
	silent.PhiQ = make([]float64, len(head.PhiQ))
	var met *FloorError
	if _, err := silent.Exact(ctx, parameters, Options{}); !errors.As(err, &met) {
		t.Errorf("of silent queries: %v", err)
	}
}

// Few pairs tell all others: the polynomial through them answers as the plain equations do,
// also where the exchange is so slow that processes differ while synapses settle.
func TestEmergentDivisionByFewPairs(t *testing.T) {
	head := drawHead(t, "positive", 3, 40, 4, 2, 7)
	sum := kernel.Max(head.KernelSums(false))
	for _, half := range []float64{0.01, 1, 4} { // H of pairs
		parameters := Parameters{
			Circuit: EmergentDivision, TauOutput: 0.01, TauSynapse: 0.02 * sum, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.05, Read: 0.1,
			Division: Division{Processes: 40},
		}
		parameters.TauExchange = half * 2 * float64(head.Values*head.Neurons) * parameters.TauSynapse / (40 * sum)
		network := newEmergent(context.Background(), head, parameters, fine(), Options{})
		if n := network.pairs(); n < 3 || n >= head.Neurons {
			t.Errorf("H = %g: %d pairs of %d", half, n, head.Neurons)
		}
		plain, _, err := head.IntegrateFull(context.Background(), parameters, Solver{Method: integrator.Dop853(), Rtol: 1e-10, Atol: 1e-13}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(outputOf(t, head, parameters), plain.Output); d > 1e-8 {
			t.Errorf("H = %g: the output differs from the plain equations' by %.2g", half, d)
		}
	}
}

// A common factor of the features is a unit, of σ as of p.
func TestEmergentDivisionHasUnits(t *testing.T) {
	p := emergentProblems(t)[2]
	head, parameters := p.head(t)
	const factor = 512
	other := *head
	other.PhiQ, other.PhiK = scaled(head.PhiQ, factor), scaled(head.PhiK, factor)
	units := parameters
	units.Division.Processes /= factor * factor
	want, have := outputOf(t, head, parameters), outputOf(t, &other, units)
	if d := difference(have, want); d > 1e-13 {
		t.Errorf("the output differs by %.2g", d)
	}
}
