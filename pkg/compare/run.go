package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Run is one complete run as the comparison sees it.
type Run struct {
	Name string // as the reader knows it: the run directory's path
	// Config is the resolved configuration, flattened: path → value as it is
	// written in the file ("network.astrocyte.tau_calcium" → "50ms").
	Config map[string]string
	Report Report
}

// SeedKey is the configuration path of the seed, by which runs are pooled.
const SeedKey = "seed"

// label names a head as the configuration's select does: layer:head.
func (h HeadReport) label() string { return fmt.Sprintf("%d:%d", h.Layer, h.Head) }

// lastRung stands for the last rung of each head.
const lastRung = "last"

// value is Value with lastRung allowed.
func (h HeadReport) value(rung, metric string) Number {
	if rung == lastRung {
		rung = h.Last
	}
	return h.Value(rung, metric)
}

// overHeads returns the mean of a metric over the heads where it is known, its
// worst value, and the label of the head that has it. A neutral metric has no
// worst.
func overHeads(heads []HeadReport, rung, metric string) (average, worst Number, at string) {
	m, _ := Lookup(metric)
	var known []float64
	worst = Null()
	for _, h := range heads {
		x := h.value(rung, metric)
		if !x.Known() {
			continue
		}
		known = append(known, float64(x))
		if m.Better == LowBetter && !(x <= worst) || m.Better == HighBetter && !(x >= worst) {
			worst, at = x, h.label()
		}
	}
	return mean(known), worst, at
}

// quantity reads a value of the configuration for sorting and extrapolating: a
// time in seconds, or a bare number.
func quantity(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if text == "inf" || text == ".inf" || text == "+Inf" {
		return math.Inf(1), true
	}
	// Longest suffix first: "ms" ends in "s".
	for _, unit := range []struct {
		suffix  string
		seconds float64
	}{{"min", 60}, {"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"h", 3600}, {"", 1}} {
		if number, ok := strings.CutSuffix(text, unit.suffix); ok {
			if x, err := strconv.ParseFloat(number, 64); err == nil {
				return x * unit.seconds, true
			}
		}
	}
	return 0, false
}

// compareValues orders values of the configuration: quantities by size, before
// everything else by spelling.
func compareValues(a, b string) int {
	x, isX := quantity(a)
	y, isY := quantity(b)
	switch {
	case isX && isY && x != y:
		if x < y {
			return -1
		}
		return 1
	case isX && !isY:
		return -1
	case !isX && isY:
		return 1
	}
	return strings.Compare(a, b)
}

// keys returns every configuration path of the runs but the seed, sorted.
func keys(runs []Run) []string {
	seen := map[string]bool{SeedKey: true}
	var all []string
	for _, r := range runs {
		for k := range r.Config {
			if !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	slices.Sort(all)
	return all
}

// differingKeys returns the configuration paths other than the seed whose
// values are not the same in all runs; an absent key differs from any value.
func differingKeys(runs []Run) []string {
	return slices.DeleteFunc(keys(runs), func(key string) bool {
		first, present := runs[0].Config[key]
		for _, r := range runs[1:] {
			if v, ok := r.Config[key]; ok != present || v != first {
				return false
			}
		}
		return true
	})
}
