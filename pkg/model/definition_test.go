package model

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model/features"
	"pgregory.net/rapid"
)

// drawHead draws a head of Gaussian queries, keys and values through the named
// feature map.
func drawHead(t interface{ Fatal(...any) }, mapName string, n, m, d, dv int, seed uint64) *Head {
	rng := rand.New(rand.NewPCG(seed, 1))
	gauss := func(k int, s float64) []float64 {
		x := make([]float64, k)
		for i := range x {
			x[i] = s * rng.NormFloat64()
		}
		return x
	}
	norm := math.Pow(float64(d), -0.25)
	spec := features.Spec{Map: mapName, Rows: features.IID, Neurons: m}
	var tokens features.Tokens
	draw := func() { tokens = features.Tokens{Q: gauss(n*d, norm), K: gauss(n*d, norm), N: n, Dim: d} }
	var err error
	if features.Adapts(mapName) { // its rows come after the tokens
		draw()
		if spec.To, err = features.Adapt(spec, features.NoInvariance, nil, tokens); err != nil {
			t.Fatal(err)
		}
	}
	fm, err := features.New(spec, d, rng)
	if err != nil {
		t.Fatal(err)
	}
	if tokens.N == 0 {
		draw()
	}
	a, err := fm.Evaluate(tokens.Q, tokens.K, n, features.Gain{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := NewHead(a.Q, a.K, gauss(n*dv, 1), n, m, dv)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func drawAny(t *rapid.T) (*Head, bool, string) {
	name := rapid.SampledFrom(features.Drawn()).Draw(t, "map")
	n, d, dv := rapid.IntRange(1, 9).Draw(t, "N"), rapid.IntRange(1, 6).Draw(t, "d"), rapid.IntRange(1, 5).Draw(t, "d_v")
	m := 2 * rapid.IntRange(1, 20).Draw(t, "m/2")
	causal := rapid.Bool().Draw(t, "causal")
	return drawHead(t, name, n, m, d, dv, rapid.Uint64().Draw(t, "seed")), causal, name
}

// kernelAttention is the definition: attention with scores φ(q)·φ(k), summed
// term by term. condition is κ = max_t Σ_s|score| / |Σ_s score|.
func kernelAttention(h *Head, causal bool) (out []float64, condition float64) {
	out = make([]float64, h.Tokens*h.Values)
	for t := range h.Tokens {
		last := h.Tokens
		if causal {
			last = t + 1
		}
		var sum, abs float64
		for s := range last {
			var score float64
			for a := range h.Neurons {
				score += h.PhiQ[t*h.Neurons+a] * h.PhiK[s*h.Neurons+a]
			}
			sum, abs = sum+score, abs+math.Abs(score)
			for i := range h.Values {
				out[t*h.Values+i] += score * h.V[s*h.Values+i]
			}
		}
		for i := range h.Values {
			out[t*h.Values+i] /= sum
		}
		condition = max(condition, abs/math.Abs(sum))
	}
	return out, condition
}

// Scores of signed maps cancel within one inner product too, by up to
// Σ|φφ|/|Σφφ|; the definition of correct counts cancellation between tokens
// only, so such draws get the product of both.
func innerCondition(h *Head) float64 {
	worst := 1.0
	for t := range h.Tokens {
		for s := range h.Tokens {
			var sum, abs float64
			for a := range h.Neurons {
				x := h.PhiQ[t*h.Neurons+a] * h.PhiK[s*h.Neurons+a]
				sum, abs = sum+x, abs+math.Abs(x)
			}
			if sum != 0 {
				worst = max(worst, abs/math.Abs(sum))
			}
		}
	}
	return worst
}

const definitionTolerance = 1e-12 // science §1, (a) and (b)

func TestDiscreteNetworkIsKernelAttention(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, causal, name := drawAny(t)
		want, condition := kernelAttention(h, causal)
		if !features.Positive(name) {
			condition *= innerCondition(h)
		}
		if math.IsNaN(condition) || condition > 1e8 {
			return // the kernel sum cancels or vanishes: the answer itself is not defined to rounding
		}
		for _, opt := range []Options{{Attention: true}, {by: bySynapses}, {by: byProducts}} {
			if d := difference(h.Discrete(causal, Division{}, opt).Output, want); d > definitionTolerance*condition {
				t.Fatalf("%s, %+v: differs by %.2g, condition %.2g", name, opt, d, condition)
			}
		}
	})
}

// The discrete network by H is the one by scores, beyond a block and a tile, too.
func TestDiscreteNetworkBySynapses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5*blockTokens).Draw(t, "N")
		m := rapid.SampledFrom([]int{2, tileNeurons, tileNeurons + 6}).Draw(t, "m")
		h := drawHead(t, "positive", n, m, 3, rapid.IntRange(1, 9).Draw(t, "d_v"), rapid.Uint64().Draw(t, "seed"))
		causal := rapid.Bool().Draw(t, "causal")
		have, want := h.Discrete(causal, Division{}, Options{by: bySynapses}), h.Discrete(causal, Division{}, Options{Attention: true})
		if d := difference(have.Output, want.Output); d > definitionTolerance {
			t.Fatalf("output differs by %.2g", d)
		}
		if d := difference(have.Normalizer, want.Normalizer); d > definitionTolerance {
			t.Fatalf("kernel sums differ by %.2g", d)
		}
		if have.Attention != nil {
			t.Fatal("attention that nobody asked for")
		}
	})
}

func TestContinuousNetworkWithoutTimeConstantsIsDiscrete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, causal, name := drawAny(t)
		_, condition := kernelAttention(h, causal)
		if !features.Positive(name) {
			condition *= innerCondition(h)
		}
		if math.IsNaN(condition) || condition > 1e8 {
			return // as above
		}
		want := h.Discrete(causal, Division{}, Options{Attention: true})
		p := Parameters{
			TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: rapid.Float64Range(0.01, 1).Draw(t, "T_w"),
			Read: rapid.Float64Range(0.01, 1).Draw(t, "T_r"), Gap: rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "gap"),
			Baseline: 1, Division: Division{Floor: math.Inf(-1)}, Causal: causal, Drive: rapid.SampledFrom([]Drive{Ungated, WhileReading, Hold}).Draw(t, "drive"),
		}
		have, err := h.propagate(context.Background(), p, newExactSolver(context.Background(), p, nil), Options{Attention: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range [][2][]float64{{have.Output, want.Output}, {have.Attention, want.Attention}, {have.Normalizer, want.Normalizer}} {
			if d := difference(c[0], c[1]); d > definitionTolerance*condition {
				t.Fatalf("%s: differs by %.2g, condition %.2g", name, d, condition)
			}
		}
	})
}

// Definition of correct (c): with small time constants H and g take the
// closed form of science §1, up to the neglected e^{−T/τ}.
func TestCarryOverBindsNeighbours(t *testing.T) {
	for _, causal := range []bool{false, true} {
		h := drawHead(t, "positive", 7, 40, 4, 3, 5)
		p := Parameters{
			TauHidden: 0.004, TauOutput: 0.007, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
			Write: 0.25, Read: 0.25, Baseline: 1, Causal: causal,
		}
		r, err := h.Exact(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := boundNeighbours(h, p)
		// τ_p = 0 leaves only e^{−T/τ_f} = 3e-16 and e^{−T/τ_h} neglected.
		if d := difference(r.Output, want); d > 1e-12 {
			t.Errorf("causal %v: differs by %.2g", causal, d)
		}
	}
}

// boundNeighbours reads f = Hφ(q)/(g·φ(q)) from science §1's closed form of H
// and g after fully relaxed segments.
func boundNeighbours(h *Head, p Parameters) []float64 {
	a, b := p.TauHidden/p.Write, p.TauOutput/p.Write
	c := p.TauHidden * p.TauOutput / ((p.TauHidden + p.TauOutput) * p.Write)
	n, m, dv := h.Tokens, h.Neurons, h.Values
	H, g := make([]float64, dv*m), make([]float64, m)
	out := make([]float64, n*dv)
	lastPhi, lastV := make([]float64, m), make([]float64, dv)
	write := func(t int) {
		phi, v := h.PhiK[t*m:(t+1)*m], h.V[t*dv:(t+1)*dv]
		for j := range m {
			for i := range dv {
				H[i*m+j] += (1-a-b+c)*v[i]*phi[j] + (a-c)*v[i]*lastPhi[j] + (b-c)*lastV[i]*phi[j] + c*lastV[i]*lastPhi[j]
			}
			g[j] += phi[j] + a*(lastPhi[j]-phi[j])
		}
		lastPhi, lastV = phi, v
	}
	read := func(t int) {
		phi, f := h.PhiQ[t*m:(t+1)*m], out[t*dv:(t+1)*dv]
		var norm float64
		for j := range m {
			norm += g[j] * phi[j]
			for i := range dv {
				f[i] += H[i*m+j] * phi[j]
			}
		}
		for i := range f {
			f[i] /= norm
		}
		lastPhi, lastV = phi, f
	}
	for t := range n {
		write(t)
		if p.Causal {
			read(t)
		}
	}
	for t := 0; t < n && !p.Causal; t++ {
		read(t)
	}
	return out
}

// The network tends to the discrete one at first order in τ/T_w: halving the
// membrane time constants halves the difference.
func TestLimitIsFirstOrder(t *testing.T) {
	h := drawHead(t, "positive", 8, 60, 4, 3, 9)
	want := h.Discrete(false, Division{}, Options{Attention: true}).Output
	at := func(tau float64) float64 {
		p := Parameters{TauHidden: tau, TauOutput: tau, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 1, Read: 1, Baseline: 1}
		r, err := h.Exact(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return difference(r.Output, want)
	}
	for tau := 0.01; tau > 1e-4; tau /= 4 {
		order := math.Log2(at(tau)/at(tau/2)) / 1
		if math.Abs(order-1) > 0.1 {
			t.Errorf("τ = %g: order %.3f, not 1", tau, order)
		}
	}
}

// referenceProblem reads bench/peers: one head of 32 tokens, its outputs by
// Boost.Odeint at rtol 1e-12.
func referenceProblem(t testing.TB) (h *Head, p Parameters, want []float64) {
	file, err := os.ReadFile("../../bench/peers/ref.bin")
	if err != nil {
		t.Fatal(err)
	}
	dims := make([]int, 3)
	for i := range dims {
		dims[i] = int(binary.LittleEndian.Uint64(file[8*i:]))
	}
	dv, m, n := dims[0], dims[1], dims[2]
	x := floats(file[24:])
	h, err = NewHead(x[:n*m], x[n*m:2*n*m], x[2*n*m:], n, m, dv)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../bench/peers/ref_out.bin")
	if err != nil {
		t.Fatal(err)
	}
	p = Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: 20,
		Write: 0.25, Read: 0.25, Baseline: 1, Division: Division{Floor: 1e-9},
	}
	return h, p, floats(raw)
}

func floats(raw []byte) []float64 {
	x := make([]float64, len(raw)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return x
}

// relative returns ‖x − y‖ / ‖y‖.
func relative(x, y []float64) float64 {
	var d, n float64
	for i := range x {
		d += (x[i] - y[i]) * (x[i] - y[i])
		n += y[i] * y[i]
	}
	return math.Sqrt(d / n)
}

func TestExactOnReferenceProblem(t *testing.T) {
	h, p, want := referenceProblem(t)
	r, err := h.Exact(context.Background(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := relative(r.Output, want); d > 1e-11 {
		t.Errorf("differs by %.2g", d)
	}
}

// Between its steps the reference is an interpolant of order 7, less accurate
// than at their ends.
const trajectoryTolerance = 1e-8

func TestTrajectoryAgreesWithSciPy(t *testing.T) {
	for _, p := range problems(t) {
		if p.Trajectory == nil {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			checkTrajectory(t, p, func(h *Head, q Parameters, rec *Recorder) error {
				_, err := h.Exact(context.Background(), q, Options{Recorder: rec, Attention: true})
				return err
			}, trajectoryTolerance)
		})
	}
}

// checkTrajectory samples at every reference time in turn (the reference's are
// not multiples of one interval).
func checkTrajectory(t *testing.T, p problem, solve func(*Head, Parameters, *Recorder) error, tolerance float64) {
	all := func(n int) []int {
		x := make([]int, n)
		for i := range x {
			x[i] = i
		}
		return x
	}
	ref := p.Trajectory
	for i, at := range ref.Time {
		if at == 0 {
			continue
		}
		rec := &Recorder{Every: at, Hidden: all(p.Neurons), Output: all(p.Values)}
		if err := solve(p.head(t), p.parameters(), rec); err != nil {
			t.Fatal(err)
		}
		tr := rec.Trajectory
		if math.Abs(tr.T[1]-at) > 1e-12 {
			t.Fatalf("second sample at %g, not %g", tr.T[1], at)
		}
		for _, c := range []struct {
			name       string
			have, want []float64
		}{
			{"hidden", tr.Of("hidden")[p.Neurons : 2*p.Neurons], ref.Hidden[i*p.Neurons : (i+1)*p.Neurons]},
			{"output", tr.Of("output")[p.Values : 2*p.Values], ref.Output[i*p.Values : (i+1)*p.Values]},
			{"calcium", tr.Of("calcium")[1:2], ref.Calcium[i : i+1]},
			{"‖H‖", tr.Of("hebbian_norm")[1:2], ref.HebbianNorm[i : i+1]},
		} {
			if d := difference(c.have, c.want); d > tolerance {
				t.Errorf("%s at %.4g s differs by %.2g", c.name, at, d)
			}
		}
	}
}

func ExampleHead_Exact() {
	// Two tokens, two neurons tuned to one each, one output neuron.
	h, err := NewHead([]float64{1, 0, 0, 1}, []float64{1, 0.2, 0.2, 1}, []float64{1, 3}, 2, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.25, Read: 0.25, Baseline: 1, Division: Division{Floor: 1e-9},
	}
	r, err := h.Exact(context.Background(), p, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("discrete %.3f\n", h.Discrete(false, Division{}, Options{}).Output)
	fmt.Printf("continuous %.3f\n", r.Output)
	// Output:
	// discrete [1.333 2.667]
	// continuous [1.332 2.623]
}
