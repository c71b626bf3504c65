package inspect

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Orders of the heads.
const (
	Easy    = "easy"    // the fewest hidden neurons of the best map first
	Layer   = "layer"   // by layer and head
	Entropy = "entropy" // the sharpest attention first
)

// Orders lists the names that [Report.Sort] takes.
func Orders() []string { return []string{Easy, Layer, Entropy} }

// Sort brings the heads into an order; what is equal stands by layer and head, and what is not
// known last.
func (r *Report) Sort(order string) error {
	var key func(h Head) float64
	switch order {
	case Easy:
		key = func(h Head) float64 { return h.Best().Neurons }
	case Layer:
		key = func(Head) float64 { return 0 }
	case Entropy:
		key = func(h Head) float64 { return h.Entropy }
	default:
		return fmt.Errorf("inspect: unknown order %q; allowed: %s", order, strings.Join(Orders(), ", "))
	}
	last := func(x float64) float64 {
		if math.IsNaN(x) {
			return math.Inf(1)
		}
		return x
	}
	slices.SortFunc(r.Rows, func(a, b Head) int {
		return cmp.Or(cmp.Compare(last(key(a)), last(key(b))), cmp.Compare(a.Layer, b.Layer), cmp.Compare(a.Head, b.Head))
	})
	return nil
}

// Best is the prediction of the map that needs the fewest neurons, the first of several; where no
// map's is known, that of the first map.
func (h Head) Best() Prediction { return h.Predicted[h.best()] }

// best is the index of that map.
func (h Head) best() int {
	least := 0
	for i, p := range h.Predicted {
		if p.Neurons < h.Predicted[least].Neurons {
			least = i
		}
	}
	return least
}

// Synapses is m d_v of the best map.
func (h Head) Synapses() float64 { return h.Best().Neurons * float64(h.Dim) }

// column is a column of heads.csv.
type column struct {
	name  string
	of    func(h Head) float64
	whole bool
}

// columns lists all of them; the best map's number of neurons, which is none, has no column.
func (r *Report) columns() []column {
	all := []column{
		{"layer", func(h Head) float64 { return float64(h.Layer) }, true},
		{"head", func(h Head) float64 { return float64(h.Head) }, true},
		{"dim", func(h Head) float64 { return float64(h.Dim) }, true},
		{"tokens", func(h Head) float64 { return float64(h.Tokens) }, true},
		{"norm2_mean", func(h Head) float64 { return h.Norm2 }, false},
		{"entropy_nats", func(h Head) float64 { return h.Entropy }, false},
		{"z_decades", func(h Head) float64 { return h.Decades }, false},
	}
	for i, name := range r.Maps {
		all = append(all,
			column{"sd_" + name, func(h Head) float64 { return h.Predicted[i].Deviation }, false},
			column{"m05_" + name, func(h Head) float64 { return h.Predicted[i].Neurons }, true})
	}
	return all
}
