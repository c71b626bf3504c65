package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
)

// The astrocyte may be C compartments of contiguous terminals, which exchange calcium
// (science §1, ours). Each collects from its own m/C hidden neurons, and the synapses of
// these are divided by its own calcium:
//
//	τ_p dp_c/dt = −p_c + C Σ_{α∈c} g_α h_α + τ_p D Σ_c' L_cc' p_c'
//
// L has orthogonal eigenvectors, in each of which the calcium is a well-mixed pool of its
// own with τ_p/(1 − τ_p D λ) in the place of τ_p (compartments_exact.go).

// A Topology says which compartments exchange calcium.
type Topology int

const (
	Ring Topology = iota // each with the two next to it; of two, with the other
	Line                 // the same without the ends' exchange
	All                  // each with every other
)

// Topologies lists their names, as in a configuration.
func Topologies() []string { return []string{"ring", "line", "all"} }

// String names the topology.
func (topology Topology) String() string { return Topologies()[topology] }

// Compartments are those of an astrocyte.
type Compartments struct {
	Count    int      // C; 0 and 1: the well-mixed astrocyte
	Topology Topology // of the exchange
	Exchange float64  // D, 1/s
	Spread   float64  // τ_p D where τ_p is 0: how far calcium spreads that settles at once
}

// Divided reports whether there is more than one compartment.
func (parameters *Parameters) Divided() bool { return parameters.Compartments.Count > 1 }

// SettleCell puts a pole whose calcium settles at once in the place of a cell's. What exchange makes
// of the drives when IP3 has settled stays.
func (parameters *Parameters) SettleCell() {
	if cell, ok := parameters.calcium().(diffusingCell); ok && parameters.Divided() {
		parameters.Compartments.Spread = cell.lasts() * parameters.Compartments.Exchange
	}
	parameters.Calcium, parameters.IP3Max, parameters.LargestSum = Pole, 0, 0
}

// SettleCalcium sets τ_p to 0. What exchange makes of the calcium when it has settled stays.
func (parameters *Parameters) SettleCalcium() {
	if parameters.TauCalcium > 0 && parameters.Divided() {
		parameters.Compartments.Spread = parameters.TauCalcium * parameters.Compartments.Exchange
	}
	parameters.TauCalcium = 0
}

// spread returns τ_p D.
func (parameters *Parameters) spread() float64 {
	if parameters.TauCalcium > 0 {
		return parameters.TauCalcium * parameters.Compartments.Exchange
	}
	return parameters.Compartments.Spread
}

// FastestExchange returns the time constant of the fastest mode of what is exchanged, s; 0 where
// calcium is well mixed or settles at once.
func (parameters Parameters) FastestExchange() float64 {
	tau := parameters.TauCalcium
	if cell, ok := parameters.calcium().(diffusingCell); ok {
		tau = cell.lasts()
	}
	if !parameters.Divided() || tau == 0 {
		return 0
	}
	_, decays := parameters.Compartments.Topology.modes(parameters.Compartments.Count)
	return tau / (1 + float64(tau*parameters.Compartments.Exchange*slices.Max(decays)))
}

// modes returns the orthonormal eigenvectors of L, as rows, [C×C], and −λ of each. The
// first is the mean, which exchange does not see.
func (topology Topology) modes(count int) (vectors [][]float64, decays []float64) {
	vectors, decays = make([][]float64, count), make([]float64, count)
	of := float64(count)
	wave := func(k int, shape func(c float64) float64) {
		vectors[k] = make([]float64, count)
		var square float64
		for c := range vectors[k] {
			vectors[k][c] = shape(float64(c))
			square += float64(vectors[k][c] * vectors[k][c])
		}
		scale(vectors[k], 1/math.Sqrt(square))
	}
	sine := func(turn float64) float64 { s := portable.Sin(turn); return 4 * s * s }
	for k := range count {
		switch {
		case topology == Ring && count > 2:
			j := float64((k + 1) / 2)
			angle := 2 * math.Pi * j / of
			decays[k] = sine(angle / 2)
			if k%2 == 0 && k > 0 {
				wave(k, func(c float64) float64 { return portable.Sin(angle * c) })
			} else {
				wave(k, func(c float64) float64 { return portable.Cos(angle * c) })
			}
		case topology == All: // any that are orthogonal: those that a reflection makes of one compartment each
			normal := reflector(count)
			vectors[k] = make([]float64, count)
			vectors[k][k] = 1
			for c, x := range normal {
				vectors[k][c] -= float64(2 * normal[k] * x)
			}
			if k > 0 {
				decays[k] = of
			}
		default:
			angle := math.Pi * float64(k) / of
			decays[k] = sine(angle / 2)
			wave(k, func(c float64) float64 { return portable.Cos(angle * (c + 0.5)) })
		}
	}
	return vectors, decays
}

// reflector returns the unit normal of the plane at which the first compartment alone is reflected to the mean
// of so many, [C].
func reflector(count int) []float64 {
	normal := make([]float64, count)
	mean := 1 / math.Sqrt(float64(count))
	length := math.Sqrt(2 * (1 - mean))
	for c := range normal {
		normal[c] = -mean / length
	}
	normal[0] = (1 - mean) / length
	return normal
}

// exchanged sets into to L p.
func (topology Topology) exchanged(p, into []float64) {
	count := len(p)
	if topology == All {
		var sum float64
		for _, x := range p {
			sum += x
		}
		for c, x := range p {
			into[c] = sum - float64(float64(count)*x)
		}
		return
	}
	var before float64
	for c, x := range p[:count-1] {
		flow := p[c+1] - x
		into[c], before = flow-before, flow
	}
	into[count-1] = -before
	if topology == Ring && count > 2 {
		flow := p[0] - p[count-1]
		into[count-1] += flow
		into[0] -= flow
	}
}

// A diffusingCalcium is a calciumModel of which a state spreads from compartment to
// compartment.
type diffusingCalcium interface {
	diffuses() (state int) // −1: none
}

// A diffusingCell is one in which what spreads is a cell's, and lasts so long, s.
type diffusingCell interface {
	diffusingCalcium
	lasts() float64
}

// diffuses is IP3. Calcium of the cytosol is exchanged with the reticulum's of its own
// compartment, and the equations have of both a sum that stays.
func (*liRinzel) diffuses() int  { return lrAtIP3 }
func (*liRinzel) lasts() float64 { return lrTauIP3 }

// diffuses is IP3, likewise. It lasts 1/Ω_5P near rest, and less where calcium calls on the
// other enzyme, so that when it has settled it has spread less far than is taken.
func (*dePitta) diffuses() int  { return dpAtIP3 }
func (*dePitta) lasts() float64 { return 1 / dpDegradation }

// diffuses is p, which without inertia is not a state: then pool.collect spreads it.
func (chain *poles) diffuses() int {
	if chain.settles {
		return -1
	}
	return len(chain.taus) - 1
}

// A pool is the compartments of an astrocyte, each of which is one by itself.
type pool struct {
	astrocyte *astrocyte
	count     int
	topology  Topology
	exchange  float64   // D, 1/s
	settled   []float64 // of τ_p = 0: (I − τ_p D L)⁻¹, [C×C]; nil: the identity

	diffuses    int // the state that is exchanged; −1: none
	level, flow []float64

	gathers gatheringReadout // nil: each follows its own
	whole   bool             // all follow what the whole cell collects
}

func (parameters *Parameters) pool() *pool {
	compartments := parameters.Compartments
	count := max(1, compartments.Count)
	pool := &pool{
		astrocyte: parameters.astrocyte(), count: count, topology: compartments.Topology, exchange: compartments.Exchange,
		diffuses: -1, level: make([]float64, count), flow: make([]float64, count), gathers: parameters.gathers(),
	}
	if diffusing, ok := pool.astrocyte.calcium.(diffusingCalcium); ok {
		pool.diffuses = diffusing.diffuses()
	}
	if parameters.TauCalcium > 0 || compartments.Spread == 0 {
		return pool
	}
	pool.settled = make([]float64, count*count)
	vectors, decays := compartments.Topology.modes(count)
	for k, vector := range vectors {
		less := 1 / (1 + float64(compartments.Spread*decays[k]))
		for c, x := range vector {
			for other, y := range vector {
				pool.settled[c*count+other] += float64(less * x * y)
			}
		}
	}
	return pool
}

// begin returns the state in which all compartments have settled at p.
func (pool *pool) begin(p float64) []float64 {
	var states []float64
	for range pool.count {
		states = append(states, pool.astrocyte.begin(p)...)
	}
	return states
}

// of returns a compartment's part of a state, or of its rates.
func (pool *pool) of(c int, states []float64) []float64 {
	return states[c*pool.astrocyte.states : (c+1)*pool.astrocyte.states]
}

// collect sets drives to what drives the calcium of each compartment whose processes
// collect sums: C times that or, where calcium settles at once, C times what has spread of it.
func (pool *pool) collect(sums, drives []float64) {
	sums = pool.followed(sums)
	for c := range drives {
		if pool.settled == nil {
			drives[c] = float64(pool.count) * sums[c]
		} else {
			drives[c] = float64(pool.count) * combined(pool.settled[c*pool.count:(c+1)*pool.count], sums)
		}
	}
}

// levels sets p of every compartment.
func (pool *pool) levels(course calciumCourse, drives, states, into []float64) {
	pool.astrocyte.calcium.levels(course, drives, states, pool.astrocyte.states, into)
}

// derivative sets the rates of change of all states, 1/s, those that are not 0.
func (pool *pool) derivative(course calciumCourse, drives, levels, states, rates []float64) {
	pool.astrocyte.calcium.derivatives(course, drives, states, pool.astrocyte.states, rates)
	if pool.astrocyte.states > pool.astrocyte.own {
		for c, p := range levels {
			pool.astrocyte.readOut(p, pool.of(c, states), pool.of(c, rates))
		}
	}
	if pool.diffuses < 0 || course == held {
		return
	}
	stride := pool.astrocyte.states
	for c := range pool.level {
		pool.level[c] = states[c*stride+pool.diffuses]
	}
	pool.topology.exchanged(pool.level, pool.flow)
	for c, flow := range pool.flow {
		rates[c*stride+pool.diffuses] += float64(pool.exchange * flow)
	}
}

// settle sets the states without a time constant of their own.
func (pool *pool) settle(course calciumCourse, drives, states []float64) {
	for c := range pool.count {
		pool.astrocyte.calcium.settle(course, drives[c], pool.of(c, states)[:pool.astrocyte.own])
	}
}

// parts returns the head's compartments: heads of the same tokens and values whose hidden
// neurons are those of one each. They are made on first use.
func (head *Head) parts(count int) ([]*Head, error) {
	if len(head.divided) == count {
		return head.divided, nil
	}
	if head.byGram() || head.Neurons%count != 0 {
		return nil, &CompartmentsError{count, head.Neurons}
	}
	size := head.Neurons / count
	cut := func(features []float64, c int) []float64 {
		part := make([]float64, 0, head.Tokens*size)
		for token := range head.Tokens {
			part = append(part, features[token*head.Neurons+c*size:][:size]...)
		}
		return part
	}
	head.divided = nil
	for c := range count {
		head.divided = append(head.divided, &Head{
			Tokens: head.Tokens, Neurons: size, Values: head.Values, PhiQ: cut(head.PhiQ, c), PhiK: cut(head.PhiK, c), V: head.V,
		})
	}
	return head.divided, nil
}

// Divide readies the head for so many compartments, so that what is left of it by ByGram
// can be solved with them, too.
func (head *Head) Divide(count int) error {
	_, err := head.parts(count)
	return err
}

// CompartmentsError reports hidden neurons that do not fall into so many compartments.
type CompartmentsError struct{ Compartments, Neurons int }

// Error says why.
func (failure *CompartmentsError) Error() string {
	if failure.Neurons == 0 {
		return fmt.Sprintf("model: %d compartments of hidden neurons that are known by their inner products alone", failure.Compartments)
	}
	return fmt.Sprintf("model: %d hidden neurons do not fall into %d compartments of as many", failure.Neurons, failure.Compartments)
}
