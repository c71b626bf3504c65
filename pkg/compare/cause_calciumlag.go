package compare

import (
	"fmt"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/model"
)

// calciumLag: the astrocyte sums slowly.
var calciumLag = Cause{
	Part: Part{
		Name: "calcium lag", Metric: "calcium_lag", Step: "τ_p", Meaning: "τ_p on", Inset: true,
		remedy: fasterCalcium,
	},
	Limit: func(p *model.Parameters) { p.TauCalcium = 0 },
}

// fasterCalcium extrapolates the lag left at the end of a read as
// exp(−T_r/τ_p): within one read p relaxes to its settled value at that rate
// (science §4), and for a small remainder the output's error is proportional
// to it.
func fasterCalcium(now float64, _ []HeadReport, c *Conditions) remedy {
	tau, read := c.Network.TauCalcium, c.Network.Read
	if !(tau > 0) || !finite(tau) || !(read > 0) || !finite(read) {
		return remedy{}
	}
	return remedy{at: func(target float64) string {
		more := portable.Log(now / target)
		return fmt.Sprintf("τ_p = %s, or %s per read token", duration(read/(read/tau+more)), duration(tau*(read/tau+more)))
	}, text: fmt.Sprintf("lag ∝ exp(−T_r/τ_p) from τ_p = %s, T_r = %s", duration(tau), duration(read))}
}
