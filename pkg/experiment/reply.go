package experiment

import (
	"cmp"
	"context"
	"slices"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// question is what the whole model is shown.
type question struct {
	index int
	name  string
	input transformer.Input
	label int // −1 where it is not known
}

// replies are everyone's answers to a question: what is told of them, and the arrays.
type replies struct {
	told   compare.Reply
	arrays map[string]*answer // by who answers
	asked  []int              // rows of the logits that are answers
}

// ask asks the transformer, and those with something else in the place of its heads.
func (s *swapped) ask(ctx context.Context, q question) (*replies, error) {
	intact, err := s.runner.Forward(ctx, q.input, transformer.Options{Keep: transformer.KeepHidden})
	if err != nil {
		return nil, err
	}
	r := &replies{arrays: map[string]*answer{}, told: compare.Reply{
		Index: q.index, Input: q.name, Tokens: intact.Tokens, Correct: compare.Null(),
		Responses: []compare.Response{}, Distances: map[string]compare.Distance{}, Layers: []compare.Layer{}, Heads: []compare.ReplacedHead{},
	}}
	if q.label >= 0 {
		r.told.Label = &q.label
	}
	if r.arrays[compare.Transformer], err = answerOf(s.model, intact); err != nil {
		return nil, err
	}
	all := s.standIns()
	measured := func(h compare.ReplacedHead) { r.told.Heads = append(r.told.Heads, h) }
	switch s.cfg.Swap.Mode {
	case teacherForced:
		hidden, err := s.layerByLayer(ctx, intact.Hidden, all[compare.Network], measured)
		if err != nil {
			return nil, err
		}
		r.arrays[compare.Network] = &answer{hidden: hidden, width: intact.Width}
	case freeRunning:
		if err := s.askFreely(ctx, q, all, r, measured); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(r.told.Heads, func(a, b compare.ReplacedHead) int { return cmp.Or(a.Layer-b.Layer, a.Head-b.Head) })
	s.tell(q, intact, r)
	return r, nil
}

// askFreely asks those whose heads are replaced all at once.
func (s *swapped) askFreely(ctx context.Context, q question, all map[string]standIn, r *replies, measured func(compare.ReplacedHead)) error {
	for _, who := range compare.Replaced() {
		by, ok := all[who]
		if !ok {
			continue
		}
		keep := transformer.KeepAnswer
		if who == compare.Network {
			keep = transformer.KeepHidden
		} else {
			measured = nil
		}
		a, err := s.freely(ctx, q.input, by, keep, measured)
		if err != nil {
			return err
		}
		if r.arrays[who], err = answerOf(s.model, a); err != nil {
			return err
		}
	}
	return nil
}

// tell measures the answers against the transformer's.
func (s *swapped) tell(q question, intact *transformer.Activations, r *replies) {
	asked := answerRows(s.model, q.input, intact.LogitRows)
	r.asked, r.told.Questions = asked, len(asked)
	answers := map[string]compare.Answering{}
	for who, a := range r.arrays {
		if a.logits == nil && a.embedding == nil {
			continue // teacher-forced: what leaves a layer does not go on
		}
		x := compare.Answering{Embedding: a.embedding}
		for _, row := range asked {
			x.Scores = append(x.Scores, a.logits[row*a.columns:(row+1)*a.columns])
		}
		answers[who] = x
	}
	transformers := answers[compare.Transformer]
	if q.label >= 0 {
		r.told.Correct = transformers.CorrectShare(q.label)
	}
	for _, who := range compare.Replaced() {
		if x, ok := answers[who]; ok {
			r.told.Distances[who] = x.DistanceFrom(transformers, q.label)
		}
	}
	for i, row := range asked {
		if i == mostQuestions {
			break
		}
		response := compare.Response{Input: q.name, Token: row, Label: r.told.Label, Answers: map[string]compare.Answer{}}
		if intact.LogitRows == 1 {
			response.Token = -1
		}
		for who, x := range answers {
			response.Answers[who] = compare.AnswerOf(x.Scores[i], s.model.Choice)
		}
		r.told.Responses = append(r.told.Responses, response)
	}
	network := r.arrays[compare.Network]
	for layer := range s.model.Layers() {
		if network != nil && network.hidden != nil && (s.cfg.Swap.Mode == freeRunning || s.replacesIn(layer)) {
			r.told.Layers = append(r.told.Layers, compare.LayerDistance(layer, network.hidden[layer+1], intact.Hidden[layer+1], intact.Tokens))
		}
	}
}

// mostQuestions is how many answers to one input are told in words; all are measured.
const mostQuestions = 5

// answerRows lists the rows of the logits that are an answer: of one, that; of a text, those
// of its masked words, else of a causal model that after the last token, else of all
// tokens but the special ones.
func answerRows(m *transformer.Model, in transformer.Input, rows int) []int {
	tokens, text := in.(transformer.Tokens)
	switch {
	case rows == 0:
		return nil
	case rows == 1:
		return []int{0}
	case !text:
		return upTo(rows)
	}
	var masked, plain []int
	for t := range rows {
		switch {
		case m.IsMask(tokens.IDs[t]):
			masked = append(masked, t)
		case !tokens.Special[t]:
			plain = append(plain, t)
		}
	}
	switch {
	case m.Causal() && m.Reads() == transformer.ReadsWords:
		return []int{rows - 1}
	case masked != nil:
		return masked
	}
	return plain
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// askModel asks the whole model about the run's one sample.
func (r *Result) askModel(ctx context.Context) error {
	p := r.Prepared
	if !swaps(p.Config) {
		return nil
	}
	s := newSwapped(p.Config, p.source.model, p.source.chosen, p.threads())
	s.learned, s.calibrated = p.source.learned, p.source.calibrated
	var err error
	if r.whole, err = s.ask(ctx, question{0, p.first.name, p.first.input, -1}); err != nil {
		return err
	}
	tally := p.tally()
	tally.Add(r.whole.told)
	r.Report.Model = tally.Model(p.Config.Seed)
	return nil
}
