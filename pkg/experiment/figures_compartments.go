package experiment

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

const exchangeKey = "network.astrocyte.exchange"

// exchangeKeys are those by which compartments exchange calcium, at a rate or by diffusion.
var exchangeKeys = []string{exchangeKey, "network.astrocyte.length", "network.astrocyte.diffusion"}

// diffusionLengths are the lengths of processes, in µm, over which the compartments figure marks diffusion.
var diffusionLengths = []float64{1, 10}

// compartments draws the error over the exchange of calcium, a line for each number of compartments.
func (d *drawing) compartments(s *sheet, _ int) (*plotting.Figure, error) {
	in, err := d.compartmentsInput(s)
	if err != nil {
		return nil, err
	}
	return plotting.Compartments(in)
}

func (d *drawing) compartmentsInput(s *sheet) (plotting.CompartmentsInput, error) {
	buffered := model.BufferedCalcium()
	in := plotting.CompartmentsInput{
		Width: d.set.Width, Subject: d.allHeads(),
		Lengths: diffusionLengths, Least: buffered.Least, Usual: buffered.Usual, Most: buffered.Most, Source: buffered.From,
	}
	metric, err := headErrors("compartments", cmp.Or(d.set.Metric, compare.PartCalled("dynamics").Size()))
	if err != nil {
		return in, err
	}
	in.Label, in.Meaning = metric.label, metric.meaning
	heads, names := d.fewHeads(s)
	in.Heads, in.Uniform = names, d.uniformIn(heads)
	networks := map[string]model.Parameters{} // by the run's name
	for _, r := range d.runs {
		networks[r.Dir] = r.Config.Network.Parameters()
	}
	divided := func(r compare.Run) model.Compartments { return networks[r.Name].Compartments }
	groups := d.byAstrocyte(exchangeKeys...)
	slices.SortStableFunc(groups, func(a, b astrocyteRuns) int {
		return cmp.Compare(divided(a.runs[0]).Count, divided(b.runs[0]).Count)
	})
	for _, g := range groups {
		first := g.runs[0]
		network := networks[first.Name]
		line := func(runs []compare.Run) (errors []float64, known bool) {
			for _, h := range heads {
				x, seeds := overSeeds(runs, func(r compare.Report) float64 { return metric.of(r, h) })
				known, in.Seeds, errors = known || seeds > 0, max(in.Seeds, seeds), append(errors, x)
			}
			return errors, known
		}
		if !network.Divided() {
			if errors, known := line(g.runs); known && in.WellMixed == nil && network.Circuit == model.Tripartite {
				in.WellMixed = errors
			} else {
				s.note("the compartments figure leaves out %s, which has no compartments", first.Name)
			}
			continue
		}
		curve, drawn := plotting.CompartmentsCurve{Label: g.label, Diffusion: diffusionIn(network)}, false
		rates := byExchange(g.runs, divided)
		for _, rate := range sortedKeys(rates) {
			errors, known := line(rates[rate])
			drawn = drawn || known
			curve.Exchange, curve.Errors = append(curve.Exchange, rate), append(curve.Errors, errors)
		}
		if !drawn {
			s.note("the compartments figure leaves out %s, which has no %s", first.Name, metric.name)
			continue
		}
		in.Curves = append(in.Curves, curve)
	}
	if len(in.Curves) == 0 {
		return in, fmt.Errorf("no run with network.astrocyte.compartments of 2 or more has the error %s", metric.name)
	}
	return in, nil
}

// byExchange are runs by the rate of their exchange, in 1/s; the same by diffusion and by a rate is one.
func byExchange(runs []compare.Run, divided func(compare.Run) model.Compartments) map[float64][]compare.Run {
	rates := map[float64][]compare.Run{}
	for _, r := range runs {
		rate := divided(r).Exchange
		if !slices.ContainsFunc(rates[rate], func(other compare.Run) bool { return other.Settings[compare.SeedKey] == r.Settings[compare.SeedKey] }) {
			rates[rate] = append(rates[rate], r)
		}
	}
	return rates
}

// diffusionIn is the exchange that buffered calcium makes over each of the lengths; nil where it is not
// calcium that is exchanged, or not along a process.
func diffusionIn(network model.Parameters) (over []plotting.ExchangeRange) {
	if network.Calcium != model.Pole || network.Compartments.Topology == model.All {
		return nil
	}
	buffered := model.BufferedCalcium()
	for _, length := range diffusionLengths {
		by := func(coefficient float64) float64 {
			return model.ExchangeByDiffusion(coefficient, length, network.Compartments.Count)
		}
		over = append(over, plotting.ExchangeRange{From: by(buffered.Least), Usual: by(buffered.Usual), To: by(buffered.Most)})
	}
	return over
}
