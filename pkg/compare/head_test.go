package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/portable"
)

// rounding bounds what a handful of float64 operations on numbers of order 1
// can cost.
const rounding = 1e-14

// multiply returns the N×d product of an N×N attention and N×d values.
func multiply(a, v []float64, n, d int) []float64 {
	out := make([]float64, n*d)
	for t := range n {
		for s := range n {
			for i := range d {
				out[t*d+i] += float64(a[t*n+s] * v[s*d+i])
			}
		}
	}
	return out
}

// randomHead makes a head whose rungs are noisy copies of a softmax matrix, the
// same to the bit on every machine.
func randomHead(seed uint64, n, d int, causal bool) HeadInput {
	rng := rand.New(rand.NewPCG(seed, 1))
	in := HeadInput{Tokens: n, ValueDim: d, Neurons: 10, Causal: causal, V: make([]float64, n*d), Causes: map[string][]float64{}, Synapses: 10 * d}
	for i := range in.V {
		in.V[i] = portable.Normal(rng)
	}
	base, z := make([]float64, n*n), make([]float64, n)
	for t := range n {
		for s := range in.visible(t) {
			base[t*n+s] = portable.Exp(2 * portable.Normal(rng))
			z[t] += base[t*n+s]
		}
		for s := range n {
			base[t*n+s] /= z[t]
		}
	}
	noisy := func(x []float64, size float64) []float64 {
		out := slices.Clone(x)
		for i := range out {
			out[i] *= portable.Exp(size * portable.Normal(rng))
		}
		return out
	}
	for i, name := range RungNames() {
		size := 0.2 * float64(i)
		a := noisy(base, size)
		in.Rungs = append(in.Rungs, Rung{Name: name, Attention: a, Output: multiply(a, in.V, n, d), Normalizer: noisy(z, size)})
	}
	for _, cause := range Causes() {
		in.Causes[cause.Name] = multiply(noisy(in.Rungs[1].Attention, 0.1), in.V, n, d)
	}
	exact := &in.Rungs[2]
	exact.Average, exact.Peak = noisy(exact.Output, 0.3), make([]float64, n)
	for t := range n {
		exact.Peak[t] = norm(exact.Output[t*d:(t+1)*d]) * (1 + rng.Float64())
	}
	return in
}

// Rungs that are all the softmax rung have no error anywhere, and nothing
// dominates.
func TestIdenticalRungs(t *testing.T) {
	for _, causal := range []bool{false, true} {
		in := randomHead(3, 9, 4, causal)
		for i, name := range RungNames() {
			in.Rungs[i] = in.Rungs[0]
			in.Rungs[i].Name = name
		}
		for _, cause := range Causes() {
			in.Causes[cause.Name] = in.Rungs[0].Output
		}
		report := Head(in)
		for _, part := range Parts() {
			if x := report.Value(OnLadder, part.Size()); x != 0 {
				t.Errorf("size of %s is %v, want 0", part.Name, x)
			}
			if x := report.Value(OnLadder, part.Share()); x.Known() {
				t.Errorf("share of %s is %v, want null", part.Name, x)
			}
		}
		if report.Dominant != "" || report.Value(OnLadder, CosineDynamicsKernel).Known() {
			t.Errorf("dominating %q, cosine %v: want none", report.Dominant, report.Value(OnLadder, CosineDynamicsKernel))
		}
		for _, name := range []string{RelativeError, NormalizerMedian, NormalizerP95, ClippedMassMax, TVMean, TVMax, KLMean, KLFlooredMass, RowsSkipped} {
			if x := report.Value(Exact, name); x != 0 {
				t.Errorf("%s is %v, want 0", name, x)
			}
		}
		for _, name := range []string{CosineMean, CosineWorst, NormalizerR, NormalizerRLog10, RowSumMin, RowSumMax, Top1Overlap, Top5Overlap} {
			if x := float64(report.Value(Exact, name)); math.Abs(x-1) > rounding {
				t.Errorf("%s is %v, want 1", name, x)
			}
		}
		if a, b := report.Value(Softmax, Entropy), report.Value(Solver, Entropy); a != b {
			t.Errorf("entropies %v and %v of one matrix", a, b)
		}
	}
}

// The identity against a cyclic permutation: every output is another unit
// vector, every row is disjoint.
func TestPermutedMatrix(t *testing.T) {
	const n = 6
	identity, shifted := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		identity[i*n+i] = 1
		shifted[i*n+(i+1)%n] = 1
	}
	report := Head(HeadInput{Tokens: n, ValueDim: n, V: identity, Rungs: []Rung{
		{Name: Softmax, Attention: identity, Output: identity},
		{Name: Kernel, Attention: shifted, Output: shifted},
	}})
	for name, want := range map[string]float64{
		RelativeError: math.Sqrt2, CosineMean: 0, CosineWorst: 0, CosineWorstToken: 0,
		TVMean: 1, TVMax: 1, KLMean: -math.Log(AttentionFloor), KLFlooredMass: 1, Entropy: 0,
		Top1Overlap: 0,
		// Among the zeros the lower indices win: rows t and t+1 give
		// {t, 0…} and {t+1, 0…}. Row 0 has {0,1,2,3,4} twice; rows 1–2 too;
		// row 3: {3,0,1,2,4} and {4,0,1,2,3}: all equal. Row 4: {4,0,1,2,3}
		// and {5,0,1,2,3} share 4 of 5; row 5 the same with {5,…}, {0,1,2,3,4}.
		Top5Overlap: (4 + 2*0.8) / 6,
	} {
		if x := float64(report.Value(Kernel, name)); math.Abs(x-want) > rounding*30 {
			t.Errorf("%s = %v, want %v", name, x, want)
		}
	}
	if x := report.Value(Kernel, NormalizerR); x.Known() {
		t.Errorf("r = %v without normalisers, want null", x)
	}
	// Uniform attention answers 1/n everywhere: ‖1/n − e_t‖² = 1 − 1/n a row.
	if x, want := float64(report.Value(OnLadder, TrivialError)), math.Sqrt(1-1.0/n); math.Abs(x-want) > rounding {
		t.Errorf("trivial error %v, want %v", x, want)
	}
}

// Two-entry rows by hand: a network row (3, −1) is clipped to (1, 0).
func TestClippedRow(t *testing.T) {
	soft := []float64{0.75, 0.25, 0.5, 0.5}
	net := []float64{3, -1, 1, 3}
	report := Head(HeadInput{Tokens: 2, ValueDim: 1, Rungs: []Rung{
		{Name: Softmax, Attention: soft, Output: []float64{1, 1}},
		{Name: Kernel, Attention: net, Output: []float64{1, 1}},
	}})
	ln := math.Log
	row0 := 0.75*ln(0.75/1) + 0.25*ln(0.25/AttentionFloor)
	row1 := 0.5*ln(0.5/0.25) + 0.5*ln(0.5/0.75)
	for name, want := range map[string]float64{
		TVMean: 0.25, TVMax: 0.25, KLMean: (row0 + row1) / 2, KLFlooredMass: 0.125,
		ClippedMassMean: 0.125, ClippedMassMax: 0.25, RowSumMin: 2, RowSumMedian: 3, RowSumMax: 4,
		Entropy:     (0.25*ln(4) + 0.75*ln(4.0/3)) / 2,
		Top1Overlap: 0.5, Top5Overlap: 1,
	} {
		if x := float64(report.Value(Kernel, name)); math.Abs(x-want) > rounding*30 {
			t.Errorf("%s = %v, want %v", name, x, want)
		}
	}
	if x, want := float64(report.Value(Softmax, Entropy)), (0.75*ln(4.0/3)+0.25*ln(4)+ln(2))/2; math.Abs(x-want) > rounding {
		t.Errorf("softmax entropy %v, want %v", x, want)
	}
}

// The split of the ladder: with outputs along known axes every size, share and
// cosine is a fraction known in advance.
func TestLadderByHand(t *testing.T) {
	at := func(x, y, z float64) []float64 { return []float64{x, y, z} }
	in := HeadInput{Tokens: 1, ValueDim: 3, Rungs: []Rung{
		{Name: Softmax, Output: at(10, 0, 0)},
		{Name: Kernel, Output: at(10, 2, 0)},
		{Name: Exact, Output: at(10, -1, 4)},
		{Name: Solver, Output: at(11, -1, 4)},
	}, Causes: map[string][]float64{
		"carry-over":  at(10, -1, 0), // (0, −3, 0)
		"calcium lag": at(10, 2, 3.5),
	}}
	report := Head(in)
	total := math.Sqrt(1 + 1 + 16)
	for name, want := range map[string]float64{
		ReferenceNorm: 10, "kernel_error": 0.2, "dynamics_error": 0.5, "integration_error": 0.1, TotalError: total / 10,
		"carry_over_error": 0.3, "calcium_lag_error": 0.35, "interaction_error": 0.05, CosineDynamicsKernel: -0.6,
		"kernel_share": -2.0 / 18, "dynamics_share": 19.0 / 18, "integration_share": 1.0 / 18,
		"carry_over_share": 3.0 / 18, "calcium_lag_share": 14.0 / 18, "interaction_share": 2.0 / 18,
	} {
		if x := float64(report.Value(OnLadder, name)); math.Abs(x-want) > rounding {
			t.Errorf("%s = %v, want %v", name, x, want)
		}
	}
	for _, name := range []string{"leak_error", "leak_share", "compartments_error", TrivialError} {
		if x := report.Value(OnLadder, name); x.Known() {
			t.Errorf("%s = %v of a cause that is off or values not given, want null", name, x)
		}
	}
	if report.Dominant != "calcium lag" || report.Last != Solver || report.Reference != Softmax {
		t.Errorf("dominating %q, last %q, reference %q", report.Dominant, report.Last, report.Reference)
	}
}

// Shares of kernel, dynamics and integration add to 1; those of the causes and
// the interaction add to the dynamics'.
func TestSharesAdd(t *testing.T) {
	for seed := range uint64(20) {
		report := Head(randomHead(seed, 7, 3, seed%2 == 0))
		var steps, insets float64
		for _, part := range Parts() {
			if share := float64(report.Value(OnLadder, part.Share())); part.Inset {
				insets += share
			} else {
				steps += share
			}
		}
		if math.Abs(steps-1) > 10*rounding {
			t.Errorf("seed %d: shares add to %v", seed, steps)
		}
		if whole := float64(report.Value(OnLadder, "dynamics_share")); math.Abs(insets-whole) > 100*rounding {
			t.Errorf("seed %d: causes add to %v of %v", seed, insets, whole)
		}
	}
}

// Scaling all outputs and values scales the reference norm alone; scaling a
// network's attention rows moves only its row sums; scaling p leaves r. Powers
// of two make the equalities exact.
func TestScaleInvariance(t *testing.T) {
	in := randomHead(8, 10, 4, false)
	before := Head(in)
	scaled := randomHead(8, 10, 4, false)
	times := func(x []float64, f float64) {
		for i := range x {
			x[i] *= f
		}
	}
	times(scaled.V, 64)
	for _, x := range scaled.Causes {
		times(x, 64)
	}
	for i := range scaled.Rungs {
		times(scaled.Rungs[i].Output, 64)
		times(scaled.Rungs[i].Average, 64)
		times(scaled.Rungs[i].Peak, 64)
		if i > 0 {
			times(scaled.Rungs[i].Attention, 4)
			times(scaled.Rungs[i].Normalizer, 8)
		}
	}
	after := Head(scaled)
	factor := map[string]Number{ReferenceNorm: 64, RowSumMin: 4, RowSumMedian: 4, RowSumMax: 4}
	rows := after.Rows()
	for i, row := range before.Rows() {
		switch row.Metric {
		case NormalizerMedian, NormalizerP95:
			continue
		case NormalizerRLog10: // log₁₀ of 8p is rounded anew
			if math.Abs(row.Value-rows[i].Value) > 10*rounding {
				t.Errorf("%s %s moved from %v to %v", row.Rung, row.Metric, row.Value, rows[i].Value)
			}
			continue
		}
		want := row.Value
		if f, ok := factor[row.Metric]; ok {
			want *= float64(f)
		}
		if got := rows[i].Value; got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("%s %s = %v, want %v", row.Rung, row.Metric, got, want)
		}
	}
}

// Renaming the tokens of a bidirectional head changes no quantity but the
// index of the worst token.
func TestTokenOrder(t *testing.T) {
	const n, d = 8, 3
	in := randomHead(5, n, d, false)
	order := rand.New(rand.NewPCG(1, 2)).Perm(n)
	moved := func(x []float64, width int) []float64 {
		out := make([]float64, len(x))
		for t := range len(x) / width {
			copy(out[order[t]*width:(order[t]+1)*width], x[t*width:(t+1)*width])
		}
		return out
	}
	other := in
	other.V, other.Rungs, other.Causes = moved(in.V, d), nil, map[string][]float64{}
	for _, r := range in.Rungs {
		rows := moved(r.Attention, n)
		both := make([]float64, n*n)
		for t := range n {
			for s := range n {
				both[t*n+order[s]] = rows[t*n+s]
			}
		}
		other.Rungs = append(other.Rungs, Rung{r.Name, both, moved(r.Output, d), moved(r.Normalizer, 1), moved(r.Average, d), moved(r.Peak, 1)})
	}
	for cause, x := range in.Causes {
		other.Causes[cause] = moved(x, d)
	}
	a, b := Head(in), Head(other)
	rows := b.Rows()
	for i, row := range a.Rows() {
		want := row.Value
		if row.Metric == CosineWorstToken {
			want = float64(order[int(row.Value)])
		}
		if math.Abs(rows[i].Value-want) > 10*rounding*math.Max(1, math.Abs(want)) {
			t.Errorf("%s %s = %v, want %v", row.Rung, row.Metric, rows[i].Value, want)
		}
	}
}

// Steps at or below StepFloor of the reference have no direction; just above it
// they have one. Powers of two make the sizes exact.
func TestStepFloor(t *testing.T) {
	const unit = 1 << 40 // of the reference; so that steps are whole multiples of 2⁻⁴⁰ of it
	steps := func(kernel, exact float64) HeadReport {
		return Head(HeadInput{Tokens: 1, ValueDim: 2, Rungs: []Rung{
			{Name: Softmax, Output: []float64{unit, 0}}, {Name: Kernel, Output: []float64{unit, kernel}}, {Name: Exact, Output: []float64{unit, kernel + exact}},
		}})
	}
	// 2⁻⁴⁰ is 0.91e-12, twice that 1.8e-12.
	for _, c := range []struct {
		kernel, exact            float64
		cosine, direction, named bool
	}{
		{1, 1, false, true, false}, // the parts are rounding, their sum is not
		{1, 0, false, false, false},
		{2, 2, true, true, true},
		{2, 1, false, true, true},
		{2, -2, true, false, true}, // they cancel: no direction of the total, but parts that stand out
	} {
		report := steps(c.kernel, c.exact)
		if known := report.Value(OnLadder, CosineDynamicsKernel).Known(); known != c.cosine {
			t.Errorf("%+v: cosine known %v", c, known)
		}
		for _, share := range []string{"kernel_share", "dynamics_share"} {
			if known := report.Value(OnLadder, share).Known(); known != c.direction {
				t.Errorf("%+v: %s known %v", c, share, known)
			}
		}
		if (report.Dominant != "") != c.named {
			t.Errorf("%+v: dominating %q", c, report.Dominant)
		}
	}
	// The sentence on shares stands where there is an error to share.
	for total, said := range map[float64]bool{1: false, 2: true} {
		sentences := verdict(Run{Report: NewReport([]HeadReport{steps(total, 0)})})
		if has := strings.Contains(strings.Join(sentences, " "), "share:"); has != said {
			t.Errorf("an error of %g units: %q", total, sentences)
		}
	}
}
