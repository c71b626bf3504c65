package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Run is one complete run as the comparison sees it.
type Run struct {
	Name string // as the reader knows it: the run directory's path
	// Settings are the resolved configuration, flattened, by path.
	Settings   map[string]Setting
	Conditions Conditions
	Report     Report
}

// Setting is a value of a configuration.
type Setting struct {
	Text  string  // as written in the file: "50ms"
	Size  float64 // of a number or, in s, of a time
	Sized bool    // it has a size
}

// CompareSettings orders settings: those with a size by it, before all others by
// spelling.
func CompareSettings(a, b Setting) int {
	switch {
	case a.Sized && b.Sized && a.Size != b.Size:
		return cmp.Compare(a.Size, b.Size)
	case a.Sized != b.Sized && a.Sized:
		return -1
	case a.Sized != b.Sized:
		return 1
	}
	return strings.Compare(a.Text, b.Text)
}

// texts are the settings as they are written.
func (r Run) texts() map[string]string {
	texts := map[string]string{}
	for path, s := range r.Settings {
		texts[path] = s.Text
	}
	return texts
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

// meanOver returns the mean of a metric over the heads where it is known.
func meanOver(heads []HeadReport, rung, metric string) Number {
	var known []float64
	for _, h := range heads {
		if x := h.value(rung, metric); x.Known() {
			known = append(known, float64(x))
		}
	}
	return mean(known)
}

// worstOver returns the worst value of a metric over the heads, and the label of the
// head that has it. A neutral metric has none.
func worstOver(heads []HeadReport, rung, metric string) (worst Number, at string) {
	m, _ := Lookup(metric)
	worst = Null()
	for _, h := range heads {
		x := h.value(rung, metric)
		if x.Known() && (m.Better == LowBetter && !(x <= worst) || m.Better == HighBetter && !(x >= worst)) {
			worst, at = x, h.label()
		}
	}
	return worst, at
}

// keys returns every configuration path of the runs but the seed, sorted.
func keys(runs []Run) []string {
	seen := map[string]bool{SeedKey: true}
	var all []string
	for _, r := range runs {
		for k := range r.Settings {
			if !seen[k] {
				seen[k] = true
				all = append(all, k)
			}
		}
	}
	slices.Sort(all)
	return all
}

// DifferingKeys returns the configuration paths other than the seed whose
// values are not the same in all runs; an absent key differs from any value.
func DifferingKeys(runs []Run) []string {
	return slices.DeleteFunc(keys(runs), func(key string) bool {
		first, present := runs[0].Settings[key]
		for _, r := range runs[1:] {
			if v, ok := r.Settings[key]; ok != present || v != first {
				return false
			}
		}
		return true
	})
}

// Grouped splits what has settings by their values at some paths, in the order of
// the values.
func Grouped[T any](all []T, settings func(T) map[string]Setting, by []string) [][]T {
	index := map[string]int{}
	var groups [][]T
	for _, x := range all {
		var id strings.Builder
		for _, key := range by {
			fmt.Fprintf(&id, "%q;", settings(x)[key].Text)
		}
		i, ok := index[id.String()]
		if !ok {
			i = len(groups)
			index[id.String()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], x)
	}
	slices.SortStableFunc(groups, func(a, b []T) int {
		for _, key := range by {
			if c := CompareSettings(settings(a[0])[key], settings(b[0])[key]); c != 0 {
				return c
			}
		}
		return 0
	})
	return groups
}
