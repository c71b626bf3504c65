package compare

import (
	"fmt"
	"math"
	"slices"
)

// SchemaVersion is the version of HeadReport and Report in JSON. It rises when
// a name or a meaning changes, not when a quantity is added.
const SchemaVersion = 1

// Rung is one level of the ladder for one head. A rung with an empty Output
// is absent.
type Rung struct {
	Name       string    // Softmax, Kernel, Exact or Solver
	Attention  []float64 // N×N effective attention A_eff[t,s]; nil where not computed
	Output     []float64 // N×d_v
	Normalizer []float64 // N: Z for softmax, else p at the end of each read; nil where unknown. ±Inf is skipped and counted
	Average    []float64 // N×d_v: output averaged over each read; nil where unknown
	Peak       []float64 // N: largest ‖output‖ of each read; nil where unknown
}

// HeadInput is what Head compares. Slices are read, never kept or changed.
type HeadInput struct {
	Layer, Head               int
	Tokens, ValueDim, Neurons int  // N, d_v, m
	Causal                    bool // token t sees tokens 0…t only
	V                         []float64
	Rungs                     []Rung // any order; each name at most once
	// Causes maps the name of a cause to the N×d_v output of the exact network
	// with only that cause on. Causes that the network does not have (an infinite
	// leak) are left out and reported as null.
	Causes map[string][]float64
	// Ideal is the N×d_v output of the exact network of infinitely many hidden
	// neurons; nil where it is not known.
	Ideal []float64
	// Waits is the schedule with which the dynamics come to Needed; nil where it is not known.
	Waits *Waits
	// QueryGain is the factor γ_t by which a query gain scales the feature
	// vector of query t, and with it p_t: the normaliser is compared as p_t/γ_t.
	// Nil means 1 throughout. It plays no part where the reference is the
	// kernel rung, which carries the same gain.
	QueryGain          []float64
	Synapses           int     // m·d_v; passed through
	AnalyticRelativeSD float64 // of one score estimate; 0 or NaN: unknown. Passed through
	Predicted          Prediction
	Warnings           []Warning // from the run; passed through, before those found here
}

// Waits is how long a network waits for its neurons and its calcium, s.
type Waits struct {
	Gap, Read float64
}

// Warning is something a reader of the numbers should know.
type Warning struct {
	Code string `json:"code"`           // stable, for scripts
	Rung string `json:"rung,omitempty"` // the rung it concerns, if one
	Text string `json:"text"`
}

// HeadReport is what is known of one head. Its JSON form is part of
// metrics.json; Metrics documents the keys of Attributes, Ladder and Rungs.
type HeadReport struct {
	SchemaVersion int               `json:"schema_version"`
	Layer         int               `json:"layer"`
	Head          int               `json:"head"`
	Tokens        int               `json:"tokens"`
	ValueDim      int               `json:"value_dim"`
	Causal        bool              `json:"causal"`
	Reference     string            `json:"reference"` // rung that the others are measured against: softmax, else kernel
	Last          string            `json:"last"`      // rung that the total error is of
	Dominant      string            `json:"dominant"`  // part that makes most of the total error; "" where none stands out of rounding
	Attributes    Values            `json:"attributes"`
	Ladder        Values            `json:"ladder"`
	Rungs         map[string]Values `json:"rungs"`
	Warnings      []Warning         `json:"warnings"`
}

// Head compares the rungs of one head. It panics on slices of mismatched
// lengths and on unknown names, which are errors of the caller; no value in
// the arrays makes it panic.
func Head(in HeadInput) HeadReport {
	in.check()
	report := HeadReport{
		Layer: in.Layer, Head: in.Head, Tokens: in.Tokens, ValueDim: in.ValueDim, Causal: in.Causal,
		Rungs:         map[string]Values{},
		Warnings:      append([]Warning{}, in.Warnings...),
		SchemaVersion: SchemaVersion,
	}
	attributes, warnings := in.attributes()
	report.Attributes = attributes
	report.Warnings = append(report.Warnings, warnings...)
	reference := in.reference()
	report.Reference = reference.Name
	report.Ladder, report.Last, report.Dominant = ladder(in, reference)
	for _, name := range RungNames() {
		rung, ok := in.rung(name)
		if !ok {
			continue
		}
		values, warnings := measure(in, rung, reference)
		report.Rungs[name] = values
		report.Warnings = append(report.Warnings, warnings...)
	}
	return report
}

// measure returns the metrics that the registry declares for this rung, null
// where they cannot be computed.
func measure(in HeadInput, rung, reference Rung) (Values, []Warning) {
	values := Values{}
	for _, m := range Metrics() {
		if m.on(rung.Name) {
			values[m.Name] = Null()
		}
	}
	var warnings []Warning
	take := func(found Values, w []Warning) {
		for name, x := range found {
			if _, declared := values[name]; declared {
				values[name] = x
			}
		}
		warnings = append(warnings, w...)
	}
	take(attentionRows(in, rung))
	if bad, at := nonFinite(rung.Output, in.ValueDim); bad > 0 {
		warnings = append(warnings, Warning{"output-not-finite", rung.Name, fmt.Sprintf(
			"the %s output is not finite at %d of %d tokens, the first being token %d: its error is null", rung.Name, bad, in.Tokens, at)})
	}
	if rung.Name == reference.Name || reference.Name == "" {
		return values, warnings
	}
	take(outputAgainst(in, rung, reference))
	take(dwellAgainst(in, rung, reference), nil)
	take(normalizerAgainst(in, rung, reference))
	take(attentionAgainst(in, rung, reference))
	return values, warnings
}

// attributes returns what is passed through, and a warning where the analytic
// deviation is beyond float64: then it is null, but far from unknown.
func (in HeadInput) attributes() (Values, []Warning) {
	sd := Number(in.AnalyticRelativeSD)
	var warnings []Warning
	if math.IsInf(in.AnalyticRelativeSD, 1) {
		warnings = append(warnings, Warning{Code: "analytic-sd-overflow", Text: "the analytic relative standard deviation of a score is above 1e308: no number of neurons makes this feature map work on these queries and keys"})
	}
	if !(in.AnalyticRelativeSD > 0) || !sd.Known() {
		sd = Null()
	}
	synapses, neurons := Number(in.Synapses), Number(in.Neurons)
	if in.Neurons == 0 {
		neurons = Null()
	}
	if in.Synapses == 0 {
		synapses = Null()
	}
	values := Values{Neurons: neurons, Synapses: synapses, AnalyticRelativeSD: sd}
	for name, x := range map[string]float64{
		PredictedError: in.Predicted.Error, PredictedDeviation: in.Predicted.Deviation, PredictedDrawn: in.Predicted.Drawn, PredictedBound: in.Predicted.Bound,
	} {
		values[name] = Null()
		if x > 0 {
			values[name] = Number(x)
		}
	}
	return values, warnings
}

// rung returns the rung of that name, and whether it is present.
func (in HeadInput) rung(name string) (Rung, bool) {
	for _, r := range in.Rungs {
		if r.Name == name && len(r.Output) > 0 {
			return r, true
		}
	}
	return Rung{}, false
}

// reference returns the softmax rung, else the kernel rung, else a Rung
// without a name.
func (in HeadInput) reference() Rung {
	if r, ok := in.rung(Softmax); ok {
		return r
	}
	r, _ := in.rung(Kernel)
	return r
}

// visible returns the number of tokens that token t sees.
func (in HeadInput) visible(t int) int {
	if in.Causal {
		return t + 1
	}
	return in.Tokens
}

// check panics where lengths or names do not fit together.
func (in HeadInput) check() {
	must := func(what string, have, want int) {
		if have != 0 && have != want {
			panic(fmt.Sprintf("compare: layer %d head %d: %s has %d entries, want %d", in.Layer, in.Head, what, have, want))
		}
	}
	n, d := in.Tokens, in.ValueDim
	must("V", len(in.V), n*d)
	must("Ideal", len(in.Ideal), n*d)
	must("QueryGain", len(in.QueryGain), n)
	seen := map[string]bool{}
	for _, r := range in.Rungs {
		if !slices.Contains(RungNames(), r.Name) {
			panic("compare: no rung is called " + r.Name)
		}
		if seen[r.Name] {
			panic("compare: rung " + r.Name + " given twice")
		}
		seen[r.Name] = true
		must(r.Name+" output", len(r.Output), n*d)
		must(r.Name+" attention", len(r.Attention), n*n)
		must(r.Name+" normalizer", len(r.Normalizer), n)
		must(r.Name+" average", len(r.Average), n*d)
		must(r.Name+" peak", len(r.Peak), n)
	}
	for cause, output := range in.Causes {
		if !slices.ContainsFunc(Causes(), func(c Cause) bool { return c.Name == cause }) {
			panic("compare: no cause is called " + cause)
		}
		must("output of cause "+cause, len(output), n*d)
	}
}

// nonFinite counts the rows of width d with an entry that is not finite, and
// returns the index of the first.
func nonFinite(x []float64, d int) (count, first int) {
	first = -1
	for t := 0; d > 0 && t < len(x)/d; t++ {
		for _, v := range x[t*d : (t+1)*d] {
			if !finite(v) {
				if count++; first < 0 {
					first = t
				}
				break
			}
		}
	}
	return count, first
}
