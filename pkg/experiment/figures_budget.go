package experiment

import (
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

func (d *drawing) budget(*sheet, int) (*plotting.Figure, error) {
	return plotting.Budget(d.budgetInput())
}

func (d *drawing) budgetInput() plotting.BudgetInput {
	in := plotting.BudgetInput{Width: d.set.Width, Subject: d.allHeads()}
	heads := d.runs[0].Report.Heads
	values := func(metric string) []float64 {
		x := make([]float64, len(heads))
		for i, h := range heads {
			x[i] = float64(h.Value(compare.OnLadder, metric))
		}
		return x
	}
	for _, h := range heads {
		if h.Reference != compare.Softmax {
			in.Reference = h.Reference
		}
		in.Heads = append(in.Heads, fmt.Sprintf("%d:%d", h.Layer, h.Head))
	}
	for _, part := range compare.Parts() {
		x := values(part.Size())
		if part.Inset && !slices.ContainsFunc(x, statistics.Finite) {
			continue // a cause that this network does not have
		}
		meaning := part.Meaning
		if part.Name == compare.Kernel && !slices.ContainsFunc(heads, func(h compare.HeadReport) bool { return neuronsOf(h) > 0 }) {
			meaning = "rounding alone, as there are infinitely many hidden neurons"
			if d.runs[0].Config.Network.Parameters().Replicated() {
				meaning = "rounding alone, as what the gains settle at is softmax"
			}
		}
		in.Parts = append(in.Parts, plotting.BudgetPart{Name: part.Name, Meaning: meaning, Values: x, Hue: part.Hue, Inset: part.Inset})
	}
	in.Parts = append(in.Parts, plotting.BudgetPart{Name: "total", Meaning: "the whole difference", Values: values(compare.TotalError), Total: true})
	in.Trivial, in.Alignment = values(compare.TrivialError), values(compare.CosineDynamicsKernel)
	return in
}
