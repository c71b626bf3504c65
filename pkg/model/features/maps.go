package features

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/portable"
)

// A family is one row of the feature-map table (science §3), as data: every
// map is an amplitude that depends on |x|² alone times a tuning curve of the
// projection u = Wx (+ b), so that all of them evaluate in log space alike.
type family struct {
	name     string
	sources  []string // keys of what to cite, in a run's references.bib
	positive bool     // φ ≥ 0 everywhere
	unbiased bool     // E[φ(q)·φ(k)] = exp(q·k)
	pairwise bool     // neurons come in pairs that share one random row
	bounded  bool     // its tuning curve is, so that no score is far beyond e^{½|q|²+½|k|²}
	phase    bool     // has a random phase b ~ U(0, 2π)
	mute     bool     // its tuning curve is 0 in places, so that a token may excite no neuron at all

	// logAmplitude is the logarithm of the factor that depends on the token's
	// squared norm x2 and the number of neurons m alone; nil for maps without.
	logAmplitude func(x2, m float64) float64
	// normFactor is the coefficient of |x|² in logAmplitude, of the ideal map in its
	// features' logarithm: what query_gain: norm drops. 0 for maps without.
	normFactor float64

	// adapt is what takes from tokens where the rows lie, of a map that knows the data; its chances are what its rows need besides.
	adapt      func(*seen) (proposal, error)
	stratified bool // they are drawn by strata, which takes a uniform number each

	// ideal is the map that has no neurons: its inner products are exp(x·y).
	ideal bool
	// fitted is the map whose rows are not drawn but given ([NewLearned]).
	fitted bool

	// exponential maps are the amplitude times e^{min(u, ceiling)}; tuning is then
	// nil.
	exponential bool
	ceiling     float64
	// tuning is the factor that multiplies the amplitude; it sees the
	// projection, the token's squared norm and the number of neurons.
	tuning func(u, x2, m float64) float64

	// relativeVariance is that of one score estimate, given e = e^s − 1 or, where it
	// is of the tokens' difference, e^δ − 1; nil where biased.
	relativeVariance func(e, m float64) float64
	ofDifference     bool
	// grows are c₊ and c₋ of the covariance of two score estimates of one query,
	// (c₊ e^z + c₋ e^{−z} − c)/m relative to both, z = (q±k)·(q±k′): the sign is −
	// where it is of differences. The constant c is of no account in an output.
	grows, falls float64
}

// Ideal is the map of infinitely many hidden neurons, of which only the inner
// products exist: exp(x·y), the kernel that the unbiased maps estimate. The factor
// e^{−½|x|²} that query_gain: norm drops is that of the positive map.
const Ideal = "ideal"

// Learned is the map whose neurons have been fitted to a head.
const Learned = "learned"

// Pairs is the map whose rows are sums of queries and keys that attend each other.
const Pairs = "pairs"

// Gauss is the map whose rows are Gaussian, of the moments of such sums.
const Gauss = "gauss"

// clipLimit is the ceiling of the paper's truncated exponential.
const clipLimit = 150

var (
	performer = []string{"choromanski2021"}
	fourier   = []string{"rahimi2007", "peng2021"}
)

var families = []family{
	{
		name: "positive", sources: performer, positive: true, unbiased: true, normFactor: -0.5,
		logAmplitude: func(x2, m float64) float64 { return -0.5 * (x2 + portable.Log(m)) },
		exponential:  true, ceiling: math.Inf(1),
		relativeVariance: func(e, m float64) float64 { return e / m },
		grows:            1,
	},
	{
		name: Ideal, sources: performer, positive: true, unbiased: true, ideal: true, normFactor: -0.5,
		relativeVariance: func(_, _ float64) float64 { return 0 },
	},
	{
		name: "hyperbolic", sources: performer, positive: true, unbiased: true, pairwise: true, normFactor: -0.5,
		logAmplitude: func(x2, m float64) float64 { return -0.5 * (x2 + portable.Log(m)) },
		exponential:  true, ceiling: math.Inf(1),
		relativeVariance: func(e, m float64) float64 { return sinh4(e) / m },
		grows:            1, falls: 1,
	},
	{
		name: "cosine", sources: fourier, unbiased: true, bounded: true, phase: true, normFactor: 0.5,
		logAmplitude:     logTrigAmplitude,
		tuning:           func(u, _, _ float64) float64 { return portable.Cos(u) },
		relativeVariance: func(e, m float64) float64 { return (e + 0.5/(e+1)) / m }, ofDifference: true,
		grows: 1, falls: 0.5,
	},
	{
		name: "trig", sources: fourier, unbiased: true, bounded: true, pairwise: true, normFactor: 0.5,
		logAmplitude:     logTrigAmplitude,
		tuning:           func(u, _, _ float64) float64 { return portable.Cos(u) },
		relativeVariance: func(e, m float64) float64 { return sinh4(e) / m }, ofDifference: true,
		grows: 1, falls: 1,
	},
	adapted("oprf", isotropic, false, "likhosherstov2022"),
	adapted("dense", dense, false, "likhosherstov2023"),
	adapted(Gauss, attended, false),
	adapted(Pairs, pairwise, true),
	{
		name: "elu1", sources: []string{"katharopoulos2020"}, positive: true,
		tuning: func(u, _, _ float64) float64 {
			if u > 0 {
				return u + 1
			}
			return portable.Exp(u)
		},
	},
	{
		name: "linear", sources: performer,
		tuning: func(u, x2, m float64) float64 { return 1 + (u - float64(0.5*x2) - float64(0.5*portable.Log(m))) },
	},
	{
		name: "truncated_positive", sources: performer, positive: true, normFactor: -0.5,
		logAmplitude: func(x2, m float64) float64 { return -0.5 * (x2 + portable.Log(m)) },
		exponential:  true, ceiling: portable.Log(clipLimit),
	},
	{
		name: "positive_cosine", sources: fourier, positive: true, phase: true, mute: true, normFactor: 0.5,
		logAmplitude: func(x2, m float64) float64 { return 0.5 * (x2 + portable.Log(2/(math.Pi*m))) },
		tuning:       func(u, _, _ float64) float64 { return max(portable.Cos(u), 0) },
	},
	{
		name: "clipped_sine", sources: fourier, phase: true, normFactor: 0.5,
		logAmplitude: logTrigAmplitude,
		tuning: func(u, _, _ float64) float64 {
			return portable.Sin(max(-math.Pi/2, min(math.Pi/2, u)))
		},
	},
	{
		name: Learned, sources: []string{"zhang2024"}, positive: true, fitted: true,
		// The exponent of a key's factor is added as it is projected.
		logAmplitude: func(float64, float64) float64 { return 0 },
		exponential:  true, ceiling: math.Inf(1),
	},
}

// adapted is the positive map with rows that are drawn as tokens call for.
func adapted(name string, adapt func(*seen) (proposal, error), stratified bool, sources ...string) family {
	return family{
		name: name, sources: append(slices.Clone(performer), sources...), positive: true, unbiased: true, normFactor: -0.5,
		logAmplitude: func(x2, m float64) float64 { return -0.5 * (x2 + portable.Log(m)) },
		exponential:  true, ceiling: math.Inf(1), adapt: adapt, stratified: stratified, bounded: stratified,
		relativeVariance: func(e, m float64) float64 { return e / m },
	}
}

// chances reports whether a neuron takes a uniform random number besides its row.
func (f *family) chances() bool { return f.phase || f.stratified }

func logTrigAmplitude(x2, m float64) float64 { return 0.5 * (x2 + portable.Log(2/m)) }

// sinh4 returns 4 sinh²(x/2) = e²/(e + 1), for e = eˣ − 1 from 0 to +Inf.
func sinh4(e float64) float64 { return e / (1 + 1/e) }

func square(x float64) float64 { return float64(x * x) }

func lookup(name string) (family, bool) {
	i := slices.IndexFunc(families, func(f family) bool { return f.name == name })
	if i < 0 {
		return family{}, false
	}
	return families[i], true
}

// Names lists the feature maps, in the order of the table in science §3.
func Names() []string {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.name
	}
	return names
}

// Sources lists the keys of what to cite for the named map and coupling of rows.
func Sources(name, rows string) []string {
	f, _ := lookup(name)
	return append(slices.Clone(f.sources), coupling(rows).sources...)
}

// Drawn lists the maps that have neurons, whose rows are drawn.
func Drawn() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { f, _ := lookup(name); return f.ideal || f.fitted })
}

// Positive reports whether the named map is non-negative everywhere, which
// keeps the astrocyte's calcium positive.
func Positive(name string) bool { f, ok := lookup(name); return ok && f.positive }

// Answering lists the maps whose neurons all answer every token: positive, nowhere 0,
// and there for any head.
func Answering() []string {
	return slices.DeleteFunc(Names(), func(name string) bool { f, _ := lookup(name); return !f.positive || f.mute || f.fitted })
}

// Level lists those of them whose features do not grow or fall with e^{|x|²/2}, so
// that they hold tokens of any length.
func Level() []string { return slices.DeleteFunc(Answering(), HasNormFactor) }

// Unsilenced says, in terms of a configuration, what keeps a query from being
// silent in the map that spec describes.
func Unsilenced(spec Spec) string {
	if f, _ := lookup(spec.Map); f.mute {
		return fmt.Sprintf("take more hidden neurons (now %d), or a map whose neurons all answer: %s", spec.Neurons, strings.Join(Answering(), ", "))
	}
	return fmt.Sprintf("beside the longest queries and keys its features are less than float64 holds: take a map without the factor e^{±|x|²/2} (%s), or shorter queries and keys",
		strings.Join(Level(), ", "))
}

// Unbiased reports whether E[φ(q)·φ(k)] = exp(q·k) for the named map.
func Unbiased(name string) bool { f, ok := lookup(name); return ok && f.unbiased }

// Bounded reports whether a score estimate of the named map is bounded by about
// e^{½|q|²+½|k|²}, so that it has no tail that is rarely drawn.
func Bounded(name string) bool { f, ok := lookup(name); return ok && f.bounded }

// Pairwise reports whether the named map's neurons come in pairs, so that
// their number must be even.
func Pairwise(name string) bool { f, ok := lookup(name); return ok && f.pairwise }

// HasPhases reports whether the named map's neurons have random phases.
func HasPhases(name string) bool { f, ok := lookup(name); return ok && f.phase }

// HasNormFactor reports whether the named map carries a factor e^{c|x|²},
// which query_gain: norm drops from the queries.
func HasNormFactor(name string) bool { f, ok := lookup(name); return ok && f.normFactor != 0 }
