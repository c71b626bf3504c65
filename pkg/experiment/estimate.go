package experiment

import (
	"math"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/model"
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
	streamCost   = 1.0 / 4e9 // of one floating-point operation in the network's recurrences
	featureCost  = 2e-9      // of one feature, its matrix product aside
	stageCost    = 1.5e-7    // of one stage of the reduced coordinates
	fullCost     = 1e-9      // of one variable in one stage of the full state
	sampleCost   = 3e-7      // of one sample of a trajectory, by integration
	exactSample  = 3e-6      // of one by the exact solution
	segmentSteps = 45        // typical steps of an adaptive method in a segment
	stages       = 7
	figureCost   = 0.25  // of one figure
	pairCost     = 25e-9 // of one query and key in softmax, their products aside
	entryCost    = 80e-9 // of one entry of an attention matrix: found, measured, written
	carryCost    = 6e-10 // of one entry of a value vector that a segment passes a token's memory
)

// productCost is that of one floating-point operation in a matrix product, by
// kernel path.
var productCost = map[string]float64{"avx512": 1.0 / 80e9, "avx2": 1.0 / 40e9, "generic": 1.0 / 5e9}

// Estimate tells the time, memory and disk that Run and Write will take, the
// standard figures included.
func (p *Prepared) Estimate() Estimate {
	var e Estimate
	var working, largest float64
	heads := float64(len(p.input.heads))
	for i := range p.input.heads {
		seconds, kept, used, disk := p.estimateHead(&p.input.heads[i])
		e.Seconds += seconds / float64(p.threads())
		e.Disk += int64(disk)
		working += kept
		largest = max(largest, used)
	}
	e.Seconds += figureCost * (2 + 3*min(heads, 4))
	e.Memory = int64(working+largest*float64(p.threads())) + 80e6 // figures
	e.Disk += int64(1e6 * (1 + 2*min(heads, 4)))
	return e
}

// estimateHead returns the time of one head, the bytes that stay until it is
// written, those that are used while it is solved, and those on disk.
func (p *Prepared) estimateHead(h *headInput) (seconds, kept, used, disk float64) {
	cfg := p.Config
	n, d, dv, m := float64(h.n), float64(h.d), float64(h.dv), float64(h.m)
	if !h.given() {
		m = float64(cfg.Network.Features.Neurons)
	}
	width, square := dv, 0.0 // of a value vector; of a matrix of attention
	if cfg.Record.Attention {
		width, square = dv+n, n*n
	}
	segments := float64(p.segments(h.n))
	rungs := 4.0
	if cfg.Solver.Method == "none" {
		rungs = 2
	}
	product := productCost[kernel.Name()]
	seconds = 2*n*m*featureCost + 4*n*m*d*product
	if cfg.Record.Attention {
		seconds += 6*n*n*m*product + rungs*n*n*entryCost + p.carried(h.n)*segments*n*width*carryCost
		if cfg.Network.Schedule.Order == "causal" {
			seconds += 4 * n * n * n * product // the exact solution: each row depends on those before it
		}
	} else {
		seconds += p.outputsAlone(n, m, dv)
	}
	if !h.given() {
		seconds += n*n*pairCost + 2*n*n*(2*d+dv)*product
	}

	samples := p.samples(h.n)
	steps := segments * segmentSteps
	if cfg.Solver.Step > 0 {
		steps = p.duration(h.n) / float64(cfg.Solver.Step)
	}
	switch {
	case cfg.Solver.Method == "exact":
		seconds += samples * exactSample
	case cfg.Solver.State == "full":
		seconds += steps * stages * (2*m + width + width*m) * fullCost
		used += (stages + 6) * width * m * 8
	case cfg.Solver.Method != "none":
		seconds += steps*stages*stageCost + samples*sampleCost
	}

	recorded := samples * (2*math.Min(float64(cfg.Record.Neurons), m) + 2 + 3) * 8
	answers := rungs * (square + n*dv + n) * 8
	tuning := m * (d + 1) * 8
	kept = 2*n*m*8 + tuning + answers + 2*recorded + 4*square*8
	used += 2*n*m*8 + 2*n*width*8 + 4*square*8
	switch cfg.Record.Arrays {
	case "all":
		disk = answers + recorded
	case "summary":
		disk = rungs * (n*dv + n) * 8
	}
	if cfg.Record.Features {
		disk += tuning
	}
	return seconds, kept, used, disk + 3*n*d*8
}

// carried is how many solutions carry the attention along segment by segment, as
// value vectors of N more entries: the solver's, if it is causal or recorded.
func (p *Prepared) carried(n int) float64 {
	method, causal := p.Config.Solver.Method, p.Config.Network.Schedule.Order == "causal"
	if method != "none" && method != "exact" && (causal || p.samples(n) > 0) {
		return 1
	}
	return 0
}

// outputsAlone is the time in which every rung of the network is solved where
// nobody asks for its attention: each rung, and each cause, is a few products of
// n × m and m × d_v matrices.
func (p *Prepared) outputsAlone(n, m, dv float64) float64 {
	solutions := 2.0 // of the discrete network: its sums, then its answers
	if p.Config.Solver.Method != "none" {
		solutions += 2 + float64(len(model.Causes()))
	}
	return solutions * (4*n*m*dv*productCost[kernel.Name()] + 12*n*m*streamCost)
}

// duration is the length of the schedule for n tokens, in s.
func (p *Prepared) duration(n int) float64 {
	s := p.Config.Network.Schedule
	return float64(n) * float64(s.Write+s.Read+2*s.Gap)
}

// samples is the number of samples of a trajectory.
func (p *Prepared) samples(n int) float64 {
	r := p.Config.Record
	if len(r.Variables) == 0 || r.Arrays != "all" || p.Config.Solver.Method == "none" {
		return 0
	}
	return p.duration(n)/float64(r.Every) + 1
}
