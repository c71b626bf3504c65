package features

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
)

// Kinds of query gain (science §3, "Gains are part of the model"): a factor on
// φ(q_t) that softmax and kernel attention cannot see, but that changes what a
// slow calcium carries over from one token to the next.
const (
	GainNone      = "none"
	GainNorm      = "norm"      // drop the map's factor e^{±½|q|²}
	GainRate      = "rate"      // divide by the pooled hidden rate Σ_α φ_α(q): divisive inhibition
	GainEqualised = "equalised" // divide by g·φ(q): an oracle, the upper bound
	GainBalanced  = "balanced"  // one factor for all queries: the median length of a key's features over that of a query's
	GainTrained   = "trained"   // divide by ḡ·φ(q), ḡ the mean of g over what a learned map was fitted to: divisive inhibition by learned weights
)

// Gains lists the kinds of query gain.
func Gains() []string {
	return []string{GainNone, GainNorm, GainRate, GainEqualised, GainBalanced, GainTrained}
}

// Gain is the query gain to apply. Causal tells the equalised gain which keys
// are written when a query is read.
type Gain struct {
	Kind   string
	Causal bool
}

func (g Gain) check(m *Map) error {
	f := m.family
	switch g.Kind {
	case GainNone, GainBalanced, "":
		return nil
	case GainTrained:
		switch {
		case !f.fitted:
			return fmt.Errorf("features: query_gain trained divides by what a learned map was fitted to; map %q is not; use balanced or none", f.name)
		case m.learned.Gain == nil:
			return errors.New("features: query_gain trained divides by the mean sum of the keys' features, which this map does not hold; use balanced or none")
		}
		return nil
	case GainNorm:
		if f.normFactor == 0 {
			return fmt.Errorf("features: query_gain norm drops a factor e^{±½|q|²} that map %q does not have; use none", f.name)
		}
		return nil
	case GainRate, GainEqualised:
		if f.ideal && g.Kind == GainRate {
			return errors.New("features: query_gain rate divides by the pooled rate, which infinitely many neurons have in common for all queries; use none, norm or equalised")
		}
		if !f.positive {
			return fmt.Errorf("features: query_gain %s divides by a sum that map %q can make zero or negative; use none or norm, or a positive map", g.Kind, f.name)
		}
		return nil
	}
	return fmt.Errorf("features: unknown query_gain %q; allowed: %s", g.Kind, strings.Join(Gains(), ", "))
}

// exponents sets the logarithms of those gains that depend on the query alone, or are the same for all queries.
func (g Gain) exponents(m *Map, queries, keys *projection, log []float64) {
	length := func(phi []float64) float64 { return math.Sqrt(kernel.Dot(phi, phi)) }
	switch g.Kind {
	case GainNorm:
		for t := range log {
			log[t] = -m.family.normFactor * queries.norm2[t]
		}
	case GainRate:
		for t, rate := range queries.answer(m, pooledRate) {
			log[t] = -rate
		}
	case GainTrained:
		for t, read := range queries.answer(m, func(phi []float64) float64 { return kernel.Dot(m.learned.Gain, phi) }) {
			log[t] = -read
		}
	case GainBalanced:
		g.balance(queries.answer(m, length), keys.answer(m, length), log)
	}
}

// pooledRate is Σ_α φ_α.
func pooledRate(phi []float64) (sum float64) {
	for _, rate := range phi {
		sum += rate
	}
	return sum
}

// balance sets the gain that brings queries to the keys' length, given the logarithms of all features' lengths |φ|. Tokens that excite
// no neuron do not count.
func (g Gain) balance(queries, keys, log []float64) {
	if g.Kind != GainBalanced {
		return
	}
	silent := func(length float64) bool { return math.IsInf(length, -1) }
	queries, keys = slices.DeleteFunc(slices.Clone(queries), silent), slices.DeleteFunc(slices.Clone(keys), silent)
	if len(queries) == 0 || len(keys) == 0 {
		return
	}
	by := statistics.Quantile(keys, 0.5) - statistics.Quantile(queries, 0.5)
	for t := range log {
		log[t] = by
	}
}

// equalise divides each query's features by its calcium read-out g·φ(q), g the
// sum over the keys written by then. In shifted features that read-out is
// e^{2a} too large, which the gain must not contain.
func (g Gain) equalise(m *Map, a *Activity, n int) {
	if g.Kind != GainEqualised {
		return
	}
	sum := make([]float64, m.Neurons)
	written := 0
	write := func(upTo int) {
		for ; written < upTo; written++ {
			kernel.Axpy(1, a.K[written*m.Neurons:(written+1)*m.Neurons], sum)
		}
	}
	for t := range n {
		if g.Causal {
			write(t + 1)
		} else {
			write(n)
		}
		row := a.Q[t*m.Neurons : (t+1)*m.Neurons]
		log := float64(2*a.Shift) - portable.Log(kernel.Dot(sum, row))
		a.LogGain[t] = log
		factor := portable.Exp(log)
		for i := range row {
			row[i] *= factor
		}
	}
}

// silent reports the first query whose gain is infinite: no hidden neuron that
// answers to it, or none that a key has left a trace in.
func silent(logGain []float64, g Gain, m *Map) error {
	for t, log := range logGain {
		if math.IsInf(log, 1) {
			return fmt.Errorf("features: query %d is silent in the map %s: the sum that query_gain %s divides by is 0; %s", t, m.Spec.Map, g.Kind, Unsilenced(m.Spec))
		}
	}
	return nil
}
