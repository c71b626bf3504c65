package experiment

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// leaveOut passes over a figure: in words where it is one of the standard set, as
// an error where it was asked for.
func (d *drawing) leaveOut(name, reason string) *sheet {
	s := &sheet{name: name}
	if d.set.Names != nil {
		s.refused = fmt.Errorf("figure %s cannot be drawn: %s", name, reason)
	} else {
		s.note("figure %s is left out: %s", name, reason)
	}
	return s
}

// missing says what the first run lacks for a figure, and by which key; "" where it
// has all. The heads of a run are recorded alike, so the first speaks for them.
func (d *drawing) missing(f figureRow) string {
	switch {
	case f.missing == nil:
		return ""
	case len(d.arrays[0].heads) == 0:
		return "the run has no heads"
	default:
		return f.missing(d.runs[0], d.arrays[0])
	}
}

func noNormalizer(_ *Run, a *runArrays) string {
	if a.heads[0].normalizer[compare.Softmax] == nil {
		return "it needs the softmax normaliser (record.arrays: none, or features were given without q and k)"
	}
	return ""
}

func noAttention(r *Run, a *runArrays) string {
	switch h := a.heads[0]; {
	case !r.Config.Record.Attention:
		return "it needs record.attention: true"
	case h.attention[compare.Softmax] == nil && h.attention[compare.Kernel] == nil:
		return "it needs record.arrays: all"
	}
	return ""
}

func noOverlay(r *Run, a *runArrays) string {
	if grid, _, err := r.patches(); err == nil && grid == nil {
		return "the input is no picture"
	}
	return noAttention(r, a)
}

func noTrajectory(_ *Run, a *runArrays) string {
	if a.trajectory == nil {
		return "no trajectory was recorded (record.variables, or solver.method: none)"
	}
	return ""
}

func noOutput(r *Run, a *runArrays) string {
	if h := a.heads[0]; h.output[compare.Softmax] == nil || h.output[r.Report.Heads[0].Last] == nil {
		return "it needs a transformer's output and a network's (record.arrays: none, or features were given without q and k)"
	}
	return ""
}
