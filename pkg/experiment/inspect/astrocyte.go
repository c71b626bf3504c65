package inspect

import (
	"math"
	"strconv"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// An astrocyte is how many synapses one cell ensheathes (science §3, "Synapse budget").
type astrocyte struct {
	of          string
	least, most float64
}

var astrocytes = []astrocyte{
	{"rodent", 20e3, 120e3},
	{"human", 0.27e6, 2e6},
}

// astrocytesFor says which astrocyte has so many synapses, and how many of them it takes if each
// has few, or many; beyond the largest that there is, how many of that.
func astrocytesFor(synapses float64) string {
	if math.IsNaN(synapses) {
		return unknown
	}
	last := astrocytes[len(astrocytes)-1]
	for _, a := range astrocytes {
		if synapses <= a.most {
			return a.of + " " + several(1, math.Ceil(synapses/a.least))
		}
	}
	return "more " + several(math.Ceil(synapses/last.most), math.Ceil(synapses/last.least))
}

// several is a range of whole numbers.
func several(from, to float64) string {
	if from == to {
		return short(from)
	}
	return short(from) + "–" + short(to)
}

// short is a whole number in few characters.
func short(x float64) string {
	switch {
	case !statistics.Finite(x):
		return beyond
	case x < 1e4:
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return exponent(x, 0)
}
