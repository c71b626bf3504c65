package compare

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model"
)

// carryOver: a token's activity outlasts its dwell, by the membranes' inertia.
var carryOver = Cause{
	Part: Part{
		Name: "carry-over", Metric: "carry_over", Step: "τ_h, τ_f", Meaning: "τ_h and τ_f on", Inset: true,
		remedy: fasterNeurons,
	},
	Limit: func(p *model.Parameters) { p.TauHidden, p.TauOutput = 0, 0 },
}

// fasterNeurons extrapolates carry-over as (τ_h + τ_f)/T_w (science §1).
func fasterNeurons(now float64, _ []HeadReport, c *Conditions) remedy {
	hidden, output := c.Network.TauHidden, c.Network.TauOutput
	if !(hidden+output > 0) || !finite(hidden+output) {
		return remedy{}
	}
	return remedy{at: func(target float64) string {
		return fmt.Sprintf("τ_h = %s and τ_f = %s, or dwells %s times as long",
			duration(hidden*target/now), duration(output*target/now), significant(now/target))
	}, text: "carry-over ∝ (τ_h + τ_f)/T_w"}
}
