package fit

import (
	"errors"
	"fmt"
	"io"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// What a checkpoint holds beside the arrays of parameters: numbers that are counted, and figures.
const (
	countsArray  = "counts"
	looksArray   = "looks"   // [L]: error on the validation inputs, the start's first
	lookedArray  = "looked"  // [L]: after which steps
	figuresArray = "figures" // of a fit that is finished
)

// writeParameters writes each array under a prefix.
func writeParameters[T Real](w *npz.Writer, prefix string, p *Parameters[T]) {
	for i, x := range p.arrays() {
		name, shape := fmt.Sprintf("%s%d", prefix, i), []int{len(x)}
		switch x := any(x).(type) {
		case []float32:
			w.Float32(name, shape, x)
		case []float64:
			w.Float64(name, shape, x)
		}
	}
}

// readParameters reads them into p.
func readParameters[T Real](r *reader, prefix string, p *Parameters[T]) {
	for i, to := range p.arrays() {
		name := fmt.Sprintf("%s%d", prefix, i)
		x, _ := r.floats(name)
		if r.err == nil && len(x) != len(to) {
			r.err = fmt.Errorf("%s has %d numbers, not %d", name, len(x), len(to))
		}
		if r.err == nil {
			copy(to, in[T](x))
		}
	}
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
		readParameters(r, partNames[i], p)
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
	t.order = newOrder(s.Seed, in.Train.Len()).after(t.step * t.Batch)
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
	f := &Fitted{Invariances: v, ValidationHistory: readLooks(r), Parameters: NewParameters[float32](form)}
	readParameters(r, "best", f.Parameters)
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

// agreementsArray is, beside its maps' arrays, of a joint tuning on its way [2×2]: loss and share of the same likeliest answers on
// the validation inputs, at the start and at best.
const agreementsArray = "agreements"

// parts are the parameters that the tuning of one map consists of, in the order of [partNames].
func (t *Tuning[T]) parts(head int) []*Parameters[T] {
	return []*Parameters[T]{t.maps[head].Parameters, t.best[head], t.adam[head].first, t.adam[head].second}
}

// Save writes a joint tuning on its way, an .npz, from which [ResumeTuning] goes on to the same bits as if it had never been left.
func (t *Tuning[T]) Save(to io.Writer) error {
	w := npz.NewWriter(to)
	w.Int64(countsArray, []int{2}, []int64{int64(t.step), int64(t.bestStep)})
	w.Float64(agreementsArray, []int{2, 2}, []float64{t.begun.Loss, t.begun.Same, t.bestAt.Loss, t.bestAt.Same})
	for head := range t.maps {
		for i, p := range t.parts(head) {
			writeParameters(w, fmt.Sprintf("%d_%s", head, partNames[i]), p)
		}
	}
	return w.Close()
}

// ResumeTuning takes a joint tuning up where it was saved. All else must be the same as then.
func ResumeTuning[T Real](s JointSettings, of Whole[T], in JointInputs, maps []*features.LearnedMap, from *npz.File) (*Tuning[T], error) {
	t := newTuning(s, of, in, maps)
	r := &reader{file: from}
	counts := r.ints(countsArray)
	x, _ := r.floats(agreementsArray)
	for head := range t.maps {
		for i, p := range t.parts(head) {
			readParameters(r, fmt.Sprintf("%d_%s", head, partNames[i]), p)
		}
	}
	if r.err == nil && (len(counts) != 2 || counts[0] < 0 || counts[0] > int64(t.Steps) || len(x) != 4) {
		r.err = errors.New("the counts of steps are none")
	}
	if r.err != nil {
		return nil, r.err
	}
	t.step, t.bestStep = int(counts[0]), int(counts[1])
	t.begun, t.bestAt = Agreement{x[0], x[1]}, Agreement{x[2], x[3]}
	for _, a := range t.adam {
		a.steps = t.step
	}
	t.order.after(t.step * t.Batch)
	return t, nil
}
