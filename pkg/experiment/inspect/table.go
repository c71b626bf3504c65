package inspect

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// How a table writes what is not known, and what float64 does not hold.
const (
	unknown = "–"
	beyond  = "> 1e308"
)

func (r *Report) writeText(w io.Writer, width int) error {
	t := compare.Table{Title: r.title(), Keys: 1, Header: []string{"head", "|q+k|²", "nats", "decades", "map", "sd", "m", "synapses", "astrocytes", "m, " + blindMap}}
	marks := map[string]bool{}
	for _, h := range r.Rows {
		best, blind := h.best(), slices.Index(r.Maps, blindMap)
		own, other := h.Predicted[best].mark(), h.Predicted[blind].mark()
		marks[own], marks[other] = true, true
		t.Rows = append(t.Rows, []string{h.label(), number(h.Norm2), number(h.Entropy), number(h.Decades), r.Maps[best], number(h.Best().Deviation),
			count(h.Best().Neurons) + pad(own), count(h.Synapses()), astrocytesFor(h.Synapses()), count(h.Predicted[blind].Neurons) + pad(other)})
	}
	t.Footnotes = append([]string{""}, r.notes(marks)...)
	return t.WriteText(w, width)
}

// blindMap is the paper's, which takes nothing from the tokens.
const blindMap = "positive"

// positive is the map that needs the fewest neurons of those that keep calcium positive.
func (r *Report) positive(h Head) int {
	least := -1
	for i, name := range r.Maps {
		if features.Positive(name) && (least < 0 || h.Predicted[i].Neurons < h.Predicted[least].Neurons) {
			least = i
		}
	}
	return least
}

func (h Head) label() string { return fmt.Sprintf("%d:%d", h.Layer, h.Head) }

// title says what was inspected.
func (r *Report) title() string {
	order := "bidirectional"
	if r.Causal {
		order = "causal"
	}
	return fmt.Sprintf("%s on %s\n%d layers × %d heads of size %d · %d tokens, %s\n",
		r.Model, r.Input.Name, r.Layers, r.Heads, r.Rows[0].Dim, r.Input.Tokens(), order)
}

// notes say what the columns are, what the marks mean, and what can be done next.
func (r *Report) notes(marks map[string]bool) []string {
	pairs := "all pairs of tokens"
	if r.Causal {
		pairs = "the pairs of a token with itself and earlier ones"
	}
	notes := []string{
		"head: layer:head. |q+k|²: the mean over " + pairs + ", of queries and keys divided by d^¼. nats: entropy of attention, the mean over rows. decades: log10 of the largest softmax normaliser Z over the least.",
		fmt.Sprintf("map: of those that are drawn and unbiased (%s), the one that needs the fewest hidden neurons. sd: relative standard deviation of a score at %d neurons (median token). m: neurons at which the output errs by %g %% of its norm, in the root mean square over draws; m, positive: of the map of that name, which knows nothing of the tokens; %s do. synapses: m × %d, of one head. astrocytes: one rodent has 20 to 120 thousand synapses, one human 0.27 to 2 million; as many are needed, of human ones where it says more.",
			strings.Join(r.Maps, ", "), Neurons, 100*Error, strings.Join(slices.DeleteFunc(slices.Clone(r.Maps), func(name string) bool { return !features.Adapts(name) }), ", "), r.Rows[0].Dim),
	}
	if marks[markTail] {
		notes = append(notes, markTail+" behind m: an upper bound for most draws: the mean square lies in a tail that m neurons hardly ever reach.")
	}
	if marks[markLarge] {
		notes = append(notes, fmt.Sprintf("%s behind m: too few neurons: the normaliser, by which an output is divided, deviates by more than %g of itself, and the error is larger than predicted.", markLarge, mostDeviation))
	}
	return append(notes, "", r.next())
}

// next is how to run the first head of the table.
func (r *Report) next() string {
	h := r.Rows[0]
	at := r.positive(h)
	if h.Predicted[at].Neurons == 0 || !(h.Predicted[at].Neurons < 1e7) {
		return fmt.Sprintf("Next: nasim run configs/%s.yaml --set transformer.model=%s --set 'select=[\"%s\"]' --set map=ideal", r.Kind, quoted(r.Model), h.label())
	}
	return fmt.Sprintf("Next: nasim run configs/%s.yaml --set transformer.model=%s --set 'select=[\"%s\"]' --set map=%s --set features.neurons=%.0f",
		r.Kind, quoted(r.Model), h.label(), r.Maps[at], h.Predicted[at].Neurons)
}

// quoted is a word for a shell.
func quoted(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./~") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func number(x float64) string {
	switch {
	case math.IsNaN(x):
		return unknown
	case math.IsInf(x, 1):
		return "> 1e154" // the root of what float64 holds
	}
	return compare.Significant(x)
}

func count(x float64) string {
	switch {
	case math.IsNaN(x):
		return unknown
	case math.IsInf(x, 1):
		return beyond
	}
	if x < 1e7 {
		return compare.Count(x)
	}
	return exponent(x, 1)
}

// exponent writes a large number with so many decimals, as 2.1e7.
func exponent(x float64, decimals int) string {
	return strings.Replace(strings.Replace(strconv.FormatFloat(x, 'e', decimals, 64), "e+0", "e", 1), "e+", "e", 1)
}

// pad keeps digits of rows with and without a mark below each other.
func pad(mark string) string {
	if mark == "" {
		return " "
	}
	return mark
}
