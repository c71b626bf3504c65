package fit

import (
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/internal/npz"
)

// Trial is a fit in figures: what came of so many neurons.
type Trial struct {
	Neurons, Steps, BestStep          int     // steps done, and after which the parameters are taken
	Start, Train, Validation, HeldOut float64 // relative errors of the output; the start's on the validation inputs
}

// Trial returns the fit's figures.
func (f *Fitted) Trial() Trial {
	return Trial{f.Neurons, f.Steps, f.BestStep, f.Begun, f.Train.Error, f.Validation, f.HeldOut.Error}
}

// HeadTrial is a fit of one head in figures.
type HeadTrial struct {
	Layer, Head int
	Trial
}

// trialNumbers and trialErrors are the arrays of the fits that were made, one entry a fit.
var (
	trialNumbers = []struct {
		name string
		of   func(*HeadTrial) *int
	}{
		{"trial_layer", func(t *HeadTrial) *int { return &t.Layer }},
		{"trial_head", func(t *HeadTrial) *int { return &t.Head }},
		{"trial_neurons", func(t *HeadTrial) *int { return &t.Neurons }},
		{"trial_steps", func(t *HeadTrial) *int { return &t.Steps }},
		{"trial_best_step", func(t *HeadTrial) *int { return &t.BestStep }},
	}
	trialErrors = []struct {
		name string
		of   func(*HeadTrial) *float64
	}{
		{"trial_start_error", func(t *HeadTrial) *float64 { return &t.Start }},
		{"trial_train_error", func(t *HeadTrial) *float64 { return &t.Train }},
		{"trial_validation_error", func(t *HeadTrial) *float64 { return &t.Validation }},
		{"trial_held_out_error", func(t *HeadTrial) *float64 { return &t.HeldOut }},
	}
)

func (m *Maps) writeTrials(w *npz.Writer) {
	shape := []int{len(m.Trials)}
	for _, column := range trialNumbers {
		x := make([]int64, len(m.Trials))
		for i := range m.Trials {
			x[i] = int64(*column.of(&m.Trials[i]))
		}
		w.Int64(column.name, shape, x)
	}
	for _, column := range trialErrors {
		x := make([]float64, len(m.Trials))
		for i := range m.Trials {
			x[i] = *column.of(&m.Trials[i])
		}
		w.Float64(column.name, shape, x)
	}
}

// readTrials reads them from a file that has them.
func (m *Maps) readTrials(r *reader) {
	if !slices.Contains(r.file.Names(), trialNumbers[0].name) {
		return
	}
	m.Trials = make([]HeadTrial, len(r.ints(trialNumbers[0].name)))
	fits := func(name string, length int) bool {
		if r.err == nil && length != len(m.Trials) {
			r.err = fmt.Errorf("%s has %d entries, and %s %d", name, length, trialNumbers[0].name, len(m.Trials))
		}
		return r.err == nil
	}
	for _, column := range trialNumbers {
		if x := r.ints(column.name); fits(column.name, len(x)) {
			for i, v := range x {
				*column.of(&m.Trials[i]) = int(v)
			}
		}
	}
	for _, column := range trialErrors {
		if x, _ := r.floats(column.name); fits(column.name, len(x)) {
			for i, v := range x {
				*column.of(&m.Trials[i]) = v
			}
		}
	}
}
