package statistics

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
)

// exactRuns is the number of values up to which the rank test is exact.
const exactRuns = 60

// MannWhitney returns the two-sided p-value of the rank-sum test of x against
// y (Mann and Whitney, Annals of Mathematical Statistics 18, 1947). Ties share
// their mean rank. Up to 60 values the permutation distribution is exact, ties
// included; beyond, normal with the tie correction. The two samples are taken
// as independent, so runs that share seeds are judged cautiously.
func MannWhitney(x, y []float64) float64 {
	n := len(x) + len(y)
	if len(x) == 0 || len(y) == 0 {
		return 1
	}
	ranks := doubledRanks(append(slices.Clone(x), y...))
	sum := 0
	for _, r := range ranks[:len(x)] {
		sum += r
	}
	// Doubled ranks add to n(n+1), so x's expected sum is len(x)(n+1).
	off := sum - len(x)*(n+1)
	if off < 0 {
		off = -off
	}
	if n > exactRuns {
		squares := 0.0
		for _, r := range ranks {
			d := float64(r - (n + 1))
			squares += float64(d * d)
		}
		variance := float64(len(x)) * float64(len(y)) / float64(n) * squares / float64(n-1)
		if variance == 0 {
			return 1
		}
		return portable.Erfc(float64(off) / math.Sqrt(2*variance))
	}
	// ways[k][s] counts the choices of k values whose doubled ranks sum to s.
	top := n * (n + 1)
	ways := make([][]float64, len(x)+1)
	for k := range ways {
		ways[k] = make([]float64, top+1)
	}
	ways[0][0] = 1
	for _, r := range ranks {
		for k := len(x); k >= 1; k-- {
			for s := top; s >= r; s-- {
				ways[k][s] += ways[k-1][s-r]
			}
		}
	}
	all, extreme := 0.0, 0.0
	for s, w := range ways[len(x)] {
		all += w
		if d := s - len(x)*(n+1); d >= off || -d >= off {
			extreme += w
		}
	}
	return extreme / all
}

// doubledRanks returns twice the mid-rank of each value, which is an integer.
func doubledRanks(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	ranks := make([]int, len(x))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && x[order[j]] == x[order[i]] {
			j++
		}
		// Ranks i+1 … j, whose mean doubled is i+1+j.
		for _, k := range order[i:j] {
			ranks[k] = i + 1 + j
		}
		i = j
	}
	return ranks
}

// SignedRank returns the two-sided p-value of the signed-rank test of paired
// differences against a median of 0 (Wilcoxon, Biometrics Bulletin 1, 1945).
// Differences of 0 are left out, ties share their mean rank. Up to 60 differences
// the permutation distribution is exact, ties included; beyond, normal.
func SignedRank(differences []float64) float64 {
	var sizes []float64
	var positive []bool
	for _, d := range differences {
		if d != 0 {
			sizes, positive = append(sizes, math.Abs(d)), append(positive, d > 0)
		}
	}
	if len(sizes) == 0 {
		return 1
	}
	ranks := doubledRanks(sizes)
	sum, all, squares := 0, 0, 0.0
	for i, r := range ranks {
		if all += r; positive[i] {
			sum += r
		}
		squares += float64(r * r)
	}
	off := 2*sum - all // of the expected sum all/2, doubled
	if off < 0 {
		off = -off
	}
	if len(sizes) > exactRuns {
		return portable.Erfc(float64(off) / math.Sqrt(2*squares))
	}
	// ways[s] counts the choices of signs whose positive doubled ranks sum to s.
	ways := make([]float64, all+1)
	ways[0] = 1
	for _, r := range ranks {
		for s := all; s >= r; s-- {
			ways[s] += ways[s-r]
		}
	}
	choices, extreme := 0.0, 0.0
	for s, w := range ways {
		choices += w
		if d := 2*s - all; d >= off || -d >= off {
			extreme += w
		}
	}
	return extreme / choices
}
