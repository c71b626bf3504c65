package experiment

import (
	"slices"

	"github.com/nasim-sim/nasim/pkg/compare"
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

// answerBytes is what the arrays of an answer take at most, of a model that reads n
// tokens.
func answerBytes(m *transformer.Model, n int) float64 {
	perToken := float64((m.Layers()+1)*m.Width() + m.Scores())
	return 8 * (float64(float64(n)*perToken) + float64(m.Width()))
}
