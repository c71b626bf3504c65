package experiment

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
)

// Key says whose a result is.
type Key struct{ Sample, Layer, Head int }

// A Sink takes the results of a run.
type Sink interface {
	// Put takes over the result of one head. It is called from one goroutine at a
	// time, in the order of the keys. Its error ends the run.
	Put(Key, *HeadResult) error
}

// Solve solves the heads of every sample, as many at once as Options.Threads says,
// and hands what comes out to the sink: neither samples nor results are held
// longer than they are worked on. Every head is solved by itself in the same order
// of operations, so the numbers do not depend on how many are at once. progress is
// called, from one goroutine at a time, with the number of segments integrated; it
// may be nil.
func (p *Prepared) Solve(ctx context.Context, to Sink, progress func(done, total int)) error {
	track := newTracker(p, progress)
	for i := range p.source.count {
		s := p.first
		if i > 0 {
			var err error
			if s, err = p.source.at(ctx, i); err != nil {
				return err
			}
		}
		if err := p.solveSample(ctx, i, s, to, track); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prepared) solveSample(ctx context.Context, index int, s *sample, to Sink, track *tracker) error {
	inOrder := &queue{sample: index, to: to, waiting: make([]*HeadResult, len(s.heads))}
	return atOnce(ctx, p.threads(), len(s.heads), func(ctx context.Context, i int) error {
		r, err := solveHead(ctx, p.Config, &s.heads[i], track.head())
		if err != nil {
			return err
		}
		return inOrder.put(i, r)
	})
}

// queue hands the results of one sample on in the order of its heads.
type queue struct {
	sample int
	to     Sink

	mu      sync.Mutex
	waiting []*HeadResult // those not handed on yet
	next    int
	refused error // what the sink said to the last: nothing more is handed on
}

func (q *queue) put(i int, r *HeadResult) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting[i] = r
	for ; q.refused == nil && q.next < len(q.waiting) && q.waiting[q.next] != nil; q.next++ {
		r := q.waiting[q.next]
		q.refused = q.to.Put(Key{q.sample, r.circuit.in.layer, r.circuit.in.head}, r)
		q.waiting[q.next] = nil
	}
	return q.refused
}

// threads is the number of heads solved at once.
func (p *Prepared) threads() int {
	if p.Options.Threads > 0 {
		return p.Options.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// Result is a run that has been solved, of a single sample.
type Result struct {
	Prepared *Prepared
	Report   compare.Report
	Stats    []integrator.Stats // of each head, in order; zero for method exact
	Elapsed  time.Duration
	Warnings []string // beside those of the input

	heads []*HeadResult
	whole *replies // of the whole model; nil where it is not asked, or asked about a set

	precision *rundir.Precision // of the transformer's arithmetic; nil: float64
}

// Put keeps a head's result.
func (r *Result) Put(_ Key, h *HeadResult) error {
	r.heads = append(r.heads, h)
	r.Stats = append(r.Stats, h.stats)
	return nil
}

// Run solves the run and keeps all results.
func (p *Prepared) Run(ctx context.Context, progress func(done, total int)) (_ *Result, err error) {
	start := time.Now()
	if p.journal == nil {
		if err := p.openReplies(""); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = p.leave(err)
		}
	}()
	r := &Result{Prepared: p}
	if err := p.Solve(ctx, r, p.untilSet(progress)); err != nil {
		return nil, err
	}
	var reports []compare.HeadReport
	for _, h := range r.heads {
		reports = append(reports, h.report)
	}
	r.Report = compare.NewReport(reports)
	r.Report.Warnings, r.Warnings = p.first.warnings, warnings(r.heads)
	if r.precision, err = p.comparePrecision(ctx); err != nil {
		return nil, err
	}
	if p.source.questions != nil {
		err = r.askAll(ctx, progress)
	} else {
		err = r.askModel(ctx)
	}
	if err != nil {
		return nil, err
	}
	if r.Report.Remedy, err = p.remedy(ctx, r.heads, reports); err != nil {
		return nil, err
	}
	r.Elapsed = time.Since(start)
	return r, nil
}

// untilSet is the progress of the first input, which of a set is not told.
func (p *Prepared) untilSet(progress func(done, total int)) func(done, total int) {
	if p.source.questions != nil {
		return nil
	}
	return progress
}

// warnings puts the heads' warnings in words, what holds for each of several once.
func warnings(heads []*HeadResult) []string {
	holds := map[string]map[*HeadResult]bool{}
	for _, h := range heads {
		for _, w := range h.report.Warnings {
			if holds[w.Text] == nil {
				holds[w.Text] = map[*HeadResult]bool{}
			}
			holds[w.Text][h] = true
		}
	}
	var texts []string
	for i, h := range heads {
		for _, w := range h.report.Warnings {
			switch {
			case len(heads) == 1 || len(holds[w.Text]) < len(heads):
				texts = append(texts, h.circuit.in.label()+": "+w.Text)
			case i == 0:
				texts = append(texts, "every head: "+w.Text)
			}
		}
	}
	return texts
}

// tracker adds up the segments integrated in all heads.
type tracker struct {
	mu          sync.Mutex
	done, total int
	report      func(done, total int)
}

// newTracker takes all samples for as long as the first.
func newTracker(p *Prepared, report func(done, total int)) *tracker {
	t := &tracker{report: report}
	for i := range p.first.heads {
		t.total += p.source.count * p.segments(&p.first.heads[i]) * p.counted()
	}
	return t
}

// counted is how many of a head's solutions are counted: the last one and, where they take
// steps, the exact one and those of its causes.
func (p *Prepared) counted() int {
	if !takesSteps(p.Config) {
		return 1
	}
	count, network := 1, p.Config.Network.Parameters()
	if solvedAgain(p.Config) {
		count++
	}
	for _, cause := range compare.CausesIn(network, nil) {
		if counts(cause.Only(network)) {
			count++
		}
	}
	return count
}

// counts reports whether the exact solution takes steps, of which its progress tells.
func counts(network model.Parameters) bool { return !network.Closed() || network.Emergent() }

// head returns what counts the segments of one head, in one solution after another.
func (t *tracker) head() func(int) {
	if t.report == nil {
		return nil
	}
	counted := 0
	return func(done int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		if done < counted {
			counted = 0 // of another solution
		}
		t.done += done - counted
		counted = done
		t.report(t.done, t.total)
	}
}
