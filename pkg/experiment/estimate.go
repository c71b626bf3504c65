package experiment

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Estimate is what a run will take, from the sizes of its arrays and the counts
// of its operations. Time is roughly that of one core of a 2025 x86-64 server, and
// memory counts no garbage: take both for their order of magnitude.
type Estimate struct {
	Seconds float64
	Memory  int64 // bytes, at the peak
	Disk    int64 // bytes
}

// Costs, in seconds.
const (
	streamCost       = 1.0 / 4e9 // of one floating-point operation in the network's recurrences
	drawCost         = 1e-8      // of one entry of the hidden layer's tuning: drawn
	writeCost        = 1.2e-8    // and written
	featureCost      = 2e-9      // of one feature, its matrix product aside
	stageCost        = 1.5e-7    // of one stage of the reduced coordinates
	fullCost         = 1e-9      // of one variable in one stage of the full state
	processCost      = 3.3e-9    // of one variable in one stage of emergent division's full state
	exchangeCost     = 3.1e-8    // of one entry of its Jacobian, in one step of an implicit method
	solveCost        = 4.5e-11   // of the cube of their number in its factors
	sampleCost       = 3e-7      // of one sample of a trajectory, by integration
	apartCost        = 4.5e-4    // of a segment whose astrocyte has no closed form, by integration
	followCost       = 4e-5      // of f in its time constant, where it is followed through such a read
	effortCost       = 4.7e-7    // of one evaluation of a derivative in the search for a remedy
	exactSample      = 3e-6      // of one by the exact solution
	poolCost         = 2e-6      // of a compartment in a read, by the exact solution
	mixingCost       = 8e-9      // of what two compartments have to do with each other there
	poolReads        = 6         // reads for each: the rung, its average and peaks, and the cause alone
	poolStage        = 3.5e-8    // of a compartment in a stage of the reduced coordinates
	poolSample       = 1e-6      // of a compartment in a sample by the exact solution
	gainCost         = 4e-9      // of one gain of a replicator, at one time
	gainTimes        = 150       // at which it is looked at throughout a read
	segmentSteps     = 45        // typical steps of an adaptive method in a segment
	stages           = 7
	shortestFollowed = 1e-3    // s, of time constants of f that are counted with
	longestRate      = 3.3     // step times rate at which stability limits an explicit method of order 5
	implicitly       = 6000    // time constants in a segment from which on the exact rung integrates it implicitly
	stiffCost        = 4       // in units of what it costs explicitly where it is not stiff
	figureCost       = 0.25    // of one figure
	pairCost         = 25e-9   // of one query and key in softmax, their products aside
	entryCost        = 80e-9   // of one entry of an attention matrix: found, measured, written
	carryCost        = 3.5e-10 // of one entry of a value vector that a segment passes a token's memory
)

// Of a compartment, bytes: what a segment's products take, the tables of its calcium, and those of
// it at the times of samples.
const (
	segmentBytes    = 170
	poolBytes       = 2.5e5
	poolSampleBytes = 1.7e6
)

// productCost is that of one floating-point operation in a matrix product, by
// kernel path.
var productCost = map[string]float64{"avx512": 1.0 / 80e9, "avx2": 1.0 / 40e9, "generic": 1.0 / 5e9}

// Estimate tells the time, memory and disk that Execute will take.
func (p *Prepared) Estimate() Estimate {
	var e Estimate
	working, largest := p.source.held, 0.0
	if p.Config.Record.Model {
		whole := answerBytes(p.source.model, p.first.heads[0].n)
		working, e.Disk = working+whole, saturated(whole)
	}
	heads, threads := float64(len(p.first.heads)), float64(min(p.threads(), len(p.first.heads)))
	for i := range p.first.heads {
		h := &p.first.heads[i]
		kept, used, disk := p.headBytes(h)
		e.Seconds += p.headSeconds(h) / threads
		e.Disk = saturated(float64(e.Disk) + disk)
		working += kept
		largest = max(largest, used)
	}
	if reach := reaches[p.Config.Record.Remedy]; takesSteps(p.Config) { // all of it, though it may be found sooner
		e.Seconds += float64(reach.effort) * effortCost / threads
	}
	answering := p.answering()
	e.Seconds, e.Disk = e.Seconds+answering.Seconds, saturated(float64(e.Disk)+float64(answering.Disk))
	e.Memory = saturated(working + max(largest*threads, float64(answering.Memory)))
	if drawn := min(heads, figureHeads); !p.Options.NoFigures {
		e.Seconds += figureCost * (2 + 3*drawn)
		e.Memory = saturated(float64(e.Memory) + 80e6)
		e.Disk = saturated(float64(e.Disk) + 1e6*(1+2*drawn))
	}
	return e
}

// takesSteps reports whether rung exact integrates its astrocyte.
func takesSteps(cfg *config.Config) bool {
	return integrated(cfg) && counts(cfg.Network.Parameters())
}

// Then is what a run takes and another after it.
func (e Estimate) Then(next Estimate) Estimate {
	return Estimate{e.Seconds + next.Seconds, max(e.Memory, next.Memory), saturated(float64(e.Disk) + float64(next.Disk))}
}

// saturated is a number of bytes, or the largest that there is a type for.
func saturated(bytes float64) int64 {
	if !(bytes < math.MaxInt64) {
		return math.MaxInt64
	}
	return int64(bytes)
}

// sizes are a head's, as estimates count with them.
type sizes struct {
	n, d, dv, m             float64
	width, square           float64 // of a value vector; of a matrix of attention
	segments, rungs, sample float64 // how many there are
	pools                   float64 // compartments of the astrocyte, where there is more than one
	held                    bool    // features are, while the head is solved
}

func (p *Prepared) sizesOf(h *headInput) sizes {
	z := sizes{
		n: float64(h.n), d: float64(h.d), dv: float64(h.dv), m: float64(neurons(p.Config, h)), width: float64(h.dv),
		segments: float64(p.segments(h)), rungs: float64(len(rungsOf(p.Config, h))), sample: p.samples(h), held: holdsFeatures(p.Config, h),
	}
	if count := p.Config.Network.Parameters().Compartments.Count; count > 1 {
		z.pools = float64(count)
	}
	if p.Config.Record.Attention {
		z.width, z.square = z.dv+z.n, z.n*z.n
	}
	return z
}

// headSeconds returns the time of one head.
func (p *Prepared) headSeconds(h *headInput) float64 {
	cfg, network, z := p.Config, p.Config.Network.Parameters(), p.sizesOf(h)
	n, d, dv, m := z.n, z.d, z.dv, z.m
	product := productCost[kernel.Name()]
	seconds := 2*n*m*featureCost + 4*n*m*d*product
	if cfg.Record.Attention {
		seconds += 6*n*n*m*product + z.rungs*n*n*entryCost
		switch {
		case !p.carries():
		case network.Causal:
			seconds += z.segments * n * z.width * carryCost
		default:
			seconds += 4 * n * n * z.width * product // what all reads recall, at once
		}
		if network.Causal {
			seconds += 4 * n * n * n * product // the exact solution: each row depends on those before it
		}
	} else if !z.held {
		seconds += 6 * n * n * m * product
	} else {
		// Every solution is a few products of n × m and m × d_v matrices.
		seconds += float64(p.solutions(h, network)) * (4*n*m*dv*product + 12*n*m*streamCost)
	}
	if !h.given() {
		draws := 1.0 // of the hidden layer
		if !z.held && cfg.Record.Features {
			draws++
		}
		seconds += n*n*pairCost + 2*n*n*(2*d+dv)*product + draws*m*d*drawCost
	}
	if predictable(cfg, h) {
		seconds += 4 * n * n * n * 2 * product // at most two quadratic forms of two products each
	}
	if !network.Closed() { // the exact rung, its average and peaks, the read-out alone and that at m = ∞
		seconds += (5*z.segments*apartCost + followCost*n*network.Read/max(network.TauOutput, shortestFollowed)) * (1 + z.pools/5) * p.stiffer(&z)
	} else if z.segments > 0 {
		seconds += poolReads * n * (z.pools*poolCost + z.pools*z.pools*mixingCost)
	}
	steps := p.steps(h, &z)
	switch {
	case cfg.Solver.Method == "exact":
		seconds += z.sample * (exactSample + z.pools*poolSample)
	case cfg.Solver.State == "full" && network.Emergent():
		seconds += p.processSeconds(&z)
	case cfg.Solver.State == "full":
		seconds += steps * stages * fullVariables(cfg, &z) * fullCost
	case integrated(cfg):
		seconds += steps*stages*(stageCost+z.pools*poolStage) + z.sample*sampleCost
	}
	if network.Replicated() && integrated(cfg) {
		times := gainTimes + 3.0
		if cfg.Solver.Method != "exact" {
			times += steps / z.segments * stages
		}
		seconds += n * n * times * gainCost
	}
	if cfg.Record.Features && !h.given() {
		seconds += m * d * writeCost
	}
	return seconds
}

// steps is how many the solver takes of a network's reduced or full state. Those of an explicit method
// are no longer than stability allows.
func (p *Prepared) steps(h *headInput, z *sizes) float64 {
	cfg, network := p.Config, p.Config.Network.Parameters()
	switch {
	case cfg.Solver.Step > 0:
		return network.Duration(h.n) / float64(cfg.Solver.Step)
	case implicit(cfg.Solver.Method):
		return z.segments * segmentSteps
	default:
		return max(z.segments*segmentSteps, network.Duration(h.n)/(longestRate*p.fastest(z)))
	}
}

// fastest is the shortest time constant that is integrated, s. That of synapses whose division
// emerges is τ_s m/(σ Z), where Z is taken for the number of tokens.
func (p *Prepared) fastest(z *sizes) float64 {
	fastest, _ := p.Config.Fastest()
	if network := p.Config.Network; network.Parameters().Emergent() {
		synapse := network.Parameters().TauSynapse * z.m / (network.EmergentDivision.Processes(int(z.m)) * z.n)
		if synapse > 0 {
			fastest = min(fastest, synapse)
		}
	}
	return fastest
}

// stiffer is how many times as long the exact rung integrates what has no closed form where
// the longest segment has so many fastest time constants that it is integrated implicitly.
func (p *Prepared) stiffer(z *sizes) float64 {
	network := p.Config.Network.Parameters()
	if max(network.Read, network.Write, network.Gap) > implicitly*p.fastest(z) {
		return stiffCost
	}
	return 1
}

// processSeconds returns the time in which emergent division's full state is integrated.
// Only reads are, and all processes exchange calcium at once, at the rate d_v m/τ_x, which is
// fast: an explicit method's steps are as long as that allows, and an implicit one factorises
// a matrix in which every process stands with every other.
func (p *Prepared) processSeconds(z *sizes) float64 {
	if processes := z.dv * z.m; implicit(p.Config.Solver.Method) {
		return p.processSteps(z) * (processes*processes*exchangeCost + processes*processes*processes*solveCost)
	}
	return p.processSteps(z) * stages * fullVariables(p.Config, z) * processCost
}

// processSteps is how many steps that takes.
func (p *Prepared) processSteps(z *sizes) float64 {
	network, solver := p.Config.Network.Parameters(), p.Config.Solver
	switch {
	case solver.Step > 0:
		return z.n * network.Read / float64(solver.Step)
	case implicit(solver.Method):
		return z.n * segmentSteps
	}
	return z.n * (segmentSteps + network.Read*z.dv*z.m/network.TauExchange/longestRate)
}

// fullVariables is how many are integrated where every neuron and synapse is.
func fullVariables(cfg *config.Config, z *sizes) float64 {
	if cfg.Network.Circuit == model.EmergentDivision.String() {
		return z.dv*z.m + z.width*z.m + z.width // p, s and f
	}
	return 2*z.m + z.width + z.width*z.m // h, g, f and H
}

// headBytes returns the bytes of one head that stay until it is written, those that are
// used while it is solved, and those on disk.
func (p *Prepared) headBytes(h *headInput) (kept, used, disk float64) {
	cfg, z := p.Config, p.sizesOf(h)
	n, d, dv, m := z.n, z.d, z.dv, z.m
	tuning, held := m*(d+1)*8, 2*n*(m+d)*8
	if !z.held {
		tuning, held = 0, (4*n*n+(2*n+d)*features.TileNeurons)*8 // inner products and a tile
		if features.HasPhases(cfg.Network.Features.Map) {
			tuning = m * 8
		}
	}
	columns := m
	if cfg.Network.Parameters().Replicated() {
		columns = n // gains of tokens
	}
	shown := 2.0
	if cfg.Network.Parameters().Emergent() {
		shown = 4 // processes and synapses, too
	}
	recorded := z.sample * (shown*math.Min(float64(cfg.Record.Neurons), columns) + 2 + 3 + max(0, z.pools-1)) * 8
	answers := (z.rungs*(z.square+n*dv+n) + 2*n*z.pools) * 8
	room := 0.0 // for what the network has and is written only if it is asked for
	for _, channel := range model.Channels() {
		if channel.Asked && channel.Has(cfg.Network.Parameters()) {
			room += z.sample * 8
		}
	}
	kept, used = answers+recorded+room+4*z.square*8, held+2*n*z.width*8+4*z.square*8
	if cfg.Solver.Method != "exact" && cfg.Solver.State == "full" {
		used += (stages + 6) * fullVariables(cfg, &z) * 8
		if processes := dv * m; cfg.Network.Parameters().Emergent() && implicit(cfg.Solver.Method) {
			used += 48 * processes * processes // its Jacobian's entries, and its factors
		}
	}
	if z.pools > 0 { // its features are held twice, and by time each has inner products of all of them
		matrices := 2 * math.Max(z.square, n*dv)
		if z.sample > 0 || p.carries() {
			matrices += 4 * z.square
		}
		used += 2*n*m*8 + z.pools*(z.segments*segmentBytes+matrices*8+6*z.pools*8+poolBytes)
		if z.sample > 0 && cfg.Solver.Method == "exact" {
			used += z.pools * poolSampleBytes
		}
	}
	if predictable(cfg, h) {
		used += 6 * z.square * 8 // Gram matrices of the keys
	}
	if cfg.Record.Features {
		kept += tuning
	} else {
		used += tuning
	}
	switch cfg.Record.Arrays {
	case "all":
		disk = n*(2*d+dv)*8 + answers + recorded
	case "summary":
		disk = n*(2*d+dv)*8 + (z.rungs*(n*dv+n)+2*n*z.pools)*8
	}
	switch {
	case cfg.Record.Features && h.given():
		disk += 2 * n * m * 8
	case cfg.Record.Features:
		disk += m * (d + 1) * 8
	}
	return kept, used, disk
}

// segments is the number of segments in which a head's tokens are presented to
// the solver.
func (p *Prepared) segments(h *headInput) int {
	if !integrated(p.Config) {
		return 0
	}
	return p.Config.Network.Parameters().Segments(h.n)
}

// carries reports whether a solution carries the attention along segment by
// segment, as value vectors of N more entries: the solver's by reduced state.
func (p *Prepared) carries() bool {
	s := p.Config.Solver
	return integrated(p.Config) && s.Method != "exact" && s.State != "full"
}

// solutions is the number of times a head's network is solved: its sums, each
// rung, and the exact one with each cause alone. By method exact the solver's is
// solved again only to be recorded.
func (p *Prepared) solutions(h *headInput, network model.Parameters) int {
	count := 1
	for _, rung := range rungsOf(p.Config, h) {
		switch rung {
		case compare.Softmax: // no network
		case compare.Exact:
			count += 1 + len(compare.CausesIn(network, nil))
		case compare.Solver:
			if solvedAgain(p.Config) {
				count++
			}
		default:
			count++
		}
	}
	return count
}

// samples is the number of samples of a trajectory.
func (p *Prepared) samples(h *headInput) float64 {
	if !recorded(p.Config) {
		return 0
	}
	r := model.Recorder{Every: float64(p.Config.Record.Every)}
	return r.Samples(p.Config.Network.Parameters().Duration(h.n))
}
