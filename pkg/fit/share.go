package fit

import (
	"cmp"
	"math"
	"slices"
)

// Pilots are the sizes of the fits by which a total of neurons is shared out, for so many neurons on average.
func Pilots(average int) (small, large int) { return max(1, average/4), max(2, average) }

// Pilot is a head's errors on the validation inputs with the two sizes of [Pilots].
type Pilot struct{ Small, Large float64 }

// Limits of the power law that is taken for a head's error over its neurons, and of what a head may get, relative to the average.
const (
	leastFall, mostFall = 0.02, 1
	mostShare           = 4
)

// Share shares out neurons among heads, so many on average, so that the sum of their squared errors is least, if each head's error
// goes on as the power law E = c m^−γ through its two pilots:
//
//	minimise Σ c² m^{−2γ} with Σ m fixed:  m = (2γc²/λ)^{1/(2γ+1)}, between a quarter of the average and four times it
//
// A head that is hard, and that more neurons help, gets more; one that they do not help does not.
func Share(average int, pilots []Pilot) []int {
	small, large := Pilots(average)
	least, most := float64(small), float64(mostShare*large)
	law := make([]struct{ c, fall float64 }, len(pilots))
	for i, p := range pilots {
		fall := math.Log(p.Small/p.Large) / math.Log(float64(large)/float64(small))
		if fall-fall != 0 {
			fall = leastFall
		}
		law[i].fall = min(max(fall, leastFall), mostFall)
		law[i].c = p.Large * math.Pow(float64(large), law[i].fall)
	}
	sizes := make([]float64, len(pilots))
	total := float64(average) * float64(len(pilots))
	// The sum falls as λ rises: by bisection of its logarithm.
	low, high := -700.0, 700.0
	for range 200 {
		price := (low + high) / 2
		sum := 0.0
		for i, l := range law {
			m := math.Exp((math.Log(2*l.fall) + 2*math.Log(l.c) - price) / (2*l.fall + 1))
			sizes[i] = min(max(m, least), most)
			sum += sizes[i]
		}
		if sum > total {
			low = price
		} else {
			high = price
		}
	}
	return whole(sizes, average*len(pilots))
}

// whole rounds sizes down, and gives what is left of the total to those that lost most.
func whole(sizes []float64, total int) []int {
	out := make([]int, len(sizes))
	order := make([]int, len(sizes))
	for i, x := range sizes {
		out[i], order[i] = max(1, int(x)), i
		total -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(sizes[b]-math.Floor(sizes[b]), sizes[a]-math.Floor(sizes[a]))
	})
	for _, i := range order {
		if total <= 0 {
			break
		}
		out[i]++
		total--
	}
	return out
}
