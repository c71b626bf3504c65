package experiment

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// Result is a run that has been solved.
type Result struct {
	Prepared *Prepared
	Report   compare.Report
	Stats    []integrator.Stats // of each head, in order; zero for method exact
	Elapsed  time.Duration
	Warnings []string

	heads []*headResult
}

// Run solves the heads, as many at once as Options.Threads says. Every head is
// solved by itself in the same order of operations, so the numbers do not
// depend on it. progress is called, from one goroutine at a time, with the
// number of segments integrated; it may be nil.
func (p *Prepared) Run(ctx context.Context, progress func(done, total int)) (*Result, error) {
	start := time.Now()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	heads := p.input.heads
	results := make([]*headResult, len(heads))
	track := newTracker(p, progress)
	next := make(chan int)
	var workers sync.WaitGroup
	for range p.threads() {
		workers.Go(func() {
			for i := range next {
				r, err := solveHead(ctx, p.Config, &heads[i], track.head(i))
				if err != nil {
					cancel(err)
					continue
				}
				results[i] = r
			}
		})
	}
	for i := range heads {
		select {
		case next <- i:
		case <-ctx.Done(): // heads not begun are left
		}
	}
	close(next)
	workers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return p.gather(results, time.Since(start)), nil
}

func (p *Prepared) threads() int {
	threads := p.Options.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	return min(threads, len(p.input.heads))
}

func (p *Prepared) gather(heads []*headResult, elapsed time.Duration) *Result {
	r := &Result{Prepared: p, Elapsed: elapsed, heads: heads}
	var reports []compare.HeadReport
	for _, h := range heads {
		reports = append(reports, h.report)
		r.Stats = append(r.Stats, h.stats)
	}
	r.Report = compare.NewReport(reports)
	r.Warnings = warnings(heads)
	return r
}

// warnings puts the heads' warnings in words, what holds for each of several once.
func warnings(heads []*headResult) []string {
	holds := map[string]map[*headResult]bool{}
	for _, h := range heads {
		for _, w := range h.report.Warnings {
			if holds[w.Text] == nil {
				holds[w.Text] = map[*headResult]bool{}
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
	mu     sync.Mutex
	done   []int
	total  int
	report func(done, total int)
}

func newTracker(p *Prepared, report func(done, total int)) *tracker {
	t := &tracker{done: make([]int, len(p.input.heads)), report: report}
	for _, h := range p.input.heads {
		t.total += p.segments(h.n)
	}
	return t
}

// segments is the number of segments in which n tokens are presented.
func (p *Prepared) segments(n int) int {
	if p.Config.Solver.Method == "none" {
		return 0
	}
	if p.Config.Network.Schedule.Gap > 0 {
		return 4 * n
	}
	return 2 * n
}

func (t *tracker) head(i int) func(int) {
	if t.report == nil {
		return nil
	}
	return func(done int) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.done[i] = done
		var sum int
		for _, d := range t.done {
			sum += d
		}
		t.report(sum, t.total)
	}
}
