package experiment

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
)

const (
	mostTurns = 12  // solutions for each aim
	farthest  = 1e6 // factor by which a knob is turned

	// Reads get no longer than that, s, where what an astrocyte does in them takes steps: a
	// cell's calcium has settled then, or never does.
	longestSteps = 2 * longestRead
)

// otherTimes turns the knobs of the dominating cause or, where it is the causes'
// interaction, of all. Where that does not do, for want of knobs or because they are
// of no use, what is of a kind that costs so much is exchanged; and where the cause
// goes and the error stays, as others hide behind it, the dynamics are sought to halve.
func (s *search) otherTimes(reports []compare.HeadReport) (*compare.Remedy, error) {
	products := 0
	for _, h := range s.heads {
		products += 4 * h.circuit.in.n * h.circuit.in.n
	}
	if products > s.reach.products {
		return s.found, nil
	}
	ways, measured := s.ways()
	circuits, err := s.byGram()
	if err != nil {
		return nil, err
	}
	total, _ := outcome(reports)
	const follows = 0.9 // of the total, which else stays
	found, useful := false, false
	turn := func(cause *compare.Cause, now float64, aims []float64) error {
		for _, knobs := range ways {
			for _, aim := range aims {
				trial, err := s.turn(knobs, aim, now, func(network model.Parameters) (float64, budgeting, error) {
					return s.solveAgain(circuits, network, cause)
				})
				if err != nil {
					return err
				}
				if trial.Settings == nil {
					break // none was within reach
				}
				trial.Of = measuredAs(cause)
				s.found.Trials = append(s.found.Trials, trial)
				if !trial.Found {
					break // a smaller aim is not found either
				}
				found, useful = true, useful || trial.Total < follows*total
			}
		}
		return nil
	}
	now := float64(s.found.Now)
	if err := turn(measured, now, compare.Aims(now)); err != nil {
		return nil, err
	}
	dynamics := mean(reports, measuredAs(nil))
	switch {
	case !found:
		err = s.cure(circuits, measured, dynamics)
	case !useful && measured != nil:
		err = turn(nil, dynamics, []float64{dynamics / 2})
	}
	return s.found, err
}

// measuredAs is the part that is measured of a cause, or of what has no single one.
func measuredAs(cause *compare.Cause) string {
	if cause == nil {
		return "dynamics"
	}
	return cause.Name
}

// cure takes a cause away as it is of a kind, and not of a size; without a single one
// all of those that the network has, of which the dynamics are so large.
func (s *search) cure(circuits []*circuit, cause *compare.Cause, dynamics float64) error {
	network := s.network
	var settings []compare.Change
	var symbols []string
	for _, other := range compare.Causes() {
		if cause != nil && other.Name != cause.Name || other.Cure == nil || !other.In(network) {
			continue
		}
		other.Limit(&network)
		settings, symbols = append(settings, other.Cured()...), append(symbols, other.Step)
	}
	if settings == nil {
		return nil
	}
	settings = append(settings, recordable(s.p.Config, network)...)
	cfg := with(s.p.Config, settings)
	if cfg == nil {
		return nil // that one is refused: there is no such network
	}
	if counts(network) && !s.affords(s.own()) {
		s.found.Cut = true
		return nil
	}
	reports, err := s.budgets(measure{all: true}, func(i int) (*circuit, error) { return circuits[i], nil }, func(c *circuit) (model.Parameters, error) { return c.calibrated(cfg) })
	if err != nil {
		return err
	}
	trial := compare.NewTrial(measuredAs(cause), float64(s.found.Now)/2, symbols...)
	trial.Settings, trial.Size = settings, 0 // the cause is no part of it any more
	if cause == nil {
		trial.Aim, trial.Size = compare.Number(dynamics/2), compare.Number(mean(reports, trial.Of))
	}
	if trial.Found = trial.Size <= trial.Aim; !trial.Found {
		return nil
	}
	trial.Total, trial.Dominant = outcome(reports)
	s.found.Trials = append(s.found.Trials, trial)
	return nil
}

// with is a configuration with changes, what they rule out dropped and what they bring
// at its default, as if they were set on a command line; nil where that is refused.
func with(cfg *config.Config, changes []compare.Change) *config.Config {
	var sets []string
	for _, c := range changes {
		sets = append(sets, c.Path+"="+c.Text)
	}
	changed, _ := config.Read(bytes.NewReader(config.Marshal(cfg)), "", "", sets)
	return changed
}

// cured are the settings that take a cause away; none where only sizes do, or where they
// would be refused.
func cured(cfg *config.Config, network model.Parameters, cause compare.Cause) []compare.Change {
	settings := cause.Cured()
	if settings == nil {
		return nil
	}
	cause.Limit(&network)
	if settings = append(settings, recordable(cfg, network)...); with(cfg, settings) == nil {
		return nil
	}
	return settings
}

// recordable leaves out of what is recorded what another network has not.
func recordable(cfg *config.Config, network model.Parameters) []compare.Change {
	has := map[string]bool{}
	for _, channel := range model.Channels() {
		has[channel.Name] = has[channel.Name] || channel.Has(network)
	}
	names := slices.DeleteFunc(slices.Clone(cfg.Record.Variables), func(name string) bool { return !has[name] })
	if len(names) == len(cfg.Record.Variables) {
		return nil
	}
	return []compare.Change{{Path: "record.variables", Text: "[" + strings.Join(names, ", ") + "]"}}
}

// byGram returns the heads by their Gram matrices: times change no feature, so that
// these are all there is to know of them, however many neurons there are. Where a
// head's was not needed before, its features are evaluated again and dropped.
func (s *search) byGram() ([]*circuit, error) {
	circuits := make([]*circuit, len(s.heads))
	err := s.each(func(i int) error {
		c := *s.heads[i].circuit
		circuits[i] = &c
		if c.head != nil {
			return nil
		}
		again, err := s.again(i, s.p.Config)
		if err == nil {
			if c.params.Emergent() {
				c.head = again.head // of which single neurons are asked for
				return nil
			}
			c.head = again.head.ByGram()
			s.drop(again)
		}
		return err
	})
	return circuits, err
}

// ways are the knobs that reduce the part, and the cause that it is; without a
// cause they are all that the network has, and the dynamics are measured.
func (s *search) ways() (ways [][]compare.Knob, measured *compare.Cause) {
	var all []compare.Knob
	for _, cause := range compare.Causes() {
		if cause.Name == s.part {
			return s.turning(cause.Remedies), &cause
		}
		if cause.In(s.network) && len(cause.Remedies) > 0 {
			all = append(all, cause.Remedies[0]...)
		}
	}
	return s.turning([][]compare.Knob{all}), nil
}

// turning are the ways of which the network has a knob.
func (s *search) turning(ways [][]compare.Knob) (those [][]compare.Knob) {
	network := s.network
	for _, knobs := range ways {
		if slices.ContainsFunc(knobs, func(k compare.Knob) bool { return turnable(k.Of(&network)) }) {
			those = append(those, knobs)
		}
	}
	return those
}

// turnable reports whether a knob is there and not at its limit.
func turnable(value *float64) bool { return value != nil && *value > 0 && !math.IsInf(*value, 1) }

// turn finds the least factor by which the knobs are turned that brings the part
// down to the aim, to within compare.Within, and keeps the settings as they are
// written, with what the part and the budget are then.
func (s *search) turn(knobs []compare.Knob, aim, now float64, solve func(model.Parameters) (float64, budgeting, error)) (compare.Trial, error) {
	trial, whole, err := s.seek(knobs, aim, now, solve)
	if err != nil || whole == nil {
		return trial, err
	}
	reports, err := whole()
	if err == nil {
		trial.Total, trial.Dominant = outcome(reports)
	}
	return trial, err
}

// seek is turn, with what tells the budget; nil where nothing was solved.
func (s *search) seek(knobs []compare.Knob, aim, now float64, solve func(model.Parameters) (float64, budgeting, error)) (trial compare.Trial, whole budgeting, err error) {
	var symbols []string
	for _, k := range knobs {
		if network := s.network; turnable(k.Of(&network)) {
			symbols = append(symbols, k.Symbol)
		}
	}
	trial = compare.NewTrial("", aim, symbols...)
	low, lowSize, high, highSize := 1.0, now, math.Inf(1), 0.0
	limit := farthest
	if !s.network.Closed() && slices.ContainsFunc(knobs, func(k compare.Knob) bool { return k.Path == "network.schedule.read" }) {
		limit = max(2, longestSteps/s.network.Read)
	}
	factor := min(limit, now/aim)
	cost, at := s.own(), 1.0 // what was solved last, and with which factor
	for range mostTurns {
		if !s.affords(cost * max(1, factor/at)) { // as longer reads, or faster processes, take more steps
			s.found.Cut = s.found.Cut || !trial.Found
			return trial, whole, nil
		}
		network, before := s.network, s.spent
		settings := turned(knobs, factor, &network)
		size, budget, err := solve(network)
		if err != nil {
			return trial, whole, err
		}
		cost, at = float64(s.spent-before), factor
		nearest := trial.Settings == nil || size < float64(trial.Size)
		if size <= aim {
			high, highSize, nearest = factor, size, !trial.Found || factor < high
			trial.Found = true
		} else {
			low, lowSize, trial.NotEnough = factor, size, compare.Number(factor)
			nearest = nearest && !trial.Found
		}
		if nearest {
			trial.Settings, trial.Size, whole = settings, compare.Number(size), budget
		}
		switch {
		case trial.Found && highSize >= aim/compare.Within:
			return trial, whole, nil
		case trial.Found && high/low < 1.02:
			return trial, whole, nil // it drops steeply: there is no factor between
		case trial.Found:
			factor = between(low, lowSize, high, highSize, aim)
		case factor >= limit:
			return trial, whole, nil
		default:
			factor = min(limit, factor*max(2, size/aim))
		}
	}
	return trial, whole, nil
}

// between is where a straight line, in logarithms, meets the middle of what is
// accepted; where it says nothing, the middle.
func between(low, lowSize, high, highSize, aim float64) float64 {
	width := portable.Log(high / low)
	slope := portable.Log(highSize/lowSize) / width
	at := portable.Log(aim/math.Sqrt(compare.Within)/lowSize) / slope // beyond low
	if !(at > 0.1*width && at < 0.9*width) {
		return math.Sqrt(low * high)
	}
	return low * portable.Exp(at)
}

// turned turns the knobs by a factor and rounds them to three digits, as they are
// written; one that is at its limit stays there.
func turned(knobs []compare.Knob, factor float64, network *model.Parameters) (settings []compare.Change) {
	for _, k := range knobs {
		value := k.Of(network)
		if !turnable(value) {
			continue
		}
		x := *value / factor
		if k.Longer {
			x = *value * factor
		}
		*value = statistics.RoundTo(x, 3)
		settings = append(settings, compare.Change{Path: k.Path, Text: config.Written(k.Path, *value)})
	}
	return settings
}
