package turn

import (
	"math"
	"slices"
	"testing"
)

func TestRoundsRunEveryCandidateInTurn(t *testing.T) {
	var order []string
	candidate := func(name string, seconds float64) Candidate {
		return Candidate{name, func() (float64, error) { order = append(order, name); return seconds, nil }}
	}
	times, err := Rounds(2, []Candidate{candidate("a", 6), candidate("b", 2)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order, []string{"a", "b", "a", "b"}) {
		t.Errorf("order %v", order)
	}
	if r := Ratio(times[0], times[1]); r.Median != 3 || r.Low != 3 || r.High != 3 {
		t.Errorf("ratio %v", r)
	}
}

func TestMedian(t *testing.T) {
	if m := Median([]float64{9, 1, 2}); m != 2 {
		t.Errorf("median of three %g", m)
	}
	if m := Median([]float64{4, 1}); m != 2.5 {
		t.Errorf("median of two %g", m)
	}
	if m := Median([]float64{7}); m != 7 {
		t.Errorf("median of one %g", m)
	}
}

func TestExponentOfAPower(t *testing.T) {
	x, y := []float64{1, 3, 10, 30}, make([]float64, 4)
	for i := range x {
		y[i] = 5 * math.Pow(x[i], 1.7)
	}
	if e := Exponent(x, y); math.Abs(e-1.7) > 1e-12 { // rounding
		t.Errorf("exponent %g", e)
	}
}
