package compare

import (
	"fmt"
	"math"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/model"
)

// Conditions are the settings of a run that its remedies depend on; what is zero
// is not known.
type Conditions struct {
	Map       string           // feature map
	Unbiased  bool             // the map's scores are, so that its error falls as 1/√m
	Bounded   bool             // the map's scores are, so that they have no tail
	Rows      string           // how the map's rows are coupled
	Network   model.Parameters // times of the network
	Method    string           // of the solver
	FixedStep bool             // of the method
}

// aim is the error, relative to the reference output, that remedies aim for
// where halving is not enough.
const aim = 0.05

// outside is the error beyond which the laws, which are of first order, give
// bounds only.
const outside = 0.5

// tailsUndrawn reports whether the scores' tails are too heavy for their variance
// to be seen with this many neurons.
func tailsUndrawn(heads []HeadReport, c *Conditions) bool {
	_, worst, _ := overHeads(heads, OnHead, AnalyticRelativeSD)
	return !c.Bounded && float64(worst) > 1
}

// A remedy is what would reduce a part of the error.
type remedy struct {
	at    func(target float64) string // what it would take to come down to target, by a law
	text  string                      // the law or, where there is none, the whole remedy
	bound bool                        // the law gives a bound only
}

// inWords says what would reduce the part of size now, or "" where nothing can be
// derived. Every number is an extrapolation of a law that holds for small errors,
// and the sentence says so.
func (r remedy) inWords(now float64) string {
	if r.at == nil {
		return r.text
	}
	// A law used beyond its range gives no estimate, only a bound.
	amount := "about"
	if now > outside || r.bound {
		amount = "more than"
	}
	text := fmt.Sprintf("Halving it would take %s %s", amount, r.at(now/2))
	if now > 2*aim {
		text += fmt.Sprintf(", and bringing it to %g %s %s", aim, amount, r.at(aim))
	}
	text += fmt.Sprintf(" (extrapolated: %s", r.text)
	if amount != "about" {
		text += ", which holds for small errors and drawn tails only"
	}
	return text + ")."
}

// moreNeurons extrapolates the kernel error as 1/√m.
func moreNeurons(now float64, heads []HeadReport, c *Conditions) remedy {
	neurons, _, _ := overHeads(heads, OnHead, Neurons)
	synapses, _, _ := overHeads(heads, OnHead, Synapses)
	switch {
	case c.Map == "":
		return remedy{}
	case !c.Unbiased:
		return remedy{text: fmt.Sprintf("The map %s is not an unbiased estimate of exp(q·k): more neurons alone do not remove its kernel error.", c.Map)}
	case !neurons.Known():
		return remedy{}
	}
	return remedy{at: func(target float64) string {
		factor := (now / target) * (now / target)
		text := count(roundTo(float64(neurons)*factor, 3)) + " hidden neurons"
		if synapses.Known() {
			text += " (" + count(roundTo(float64(synapses)*factor, 3)) + " synapses a head)"
		}
		return text
	}, text: fmt.Sprintf("kernel error ∝ 1/√m from m = %s", count(float64(neurons))), bound: tailsUndrawn(heads, c)}
}

func finerSolver(_ float64, _ []HeadReport, c *Conditions) remedy {
	switch {
	case c.Method == "":
		return remedy{}
	case c.FixedStep:
		return remedy{text: "It is the solver's: shorten solver.step, or use method exact, which has none."}
	}
	return remedy{text: "It is the solver's: tighten solver.rtol and solver.atol, or use method exact, which has none."}
}

// duration prints seconds in the unit a configuration would use.
func duration(seconds float64) string {
	switch {
	case math.IsInf(seconds, 1):
		return "inf"
	case seconds < 1e-3:
		return trimmed(seconds*1e6) + " µs"
	case seconds < 1:
		return trimmed(seconds*1e3) + " ms"
	}
	return trimmed(seconds) + " s"
}

func trimmed(x float64) string { return strconv.FormatFloat(roundTo(x, 3), 'f', -1, 64) }

// roundTo keeps the leading digits of x.
func roundTo(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}
