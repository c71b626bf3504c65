package features

import "github.com/nasim-sim/nasim/internal/portable"

// toy is a row that only the tests have: that it works everywhere shows that a row
// is all that a map takes (docs/architecture.md).
const toy = "toy_sigmoid"

func init() {
	families = append(families, family{
		name: toy, sources: []string{"katharopoulos2020"}, positive: true,
		tuning: func(u, _, _ float64) float64 { return 1 / (1 + portable.Exp(-u)) },
	})
}
