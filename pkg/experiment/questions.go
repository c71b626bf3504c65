package experiment

import (
	"context"
	"fmt"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// questions are the inputs of a set, as the model reads them.
type questions struct {
	*dataset.Set
	model  *transformer.Model
	labels map[string]int    // of the model's classes, by name
	sample transformer.Input // the first that can be read
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
	q := &questions{Set: set, model: model, labels: map[string]int{}}
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
		label, err := q.Label(i)
		if err != nil {
			return err
		}
		if q.classOf(label) < 0 {
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
	if q.Labelled() {
		label, err := q.Label(i)
		if err != nil {
			return asked, 0, err
		}
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

// first is the first input that can be read.
func (q *questions) first() (question, error) {
	asked, _, failed := q.at(0)
	for i := 1; failed != nil && i < q.Len(); i++ {
		if next, _, err := q.at(i); err == nil {
			return next, nil
		}
	}
	if failed != nil && q.Len() > 1 {
		failed = fmt.Errorf("none of the %d inputs can be read; of the first, %s: %w", q.Len(), asked.name, failed)
	}
	return asked, failed
}

// loadSet makes the first input of a set that can be read the sample whose budget is told.
func loadSet(cfg *config.Config) (*source, error) {
	q, err := openSet(cfg)
	if err != nil {
		return nil, err
	}
	key := "input." + map[bool]string{true: "texts", false: "images"}[cfg.Input.Texts != nil]
	first, err := q.first()
	if err != nil {
		q.Close()
		return nil, problem(cfg, key, err.Error(), "", "")
	}
	chosen, sizes, err := headsOf(cfg, q.model, first.input.Len())
	if err != nil {
		q.Close()
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
	q.sample = first.input
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
	from.held += float64(q.Held())
	return from, nil
}
