package integrator

import (
	"fmt"
	"math"
)

// Stats counts what an integration did.
type Stats struct {
	Steps       int // attempted: Accepted + Rejected
	Accepted    int // steps that became part of the solution, a last one cut by a terminal event included
	Rejected    int // attempts whose error was too large, or that were not finite, and that were retried
	Evaluations int // of the right-hand side, those for the first step, dense output and events included

	PeakError       float64 // largest scaled error of an accepted step, ≤ 1; 0 where steps are prescribed
	SmallestStep    float64 // of the accepted steps, as a length; 0 before the first
	LargestStep     float64 // of the accepted steps, as a length
	Discontinuities int     // announced ones that were met

	// Stiff says that fifteen of the steps looked at were as long as the
	// method's stability allows, rather than as its accuracy does: an implicit
	// method would take longer ones. Only methods with a stiffness test set it.
	Stiff     bool
	StiffTime float64 // t when it was first suspected
}

func (s *Stats) accepted(h float64) {
	h = math.Abs(h)
	if s.Accepted == 0 || h < s.SmallestStep {
		s.SmallestStep = h
	}
	s.LargestStep = max(s.LargestStep, h)
	s.Accepted++
	s.Steps++
}

// Add joins the counts of another integration to s.
func (s *Stats) Add(o Stats) {
	switch {
	case s.Accepted == 0:
		s.SmallestStep = o.SmallestStep
	case o.Accepted > 0:
		s.SmallestStep = min(s.SmallestStep, o.SmallestStep)
	}
	s.Steps += o.Steps
	s.Accepted += o.Accepted
	s.Rejected += o.Rejected
	s.Evaluations += o.Evaluations
	s.Discontinuities += o.Discontinuities
	s.PeakError = max(s.PeakError, o.PeakError)
	s.LargestStep = max(s.LargestStep, o.LargestStep)
	if o.Stiff && !s.Stiff {
		s.Stiff, s.StiffTime = true, o.StiffTime
	}
}

// String is one line for a log.
func (s Stats) String() string {
	text := fmt.Sprintf("%d steps (%d rejected), %d evaluations, steps of %.3g to %.3g, peak local error %.3g",
		s.Accepted, s.Rejected, s.Evaluations, s.SmallestStep, s.LargestStep, s.PeakError)
	if s.Stiff {
		text += fmt.Sprintf(", stiffness suspected from t = %.6g", s.StiffTime)
	}
	return text
}
