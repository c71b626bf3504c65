package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/model"
)

// sinkFunc is a sink that forgets.
type sinkFunc func(Key, *HeadResult) error

func (f sinkFunc) Put(key Key, r *HeadResult) error { return f(key, r) }

const twoHeads = `nasim: 1
input: {synthetic: {tokens: 12, dim: 4, values: 4}}
transformer: {heads: [3, 5]}
network: {features: {neurons: 50}}
`

// many makes a run's source one of count samples, each drawn anew.
func many(p *Prepared, count int, made func(index int)) {
	single := p.source.at
	p.source.count = count
	p.source.at = func(ctx context.Context, index int) (*sample, error) {
		made(index)
		return single(ctx, 0)
	}
}

// However many inputs there are, what is held is what is worked on: samples are
// made when their turn comes, and results are handed on in order and let go.
func TestMemoryOfOneSample(t *testing.T) {
	held := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	p := plan(t, twoHeads)
	const count = 250
	latest := 0 // sample made
	many(p, count, func(index int) { latest = index })
	var keys []Key
	var early uint64
	err := p.Solve(context.Background(), sinkFunc(func(key Key, r *HeadResult) error {
		if key.Sample != latest {
			return fmt.Errorf("a result of sample %d comes when sample %d is made", key.Sample, latest)
		}
		keys = append(keys, key)
		if key == (Key{20, 0, 3}) {
			early = held()
		}
		return nil
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	var want []Key
	for i := range count {
		want = append(want, Key{i, 0, 3}, Key{i, 0, 5})
	}
	if !slices.Equal(keys, want) {
		t.Errorf("keys are not in order: %v…", keys[:6])
	}
	// A sample and its results are 100 kB: 230 more would be 23 MB.
	if late := held(); late > early+5e6 {
		t.Errorf("%d bytes held after 20 samples, %d after %d", early, late, count)
	}
}

// What a sink or a source refuses ends the run, and is its error.
func TestStreamsEndOnErrors(t *testing.T) {
	full := errors.New("full")
	p := plan(t, twoHeads)
	many(p, 10, func(int) {})
	puts := 0
	err := p.Solve(context.Background(), sinkFunc(func(Key, *HeadResult) error { puts++; return full }), nil)
	if !errors.Is(err, full) || puts != 1 {
		t.Errorf("%v after %d results", err, puts)
	}
	broken := errors.New("broken")
	p.source.at = func(context.Context, int) (*sample, error) { return nil, broken }
	puts = 0
	err = p.Solve(context.Background(), sinkFunc(func(Key, *HeadResult) error { puts++; return nil }), nil)
	if !errors.Is(err, broken) || puts != 2 {
		t.Errorf("%v after %d results", err, puts)
	}
}

// The transformer's softmax is computed once: what a head's circuit is given is
// to the bit what solving it from the queries and keys gives.
func TestSoftmaxOnItsWay(t *testing.T) {
	for _, attention := range []string{"true", "false"} {
		p := plan(t, sentence, "record.attention="+attention)
		for i := range p.first.heads {
			in := p.first.heads[i]
			have, want := in.softmax, solveSoftmax(&in, p.Config, false)
			if have == nil {
				t.Fatal("the softmax of a text is computed again")
			}
			for name, pair := range map[string][2][]float64{
				"attention": {have.attention, want.attention}, "output": {have.output, want.output}, "Z": {have.z, want.z}, "deviations": {have.deviations, want.deviations},
			} {
				if !slices.Equal(pair[0], pair[1]) {
					t.Errorf("record.attention: %s: %s differs", attention, name)
				}
			}
		}
		// A schedule that hides what the transformer saw has a softmax of its own.
		if causal := plan(t, sentence, "schedule.order=causal"); causal.first.heads[0].softmax != nil {
			t.Error("a causal run is given the bidirectional softmax")
		}
	}
}

// What an estimate and the progress count is what is done.
func TestCounts(t *testing.T) {
	for _, sets := range [][]string{
		nil, {"schedule.gap=0ms"}, {"schedule.order=causal"}, {"solver={method: exact}"}, {"solver={method: exact}", "record.variables=[]"}, {"solver={method: none}"}, {"record.every=3ms"},
		{"synapses.tau_hebbian=20s"}, {"network.neurons={tau_hidden: 0ms, tau_output: 0ms}"},
	} {
		p := plan(t, sentence, sets...)
		h := &p.first.heads[0]
		var done, total int
		run, err := p.Run(context.Background(), func(d, n int) { done, total = d, n })
		if err != nil {
			t.Fatal(err)
		}
		segments := 0
		if integrated(p.Config) {
			segments = len(p.Config.Network.Parameters().Schedule(h.n))
		}
		if want := len(run.heads) * segments; p.segments(h) != segments || done != want || total != want {
			t.Errorf("%v: %d segments counted, progress to %d of %d, schedule %d", sets, p.segments(h), done, total, segments)
		}
		first := run.heads[0]
		var samples int
		if first.recorder != nil {
			samples = len(first.recorder.Trajectory.T)
		}
		if math.Abs(p.samples(h)-float64(samples)) > 1 {
			t.Errorf("%v: %v samples counted, %d taken", sets, p.samples(h), samples)
		}
		// The sums, each rung of the network, and each cause alone.
		solved := 1 + len(first.rungs) - 1 + len(first.causes)
		if p.Config.Solver.Method == "exact" && first.recorder == nil {
			solved-- // the solver's answer is the exact one
		}
		if have := p.solutions(h, p.Config.Network.Parameters()); have != solved {
			t.Errorf("%v: %d solutions counted, %d found", sets, have, solved)
		}
	}
	schedule := model.Parameters{Write: 0.2, Read: 0.3, Gap: 0.1, Causal: true}
	last := schedule.Schedule(7)[schedule.Segments(7)-1]
	if end := last.Start + last.Duration; math.Abs(end-schedule.Duration(7)) > 1e-12 {
		t.Errorf("a schedule ends at %v, its duration is %v", end, schedule.Duration(7))
	}
}
