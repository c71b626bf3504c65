package compare

import (
	"math"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// Pooled is one quantity over runs that differ only in their seed.
type Pooled struct {
	Median Number `json:"median"`
	Q1     Number `json:"q1"` // first quartile
	Q3     Number `json:"q3"` // third quartile
	N      int    `json:"n"`  // runs in which the quantity is known

	known []float64
}

// Pool summarises the known values of x.
func Pool(x []Number) Pooled {
	var known []float64
	for _, v := range x {
		if v.Known() {
			known = append(known, float64(v))
		}
	}
	return Pooled{
		Median: quantile(known, 0.5), Q1: quantile(known, 0.25), Q3: quantile(known, 0.75),
		N: len(known), known: known,
	}
}

const (
	// sameValue is the relative difference within which two single runs count
	// as equal: the tolerance to which a run is checked by other means.
	sameValue = 1e-9
	// testSeeds is the fewest seeds on each side at which the rank test can
	// reach significance at all: 3 against 3 has a smallest p of 0.1.
	testSeeds = 4
	// significance is the level of the rank test.
	significance = 0.05
)

// indistinct reports whether two pooled quantities cannot be told apart:
// single values equal to rounding, or samples of at least testSeeds that the
// two-sided Mann–Whitney test does not separate. Fewer seeds are not judged.
func indistinct(a, b Pooled) bool {
	if a.N == 0 || b.N == 0 {
		return a.N == b.N
	}
	if a.N >= testSeeds && b.N >= testSeeds {
		return statistics.MannWhitney(a.known, b.known) > significance
	}
	return a.N == b.N && nearly(a.Median, b.Median) && nearly(a.Q1, b.Q1) && nearly(a.Q3, b.Q3)
}

func nearly(x, y Number) bool {
	a, b := float64(x), float64(y)
	return math.Abs(a-b) <= sameValue*math.Max(math.Abs(a), math.Abs(b))
}
