package experiment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
)

// Kept is the error of a run over a set that did not come to its end, and whose replies so far are kept; or of a fit.
type Kept struct {
	Err         error
	Done, Total int    // inputs
	What        string // is kept, where it is no replies, with its verb
}

// Error says what went wrong, and what is kept.
func (k Kept) Error() string { return fmt.Sprintf("%v; %s", k.Err, k.Note()) }

// Note says what is kept.
func (k Kept) Note() string {
	if k.What != "" {
		return k.What + " kept, and the same command goes on from there"
	}
	return fmt.Sprintf("%d of %d replies are kept, and the same command goes on from there", k.Done, k.Total)
}

// Unwrap returns what went wrong.
func (k Kept) Unwrap() error { return k.Err }

// openReplies opens the journal of the run over a set that is to be at a path; "" is nowhere that lasts.
func (p *Prepared) openReplies(path string) (err error) {
	if p.source.questions == nil {
		return nil
	}
	if path != "" {
		path = journalOf(path)
	}
	p.journal, err = openJournal(path, p.Hash(), p.source.questions.Len())
	return err
}

// leave closes the journal of a run that has gone wrong, for the next one to go on from, and says so.
func (p *Prepared) leave(err error) error {
	j := p.journal
	if j == nil {
		return err
	}
	p.journal = nil
	if j.done == 0 {
		j.remove() // an error here would hide the one that matters
		return err
	}
	j.close() // what was written is with the system already
	if err == nil || j.path == "" {
		return err
	}
	return Kept{Err: err, Done: j.done, Total: len(j.places)}
}

// finish removes what only served to go on with the run.
func (p *Prepared) finish() {
	if p.journal != nil {
		p.journal.remove() // what cannot be removed is in nobody's way
		p.journal = nil
	}
}

// askSet asks the whole model about every input of the set to which there is no reply yet, several at once.
func (p *Prepared) askSet(ctx context.Context, progress func(done, total int)) error {
	q := p.source.questions
	s := newSwapped(p.Config, q.model, p.source.chosen, 1)
	s.learned, s.calibrated = p.source.learned, p.source.calibrated
	var left []int
	for i := range q.Len() {
		if !p.journal.has(i) {
			left = append(left, i)
		}
	}
	var mu sync.Mutex
	done := 0
	return atOnce(ctx, p.threads(), len(left), func(ctx context.Context, at int) error {
		r, err := p.reply(ctx, s, left[at])
		if err != nil {
			return err
		}
		if err := p.journal.put(r); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, len(left))
		}
		return nil
	})
}

// reply asks about one input. That there is no answer to it is a reply, too; that it can no longer be read is an error.
func (p *Prepared) reply(ctx context.Context, s *swapped, index int) (*record, error) {
	asked, cut, err := p.source.questions.at(index)
	if err == nil {
		var r *replies
		if r, err = s.ask(ctx, asked); err == nil {
			return p.recordOf(r, cut), nil
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if lost := (*dataset.Lost)(nil); errors.As(err, &lost) {
		return nil, err
	}
	failed := compare.Reply{Index: index, Input: asked.name, Failed: err.Error(), Correct: compare.Null(), Responses: []compare.Response{}}
	if asked.label >= 0 {
		failed.Label = &asked.label
	}
	return &record{Reply: failed, Cut: cut}, nil
}

// recordOf is what is kept of a reply: with record.arrays all the numbers, too.
func (p *Prepared) recordOf(r *replies, cut int) *record {
	kept := &record{Reply: r.told, Cut: cut}
	if p.Config.Record.Arrays != "all" {
		return kept
	}
	for _, who := range append([]string{compare.Transformer}, compare.Replaced()...) {
		a := r.arrays[who]
		if a == nil {
			continue
		}
		if a.logits != nil {
			kept.Parts = append(kept.Parts, part{who, len(r.asked), a.columns})
			for _, row := range r.asked {
				kept.numbers = append(kept.numbers, a.logits[row*a.columns:(row+1)*a.columns]...)
			}
		}
		if a.embedding != nil {
			kept.Parts = append(kept.Parts, part{who, 0, len(a.embedding)})
			kept.numbers = append(kept.numbers, a.embedding...)
		}
	}
	return kept
}

// askAll asks about the whole set, and adds up the replies.
func (r *Result) askAll(ctx context.Context, progress func(done, total int)) error {
	p := r.Prepared
	if err := p.askSet(ctx, progress); err != nil {
		return err
	}
	tally := p.tally()
	cut, failed := 0, ""
	var broken error
	for kept := range r.replies(&broken) {
		if kept.Cut > 0 {
			cut++
		}
		if failed == "" && kept.Reply.Failed != "" {
			failed = fmt.Sprintf("%s: %s", kept.Reply.Input, kept.Reply.Failed)
		}
		tally.Add(kept.Reply)
	}
	if broken != nil {
		return broken
	}
	m := tally.Model(p.Config.Seed)
	if m.Failed == m.Inputs {
		p.finish() // there is nothing to go on from
		return fmt.Errorf("there is no answer to any of the %d inputs; to the first, %s", m.Inputs, failed)
	}
	r.Report.Model = m
	if m.Failed > 0 {
		r.warn("inputs-failed", "to %d of %d inputs there is no answer, and they are left out of all means; the first: %s", m.Failed, m.Inputs, failed)
	}
	if cut > 0 {
		r.warn("texts-cut", "%d of %d texts are longer than the model's %d tokens, and are cut off", cut, m.Inputs, p.source.model.MaxTokens())
	}
	return nil
}

// tally begins that of the run's replies.
func (p *Prepared) tally() *compare.Tally {
	replaced := len(p.source.chosen)
	if !swaps(p.Config) {
		replaced = 0
	}
	return compare.NewTally(p.Config.Swap.Mode, p.Config.Swap.Rung, replaced)
}

// warn adds a warning that the input gave rise to on the way.
func (r *Result) warn(code, format string, values ...any) {
	var d doubts
	d.add(code, format, values...)
	r.Report.Warnings = append(slices.Clip(r.Report.Warnings), d...)
	r.Warnings = append(r.Warnings, d[0].Text)
}
