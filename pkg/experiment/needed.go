package experiment

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
)

// The blank and the read that a head needs are solved for, not estimated: by bisection, the
// one and then the other, of the network by its Gram matrix.
const (
	longestGap   = 10.0    // s, of those that are tried
	longestRead  = 60.0    // s
	neededWithin = 1.05    // factor by which they may be too long
	mostNeeded   = 1 << 20 // entries of a Gram matrix that is solved so often
)

// needed returns the blank and the read with which the dynamics come to compare.Needed of the reference output; nil where they are
// there already, or where it is not looked for, as where so long reads take steps, and where no blank and read up to the longest do, which is warned of.
func (c *circuit) needed(up *ascent, sums, reference, exact []float64) (*compare.Waits, error) {
	unit := norm(reference)
	aim := compare.Needed * unit
	how := up.cfg.Record.Remedy
	if c.params.Emergent() || how == "none" || how == "brief" && (!c.params.Closed() || distance(exact, sums) <= aim) || !up.cfg.Record.Attention || 4*c.in.n*c.in.n > mostNeeded || !(unit > 0) {
		return nil, nil
	}
	head := c.head.ByGram()
	enough := func(gap, read float64) (bool, error) {
		params := c.params
		params.Gap, params.Read = gap, read
		x, err := head.Exact(up.ctx, params, model.Options{})
		if unanswered(err) >= 0 {
			return false, nil
		}
		return err == nil && distance(x.Output, sums) <= aim, err
	}
	if ok, err := enough(longestGap, longestRead); err != nil || !ok {
		if err == nil {
			c.warnings = append(c.warnings, compare.Warning{Code: "dynamics-unreached", Rung: compare.Exact, Text: c.unreached(up, head, sums, unit)})
		}
		return nil, err
	}
	shortest, _ := c.params.Shortest(true)
	shortest = min(shortest, c.params.Read)
	var waits compare.Waits
	var err error
	if waits.Read, err = least(shortest, longestRead, func(read float64) (bool, error) { return enough(longestGap, read) }); err != nil {
		return nil, err
	}
	if ok, err := enough(0, waits.Read); err != nil || ok {
		return &waits, err
	}
	waits.Gap, err = least(shortest/4, longestGap, func(gap float64) (bool, error) { return enough(gap, waits.Read) })
	return &waits, err
}

// least returns the least time from low to high that is enough, where high is, to within neededWithin and rounded up to two digits.
func least(low, high float64, enough func(float64) (bool, error)) (float64, error) {
	for high/low > neededWithin {
		middle := roundedUp(math.Sqrt(low * high))
		if middle >= high {
			break
		}
		ok, err := enough(middle)
		if err != nil {
			return 0, err
		}
		if ok {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}

// roundedUp rounds up to two digits.
func roundedUp(x float64) float64 {
	if rounded := statistics.RoundTo(x, 2); rounded >= x {
		return rounded
	}
	return statistics.RoundTo(x*1.05, 2)
}

// unreached says what is left of the dynamics with the longest blank and read.
func (c *circuit) unreached(up *ascent, head *model.Head, sums []float64, unit float64) string {
	params := c.params
	params.Gap, params.Read = longestGap, longestRead
	left, worst := math.NaN(), 0.0
	var by compare.Cause
	if x, err := head.Exact(up.ctx, params, model.Options{}); err == nil {
		left = distance(x.Output, sums) / unit
	}
	for _, cause := range compare.CausesIn(params, c.sums) {
		x, err := head.Exact(up.ctx, cause.Only(params), model.Options{})
		if size := distance(x.Output, sums) / unit; err == nil && size > worst {
			worst, by = size, cause
		}
	}
	low, high := math.Inf(1), 0.0
	for _, sum := range c.sums {
		low, high = min(low, math.Abs(sum)), max(high, math.Abs(sum))
	}
	text := fmt.Sprintf("no blank of up to %v s and read of up to %v s bring the dynamics to %v: %.2g is left", longestGap, longestRead, compare.Needed, left)
	if by.Name != "" {
		text += fmt.Sprintf(", most of it by %s (%.2g alone)", by.Name, worst)
	}
	if settings := cured(up.cfg, c.params, by); settings != nil {
		text += fmt.Sprintf("; %s takes it away", compare.Sets(settings))
	}
	return fmt.Sprintf("%s; the calcium that its queries read spans %.1f decades", text, portable.Log10(high/low))
}

func norm(x []float64) float64 { return math.Sqrt(kernel.Dot(x, x)) }

// distance is ‖x − y‖.
func distance(x, y []float64) float64 {
	var sum float64
	for i := range x {
		sum += float64((x[i] - y[i]) * (x[i] - y[i]))
	}
	return math.Sqrt(sum)
}
