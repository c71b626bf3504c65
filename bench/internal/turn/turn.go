// Package turn times candidates in turn, so that whatever else the machine does
// falls on all of them alike: round after round, each candidate once. Of each
// the median round counts, and two are compared by the median of their ratios
// within a round, never by single seconds.
//
//	times, err := turn.Rounds(5, []turn.Candidate{{"a", runA}, {"b", runB}}, nil)
//	faster := turn.Ratio(times[0], times[1]) // how many times as long a takes
package turn

import (
	"fmt"
	"math"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/internal/statistics"
)

// A Candidate is something that takes time.
type Candidate struct {
	Name string
	Run  func() (seconds float64, err error)
}

// Rounds runs every candidate once in each round and returns the seconds of
// each, [candidate][round]. Before each round it calls progress, if given.
func Rounds(rounds int, candidates []Candidate, progress func(round int)) ([][]float64, error) {
	seconds := make([][]float64, len(candidates))
	for round := range rounds {
		if progress != nil {
			progress(round)
		}
		for i, c := range candidates {
			s, err := c.Run()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			seconds[i] = append(seconds[i], s)
		}
	}
	return seconds, nil
}

// Repeat runs f until at least the given time has passed, and at least once,
// and returns the median of its seconds.
func Repeat(least time.Duration, f func() error) (seconds float64, err error) {
	var each []float64
	for start := time.Now(); len(each) == 0 || time.Since(start) < least; {
		begin := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		each = append(each, time.Since(begin).Seconds())
	}
	return Median(each), nil
}

// Median returns the middle of x, NaN of nothing.
func Median(x []float64) float64 { return statistics.Quantile(x, 0.5) }

// Spread is a median with its quartiles.
type Spread struct{ Median, Low, High float64 }

// String writes "1.30 [1.28, 1.31]", and the median alone where all are one.
func (s Spread) String() string {
	if s.Low == s.High {
		return page.Decimal(s.Median, 3)
	}
	return fmt.Sprintf("%s [%s, %s]", page.Decimal(s.Median, 3), page.Decimal(s.Low, 3), page.Decimal(s.High, 3))
}

// Ratio returns how many times as long a takes as b, round by round.
func Ratio(a, b []float64) Spread {
	r := make([]float64, len(a))
	for i := range a {
		r[i] = a[i] / b[i]
	}
	return Spread{Median(r), statistics.Quantile(r, 0.25), statistics.Quantile(r, 0.75)}
}

// Exponent returns the slope of the least-squares line through log y over log x.
func Exponent(x, y []float64) float64 {
	var mx, my, xx, xy float64
	n := float64(len(x))
	for i := range x {
		mx += math.Log(x[i]) / n
		my += math.Log(y[i]) / n
	}
	for i := range x {
		d := math.Log(x[i]) - mx
		xx += d * d
		xy += d * (math.Log(y[i]) - my)
	}
	return xy / xx
}
