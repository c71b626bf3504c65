package experiment

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// subject names what a figure of the i-th head shows: the input, the model and the
// head, and of the conditions those that matter most, where all runs share them.
func (d *drawing) subject(i int) string {
	h := d.arrays[0].heads[i]
	return d.titled(fmt.Sprintf("layer\u00a0%d, head\u00a0%d", h.layer, h.head))
}

// allHeads is the subject of a figure of all heads; of more than one it names none.
func (d *drawing) allHeads() string {
	if heads := d.arrays[0].heads; len(heads) != 1 {
		return d.titled(fmt.Sprintf("%d\u00a0heads", len(heads)))
	}
	return d.subject(0)
}

// titled is the subject of a figure of the heads that are named.
func (d *drawing) titled(heads string) string {
	var parts []string
	if d.runs[0].ofSet() {
		parts = append(parts, "first input")
	}
	if heads != "" {
		parts = append(parts, heads)
	}
	return d.subjectOf(append(parts, "N\u00a0=\u00a0"+plotting.Thousands(d.arrays[0].tokens)))
}

// subjectOf names the input and the model, then these parts, then the conditions.
func (d *drawing) subjectOf(more []string) string {
	r := d.runs[0]
	parts := []string{inputName(r.Config)}
	if model := r.Config.Transformer.Model; model != "" {
		parts = append(parts, filepath.Base(model))
	}
	parts = append(parts, more...)
	layered := slices.DeleteFunc(slices.Clone(d.runs), func(r *Run) bool { return r.Config.Network.Parameters().Replicated() })
	for _, of := range []struct {
		condition func(*Run) string
		runs      []*Run
	}{{hiddenNeurons, layered}, {compartmentCount, d.runs}, {calciumTime, d.runs}} { // a replicator has no hidden layer, and none to differ in
		if len(of.runs) == 0 {
			continue
		}
		text := of.condition(of.runs[0])
		if text != "" && !slices.ContainsFunc(of.runs, func(other *Run) bool { return of.condition(other) != text }) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// hiddenNeurons says how many there are; "" where no number does.
func hiddenNeurons(r *Run) string {
	if len(r.Report.Heads) == 0 || neuronsOf(r.Report.Heads[0]) == 0 {
		return ""
	}
	return "m\u00a0=\u00a0" + plotting.Thousands(neuronsOf(r.Report.Heads[0]))
}

// compartmentCount says how many there are; "" of a well-mixed astrocyte.
func compartmentCount(r *Run) string {
	network := r.Config.Network.Parameters()
	if !network.Divided() {
		return ""
	}
	return fmt.Sprintf("C\u00a0=\u00a0%d", network.Compartments.Count)
}

// calciumTime names the calcium's time constants, and what else is not as the paper's
// astrocyte has it; "" where nothing moves.
func calciumTime(r *Run) string {
	if r.Config.Solver.Method == "none" {
		return ""
	}
	network := r.Config.Network.Parameters()
	if network.Circuit == model.NoAstrocyte {
		return "no astrocyte"
	}
	if network.Emergent() {
		return "emergent division, " + symbols[synapseKey] + "\u00a0=\u00a0" + spaced(r.settings()[synapseKey].Text)
	}
	if network.Replicated() {
		return "replicator, " + symbols[gainKey] + "\u00a0=\u00a0" + spaced(r.settings()[gainKey].Text)
	}
	var parts []string
	paper := 1.0
	if network.Calcium != model.Pole {
		paper, parts = 0, append(parts, network.Calcium.String())
	}
	for _, of := range []struct {
		key  string
		size float64
	}{{"network.astrocyte.latency", network.Latency}, {"network.astrocyte.tau_rise", network.TauRise}, {calciumKey, paper}, {"network.astrocyte.tau_receptor", network.Division.TauReceptor}} {
		if of.size > 0 {
			parts = append(parts, symbols[of.key]+"\u00a0=\u00a0"+spaced(r.settings()[of.key].Text))
		}
	}
	if network.Division.Readout == model.Event {
		parts = append(parts, "release in events")
	}
	if network.Division.Readout == model.Threshold {
		parts = append(parts, "gathering at a threshold")
	}
	if network.FrozenCoupling {
		parts = append(parts, "couplings at their mean")
	}
	return strings.Join(parts, ", ")
}

// inputName is what the transformer was shown, in a word.
func inputName(cfg *config.Config) string {
	switch in := cfg.Input; {
	case in.Text != nil && in.Text.File != "":
		return filepath.Base(in.Text.File)
	case in.Text != nil:
		return "text"
	case in.Image != nil:
		return filepath.Base(in.Image.File)
	case in.Tensors != nil:
		return filepath.Base(in.Tensors.File)
	case in.Texts != nil:
		return filepath.Base(in.Texts.File)
	case in.Images != nil:
		return filepath.Base(in.Images.Dir + in.Images.IDX + in.Images.NPZ)
	}
	return "synthetic"
}

// spaced puts a space that does not break between a quantity's number and its unit.
func spaced(text string) string {
	unit := strings.TrimLeft(text, "0123456789.")
	if unit == "" || unit == text {
		return text
	}
	return text[:len(text)-len(unit)] + "\u00a0" + unit
}
