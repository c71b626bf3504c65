package experiment

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// figureHeads is how many heads' figures a run draws by itself; nasim plot draws
// all.
const figureHeads = 4

// defaultParent is where runs go that are given no directory.
const defaultParent = "runs"

// Refusal is an error found before anything was written.
type Refusal struct{ Err error }

// Error says what is wrong.
func (r Refusal) Error() string { return r.Err.Error() }

// Unwrap returns what is wrong.
func (r Refusal) Unwrap() error { return r.Err }

// Undrawn is the error of a run that is complete and in its place, but for its
// figures.
type Undrawn struct {
	Dir string // the run's
	Err error  // why its figures, or some of them, were not drawn
}

// Error says that the numbers are there, what is wrong, and how to draw.
func (u Undrawn) Error() string {
	return fmt.Sprintf("%s is complete, but for its figures: %v; nasim plot %s draws them", u.Dir, u.Err, u.Dir)
}

// Unwrap returns what is wrong.
func (u Undrawn) Unwrap() error { return u.Err }

// A Watch is told how an execution comes along; every function may be nil. An
// execution that is cancelled after Begin takes the time to clean up.
type Watch struct {
	Begin    func()            // before the first byte is written
	Solving  func(what string) // before the first head is solved
	Progress func(done, total int)
	Solved   func() // after the last
}

// Outcome is what has become of an execution.
type Outcome struct {
	Dir      string // the run's directory
	Found    bool   // the run was complete already, and nothing was done
	Raced    bool   // another process completed it meanwhile
	Warnings []string
	Notes    []string // on figures
}

// Execute plans a run, solves it and writes its directory: the one way from a
// configuration to a run, whoever asks for it.
func Execute(ctx context.Context, cfg *config.Config, opt Options, watch Watch) (Outcome, error) {
	p, err := Prepare(ctx, cfg, opt)
	if err != nil {
		return Outcome{}, Refusal{err}
	}
	return p.Execute(ctx, watch)
}

// Prepare is [Plan], and looks where the run is to go: a named directory that it
// cannot go to is an error, too.
func Prepare(ctx context.Context, cfg *config.Config, opt Options) (*Prepared, error) {
	opt.Target.Known = isDrawn
	p, err := Plan(ctx, cfg, opt)
	if opt.Target.Named {
		err = errors.Join(err, CheckTarget(opt.Target))
	}
	if err != nil {
		return nil, err
	}
	t := &p.Options.Target
	t.Identity, t.Hash, t.Numerics, t.Kernel = p.Identity(), p.Hash(), Numerics, kernel.Name()
	if !t.Named {
		t.Path = filepath.Join(defaultParent, t.Identity)
	}
	return p, nil
}

// CheckTarget finds out whether a run can be written there.
func CheckTarget(t rundir.Target) error {
	t.Known = isDrawn
	_, err := t.Check()
	return err
}

// Complete reports whether the run is there already; an error says that it cannot
// be written where it is to go.
func (p *Prepared) Complete() (bool, error) { return p.Options.Target.Check() }

// Execute solves what was prepared and writes it beside its target, which appears
// when the numbers are complete; then figures are drawn into it. A run that is
// there already is not done again. If only the figures fail, the error is
// [Undrawn].
func (p *Prepared) Execute(ctx context.Context, watch Watch) (done Outcome, err error) {
	done.Dir = p.Options.Target.Path
	if err := p.Options.Target.Recover(); err != nil {
		return done, refused(err)
	}
	if done.Found, err = p.Complete(); err != nil || done.Found {
		if done.Found && p.source.questions != nil {
			dropJournal(journalOf(done.Dir))
		}
		return done, refused(err)
	}
	started := time.Now()
	call(watch.Begin)
	if ctx.Err() != nil { // the signal came first, and nobody waits any more
		return done, context.Cause(ctx)
	}
	partial, err := rundir.Create(p.Options.Target)
	if err != nil {
		return done, refused(err)
	}
	defer func() { err = errors.Join(err, partial.Discard()) }()
	if err := p.openReplies(done.Dir); err != nil {
		return done, err
	}
	defer func() { err = p.leave(err) }()
	if q := p.source.questions; q != nil {
		defer q.Close()
	}
	if watch.Solving != nil {
		watch.Solving(p.Summary())
	}
	result, err := p.Run(ctx, watch.Progress)
	call(watch.Solved)
	if err != nil {
		return done, err
	}
	done.Warnings = result.Warnings
	if err = result.writeRun(ctx, partial.Dir(), started); err != nil {
		return done, partial.InWords(err)
	}
	if done.Raced, err = partial.Complete(); err == nil {
		p.finish()
	}
	if err != nil || done.Raced || p.Options.NoFigures {
		return done, err
	}
	if done.Notes, err = drawRun(ctx, done.Dir); err != nil {
		return done, Undrawn{done.Dir, err}
	}
	return done, nil
}

func call(f func()) {
	if f != nil {
		f()
	}
}

func refused(err error) error {
	if err == nil {
		return nil
	}
	return Refusal{err}
}

// writeRun fills the run's directory: the numbers, and the manifest of them.
func (r *Result) writeRun(ctx context.Context, dir string, started time.Time) error {
	if err := r.Write(ctx, dir); ctx.Err() != nil {
		return context.Cause(ctx)
	} else if err != nil {
		return err
	}
	if err := rundir.WriteManifest(dir, r.Manifest(rundir.ThisVersion(), started)); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// drawRun draws the figures of a run that has just been written.
func drawRun(ctx context.Context, dir string) (notes []string, err error) {
	written, err := readRun(dir, false)
	if err != nil {
		return nil, err
	}
	_, notes, err = FigureSet{Formats: []string{"png"}, PerHead: figureHeads}.Draw(ctx, []*Run{written}, filepath.Join(dir, "figures"))
	return notes, err
}

// isDrawn says whether a path inside a run is a figure as nasim plot names it.
func isDrawn(path string) bool { return drawn.MatchString(path) }

// drawn are the paths of figures: those of one head, where a run has several, end
// in its layer and head.
var drawn = regexp.MustCompile(`^figures/(` + strings.Join(plotting.Names(), "|") + `)(-[0-9]+-[0-9]+)?\.(` + strings.Join(plotting.Formats(), "|") + `|csv|txt)$`)
