package inspect

import (
	"math"
	"strconv"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/model"
)

// astrocytesFor says which astrocyte has so many synapses, and how many of them it takes if each
// has few, or many (science §3, "Synapse budget"); beyond the largest that there is, how many of that.
func astrocytesFor(synapses float64) string {
	if math.IsNaN(synapses) {
		return unknown
	}
	var largest model.AstrocyteSize
	for _, a := range model.AstrocyteSizes() {
		if synapses <= a.Most {
			return a.Species + " " + several(1, math.Ceil(synapses/a.Least))
		}
		largest = a
	}
	return "more " + several(math.Ceil(synapses/largest.Most), math.Ceil(synapses/largest.Least))
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
