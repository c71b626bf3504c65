package compare

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// Pooled is one quantity over runs that differ only in their seed.
type Pooled struct {
	Median Number `json:"median"`
	Q1     Number `json:"q1"` // first quartile
	Q3     Number `json:"q3"` // third quartile
	N      int    `json:"n"`  // runs in which the quantity is known

	known []float64
	seeds []string // of each known value
}

// Pool summarises the known values of x, each of the run with that seed.
func Pool(x []Number, seeds []string) Pooled {
	var p Pooled
	for i, v := range x {
		if v.Known() {
			p.known, p.seeds = append(p.known, float64(v)), append(p.seeds, seeds[i])
		}
	}
	p.Median, p.Q1, p.Q3, p.N = quantile(p.known, 0.5), quantile(p.known, 0.25), quantile(p.known, 0.75), len(p.known)
	return p
}

const (
	// sameValue is the relative difference within which two single runs count
	// as equal: the tolerance to which a run is checked by other means.
	sameValue = 1e-9
	// testSeeds is the fewest seeds on each side at which the rank-sum test can
	// reach significance at all: 3 against 3 has a smallest p of 0.1.
	testSeeds = 4
	// testPairs is the fewest seeds in common at which the signed-rank test can: 5
	// have a smallest p of 0.0625.
	testPairs = 6
	// significance is the level of both.
	significance = 0.05
)

// Verdicts on a pooled quantity beside another.
const (
	Differs  = ""   // told apart, or too few seeds to judge
	Equal    = "="  // to sameValue
	NotApart = "ns" // not significantly different
)

// against says whether two pooled quantities can be told apart. Equal are those
// whose values are, seed by seed where they have the same seeds, each once, and in
// order of size where they have not. Runs that share seeds
// are samples of one draw under two conditions, so with testPairs seeds or more in
// common the differences are judged (Wilcoxon's signed-rank test); else, with
// testSeeds on each side, both samples as a whole (Mann and Whitney's rank-sum
// test). Fewer are not judged.
func against(a, b Pooled) string {
	if a.N == 0 || b.N == 0 {
		if a.N == b.N {
			return Equal
		}
		return Differs
	}
	x, y := a.paired(b)
	if a.N == b.N {
		u, v := x, y
		if len(u) < a.N {
			u, v = slices.Sorted(slices.Values(a.known)), slices.Sorted(slices.Values(b.known))
		}
		if slices.EqualFunc(u, v, nearly) {
			return Equal
		}
	}
	p := 0.0
	if len(x) >= testPairs {
		for i := range y {
			y[i] -= x[i]
		}
		p = statistics.SignedRank(y)
	} else if a.N >= testSeeds && b.N >= testSeeds {
		p = statistics.MannWhitney(a.known, b.known)
	}
	if p > significance {
		return NotApart
	}
	return Differs
}

// paired returns the values of both for the seeds that they share; nil where one
// has a seed twice.
func (a Pooled) paired(b Pooled) (x, y []float64) {
	of := map[string]float64{}
	for i, seed := range a.seeds {
		if _, twice := of[seed]; twice {
			return nil, nil
		}
		of[seed] = a.known[i]
	}
	seen := map[string]bool{}
	for i, seed := range b.seeds {
		if seen[seed] {
			return nil, nil
		}
		seen[seed] = true
		if value, shared := of[seed]; shared {
			x, y = append(x, value), append(y, b.known[i])
		}
	}
	return x, y
}

func nearly(a, b float64) bool {
	return math.Abs(a-b) <= sameValue*math.Max(math.Abs(a), math.Abs(b))
}
