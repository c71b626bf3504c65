package experiment

import (
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// Costs of a whole model's answers: measured, of small models.
const (
	smallProduct = 8      // times productCost: the matrices of one input are small
	replaceCost  = 150e-6 // s, of one head that is replaced, its arithmetic aside
	replyBytes   = 500    // of a reply as text; and
	choiceBytes  = 350    // of the likeliest answers of one answerer to one question
	errorBytes   = 60     // of a head that is replaced
	layerBytes   = 90     // of a layer
	rowBytes     = 260    // of a line of responses.csv
	columnBytes  = 17 * 8 // of an input's numbers as they are added up
)

// answering estimates what the whole model's answers take, to one input or to a set: of a set the replies are on disk twice, in the
// journal that a run goes on from and in the run.
func (p *Prepared) answering() (e Estimate) {
	q := p.source.questions
	if q == nil && !swaps(p.Config) {
		return e
	}
	inputs := 1.0
	if q != nil {
		inputs = float64(q.Len())
	}
	m, n := p.source.model, p.first.heads[0].n
	passes, standIns := 1.0, 0.0
	switch {
	case p.Config.Swap.Mode == freeRunning:
		standIns = float64(1 + len(p.Config.Swap.Controls))
		passes += standIns
	case swaps(p.Config):
		passes, standIns = 2, 1
	}
	heads := float64(len(p.first.heads))
	each, drawn, used := passes*passSeconds(m, n), 0.0, 0.0
	for i := range p.first.heads {
		h := &p.first.heads[i]
		seconds, bytes := p.standInCosts(h)
		each += standIns * (replaceCost + seconds)
		used = max(used, bytes)
		drawn += float64(8 * neurons(p.Config, h) * h.d)
	}
	threads := 1.0
	if q != nil {
		threads = min(float64(p.threads()), inputs)
	}
	e.Seconds = inputs * each / threads
	memory := threads*(m.Memory(n)+used) + min(standIns*drawn, 8*mostDrawn)
	if weights := float64(m.Weights()); weights <= mostWeights {
		memory += 8 * weights
	}
	if q == nil {
		kept := 2*answerBytes(m, n) + float64(8*float64(len(p.Config.Swap.Controls))*float64(n*m.Scores()+m.Width()))
		e.Memory = saturated(memory + kept)
		if p.Config.Record.Arrays != "none" {
			e.Disk = saturated(kept)
		}
		return e
	}
	answerers := passes
	if p.Config.Swap.Mode == teacherForced {
		answerers = 1
	}
	asked, numbers := p.askedOfFirst()
	text := replyBytes + choiceBytes*answerers*min(float64(asked), mostQuestions) + min(standIns, 1)*(errorBytes*heads+layerBytes*float64(m.Layers()))
	e.Disk = saturated(inputs * (text + rowBytes))
	if p.Config.Record.Arrays == "all" {
		e.Disk = saturated(float64(e.Disk) + 2*8*inputs*answerers*numbers)
	}
	e.Memory = saturated(memory + columnBytes*inputs)
	return e
}

// passSeconds is the time of one pass of the transformer over n tokens.
func passSeconds(m *transformer.Model, n int) float64 {
	tokens, heads := float64(n), float64(m.Layers()*m.Heads())
	products := 2*tokens*float64(m.Weights()) + 4*heads*tokens*tokens*float64(m.HeadDim())
	return smallProduct*products*productCost[kernel.Name()] + heads*tokens*tokens*pairCost
}

// standInCosts are the time and the bytes of solving the network once, on the rung that stands in a head's place.
func (p *Prepared) standInCosts(h *headInput) (seconds, used float64) {
	lean, cfg := *p, *p.Config
	cfg.Record.Arrays, cfg.Record.Features, cfg.Record.Attention = "none", false, false
	cfg.Record.Variables = nil
	if cfg.Swap.Rung != compare.Solver {
		cfg.Solver.Method = "exact"
	}
	lean.Config = &cfg
	_, used, _ = lean.headBytes(h)
	z := lean.sizesOf(h)
	product := smallProduct * productCost[kernel.Name()]
	seconds = 2*z.n*z.m*featureCost + 4*z.n*z.m*(z.d+z.dv)*product + 12*z.n*z.m*streamCost
	if integrated(&cfg) && cfg.Solver.Method != "exact" {
		seconds += z.segments * segmentSteps * stages * stageCost
	}
	return seconds, used
}

// askedOfFirst is how many questions the first input asks, and how many numbers an answerer's arrays of it hold.
func (p *Prepared) askedOfFirst() (questions int, numbers float64) {
	m := p.source.model
	if m.Embeds() {
		numbers = float64(m.Width())
	}
	if m.Reads() == "" {
		return 0, numbers
	}
	rows := 1
	in := p.source.questions.sample
	if m.Reads() != transformer.ReadsClasses {
		rows = in.Len()
	}
	questions = len(answerRows(m, in, rows))
	return questions, numbers + float64(questions*m.Scores())
}
