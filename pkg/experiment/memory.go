package experiment

import (
	"fmt"

	"github.com/nasim-sim/nasim/internal/memory"
)

// ShortOfMemory is the error of a run that needs more memory than there is.
type ShortOfMemory struct {
	Needed, There float64 // bytes
	Remedy        string  // what would do
}

// Error says how much is needed, how much there is, and the way out.
func (s *ShortOfMemory) Error() string {
	return fmt.Sprintf("the run needs %s of memory, and there are %s; %s", memory.About(s.Needed), memory.Text(s.There), s.Remedy)
}

// Held is about how many bytes the plan itself takes until it is run.
func (p *Prepared) Held() float64 {
	held := p.source.held
	for _, h := range p.first.heads {
		if h.softmax != nil {
			held += float64(8 * (len(h.softmax.attention) + len(h.softmax.output) + 2*len(h.softmax.z)))
		}
	}
	if m := p.source.model; m != nil && !m.Embedded() { // else all share it
		for _, f := range m.Files() {
			held += float64(2 * f.Bytes)
		}
	}
	return held
}

// Short is [ShortOfMemory] where that is so. It needs nothing but the sizes of the
// heads.
func (p *Prepared) Short() error {
	has, known := memory.There()
	there := float64(has)
	if needed := float64(p.Estimate().Memory); known && needed > there {
		return &ShortOfMemory{needed, there, p.sparing(there)}
	}
	return nil
}

// sparing is a way to do with less: the first that is found to do or, where none is,
// what the memory depends on.
func (p *Prepared) sparing(there float64) string {
	for _, way := range []struct {
		text  string
		apply func(*Prepared)
	}{
		{"with --no-figures it needs %s", func(p *Prepared) { p.Options.NoFigures = true }},
		{"with --threads 1 it needs %s", func(p *Prepared) { p.Options.Threads = 1 }},
		{"with record.attention: false it needs %s", func(p *Prepared) { p.Config.Record.Attention = false }},
		{"with record.attention: false and --threads 1 it needs %s", func(p *Prepared) {
			p.Config.Record.Attention, p.Options.Threads = false, 1
		}},
		{"with fewer points of the trajectory (record.variables: []) it needs %s", func(p *Prepared) { p.Config.Record.Variables = nil }},
	} {
		lean, cfg := *p, *p.Config
		lean.Config = &cfg
		way.apply(&lean)
		if least := float64(lean.Estimate().Memory); least <= there {
			return fmt.Sprintf(way.text, memory.About(least))
		}
	}
	return "take fewer tokens, hidden neurons (network.features.neurons) or heads (transformer.select), or a machine that has more"
}
