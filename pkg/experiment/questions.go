package experiment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// questions are the inputs of a set, as the model reads them.
type questions struct {
	*dataset.Set
	model  *transformer.Model
	labels map[string]int // of the model's classes, by name
}

// openSet opens the set that a configuration names, and the model that reads it.
func openSet(cfg *config.Config) (*questions, error) {
	var set *dataset.Set
	var err error
	key, kind := "input.texts.file", transformer.KindText
	if in := cfg.Input.Texts; in != nil {
		set, err = dataset.Texts(in.File, in.Split, in.Limit)
	} else {
		in := cfg.Input.Images
		kind = transformer.KindImage
		switch {
		case in.Dir != "":
			key = "input.images.dir"
			set, err = dataset.Folder(in.Dir, in.Labels, in.Limit)
		case in.IDX != "":
			key = "input.images.idx"
			set, err = dataset.IDX(in.IDX, in.Labels, in.Limit)
		default:
			key = "input.images.npz"
			set, err = dataset.NPZ(in.NPZ, in.Limit)
		}
	}
	if err != nil {
		return nil, unreadable(cfg, key, err, "a set of inputs", "give a part of it")
	}
	model, err := open(cfg, kind)
	if err != nil {
		set.Close()
		return nil, err
	}
	q := &questions{set, model, map[string]int{}}
	for i, name := range model.Labels() {
		if _, twice := q.labels[name]; !twice {
			q.labels[name] = i
		}
	}
	if err := q.checkLabels(); err != nil {
		set.Close()
		return nil, problem(cfg, "input.images.labels", err.Error(), "a class's number, from 0, or its name", "")
	}
	return q, nil
}

// checkLabels looks whether every label is one of the model's classes.
func (q *questions) checkLabels() error {
	if !q.Labelled() {
		return nil
	}
	if q.model.Reads() != transformer.ReadsClasses {
		return fmt.Errorf("the model %s has no classifier", q.model.Name())
	}
	for i := range q.Len() {
		if label, ok := q.Label(i); ok && q.classOf(label) < 0 {
			return fmt.Errorf("the label of %s is %q, and the model %s has %d classes (%s, …)", q.Name(i), label, q.model.Name(), q.model.Scores(), q.model.Choice(0))
		}
	}
	return nil
}

// classOf is the number of a class given by number or name; −1 for what is neither.
func (q *questions) classOf(label string) int {
	if i, ok := q.labels[label]; ok {
		return i
	}
	if i, err := strconv.Atoi(label); err == nil && i >= 0 && i < q.model.Scores() {
		return i
	}
	return -1
}

// at makes the question of an input; cut is how many tokens of a text are not read.
func (q *questions) at(i int) (asked question, cut int, err error) {
	asked = question{index: i, name: q.Name(i), label: -1}
	if label, ok := q.Label(i); ok {
		asked.label = q.classOf(label)
	}
	if q.model.Kind() == transformer.KindImage {
		picture, err := q.Picture(i)
		if err != nil {
			return asked, 0, err
		}
		asked.input, err = q.model.EncodeImage(picture)
		return asked, 0, err
	}
	text, err := q.Text(i)
	if err != nil {
		return asked, 0, err
	}
	tokens, err := q.model.EncodeText(text, transformer.TextOptions{Truncate: true})
	asked.input = tokens
	return asked, tokens.Dropped, err
}

// loadSet makes the first input of a set the sample whose budget is told.
func loadSet(cfg *config.Config) (*source, error) {
	q, err := openSet(cfg)
	if err != nil {
		return nil, err
	}
	key := "input." + map[bool]string{true: "texts", false: "images"}[cfg.Input.Texts != nil]
	first, _, err := q.at(0)
	if err != nil {
		return nil, problem(cfg, key, fmt.Sprintf("%s: %v", q.Name(0), err), "", "")
	}
	chosen, sizes, err := headsOf(cfg, q.model, first.input.Len())
	if err != nil {
		return nil, err
	}
	var files []InputFile
	for _, f := range q.Files {
		files = append(files, InputFile{Name: f.Name, SHA256: f.SHA256})
	}
	warnings := doubtOrder(q.model, cfg.Network.Schedule.Order == "causal", swaps(cfg))
	if !swaps(cfg) {
		warnings = append(warnings, compare.Warning{Code: "set-not-swapped", Text: "no head is replaced (swap.mode: none), so that the answers told are the transformer's alone"})
	}
	from := one(files, q.model, chosen, sizes, func(ctx context.Context) (*sample, error) {
		heads, whole, err := forward(ctx, cfg, q.model, chosen, first.input)
		s := &sample{heads: heads, input: first.input, name: first.name, whole: whole, warnings: warnings}
		switch in := first.input.(type) {
		case transformer.Tokens:
			s.tokens = &in
		case transformer.Patches:
			s.patches = &in
		}
		return s, err
	})
	from.questions = q
	return from, nil
}

// askSet asks the whole model about every input of the set that the journal has no reply to, several at once.
func (p *Prepared) askSet(ctx context.Context, j *journal, progress func(done, total int)) error {
	q := p.source.questions
	s := newSwapped(p.Config, q.model, p.source.chosen, 1)
	var left []int
	for i := range q.Len() {
		if !j.has(i) {
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
		if err := j.put(r); err != nil {
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

// reply asks about one input. That there is no answer to it is a reply, too.
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

// askAll asks about the whole set, and tells what is left of it.
func (r *Result) askAll(ctx context.Context, progress func(done, total int)) error {
	p := r.Prepared
	var err error
	if r.journal, err = openJournal(p.Options.journal, p.Hash(), p.source.questions.Len()); err != nil {
		return err
	}
	r.resumed = r.journal.done
	if err := p.askSet(ctx, r.journal, progress); err != nil {
		return errors.Join(err, r.journal.close())
	}
	tally := compare.NewTally(p.Config.Swap.Mode, p.Config.Swap.Rung, len(p.source.chosen))
	cut, failed := 0, ""
	for i := range p.source.questions.Len() {
		kept, err := r.journal.get(i)
		if err != nil {
			return err
		}
		if kept.Cut > 0 {
			cut++
		}
		if failed == "" && kept.Reply.Failed != "" {
			failed = fmt.Sprintf("%s: %s", kept.Reply.Input, kept.Reply.Failed)
		}
		tally.Add(kept.Reply)
	}
	m := tally.Model(p.Config.Seed)
	if m.Failed == m.Inputs {
		return fmt.Errorf("there is no answer to any of the %d inputs; to the first: %s", m.Inputs, failed)
	}
	r.Report.Model = m
	if m.Failed > 0 {
		r.Report.Warnings = append(r.Report.Warnings, compare.Warning{Code: "inputs-failed", Text: fmt.Sprintf("to %d of %d inputs there is no answer, and they are left out of all means; the first: %s", m.Failed, m.Inputs, failed)})
	}
	if cut > 0 {
		r.Report.Warnings = append(r.Report.Warnings, compare.Warning{Code: "texts-cut", Text: fmt.Sprintf("%d of %d texts are longer than the model's %d tokens, and cut", cut, m.Inputs, p.source.model.MaxTokens())})
	}
	return nil
}
