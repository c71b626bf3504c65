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

// pool chooses what is read of hidden states [N×D]: rows of width numbers.
type pool struct {
	of   func(x []float64, width int) []float64
	back func(x, dy []float64, width int) []float64 // the gradient by what is read, taken to that by x
}

// What heads read.
var (
	everyToken  = pool{func(x []float64, _ int) []float64 { return x }, func(_, dy []float64, _ int) []float64 { return dy }}
	firstToken  = onlyToken(func(int) int { return 0 })
	secondToken = onlyToken(func(int) int { return 1 })
	lastToken   = onlyToken(func(n int) int { return n - 1 })
)

// onlyToken reads one of n tokens.
func onlyToken(which func(n int) int) pool {
	return pool{
		of: func(x []float64, width int) []float64 {
			t := which(len(x) / width)
			return x[t*width : (t+1)*width]
		},
		back: func(x, dy []float64, width int) []float64 {
			dx := make([]float64, len(x))
			copy(dx[which(len(x)/width)*width:], dy)
			return dx
		},
	}
}

// firstAndMean is the first token beside the mean of the others from skip on.
func firstAndMean(skip int) pool {
	return pool{
		of: func(x []float64, width int) []float64 {
			y := append(append([]float64(nil), x[:width]...), make([]float64, width)...)
			patches := x[skip*width:]
			for i, v := range patches {
				y[width+i%width] += v
			}
			for i := range width {
				y[width+i] /= float64(len(patches) / width)
			}
			return y
		},
		back: func(x, dy []float64, width int) []float64 {
			dx := make([]float64, len(x))
			copy(dx, dy[:width])
			patches := dx[skip*width:]
			for i := range patches {
				patches[i] += dy[width+i%width] / float64(len(patches)/width)
			}
			return dx
		},
	}
}

// step is one of a head's: a map, a norm, or a non-linearity; or it makes each row a unit vector.
type step struct {
	linear *linear
	norm   *norm
	act    activation
	unit   bool
}

// answerOf returns what a head makes of the last hidden states; trace, unless nil, gets what each of its steps is given.
func answerOf[T Real](l *loader[T], h *head, x []T, width int, trace *[][]T) (answer []T, rows int, err error) {
	y := slices.Clone(In[T](h.reads.of(In[float64](x), width)))
	if len(h.steps) > 0 && h.steps[0].linear != nil {
		width = h.steps[0].linear.in
	}
	rows = len(y) / width
	answer, err = take(l, h.steps, y, rows, trace)
	return answer, rows, err
}

// take takes rows through the steps; y may be written over. What each is given is added to a trace, unless that is nil.
func take[T Real](l *loader[T], steps []step, y []T, rows int, trace *[][]T) ([]T, error) {
	for _, s := range steps {
		if trace != nil {
			*trace = append(*trace, slices.Clone(y))
		}
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

// takeBack takes the gradient by what the steps give to that by what the first was given; dy may be written over.
func takeBack[T Real](l *loader[T], steps []step, trace [][]T, dy []T, rows int) ([]T, error) {
	for i, s := range slices.Backward(steps) {
		switch {
		case s.linear != nil:
			if part := l.linearBack(*s.linear); l.err == nil {
				dy = part(dy, rows)
			}
		case s.norm != nil:
			if part := l.normBack(*s.norm); l.err == nil {
				dy = part(trace[i], dy, rows)
			}
		case s.unit:
			dy = toUnitBack(trace[i], dy, rows)
		default:
			activateBack(s.act, trace[i], dy)
		}
		if l.err != nil {
			return nil, l.err
		}
	}
	return dy, nil
}

// leastLength is what a row is divided by at least.
const leastLength = 1e-12

// toUnit divides each row by its length, or by 1e-12 where it is shorter.
func toUnit[T Real](y []T, rows int) []T {
	width := len(y) / rows
	for r := range rows {
		row := y[r*width : (r+1)*width]
		length := 0.0
		for _, v := range row {
			length += float64(float64(v) * float64(v))
		}
		length = max(math.Sqrt(length), leastLength)
		for i := range row {
			row[i] = T(float64(row[i]) / length)
		}
	}
	return y
}

// toUnitBack is its way back: dx = (dy − ŷ (ŷ·dy))/|x|, and dy/leastLength where that divides.
func toUnitBack[T Real](x, dy []T, rows int) []T {
	width := len(x) / rows
	dx := make([]T, len(x))
	for r := range rows {
		row, d := x[r*width:(r+1)*width], dy[r*width:(r+1)*width]
		square, along := 0.0, 0.0
		for i, v := range row {
			square += float64(float64(v) * float64(v))
			along += float64(float64(v) * float64(d[i]))
		}
		length := math.Sqrt(square)
		if length < leastLength {
			length, along = leastLength, 0
		} else {
			along /= square
		}
		for i, v := range row {
			dx[r*width+i] = T((float64(d[i]) - float64(float64(v)*along)) / length)
		}
	}
	return dx
}

// Logits returns the model's answer for the last hidden states (after the final norm), rows
// of a score for each class or word: a row a token, or one. Of several heads it is their
// mean. Without a head there are no rows.
func (p *Pass[T]) Logits(x []T) (scores []T, rows, columns int, err error) {
	return p.logits(x, nil)
}

// LogitsTrace is what the way back from the logits needs: of each head, what its steps are given.
type LogitsTrace[T Real] struct {
	x     []T
	rows  int
	heads [][][]T
}

// TracedLogits is Logits, with what LogitsBack needs.
func (p *Pass[T]) TracedLogits(x []T) (scores []T, rows, columns int, trace *LogitsTrace[T], err error) {
	trace = &LogitsTrace[T]{x: x, heads: make([][][]T, len(p.m.heads))}
	scores, rows, columns, err = p.logits(x, trace)
	trace.rows = rows
	return scores, rows, columns, trace, err
}

func (p *Pass[T]) logits(x []T, trace *LogitsTrace[T]) (scores []T, rows, columns int, err error) {
	m := p.m
	for i := range m.heads {
		var given *[][]T
		if trace != nil {
			given = &trace.heads[i]
		}
		answer, n, err := answerOf(p.loader(), &m.heads[i], x, m.Width, given)
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

// LogitsBack takes the gradient by the logits to that by the last hidden states.
func (p *Pass[T]) LogitsBack(trace *LogitsTrace[T], scores []T) ([]T, error) {
	m := p.m
	dx := make([]T, len(trace.x))
	for i := range m.heads {
		h := &m.heads[i]
		dy := slices.Clone(scores)
		for j := range dy {
			dy[j] /= T(len(m.heads))
		}
		dy, err := takeBack(p.loader(), h.steps, trace.heads[i], dy, trace.rows)
		if err != nil {
			return nil, err
		}
		addTo(dx, In[T](h.reads.back(In[float64](trace.x), In[float64](dy), m.Width)))
	}
	return dx, nil
}

// Scores is the number of scores in a row of the logits.
func (m *Model) Scores() int {
	if len(m.heads) == 0 {
		return 0
	}
	return m.heads[0].columns
}

// classifier is a linear map to as many classes as its weights have rows. What does not
// fit has one, whatever it says.
func (t *tensors) classifier(name string, in int) (linear, int) {
	classes := 1
	if w, ok := t.weights.Shape(t.prefix + name + ".weight"); ok && len(w) == 2 {
		classes = w[0]
	}
	part := linear{in: in, out: classes, weight: t.tensor(name+".weight", classes, in)}
	if part.weight == nil {
		return linear{in: in, out: 1}, 1
	}
	if t.has(name + ".bias") {
		part.bias = t.tensor(name+".bias", classes)
	}
	return part, classes
}
