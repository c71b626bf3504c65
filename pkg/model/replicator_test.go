package model

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// replicatorProblem is one entry of testdata/replicator_reference.json, integrated by
// SciPy's DOP853 (rtol 1e-12) straight from science §7, by testdata/replicator_reference.py.
type replicatorProblem struct {
	Order                                           string
	Tokens, Values                                  int
	TauGain                                         float64 `json:"tau_gain"`
	Read                                            float64
	Scores, Value, Output, Half, Average, Attention []float64
}

func replicatorProblems(t *testing.T) []replicatorProblem {
	t.Helper()
	problems := reference[replicatorProblem](t, "replicator")
	if len(problems) < 6 {
		t.Fatalf("only %d reference problems", len(problems))
	}
	return problems
}

// head is known by its scores alone: no replicator asks for the rest of a Gram matrix.
func (p replicatorProblem) head(t *testing.T) (*Head, Parameters) {
	t.Helper()
	n := p.Tokens
	gram := make([]float64, 4*n*n)
	for q := range n {
		for k := range n {
			gram[(n+q)*2*n+k], gram[k*2*n+n+q] = p.Scores[q*n+k], p.Scores[q*n+k]
		}
	}
	head, err := NewIdealHead(gram, p.Value, n, p.Values)
	if err != nil {
		t.Fatal(err)
	}
	return head, Parameters{
		Circuit: Replicator, TauGain: p.TauGain, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.05, Read: p.Read, Gap: 0.03, Causal: p.Order == "causal",
	}
}

// The closed form and its integration by every kind of method are SciPy's solution, at
// the ends of the reads, halfway and on average.
func TestReplicatorAgreesWithSciPy(t *testing.T) {
	ctx := context.Background()
	for i, p := range replicatorProblems(t) {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			head, parameters := p.head(t)
			solved := func(tolerance float64, solve func(Options) (Result, error)) {
				t.Helper()
				r, err := solve(Options{Attention: true, Dwell: true})
				if err != nil {
					t.Fatal(err)
				}
				if r.Normalizer != nil || r.Calcium != nil || r.AtFloor != 0 {
					t.Error("a replicator divides by nothing")
				}
				results := map[string][2][]float64{"output": {r.Output, p.Output}, "attention": {r.Attention, p.Attention}}
				if r.Dwell != nil {
					results["the average"] = [2][]float64{r.Dwell.Output, p.Average}
				}
				agree(t, p.Order, tolerance, results)
			}
			solved(1e-10, func(opt Options) (Result, error) { return head.Exact(ctx, parameters, opt) })
			const tolerance = 1e-7
			for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Dop853(), integrator.Rodas5P()} {
				solved(20*tolerance, func(opt Options) (Result, error) {
					r, stats, err := head.Integrate(ctx, parameters, Solver{Method: method, Rtol: tolerance, Atol: 1e-3 * tolerance}, opt)
					if p.Tokens > 1 && stats.Accepted < p.Tokens {
						t.Errorf("%s: %d steps", method.Name(), stats.Accepted)
					}
					return r, err
				})
			}
		})
	}
}

// What is recorded halfway through each read is SciPy's f there; while a token is written
// f is its value, in blanks nothing, and the gains rest.
func TestReplicatorIsRecorded(t *testing.T) {
	for _, p := range replicatorProblems(t) {
		head, parameters := p.head(t)
		parameters.Write, parameters.Gap = p.Read, p.Read/2 // so that samples lie halfway
		for _, solve := range []func(Options) error{
			func(opt Options) error {
				_, err := head.Exact(context.Background(), parameters, opt)
				return err
			},
			func(opt Options) error {
				_, _, err := head.Integrate(context.Background(), parameters, fine(), opt)
				return err
			},
		} {
			recorder := &Recorder{Every: p.Read / 2, Output: []int{0, 1, 2}, Tokens: []int{0}}
			if err := solve(Options{Recorder: recorder}); err != nil {
				t.Fatal(err)
			}
			trajectory := &recorder.Trajectory
			output, gains := trajectory.Of("output"), trajectory.Of("g_a")
			var half []float64
			for _, seg := range parameters.Schedule(p.Tokens) {
				for i, at := range trajectory.T {
					if math.Abs(at-seg.Start-p.Read/2) > 1e-9 {
						continue
					}
					row := output[i*p.Values : (i+1)*p.Values]
					switch {
					case seg.Blank:
						if row[0] != 0 {
							t.Errorf("f is %g in a blank", row[0])
						}
					case seg.Phase == Reading:
						half = append(half, row...)
					default:
						seen := p.Tokens
						if parameters.Causal {
							seen = seg.Token + 1
						}
						if row[0] != p.Value[seg.Token*p.Values] || gains[i] != 1/float64(seen) {
							t.Errorf("f is %g and a gain %g while token %d is written", row[0], gains[i], seg.Token)
						}
					}
				}
			}
			if d := difference(half, p.Half); d > 1e-9 {
				t.Errorf("halfway through the reads it differs by %.2g", d)
			}
		}
	}
}

// It tends to softmax as e^{−T/τ_a}: a time constant longer makes the error e times
// smaller, and at once the gains are softmax's own.
func TestReplicatorTendsToSoftmax(t *testing.T) {
	p := replicatorProblems(t)[0]
	head, parameters := p.head(t)
	want := head.Discrete(false, Division{}, Options{}).Output
	off := func(reads float64) float64 {
		parameters.Read = reads * p.TauGain
		return difference(outputOf(t, head, parameters), want)
	}
	for _, reads := range []float64{6, 8, 10} {
		if ratio := off(reads) / off(reads+1); math.Abs(ratio-math.E) > 0.02 {
			t.Errorf("%g time constants: a longer read is %.4f times better, not e times", reads, ratio)
		}
	}
	parameters.TauGain = 0
	if d := off(0.5); d > 1e-14 {
		t.Errorf("at once it differs by %.2g", d)
	}
	r, stats, err := head.Integrate(context.Background(), parameters, fine(), Options{})
	if err != nil || stats.Accepted != 0 || difference(r.Output, want) > 1e-14 {
		t.Errorf("at once it takes %d steps, %v", stats.Accepted, err)
	}
}

// Gains compete by logarithms, of which a negative score has none; a score that is too
// small for a number has one.
func TestReplicatorOfOddScores(t *testing.T) {
	p := replicatorProblems(t)[0]
	p.Scores[1] = 0
	head, parameters := p.head(t)
	for _, x := range outputOf(t, head, parameters) {
		if math.IsNaN(x) {
			t.Error("NaN of a score of 0")
		}
	}
	p.Scores[1] = -1
	head, parameters = p.head(t)
	if _, err := head.Exact(context.Background(), parameters, Options{}); err == nil {
		t.Error("a score below 0 has an answer")
	}
}

// The analytic Jacobian is the derivative's, by differences.
func TestReplicatorJacobian(t *testing.T) {
	p := replicatorProblems(t)[3]
	head, parameters := p.head(t)
	replicator := newReplicator(context.Background(), head, parameters, Options{})
	if err := replicator.present(p.Tokens - 2); err != nil { // one token is not seen
		t.Fatal(err)
	}
	n := p.Tokens
	state := make([]float64, n)
	for s := range state {
		state[s] = -1 - 0.3*float64(s)
	}
	matrix := make([]float64, n*n)
	replicator.jacobian(0, state, func(row, column int, partial float64) { matrix[row*n+column] += partial })
	const step = 1e-6
	up, down, by := make([]float64, n), make([]float64, n), make([]float64, n*n)
	for column := range n {
		moved := append([]float64(nil), state...)
		moved[column] = state[column] + step
		replicator.derivative(0, moved, up)
		moved[column] = state[column] - step
		replicator.derivative(0, moved, down)
		for row := range n {
			by[row*n+column] = (up[row] - down[row]) / (2 * step)
		}
	}
	if d := difference(matrix, by); d > 1e-8 {
		t.Errorf("it differs from differences by %.2g", d)
	}
}
