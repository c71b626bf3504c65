package compare_test

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
)

// everything is a network that has every cause.
var everything = model.Parameters{
	TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 3, TauPresynaptic: 4,
	Write: 0.2, Read: 0.25, Gap: 0.1, Baseline: 1, LearningRate: 1.2, Drive: model.Ungated,
	TauRise: 0.03, Latency: 0.3, Circuit: model.NoAstrocyte, FrozenCoupling: true,
	Compartments: model.Compartments{Count: 3, Exchange: 5},
	Division:     model.Division{Floor: 1e-6, Readout: model.Receptor, HalfEffect: 0.3, TauReceptor: 0.02, Level: 2},
}

// cellular is one that has, in place of the calcium's causes, those of a cell.
func cellular() model.Parameters {
	p := everything
	p.TauCalcium, p.TauRise, p.Latency, p.Division.Floor = 0, 0, 0, 1e-9
	p.Calcium, p.IP3Max, p.LargestSum = model.LiRinzel, 0.3, 30
	p.Compartments = model.Compartments{}
	return p
}

// gathered is one whose compartments gather.
func gathered() model.Parameters {
	p := everything
	p.Division.Readout, p.Division.HalfEffect, p.Division.TauReceptor, p.Division.Threshold = model.Threshold, 0, 0, 1
	return p
}

// replicating is one that has the causes of gains of tokens, and no other.
var replicating = model.Parameters{
	Circuit: model.Replicator, TauGain: 0.1, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.2, Read: 0.25, Gap: 0.1, Drive: model.Hold,
}

// emerging is one in which division emerges: it has carry-over, of f alone, and the causes of
// processes and their synapses.
var emerging = model.Parameters{
	Circuit: model.EmergentDivision, TauOutput: 0.02, TauSynapse: 1, TauExchange: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.2, Read: 0.25, Gap: 0.1,
	Drive: model.Hold, Division: model.Division{Processes: 12},
}

// head is a head of positive features.
func head(t *testing.T) *model.Head {
	t.Helper()
	const n, m, dv = 5, 12, 3
	rng := rand.New(rand.NewPCG(1, 9))
	phi := func() []float64 {
		x := make([]float64, n*m)
		for i := range x {
			x[i] = math.Exp(rng.NormFloat64()) / math.Sqrt(m)
		}
		return x
	}
	v := make([]float64, n*dv)
	for i := range v {
		v[i] = rng.NormFloat64()
	}
	h, err := model.NewHead(phi(), phi(), v, n, m, dv)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func outputs(t *testing.T, p model.Parameters) []float64 {
	t.Helper()
	r, err := head(t).Exact(context.Background(), p, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Output
}

func distance(x, y []float64) float64 {
	var off, size float64
	for i := range y {
		off, size = off+(x[i]-y[i])*(x[i]-y[i]), size+y[i]*y[i]
	}
	return math.Sqrt(off / size)
}

// Every row of the table of causes keeps to what a cause is: this runs over the
// table, and a row that is added is held to it.
func TestCauses(t *testing.T) {
	// A floor that some of the queries read less than.
	reads := head(t).KernelSums(false)
	everything.Division.Floor = (slices.Min(reads) + slices.Max(reads)) / 2
	sums := head(t).Discrete(false, everything.Division, model.Options{}).Output
	seen := map[string]bool{}
	for _, cause := range compare.Causes() {
		t.Run(cause.Name, func(t *testing.T) {
			if seen[cause.Name] || seen[cause.Metric] || cause.Name == "" || cause.Metric == "" || cause.Step == "" || cause.Meaning == "" || !cause.Inset {
				t.Errorf("names and words: %+v", cause.Part)
			}
			seen[cause.Name], seen[cause.Metric] = true, true
			everything := everything
			for _, other := range []model.Parameters{replicating, cellular(), gathered()} {
				if !cause.In(everything) {
					everything = other
				}
			}
			if !cause.In(everything) {
				everything = emerging
			}
			if !cause.In(everything) {
				t.Fatal("the network that has everything lacks it: add what makes it to the test's parameters")
			}
			limit := everything
			cause.Limit(&limit)
			if cause.In(limit) {
				t.Error("its limit still has it")
			}
			again := limit
			if cause.Limit(&again); again != limit {
				t.Error("its limit is not one")
			}
			// Causes are independent: no limit takes what another does.
			for _, other := range compare.Causes() {
				if rest := limit; other.In(everything) && other.Name != cause.Name && other.Beside != cause.Name && !other.In(rest) {
					t.Errorf("its limit takes %s away, too", other.Name)
				}
			}
			only := cause.Only(everything)
			for _, other := range compare.Causes() {
				if other.In(only) != (other.Name == cause.Name || other.Name == cause.Beside) {
					t.Errorf("%s in the network that has only %s: %v", other.Name, cause.Name, other.In(only))
				}
			}
			// It parts the network from its sums, or from what the cause beside it leaves of
			// them, the same way each time; at its limit nothing does (science §1, definition (b)).
			alone := outputs(t, only)
			without := only
			cause.Limit(&without)
			beside, names := sums, compare.CausesIn(only, reads)
			if cause.Beside == "" {
				if len(names) != 1 || names[0].Name != cause.Name {
					t.Errorf("causes of the network that has it alone: %v", names)
				}
			} else {
				other := compare.Causes()[slices.IndexFunc(compare.Causes(), func(c compare.Cause) bool { return c.Name == cause.Beside })]
				if beside = outputs(t, other.Only(everything)); len(names) != 2 {
					t.Errorf("causes of the network that has it beside %s: %v", cause.Beside, names)
				}
			}
			if d := distance(alone, beside); !(d > 1e-6) {
				t.Errorf("alone it parts the network from its sums by %g", d)
			}
			if !reflect.DeepEqual(alone, outputs(t, only)) {
				t.Error("another solution has other bytes")
			}
			if d := distance(outputs(t, without), beside); d > 1e-12 {
				t.Errorf("without any cause the network is %g from its sums", d)
			}
			if !strings.Contains(read(t, "metrics.md"), "`"+cause.Size()+"`") {
				t.Errorf("docs/metrics.md does not name %s", cause.Size())
			}
		})
	}
}

// The sentence of science §2 that lists the causes lists those of the table, with
// what makes each, and no other.
func TestCausesAreThoseOfThePage(t *testing.T) {
	var causes []string
	for _, cause := range compare.Causes() {
		causes = append(causes, cause.Name+" ("+cause.Step+")")
	}
	_, list, found := strings.Cut(read(t, "science.md"), "at their limit (τ = 0, memories ∞, p_min = 0): ")
	list, _, ends := strings.Cut(list, ". The floor counts only where a query reads less than p_min.")
	if want := strings.Join(causes, ", "); !found || !ends || list != want {
		t.Errorf("docs/science.md lists %.200q; the causes are %q", list, want)
	}
	for _, cause := range compare.Causes() {
		if (cause.Idle != nil) != (cause.Name == "floor") {
			t.Errorf("%s: whether it is idle anywhere the page says otherwise", cause.Name)
		}
	}
}

// read returns a page of the docs.
func read(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + page)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every rung is named and has a step from the rung below, every part its own
// metrics, and every name is spelled on the page of the run directory.
func TestLadder(t *testing.T) {
	page := read(t, "run-directory.md")
	names, metrics := map[string]bool{}, map[string]bool{}
	for i, level := range compare.Ladder() {
		if names[level.Name] || names[level.Symbol] || level.Name == "" || level.Symbol == "" {
			t.Errorf("level %d: %+v", i, level)
		}
		names[level.Name], names[level.Symbol] = true, true
		if (level.Step.Name == "") != (i == 0) {
			t.Errorf("%s: step %q", level.Name, level.Step.Name)
		}
		if !strings.Contains(page, "`"+level.Name+"`") {
			t.Errorf("docs/run-directory.md does not name %s", level.Name)
		}
	}
	for _, part := range compare.Parts() {
		for _, name := range []string{part.Size(), part.Share()} {
			m, ok := compare.Lookup(name)
			if !ok || metrics[name] || m.Rungs[0] != compare.OnLadder {
				t.Errorf("metric %s: %+v", name, m)
			}
			metrics[name] = true
		}
	}
}
