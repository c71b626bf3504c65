package experiment

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// Options are what a run is asked for besides its configuration.
type Options struct {
	Name      string        // of the configuration, for the run's identity
	Threads   int           // heads solved at once; 0: one for each processor
	Target    rundir.Target // where it goes; without a path, runs/ and its identity
	NoFigures bool

	// Survey plans a run that needs more memory than there is without its sample: it
	// can be estimated, and not run.
	Survey bool
}

// Prepared is a run whose input and model are loaded and checked.
type Prepared struct {
	Config  *config.Config
	Options Options

	source   *source
	first    *sample        // which has been looked at already
	journal  *journal       // of the replies to a set, while it is asked
	resolved *config.Config // as config.yaml will say it
}

// Plan loads the input and the model and checks all that can be wrong before
// the first integration step. Its errors are [config.Problems] where a key is
// at fault, and [ShortOfMemory] where the machine is. Of the samples it holds the
// first, which it makes once it is known that there is memory for it.
func Plan(ctx context.Context, cfg *config.Config, opt Options) (*Prepared, error) {
	if err := kernel.Check(); err != nil {
		return nil, err
	}
	from, err := load(cfg)
	if err != nil {
		return nil, err
	}
	if takesFile(cfg) {
		if err := from.takeFile(cfg); err != nil {
			return nil, err
		}
	}
	p := &Prepared{Config: cfg, Options: opt, source: from, first: &sample{heads: from.sizes}}
	p.resolved = p.resolve()
	if err := p.Short(); err != nil {
		if opt.Survey {
			return p, nil
		}
		return nil, err
	}
	if p.first, err = from.at(ctx, 0); err != nil {
		return nil, err
	}
	p.first.warnings = append(append(p.first.warnings, doubtCircuit(cfg)...), doubtHeads(p.first.heads)...)
	p.first.warnings = append(p.first.warnings, doubtTuning(cfg)...)
	if err := cfg.CompartmentsProblem(neurons(cfg, &p.first.heads[0])); err != nil {
		return nil, err
	}
	if err := cfg.LatencyProblem(p.first.heads[0].n); err != nil {
		return nil, err
	}
	if err := p.tryDraws(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// mostTried is how many features are drawn before the run, for the sake of what may be
// wrong with them.
const mostTried = 1 << 22

// tryDraws draws the hidden layers of the first heads, as many as take no time: tokens
// that are too long for the map, or that no neuron answers to, show there.
func (p *Prepared) tryDraws(ctx context.Context) error {
	drawn := 0
	for i := range p.first.heads {
		in := &p.first.heads[i]
		if drawn += 2 * in.n * max(neurons(p.Config, in), in.n); drawn > mostTried {
			return nil
		}
		if _, err := buildCircuit(ctx, p.Config, in); ctx.Err() != nil {
			return err
		} else if err != nil {
			key := "network.features.map"
			if in.given() {
				key = "input.tensors.file"
			}
			return problem(p.Config, key, err.Error(), "", "")
		}
	}
	return nil
}

// Warnings say where the input may mean something else than it is taken for.
func (p *Prepared) Warnings() []string {
	var texts []string
	for _, w := range p.first.warnings {
		texts = append(texts, w.Text)
	}
	return texts
}

// resolve returns the configuration with its inputs pointing into inputs/ and its model pinned by hash. A set, which is not copied,
// and a model's directory are named in full: the file is read from where the run is.
func (p *Prepared) resolve() *config.Config {
	c := *p.Config
	if given := p.source.given(); len(given) > 0 {
		file := "inputs/" + given[0].Name
		switch in := c.Input; {
		case in.Text != nil:
			text := *in.Text
			text.File = file
			c.Input.Text = &text
		case in.Image != nil:
			c.Input.Image = &config.Image{File: file}
		case in.Tensors != nil:
			c.Input.Tensors = &config.Tensors{File: file}
		case in.Texts != nil:
			c.Input = placed(in, inFull)
		case in.Images != nil:
			c.Input = placed(in, inFull)
		}
	}
	if p.source.maps != "" {
		c.Network.Features.File = p.source.maps
	}
	if m := p.source.model; m != nil {
		c.Transformer.SHA256 = m.SHA256()
		if !m.Embedded() {
			c.Transformer.Model = inFull(c.Transformer.Model)
		}
	}
	return &c
}

// placed is the input of a set with its paths put otherwise.
func placed(in config.Input, put func(path string) string) config.Input {
	var paths []*string
	if in.Texts != nil {
		texts := *in.Texts
		in.Texts, paths = &texts, []*string{&texts.File}
	} else {
		images := *in.Images
		in.Images, paths = &images, []*string{&images.Dir, &images.IDX, &images.NPZ, &images.Labels}
	}
	for _, path := range paths {
		if *path != "" {
			*path = put(*path)
		}
	}
	return in
}

// inFull is an absolute path; where there is no working directory, the path as it is.
func inFull(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// identified is the resolved configuration as a run is told apart by it: a set by what is in it, not by where it lies.
func (p *Prepared) identified() *config.Config {
	c := *p.resolved
	c.Transformer.Model = p.Config.Transformer.Model
	if p.source.questions != nil {
		c.Input = placed(c.Input, func(string) string { return "inputs" })
	}
	return &c
}

// Numerics is the version of what computes a run's numbers. It rises with every
// change after which a configuration gives other bytes in metrics.json or in the
// arrays; it is a part of a run's identity, so that numbers of two versions are
// never taken for each other.
const Numerics = 2

// Identity is the name of the run: the configuration's name and 8 hex digits of
// its hash.
func (p *Prepared) Identity() string { return rundir.Identity(p.Options.Name, p.Hash()) }

// Hash is that of all that the numbers depend on: the version of the numerics, the
// kernels, what the resolved configuration says, everything read.
func (p *Prepared) Hash() string {
	parts := [][]byte{
		fmt.Appendf(nil, "numerics %d", Numerics), fmt.Appendf(nil, "kernels %s", kernel.Name()),
		config.Identity(p.identified()),
	}
	hashes := p.hashes()
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		parts = append(parts, []byte(name+" "+hashes[name]))
	}
	return rundir.Hash(parts...)
}

// hashes returns the SHA-256 of every file read: inputs/… and model/….
func (p *Prepared) hashes() map[string]string {
	hashes := map[string]string{}
	for _, f := range p.source.files {
		hashes["inputs/"+f.Name] = f.SHA256
	}
	if p.source.model != nil {
		for _, f := range p.source.model.Files() {
			hashes["model/"+f.Name] = f.SHA256
		}
	}
	return hashes
}

// Heads lists the selected heads as layer:head.
func (p *Prepared) Heads() []string {
	var names []string
	for _, h := range p.first.heads {
		names = append(names, fmt.Sprintf("%d:%d", h.layer, h.head))
	}
	return names
}

// Summary is one line on what will be run.
func (p *Prepared) Summary() string {
	h := &p.first.heads[0]
	size := "infinitely many hidden neurons"
	if p.Config.Network.Parameters().Replicated() {
		size = fmt.Sprintf("a gain for each, %d synapses a head", h.n*(h.d+h.dv))
	} else if m := neurons(p.Config, h); m > 0 {
		size = fmt.Sprintf("%d hidden neurons, %d synapses a head", m, m*h.dv)
	}
	heads := fmt.Sprintf("heads %s: %d tokens, %s", strings.Join(p.Heads(), " "), h.n, size)
	q := p.source.questions
	if q == nil {
		return heads
	}
	inputs := fmt.Sprintf("%d inputs", q.Len())
	if p.journal != nil && p.journal.done > 0 {
		inputs += fmt.Sprintf(", to %d of which there are replies already", p.journal.done)
	}
	return inputs + "; " + heads
}

// neurons is the number m of a head's hidden neurons.
func neurons(cfg *config.Config, h *headInput) int {
	switch {
	case h.given():
		return h.m
	case h.drawn != nil:
		return h.drawn.Neurons
	}
	return cfg.Network.Features.Neurons
}
