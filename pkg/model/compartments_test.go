package model

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// compartmentsProblem is one entry of testdata/compartments_reference.json: the network with
// compartments, integrated by SciPy's DOP853 (rtol 1e-12) straight from science §1, by
// testdata/compartments_reference.py.
type compartmentsProblem struct {
	astrocyteProblem
	Count            int `json:"compartments"`
	Coupled          string
	Exchange, Spread float64
	Threshold        float64
	Released         int
	Pools            []float64
}

func (p compartmentsProblem) parameters() Parameters {
	parameters := p.astrocyteProblem.parameters()
	parameters.Compartments = Compartments{p.Count, Topology(slices.Index(Topologies(), p.Coupled)), p.Exchange, p.Spread}
	parameters.Division.Threshold = p.Threshold
	return parameters
}

func compartmentsProblems(t testing.TB) []compartmentsProblem {
	problems := reference[compartmentsProblem](t, "compartments")
	released := 0
	for _, p := range problems {
		released += p.Released
	}
	if len(problems) < 67 || released < 20 {
		t.Fatalf("only %d reference problems with %d releases", len(problems), released)
	}
	return problems
}

func TestCompartmentsAgreeWithSciPy(t *testing.T) {
	for _, p := range compartmentsProblems(t) {
		t.Run(p.Name, func(t *testing.T) {
			ctx, parameters := context.Background(), p.parameters()
			divided := p.head(t)
			if err := divided.Divide(p.Count); err != nil {
				t.Fatal(err)
			}
			for _, way := range []struct {
				name string
				head *Head
				opt  Options
			}{
				{"outputs alone", p.head(t), Options{}}, {"attention", p.head(t), Options{Attention: true}}, {"throughout the reads", p.head(t), Options{Dwell: true}},
				{"recorded", p.head(t), Options{Recorder: &Recorder{Every: 0.0173, Hidden: []int{0, p.Neurons - 1}, Output: []int{1}}}},
				{"in blocks", p.head(t), Options{blockSize: 3}}, {"by inner products", divided.ByGram(), Options{Attention: true}},
				{"by Tsitouras's method", p.head(t), Options{Other: integrator.Tsit5()}},
			} {
				r, err := way.head.Exact(ctx, parameters, way.opt)
				if err != nil {
					t.Fatal(err)
				}
				results := map[string][2][]float64{"output": {r.Output, p.Output}, "calcium": {r.Pools, p.Pools}}
				if way.opt.Attention {
					results["attention"] = [2][]float64{r.Attention, p.Attention}
				}
				if p.PMin == 0 {
					results["what divides"] = [2][]float64{r.Normalizer, p.Divisor}
				}
				agree(t, way.name, referenceTolerance, results)
			}
		})
	}
}

// By a solver the error is of the size of the tolerance.
func TestCompartmentsAreIntegrated(t *testing.T) {
	const tolerance = 1e-7
	for _, method := range []integrator.Method{integrator.Dopri5(), integrator.Rodas5P()} {
		solver := Solver{Method: method, Rtol: tolerance, Atol: 1e-3 * tolerance}
		for _, p := range compartmentsProblems(t) {
			r, _, err := p.head(t).Integrate(context.Background(), p.parameters(), solver, Options{Attention: true})
			if err != nil {
				t.Fatalf("%s: %v", p.Name, err)
			}
			p.within(t, 20*tolerance, r, method.Name())
		}
	}
}

// within checks what is answered against the reference.
func (p compartmentsProblem) within(t *testing.T, tolerance float64, r Result, by string) {
	t.Helper()
	pairs := map[string][2][]float64{"output": {r.Output, p.Output}, "attention": {r.Attention, p.Attention}, "calcium": {r.Pools, p.Pools}}
	if p.PMin == 0 { // what would divide but for the floor is not the reference's
		pairs["what divides"] = [2][]float64{r.Normalizer, p.Divisor}
	}
	agree(t, p.Name+" by "+by, tolerance, pairs)
}

// The full state, every neuron and synapse and each compartment's calcium, is integrated to as much, and where f is none of
// its variables in the same steps as the reduced one, to the same numbers.
func TestCompartmentsAreIntegratedInFull(t *testing.T) {
	const tolerance = 1e-7
	solver := Solver{Method: integrator.Dopri5(), Rtol: tolerance, Atol: 1e-3 * tolerance}
	problems := compartmentsProblems(t)
	for _, p := range thresholdProblems(t) {
		problems = append(problems, p.compartmentsProblem)
	}
	for _, p := range problems {
		var samples [2]Recorder
		for i := range samples {
			samples[i] = Recorder{Every: 0.0131, Hidden: []int{0, p.Neurons - 1}, Output: []int{1}}
		}
		full, steps, err := p.head(t).IntegrateFull(t.Context(), p.parameters(), solver, Options{Attention: true, Recorder: &samples[0]})
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		p.within(t, 20*tolerance, full, "the full state")
		if p.TauOutput > 0 {
			continue
		}
		reduced, sameSteps, err := p.head(t).Integrate(t.Context(), p.parameters(), solver, Options{Attention: true, Recorder: &samples[1]})
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if steps.Accepted != sameSteps.Accepted {
			t.Errorf("%s: %d steps, and with the reduced state %d", p.Name, steps.Accepted, sameSteps.Accepted)
		}
		for name, pair := range map[string][2][]float64{"output": {full.Output, reduced.Output}, "calcium": {full.Pools, reduced.Pools}, "what divides": {full.Normalizer, reduced.Normalizer}} {
			if d := difference(pair[0], pair[1]); d > 1e-9 {
				t.Errorf("%s: %s differs from the reduced state's by %.2g", p.Name, name, d)
			}
		}
		for _, channel := range Channels() {
			want, got := samples[1].Trajectory.Of(channel.Name), samples[0].Trajectory.Of(channel.Name)
			if want != nil && !(difference(got, want) < 1e-9) {
				t.Errorf("%s: recorded %s differs from the reduced state's by %.2g", p.Name, channel.Name, difference(got, want))
			}
		}
	}
}

// Fast exchange makes of compartments the well-mixed astrocyte, and one compartment is it.
func TestCompartmentsTendToOne(t *testing.T) {
	for _, p := range compartmentsProblems(t) {
		ctx, parameters := context.Background(), p.parameters()
		mixed := parameters
		mixed.Compartments = Compartments{}
		want, err := p.head(t).Exact(ctx, mixed, Options{Attention: true})
		if err != nil {
			t.Fatal(err)
		}
		one := parameters
		one.Compartments.Count = 1
		same, err := p.head(t).Exact(ctx, one, Options{Attention: true})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(same.Output, want.Output) || !slices.Equal(same.Attention, want.Attention) || !slices.Equal(same.Calcium, want.Calcium) {
			t.Errorf("%s: one compartment is another astrocyte", p.Name)
		}
		if !parameters.Closed() {
			continue // it would be stiff
		}
		parameters.Compartments.Exchange, parameters.Compartments.Spread = 1e13, 1e13
		got, err := p.head(t).Exact(ctx, parameters, Options{Attention: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := max(difference(got.Output, want.Output), difference(got.Attention, want.Attention), difference(got.Calcium, want.Calcium)); d > 1e-10 {
			t.Errorf("%s: with fast exchange it differs from the well-mixed by %.2g", p.Name, d)
		}
	}
}

// What has no closed form tends to the well-mixed as 1/D: receptors and releases, which are each compartment's own,
// and the calcium of cells that exchange IP3.
func TestCompartmentsWithoutAClosedFormTendToOne(t *testing.T) {
	head := drawnHead(t, 3, 12, 2, 0.5)
	for name, change := range map[string]func(*Parameters){
		"slow receptors": func(p *Parameters) {
			p.Division = Division{Readout: Receptor, HalfEffect: 0.5, TauReceptor: 0.1}
		},
		"events": func(p *Parameters) {
			p.Division, p.Baseline = Division{Readout: Event, HalfEffect: 0.5, Threshold: 0.8 * slices.Min(head.KernelSums(false))}, 0.1 // which each query passes
		},
		"li-rinzel": func(p *Parameters) {
			p.Calcium, p.IP3Max, p.LargestSum, p.Drive, p.TauCalcium, p.Read = LiRinzel, 0.28, 6, WhileReading, 0, 3
		},
		"the mean of couplings": func(p *Parameters) {
			p.FrozenCoupling, p.Drive = true, Ungated
			p.Division = Division{Readout: Receptor, HalfEffect: 0.5, TauReceptor: 0.1}
		},
	} {
		p := compartmentsProblems(t)[0].parameters()
		change(&p)
		solved := func(compartments Compartments) []float64 {
			p.Compartments = compartments
			return outputOf(t, head, p)
		}
		mixed := solved(Compartments{})
		at := func(exchange float64) float64 {
			return difference(solved(Compartments{Count: 4, Topology: Ring, Exchange: exchange}), mixed)
		}
		if near, far, farther := at(10), at(1e3), at(1e4); !(far < 0.1*near) || !(math.Abs(far/farther-10) < 1) {
			t.Errorf("%s: an exchange of 10/s is off by %.3g, of 1e3/s by %.3g and of 1e4/s by %.3g", name, near, far, farther)
		}
	}
}

// What is asked for besides the answers is the well-mixed astrocyte's, too, where exchange is fast: f
// throughout the reads, and samples of every variable.
func TestCompartmentsAreFollowed(t *testing.T) {
	for _, p := range compartmentsProblems(t) {
		ctx, parameters := context.Background(), p.parameters()
		if !parameters.Closed() {
			continue
		}
		mixed := parameters
		mixed.Compartments = Compartments{}
		parameters.Compartments.Exchange, parameters.Compartments.Spread = 1e18, 1e18 // where p falls to nothing between reads all is sensitive to it
		var dwells [2]*Dwell
		var samples [2]Recorder
		for i, parameters := range []Parameters{mixed, parameters} {
			r, err := p.head(t).Exact(ctx, parameters, Options{Dwell: true})
			if err != nil {
				t.Fatal(err)
			}
			samples[i] = Recorder{Every: 0.013, Hidden: []int{1, p.Neurons/2 + 1, p.Neurons - 1}, Output: []int{0, 1}}
			if _, err := p.head(t).Exact(ctx, parameters, Options{Recorder: &samples[i]}); err != nil {
				t.Fatal(err)
			}
			dwells[i] = r.Dwell
		}
		if d := max(difference(dwells[1].Output, dwells[0].Output), difference(dwells[1].Peak, dwells[0].Peak)); d > 1e-10 {
			t.Errorf("%s: throughout the reads f differs by %.2g", p.Name, d)
		}
		for _, channel := range []string{"hidden", "output", "hebbian_norm"} {
			want, got := samples[0].Trajectory.Of(channel), samples[1].Trajectory.Of(channel)
			if d := difference(got, want); len(want) == 0 || d > 1e-10 {
				t.Errorf("%s: %s, %d samples, differs by %.2g", p.Name, channel, len(want), d)
			}
		}
	}
}

// Exchange moves calcium and makes none: the mean over compartments is, by any exchange, what it
// is without, which is the well-mixed astrocyte's.
func TestExchangeConservesCalcium(t *testing.T) {
	for _, p := range compartmentsProblems(t) {
		parameters := p.parameters()
		if parameters.cellular() != nil {
			continue // p is no straight line of what is exchanged
		}
		mixed := parameters
		mixed.Compartments = Compartments{}
		whole := Recorder{Every: 0.011}
		if _, err := p.head(t).Exact(context.Background(), mixed, Options{Recorder: &whole}); err != nil {
			t.Fatal(err)
		}
		want := whole.Trajectory.Of("calcium")
		for topology := range Topologies() {
			parameters.Compartments.Topology = Topology(topology)
			recorder := Recorder{Every: 0.011}
			if _, err := p.head(t).Exact(context.Background(), parameters, Options{Recorder: &recorder}); err != nil {
				t.Fatal(err)
			}
			pools := recorder.Trajectory.Of("calcium")
			for i, p0 := range want {
				var mean float64
				for _, p := range pools[i*p.Count : (i+1)*p.Count] {
					mean += p / float64(len(pools)/len(want))
				}
				if math.Abs(mean-p0) > 1e-11*(1+p0) {
					t.Fatalf("%s, %s: at %g s the mean is %g, and well-mixed %g", p.Name, Topology(topology), whole.Trajectory.T[i], mean, p0)
				}
			}
		}
	}
}

// Heads one after another that have their times in common, but not their units, are solved as each by itself
// is, by tables that are kept.
func TestCompartmentsOneAfterAnother(t *testing.T) {
	p := compartmentsProblems(t)[0].parameters()
	p.Compartments.Count, p.Causal = 4, false
	for i, decades := range []float64{0, 2, 1, 2} {
		head := drawnHead(t, 5, 16, 2, decades)
		p.Baseline, p.Division.Floor = float64(1+i), float64(i%2)*0.3
		got, err := head.Exact(t.Context(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want, err := head.propagateCompartments(t.Context(), p, newCompartmentsExact(t.Context(), p, nil, false), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := max(difference(got.Output, want.Output), difference(got.Pools, want.Pools)); d > 1e-12 {
			t.Errorf("head %d differs by %.2g", i, d)
		}
	}
}

// A cell's calcium that has settled, in compartments that exchange IP3, is that of a pole that has
// settled in compartments that exchange as much while IP3 lasts.
func TestCellsOfCompartmentsSettle(t *testing.T) {
	p := compartmentsProblems(t)[0].parameters()
	p.Calcium, p.IP3Max, p.LargestSum, p.Drive = LiRinzel, 0.28, 6, WhileReading
	p.TauHidden, p.TauOutput, p.TauCalcium, p.Read, p.Gap, p.Baseline, p.Causal = 0, 0, 0, 400, 0, 0.5, false
	p.TauHebbian, p.TauPresynaptic, p.Division.Floor = math.Inf(1), math.Inf(1), 1e-9
	head := drawnHead(t, 3, 12, 2, 0.5)
	for _, exchange := range []float64{0, 0.2, 5} {
		p.Compartments = Compartments{Count: 4, Topology: Line, Exchange: exchange}
		got, err := head.Exact(t.Context(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		pole := p
		pole.SettleCell()
		want, err := head.Exact(t.Context(), pole, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(got.Pools, want.Pools); !(d < 1e-8) {
			t.Errorf("exchange of %g/s: %v, not %v", exchange, got.Pools, want.Pools)
		}
	}
}

// De Pittà's cells, which exchange IP3, tend as 1/D to cells that have one IP3. These are not one cell: receptors, which bind
// less and less of more and more transmitter, are each one's own, and where that is the same in all, there is nothing to exchange.
func TestDePittaOfCompartments(t *testing.T) {
	p := compartmentsProblems(t)[0].parameters()
	p.Calcium, p.LargestSum, p.Drive = DePitta, 6, WhileReading
	p.Read, p.Baseline, p.Causal, p.Division.Floor = 4, 0.5, false, 1e-9
	solved := func(head *Head, count int, exchange float64) []float64 {
		p.Compartments = Compartments{}
		if count > 1 {
			p.Compartments = Compartments{Count: count, Topology: Ring, Exchange: exchange}
		}
		got, err := head.Exact(t.Context(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		return got.Output
	}
	head := drawnHead(t, 3, 12, 2, 0.5)
	mixed, alone := solved(head, 4, 1e5), solved(head, 4, 0)
	far, farther := difference(solved(head, 4, 1e3), mixed), difference(solved(head, 4, 1e4), mixed)
	if apart := difference(alone, mixed); !(far < 0.01*apart) || math.Abs(far/farther-11) > 1 {
		t.Errorf("cells apart differ from mixed ones by %.3g, with an exchange of 1e3/s by %.3g and of 1e4/s by %.3g", apart, far, farther)
	}
	alike := drawnHead(t, 3, 12, 2, 0.5)
	for token := range alike.Tokens {
		for neuron := range alike.Neurons {
			alike.PhiQ[token*alike.Neurons+neuron] = alike.PhiQ[token*alike.Neurons+neuron%3]
			alike.PhiK[token*alike.Neurons+neuron] = alike.PhiK[token*alike.Neurons+neuron%3]
		}
	}
	one := solved(alike, 1, 0)
	for _, exchange := range []float64{0, 1e3} {
		if d := difference(solved(alike, 4, exchange), one); d > 1e-8 {
			t.Errorf("compartments that are alike and exchange %g/s differ from one by %.3g", exchange, d)
		}
	}
}

// Whether neurons of all compartments are taken together, their features scaled or not, or of each by themselves,
// no result depends on it.
func TestCompartmentsTogether(t *testing.T) {
	for i, p := range compartmentsProblems(t) {
		for _, count := range []int{p.Count, 3, 23, 24} {
			parameters, head := p.parameters(), p.head(t)
			if count != p.Count { // compartments of more neurons than a tile has, of a few, and of a single one
				if !parameters.Closed() || i%12 > 1 {
					continue
				}
				parameters.Compartments.Count = count
				head = drawnHead(t, map[bool]int{false: tileTokens, true: blockTokens}[parameters.Causal]+3, map[int]int{3: 3 * (tileNeurons + 1), 23: 5 * 23, 24: 24}[count], 3, 0.5)
			}
			for _, opt := range []Options{{}, {Attention: true}, {Dwell: true}, {Attention: true, Dwell: true}} {
				if opt.Dwell && count != p.Count && count != 23 { // for brevity
					continue
				}
				opt.by = byProducts
				want, err := head.Exact(t.Context(), parameters, opt)
				if err != nil {
					t.Fatal(err)
				}
				for _, by := range []form{0, bySynapses} {
					opt.by = by
					got, err := head.Exact(t.Context(), parameters, opt)
					if err != nil {
						t.Fatal(err)
					}
					d := max(difference(got.Output, want.Output), difference(got.Pools, want.Pools), difference(got.Normalizer, want.Normalizer))
					if opt.Attention {
						d = max(d, difference(got.Attention, want.Attention))
					}
					if opt.Dwell {
						d = max(d, difference(got.Dwell.Output, want.Dwell.Output), difference(got.Dwell.Peak, want.Dwell.Peak))
					}
					if !(d < 1e-11) {
						t.Errorf("%s of %d, %+v: together they differ by %.2g", p.Name, count, opt, d)
					}
				}
			}
		}
	}
}
