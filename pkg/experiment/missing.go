package experiment

import (
	"errors"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/compare"
)

// leaveOut passes over a figure: in words where it is one of the standard set, as
// an error where it was asked for.
func (d *drawing) leaveOut(name, reason string) {
	if d.named {
		d.refused = errors.Join(d.refused, fmt.Errorf("figure %s cannot be drawn: %s", name, reason))
		return
	}
	d.note("figure %s is left out: %s", name, reason)
}

// missing says what the first run lacks for a figure, and by which key; "" where it
// has all. The heads of a run are recorded alike, so the first speaks for them.
func (d *drawing) missing(name string) string {
	r, a := d.runs[0], d.arrays[0]
	if name == "budget" {
		return ""
	}
	if len(a.heads) == 0 {
		return "the run has no heads"
	}
	h := a.heads[0]
	switch {
	case name == "output" && (h.output[compare.Softmax] == nil || h.output[r.Report.Heads[0].Last] == nil):
		return "it needs a transformer's output and a network's (record.arrays: none, or features were given without q and k)"
	case name == "normalizer" && h.normalizer[compare.Softmax] == nil:
		return "it needs the softmax normaliser (record.arrays: none, or features were given without q and k)"
	case name == "attention" && !r.Config.Record.Attention:
		return "it needs record.attention: true"
	case name == "attention" && h.attention[compare.Softmax] == nil && h.attention[compare.Kernel] == nil:
		return "it needs record.arrays: all"
	case name == "traces" && a.trajectory == nil:
		return "no trajectory was recorded (record.variables, or solver.method: none)"
	}
	return ""
}
