package experiment

import (
	"context"
	"slices"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// answer is what a whole transformer makes of an input.
type answer struct {
	hidden        [][]float64 // [L+1][N×D], before the first layer and after each
	width         int         // D
	logits        []float64   // [rows×columns]; nil for a model without a head
	rows, columns int
	embedding     []float64 // nil for a model that has a head and no pooling of its own
}

// answerOf takes a model's answer from its activations.
func answerOf(m *transformer.Model, a *transformer.Activations) (*answer, error) {
	w := &answer{hidden: a.Hidden, width: a.Width, logits: a.Logits, rows: a.LogitRows, columns: a.LogitCols}
	if !m.Embeds() {
		return w, nil
	}
	var err error
	w.embedding, err = m.Embedding(a.Final)
	return w, err
}

// answers are those of the whole model that a run has.
func (r *Result) answers() map[string]*answer {
	if r.whole != nil {
		return r.whole.arrays
	}
	if whole := r.Prepared.first.whole; whole != nil {
		return map[string]*answer{compare.Transformer: whole}
	}
	return nil
}

// writeAnswers writes the arrays of a whole model, named for who answers. Of the controls it is
// the answer alone.
func (w arrays) writeAnswers(answers map[string]*answer) {
	for _, who := range append([]string{compare.Transformer}, compare.Replaced()...) {
		a := answers[who]
		if a == nil {
			continue
		}
		if who == compare.Transformer || who == compare.Network {
			n := len(a.hidden[0]) / a.width
			w.parts("hidden_"+who, []int{len(a.hidden), n, a.width}, slices.Values(a.hidden))
		}
		if a.logits != nil {
			w.parts("logits_"+who, []int{a.rows, a.columns}, slices.Values([][]float64{a.logits}))
		}
		if a.embedding != nil {
			w.parts("embedding_"+who, []int{len(a.embedding)}, slices.Values([][]float64{a.embedding}))
		}
	}
}

// comparePrecision finds what difference the precision of the transformer's arithmetic makes to
// the first input; nil for float64.
func (p *Prepared) comparePrecision(ctx context.Context) (*rundir.Precision, error) {
	m := p.source.model
	if m == nil || !single(p.Config) {
		return nil, nil
	}
	var answers [2]*answer
	for i, in := range []transformer.Settings{{Threads: p.threads()}, {Threads: p.threads(), Single: true}} {
		a, err := m.Runner(in).Forward(ctx, p.first.input, transformer.Options{Keep: transformer.KeepHidden})
		if err != nil {
			return nil, err
		}
		if answers[i], err = answerOf(m, a); err != nil {
			return nil, err
		}
	}
	d := &rundir.Precision{Transformer: p.Config.Transformer.Precision}
	for l, reference := range answers[0].hidden {
		d.Hidden = max(d.Hidden, float64(compare.OutputDistance(answers[1].hidden[l], reference)))
	}
	for _, of := range []func(*answer) []float64{func(a *answer) []float64 { return a.logits }, func(a *answer) []float64 { return a.embedding }} {
		if reference := of(answers[0]); reference != nil {
			d.Answer = max(d.Answer, float64(compare.OutputDistance(of(answers[1]), reference)))
		}
	}
	return d, nil
}

// answerBytes is what the arrays of an answer take at most, of a model that reads n
// tokens.
func answerBytes(m *transformer.Model, n int) float64 {
	perToken := float64((m.Layers()+1)*m.Width() + m.Scores())
	return 8 * (float64(float64(n)*perToken) + float64(m.Width()))
}
