package compare

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/nasim-sim/nasim/internal/portable"
)

// Configuration paths that the remedies read.
const (
	keyMap     = "network.features.map"
	keyHidden  = "network.neurons.tau_hidden"
	keyOutput  = "network.neurons.tau_output"
	keyHebbian = "network.synapses.tau_hebbian"
	keyPresyn  = "network.synapses.tau_presynaptic"
	keyCalcium = "network.astrocyte.tau_calcium"
	keyRead    = "network.schedule.read"
	keySolver  = "solver.method"
)

// keyAttention is the configuration path that says whether a run has its
// effective attention.
const keyAttention = "record.attention"

// aim is the error, relative to the reference output, that remedies aim for
// where halving is not enough.
const aim = 0.05

// outside is the error beyond which the laws, which are of first order, give
// bounds only.
const outside = 0.5

// tailsUndrawn reports whether the scores' tails are too heavy for their variance
// to be seen with this many neurons.
func tailsUndrawn(heads []HeadReport) bool {
	_, worst, _ := overHeads(heads, OnHead, AnalyticRelativeSD)
	return float64(worst) > 1
}

// unbiased lists the feature maps whose kernel error falls as 1/√m.
func unbiased() []string { return []string{"positive", "hyperbolic", "cosine", "trig", "oprf"} }

// remedy says what would reduce the part of size now, or "" where nothing can
// be derived. Every number is an extrapolation of a law that holds for small
// errors, and the sentence says so.
func remedy(part string, now float64, heads []HeadReport, config map[string]string) string {
	var at func(target float64) string
	law := ""
	switch part {
	case KernelPart:
		at, law = moreNeurons(now, heads, config)
	case CalciumLag:
		at, law = fasterCalcium(now, config)
	case CarryOver:
		at, law = fasterNeurons(now, config)
	case Leak:
		at, law = longerMemory(now, config)
	case IntegrationPart:
		return integrationRemedy(config)
	}
	if at == nil {
		return law
	}
	// A law used beyond its range gives no estimate, only a bound.
	amount := "about"
	if now > outside || part == KernelPart && tailsUndrawn(heads) {
		amount = "more than"
	}
	text := fmt.Sprintf("Halving it would take %s %s", amount, at(now/2))
	if now > 2*aim {
		text += fmt.Sprintf(", and bringing it to %g %s %s", aim, amount, at(aim))
	}
	text += fmt.Sprintf(" (extrapolated: %s", law)
	if amount != "about" {
		text += ", which holds for small errors and drawn tails only"
	}
	return text + ")."
}

// moreNeurons extrapolates the kernel error as 1/√m.
func moreNeurons(now float64, heads []HeadReport, config map[string]string) (func(float64) string, string) {
	if name := config[keyMap]; !slices.Contains(unbiased(), name) {
		if name == "" {
			return nil, ""
		}
		return nil, fmt.Sprintf("The map %s is not an unbiased estimate of exp(q·k): more neurons alone do not remove its kernel error.", name)
	}
	neurons, _, _ := overHeads(heads, OnHead, Neurons)
	synapses, _, _ := overHeads(heads, OnHead, Synapses)
	if !neurons.Known() {
		return nil, ""
	}
	law := fmt.Sprintf("kernel error ∝ 1/√m from m = %s", count(float64(neurons)))
	return func(target float64) string {
		factor := (now / target) * (now / target)
		text := count(roundTo(float64(neurons)*factor, 3)) + " hidden neurons"
		if synapses.Known() {
			text += " (" + count(roundTo(float64(synapses)*factor, 3)) + " synapses a head)"
		}
		return text
	}, law
}

// fasterCalcium extrapolates the lag left at the end of a read as
// exp(−T_r/τ_p): within one read p relaxes to its settled value at that rate
// (science §4), and for a small remainder the output's error is proportional
// to it.
func fasterCalcium(now float64, config map[string]string) (func(float64) string, string) {
	tau, ok1 := quantity(config[keyCalcium])
	read, ok2 := quantity(config[keyRead])
	if !ok1 || !ok2 || !(tau > 0) || !finite(tau) || !(read > 0) || !finite(read) {
		return nil, ""
	}
	return func(target float64) string {
		more := portable.Log(now / target)
		return fmt.Sprintf("τ_p = %s, or %s per read token", duration(read/(read/tau+more)), duration(tau*(read/tau+more)))
	}, fmt.Sprintf("lag ∝ exp(−T_r/τ_p) from τ_p = %s, T_r = %s", duration(tau), duration(read))
}

// fasterNeurons extrapolates carry-over as (τ_h + τ_f)/T_w (science §1).
func fasterNeurons(now float64, config map[string]string) (func(float64) string, string) {
	hidden, ok1 := quantity(config[keyHidden])
	output, ok2 := quantity(config[keyOutput])
	if !ok1 || !ok2 || !(hidden+output > 0) || !finite(hidden+output) {
		return nil, ""
	}
	return func(target float64) string {
		return fmt.Sprintf("τ_h = %s and τ_f = %s, or dwells %s times as long",
			duration(hidden*target/now), duration(output*target/now), significant(now/target))
	}, "carry-over ∝ (τ_h + τ_f)/T_w"
}

// longerMemory extrapolates the leak as 1/τ_H (science §8).
func longerMemory(now float64, config map[string]string) (func(float64) string, string) {
	hebbian, ok1 := quantity(config[keyHebbian])
	presynaptic, ok2 := quantity(config[keyPresyn])
	if !ok1 || !ok2 || !(math.Min(hebbian, presynaptic) > 0) {
		return nil, ""
	}
	return func(target float64) string {
		return fmt.Sprintf("τ_H = %s and τ_g = %s", duration(hebbian*now/target), duration(presynaptic*now/target))
	}, "leak ∝ 1/τ_H"
}

func integrationRemedy(config map[string]string) string {
	switch config[keySolver] {
	case "":
		return ""
	case "rk4", "euler":
		return "It is the solver's: shorten solver.step, or use method exact, which has none."
	}
	return "It is the solver's: tighten solver.rtol and solver.atol, or use method exact, which has none."
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
