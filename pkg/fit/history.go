package fit

import (
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
)

// HeadLook is a look at the validation inputs on the way of one head's fit.
type HeadLook struct {
	Layer, Head int
	Look
}

// The arrays of the looks, one entry a look, in the order of heads and, of a head, of steps.
const (
	historyLayer = "history_layer"
	historyHead  = "history_head"
	historyStep  = "history_step"
	historyError = "history_error"
)

func (m *Maps) writeHistory(w *npz.Writer) {
	shape := []int{len(m.History)}
	var layers, heads, steps []int64
	var errors []float64
	for _, l := range m.History {
		layers, heads, steps = append(layers, int64(l.Layer)), append(heads, int64(l.Head)), append(steps, int64(l.Step))
		errors = append(errors, l.Error)
	}
	w.Int64(historyLayer, shape, layers)
	w.Int64(historyHead, shape, heads)
	w.Int64(historyStep, shape, steps)
	w.Float64(historyError, shape, errors)
}

// readHistory reads them from a file that has them.
func (m *Maps) readHistory(r *reader) {
	if !slices.Contains(r.file.Names(), historyStep) {
		return
	}
	layers, heads, steps := r.ints(historyLayer), r.ints(historyHead), r.ints(historyStep)
	errors, _ := r.floats(historyError)
	n := len(steps)
	if r.err == nil && (len(layers) != n || len(heads) != n || len(errors) != n) {
		r.err = fmt.Errorf("%s has %d entries, and the arrays beside it %d, %d and %d", historyStep, n, len(layers), len(heads), len(errors))
	}
	if r.err != nil {
		return
	}
	m.History = make([]HeadLook, n)
	for i := range m.History {
		m.History[i] = HeadLook{int(layers[i]), int(heads[i]), Look{int(steps[i]), errors[i]}}
	}
}

// Looks are those of one head, in the order of steps.
func (m *Maps) Looks(layer, head int) []Look {
	var looks []Look
	for _, l := range m.History {
		if l.Layer == layer && l.Head == head {
			looks = append(looks, l.Look)
		}
	}
	return looks
}
