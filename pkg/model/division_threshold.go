package model

import (
	"math"
	"slices"
)

// threshold is a read-out of compartments by which the cell gathers itself (science §7; Lines et
// al. 2024, who find that somata respond where 22.6 % of the processes are active). A
// compartment is active where what drives it, C Σ_{α∈c} g_α h_α, is above a level. While the active
// are enough the calcium of all compartments follows what the whole cell collects; otherwise
// each follows its own. It divides as the paper's.
type threshold struct {
	reciprocal
	activity float64 // p_Θ
}

// activeShare is the share of compartments that has to be active.
const activeShare = 0.226

func newThreshold(division *Division) readoutModel {
	return threshold{activity: division.Threshold}
}

// A gatheringReadout is a readoutModel that decides what the calcium of compartments follows.
type gatheringReadout interface {
	readoutModel

	// excess is above 0 where that is what the whole cell collects. It is continuous in what
	// drives each compartment; drives is used up.
	excess(drives []float64) float64
}

// excess is what drives the compartment that is just enough, of the most active ones, over the level.
func (threshold threshold) excess(drives []float64) float64 {
	slices.Sort(drives)
	enough := int(math.Ceil(activeShare * float64(len(drives))))
	return drives[len(drives)-enough] - threshold.activity
}

// gathers returns what decides what compartments follow; nil of a well-mixed astrocyte, whose one
// compartment is the whole cell.
func (parameters *Parameters) gathers() gatheringReadout {
	gathers, _ := parameters.readout().(gatheringReadout)
	if !parameters.Divided() {
		return nil
	}
	return gathers
}

// excess is the read-out's at a time, continuous within a span.
func (steps *compartmentSteps) excess(time float64, state []float64) float64 {
	if steps.spans[0][steps.span].course != following {
		return -1 // nothing is followed
	}
	steps.read(time, state)
	return steps.pool.excess(steps.sums)
}

// excess is the read-out's where the processes of each compartment collect sums.
func (pool *pool) excess(sums []float64) float64 {
	for c, sum := range sums {
		pool.level[c] = float64(pool.count) * sum
	}
	return pool.gathers.excess(pool.level)
}

// followed returns what each compartment follows of what all collect.
func (pool *pool) followed(sums []float64) []float64 {
	if !pool.whole {
		return sums
	}
	var mean float64
	for _, sum := range sums {
		mean += sum / float64(pool.count)
	}
	for c := range pool.flow {
		pool.flow[c] = mean
	}
	return pool.flow
}
