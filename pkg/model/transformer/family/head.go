package family

import (
	"math"
	"slices"
)

// head reads a model's answer from its last hidden states.
type head struct {
	reads   pool
	steps   []step
	columns int // of the answer
}

// pool chooses what a head reads of hidden states [N×D]: rows of width numbers.
type pool func(x []float64, width int) []float64

// What heads read.
func everyToken(x []float64, _ int) []float64      { return x }
func firstToken(x []float64, width int) []float64  { return x[:width] }
func secondToken(x []float64, width int) []float64 { return x[width : 2*width] }
func lastToken(x []float64, width int) []float64   { return x[len(x)-width:] }

// firstAndMean is the first token beside the mean of the others from skip on.
func firstAndMean(skip int) pool {
	return func(x []float64, width int) []float64 {
		y := append(append([]float64(nil), x[:width]...), make([]float64, width)...)
		patches := x[skip*width:]
		for i, v := range patches {
			y[width+i%width] += v
		}
		for i := range width {
			y[width+i] /= float64(len(patches) / width)
		}
		return y
	}
}

// step is one of a head's: a map, a norm, or a non-linearity; or it makes each row a unit vector.
type step struct {
	linear *linear
	norm   *norm
	act    activation
	unit   bool
}

// answerOf returns what a head makes of the last hidden states.
func answerOf[T Real](l *loader[T], h *head, x []T, width int) (answer []T, rows int, err error) {
	y := slices.Clone(In[T](h.reads(In[float64](x), width)))
	if len(h.steps) > 0 && h.steps[0].linear != nil {
		width = h.steps[0].linear.in
	}
	rows = len(y) / width
	answer, err = take(l, h.steps, y, rows)
	return answer, rows, err
}

// take takes rows through the steps; y may be written over.
func take[T Real](l *loader[T], steps []step, y []T, rows int) ([]T, error) {
	for _, s := range steps {
		var part loaded[T]
		switch {
		case s.linear != nil:
			part = l.linear(*s.linear)
		case s.norm != nil:
			part = l.norm(*s.norm)
		case s.unit:
			part = toUnit[T]
		default:
			activate(s.act, y)
			continue
		}
		if l.err != nil {
			return nil, l.err
		}
		y = part(y, rows)
	}
	return y, nil
}

// toUnit divides each row by its length, or by 1e-12 where it is shorter.
func toUnit[T Real](y []T, rows int) []T {
	width := len(y) / rows
	for r := range rows {
		row := y[r*width : (r+1)*width]
		length := 0.0
		for _, v := range row {
			length += float64(float64(v) * float64(v))
		}
		length = max(math.Sqrt(length), 1e-12)
		for i := range row {
			row[i] = T(float64(row[i]) / length)
		}
	}
	return y
}

// Logits returns the model's answer for the last hidden states (after the final norm), rows
// of a score for each class or word: a row a token, or one. Of several heads it is their
// mean. Without a head there are no rows.
func (p *Pass[T]) Logits(x []T) (scores []T, rows, columns int, err error) {
	m := p.m
	for i := range m.heads {
		answer, n, err := answerOf(p.loader(), &m.heads[i], x, m.Width)
		if err != nil {
			return nil, 0, 0, err
		}
		if scores == nil {
			scores, rows, columns = answer, n, m.heads[i].columns
			continue
		}
		addTo(scores, answer)
	}
	for i := range scores {
		scores[i] /= T(len(m.heads))
	}
	return scores, rows, columns, nil
}

// Scores is the number of scores in a row of the logits.
func (m *Model) Scores() int {
	if len(m.heads) == 0 {
		return 0
	}
	return m.heads[0].columns
}

// classifier is a linear map to as many classes as its weights have rows.
func (t *tensors) classifier(name string, in int) (linear, int) {
	classes := 1
	if w, ok := t.weights.Shape(t.prefix + name + ".weight"); ok && len(w) == 2 {
		classes = w[0]
	}
	part := linear{in: in, out: classes, weight: t.tensor(name+".weight", classes, in)}
	if t.has(name + ".bias") {
		part.bias = t.tensor(name+".bias", classes)
	}
	return part, classes
}
