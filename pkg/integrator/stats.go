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
	// method's stability allows, rather than as its accuracy does: rodas5p
	// would take longer ones. Only methods with a stiffness test set it.
	Stiff     bool
	StiffTime float64 // t when it was first suspected
}

func (stats *Stats) accepted(size float64) {
	size = math.Abs(size)
	if stats.Accepted == 0 || size < stats.SmallestStep {
		stats.SmallestStep = size
	}
	stats.LargestStep = max(stats.LargestStep, size)
	stats.Accepted++
	stats.Steps++
}

// Add joins the counts of another integration to s.
func (stats *Stats) Add(other Stats) {
	switch {
	case stats.Accepted == 0:
		stats.SmallestStep = other.SmallestStep
	case other.Accepted > 0:
		stats.SmallestStep = min(stats.SmallestStep, other.SmallestStep)
	}
	stats.Steps += other.Steps
	stats.Accepted += other.Accepted
	stats.Rejected += other.Rejected
	stats.Evaluations += other.Evaluations
	stats.Discontinuities += other.Discontinuities
	stats.PeakError = max(stats.PeakError, other.PeakError)
	stats.LargestStep = max(stats.LargestStep, other.LargestStep)
	if other.Stiff && !stats.Stiff {
		stats.Stiff, stats.StiffTime = true, other.StiffTime
	}
}

// String is one line for a log.
func (stats Stats) String() string {
	text := fmt.Sprintf("%d steps (%d rejected), %d evaluations, steps of %.3g to %.3g, peak local error %.3g",
		stats.Accepted, stats.Rejected, stats.Evaluations, stats.SmallestStep, stats.LargestStep, stats.PeakError)
	if stats.Stiff {
		text += fmt.Sprintf(", stiffness suspected from t = %.6g: rodas5p or radau9 would take longer steps", stats.StiffTime)
	}
	return text
}
