package fit

import (
	"errors"
	"fmt"
	"io"

	"github.com/nasim-sim/nasim/internal/npz"
)

// What a checkpoint holds beside the arrays of parameters: numbers that are counted, and figures.
const (
	countsArray  = "counts"
	looksArray   = "looks"   // [L]: error on the validation inputs, the start's first
	lookedArray  = "looked"  // [L]: after which steps
	figuresArray = "figures" // of a fit that is finished
)

// writeParameters writes each array under a prefix.
func writeParameters(w *npz.Writer, prefix string, p *Parameters[float32]) {
	for i, x := range p.arrays() {
		w.Float32(fmt.Sprintf("%s%d", prefix, i), []int{len(x)}, x)
	}
}

func readParameters(r *reader, prefix string, form Form) *Parameters[float32] {
	p := NewParameters[float32](form)
	for i, to := range p.arrays() {
		name := fmt.Sprintf("%s%d", prefix, i)
		x, _ := r.floats(name)
		if r.err == nil && len(x) != len(to) {
			r.err = fmt.Errorf("%s has %d numbers, not %d", name, len(x), len(to))
		}
		if r.err == nil {
			copy(to, inSingle(x))
		}
	}
	return p
}

func writeLooks(w *npz.Writer, looks []Look) {
	var steps []int64
	var figures []float64
	for _, l := range looks {
		steps = append(steps, int64(l.Step))
		figures = append(figures, l.Error)
	}
	w.Int64(lookedArray, []int{len(steps)}, steps)
	w.Float64(looksArray, []int{len(steps)}, figures)
}

func readLooks(r *reader) (looks []Look) {
	steps := r.ints(lookedArray)
	figures, _ := r.floats(looksArray)
	if r.err == nil && (len(steps) == 0 || len(figures) != len(steps)) {
		r.err = errors.New("the looks at the validation inputs are not whole")
	}
	if r.err != nil {
		return nil
	}
	for i, step := range steps {
		looks = append(looks, Look{int(step), figures[i]})
	}
	return looks
}

// Save writes a fit on its way, an .npz, from which [ResumeTraining] goes on to the same bits as if it had never been left.
func (t *Training) Save(to io.Writer) error {
	w := npz.NewWriter(to)
	w.Int64(countsArray, []int{2}, []int64{int64(t.step), int64(t.bestStep)})
	writeLooks(w, t.looks)
	for i, p := range t.parts() {
		writeParameters(w, partNames[i], p)
	}
	return w.Close()
}

// partNames and parts are the parameters that a fit on its way consists of.
var partNames = []string{"at", "best", "first", "second"}

func (t *Training) parts() []*Parameters[float32] {
	return []*Parameters[float32]{t.at, t.best, t.adam.first, t.adam.second}
}

// ResumeTraining takes a fit up where it was saved. Settings and inputs, with their invariances, must be the same as then.
func ResumeTraining(s Settings, in Inputs, from *npz.File) (*Training, error) {
	t := newTraining(s, in)
	t.invariances = in.Invariances
	if t.invariances == nil {
		return nil, errors.New("a fit is taken up with the invariances that it was begun with")
	}
	t.shift = inSingle(t.invariances.Shift)
	r := &reader{file: from}
	counts := r.ints(countsArray)
	t.looks = readLooks(r)
	for i, p := range t.parts() {
		*p = *readParameters(r, partNames[i], t.Form)
	}
	if r.err == nil && (len(counts) != 2 || counts[0] < 0 || counts[0] > int64(t.Steps)) {
		r.err = errors.New("the counts of steps are none")
	}
	if r.err != nil {
		return nil, r.err
	}
	t.step, t.bestStep, t.adam.steps = int(counts[0]), int(counts[1]), int(counts[0])
	t.begun = t.looks[0].Error
	for _, l := range t.looks {
		if l.Step == t.bestStep {
			t.bestAt = l.Error
		}
	}
	// The order of the inputs goes on where it was: so many of them have come.
	if come, all := t.step*t.Batch, in.Train.Len(); come > 0 {
		t.epoch = uint64((come - 1) / all)
		t.shuffle()
		t.used = come - int(t.epoch-1)*all
	}
	return t, nil
}

// Save writes a fit that is finished.
func (f *Fitted) Save(to io.Writer) error {
	w := npz.NewWriter(to)
	w.Int64(countsArray, []int{2}, []int64{int64(f.Steps), int64(f.BestStep)})
	w.Float64(figuresArray, []int{5}, []float64{f.Train.Error, f.Train.KL, f.HeldOut.Error, f.HeldOut.KL, f.Validation})
	writeLooks(w, f.ValidationHistory)
	writeParameters(w, "best", f.Parameters)
	return w.Close()
}

// ReadFitted reads a fit that [Fitted.Save] has written, of a form and with the invariances that it had.
func ReadFitted(form Form, v *Invariances, from *npz.File) (*Fitted, error) {
	r := &reader{file: from}
	f := &Fitted{Invariances: v, ValidationHistory: readLooks(r), Parameters: readParameters(r, "best", form)}
	counts := r.ints(countsArray)
	x, _ := r.floats(figuresArray)
	if r.err == nil && (len(counts) != 2 || len(x) != 5) {
		r.err = errors.New("the figures are not whole")
	}
	if r.err != nil {
		return nil, r.err
	}
	f.Steps, f.BestStep, f.Begun = int(counts[0]), int(counts[1]), f.ValidationHistory[0].Error
	f.Train, f.Validation, f.HeldOut = Divergence{x[0], x[1]}, x[4], Divergence{x[2], x[3]}
	return f, nil
}
