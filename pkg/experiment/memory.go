package experiment

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/nasim-sim/nasim/internal/disk"
	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
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

// ShortOfDisk is the error of a run that writes more than there is room for.
type ShortOfDisk struct {
	Needed, There float64 // bytes
	Where         string  // it was to be written
	Remedy        string  // what would do
}

// Error says how much is needed, how much there is, and the way out.
func (s *ShortOfDisk) Error() string {
	return fmt.Sprintf("the run writes %s, and there are %s on the disk of %s; %s", memory.About(s.Needed), memory.Text(s.There), s.Where, s.Remedy)
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
			if strings.HasSuffix(f.Name, ".safetensors") {
				continue // stays on disk
			}
			held += float64(2 * f.Bytes)
		}
	}
	return held
}

// Short is [ShortOfMemory] or [ShortOfDisk] where that is so. It needs nothing but the
// sizes of the heads.
func (p *Prepared) Short() error {
	estimate := p.Estimate()
	has, known := memory.There()
	there := float64(has)
	if needed := float64(estimate.Memory); known && needed > there {
		return &ShortOfMemory{needed, there, p.sparing(there)}
	}
	where := cmp.Or(p.Options.Target.Path, defaultParent)
	free, known := disk.Free(where)
	if needed := float64(estimate.Disk); known && needed > free {
		return &ShortOfDisk{needed, free, where, p.briefer(free)}
	}
	return nil
}

// briefer is a way to write less.
func (p *Prepared) briefer(free float64) string {
	for _, way := range []struct {
		text  string
		apply func(*config.Record)
	}{
		{"record.features: false", func(r *config.Record) { r.Features = false }},
		{"record.arrays: summary", func(r *config.Record) { r.Arrays = "summary" }},
		{"record.arrays: none", func(r *config.Record) { r.Arrays = "none" }},
		{"record.arrays: none and record.features: false", func(r *config.Record) { r.Arrays, r.Features = "none", false }},
	} {
		lean, cfg := *p, *p.Config
		lean.Config = &cfg
		way.apply(&cfg.Record)
		if least := float64(lean.Estimate().Disk); least <= free {
			return fmt.Sprintf("with %s it is %s", way.text, memory.About(least))
		}
	}
	return "take fewer tokens, hidden neurons (network.features.neurons) or heads (transformer.select), or another disk (--out)"
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
