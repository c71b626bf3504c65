package fit

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// Of errors that fall as a power law the search finds the smallest size within a tenth, by no more than ten fits, whatever the
// target; and of one that is out of reach it says so, with the best.
func TestSmallest(t *testing.T) {
	for _, fall := range []float64{0.1, 0.5, 1} {
		for _, want := range []int{1, 2, 3, 7, 30, 97, 98, 500, 1111, 2900, 3124, 3125} {
			target := math.Pow(float64(want), -fall) * (1 + 1e-12)
			var tried []int
			m, reached, err := Smallest(3125, target, func(m int) (float64, error) {
				tried = append(tried, m)
				return math.Pow(float64(m), -fall), nil
			})
			if err != nil || !reached || m < want || float64(m) > 1.1*float64(want)+1 || len(tried) > 10 {
				t.Errorf("fall %v: %d (reached %t, %v) of %d, by trying %v", fall, m, reached, err, want, tried)
			}
			if len(tried) != len(slices.Compact(slices.Sorted(slices.Values(tried)))) {
				t.Errorf("fall %v: a size is tried twice: %v", fall, tried)
			}
		}
	}
	var tried []int
	m, reached, err := Smallest(3125, 0.01, func(m int) (float64, error) {
		tried = append(tried, m)
		return 0.1 + math.Abs(float64(m)-776)/1e5, nil // least on the way
	})
	if want := []int{97, 194, 388, 776, 1552, 3125}; m != 776 || reached || err != nil || !slices.Equal(tried, want) {
		t.Errorf("%d (reached %t, %v), by trying %v, not %v", m, reached, err, tried, want)
	}
	if m, reached, err := Smallest(1, 0.5, func(int) (float64, error) { return math.NaN(), nil }); m != 1 || reached || err != nil {
		t.Errorf("%d, %t, %v of what is no number", m, reached, err)
	}
	gone := errors.New("gone")
	if _, _, err := Smallest(100, 0.5, func(int) (float64, error) { return 0, gone }); err != gone {
		t.Error(err)
	}
}

// Heads that are alike get the same; a hard head more than an easy one; the total is kept; and no other division of the power laws'
// sizes has a smaller sum of squares.
func TestShare(t *testing.T) {
	if got := Share(100, []Pilot{{0.2, 0.1}, {0.2, 0.1}, {0.2, 0.1}}); !slices.Equal(got, []int{100, 100, 100}) {
		t.Errorf("heads that are alike get %v", got)
	}
	pilots := []Pilot{{0.02, 0.01}, {0.2, 0.1}, {0.3, 0.29}, {0.1, 0.03}, {math.NaN(), 0.1}, {0.1, 0.2}}
	const average = 400
	got := Share(average, pilots)
	sum := 0
	for _, m := range got {
		sum += m
		if m < average/4 || m > 4*average {
			t.Errorf("%v", got)
		}
	}
	if sum != average*len(pilots) || !(got[1] > 2*got[0]) || !(got[1] > got[2]) {
		t.Errorf("%v", got)
	}
	squares := func(sizes []int) (sum float64) {
		for i, p := range pilots {
			fall := math.Log(p.Small/p.Large) / math.Log(4)
			if !(fall > leastFall) {
				fall = leastFall
			}
			e := p.Large * math.Pow(float64(sizes[i])/average, -fall)
			sum += e * e
		}
		return sum
	}
	best := squares(got)
	for i := range got {
		for j := range got {
			moved := slices.Clone(got)
			moved[i], moved[j] = moved[i]-5, moved[j]+5
			if i != j && moved[i] >= average/4 && moved[j] <= 4*average && squares(moved) < best*(1-1e-6) {
				t.Errorf("%v is better than %v: %v and %v", moved, got, squares(moved), best)
			}
		}
	}
	if uniform := squares(slices.Repeat([]int{average}, len(pilots))); !(best < 0.97*uniform) {
		t.Errorf("sum of squares %v, and %v shared alike", best, uniform)
	}
}
