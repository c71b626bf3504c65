package compare

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/model"
)

// leak: the memories decay.
var leak = Cause{
	Part: Part{
		Name: "leak", Metric: "leak", Step: "τ_H, τ_g", Meaning: "the leaks τ_H and τ_g on", Inset: true,
		remedy: longerMemory,
	},
	Limit: func(p *model.Parameters) { p.TauHebbian, p.TauPresynaptic = math.Inf(1), math.Inf(1) },
}

// longerMemory extrapolates the leak as 1/τ_H (science §8).
func longerMemory(now float64, _ []HeadReport, c *Conditions) remedy {
	hebbian, presynaptic := c.Network.TauHebbian, c.Network.TauPresynaptic
	if !(min(hebbian, presynaptic) > 0) {
		return remedy{}
	}
	return remedy{at: func(target float64) string {
		return fmt.Sprintf("τ_H = %s and τ_g = %s", duration(hebbian*now/target), duration(presynaptic*now/target))
	}, text: "leak ∝ 1/τ_H"}
}
