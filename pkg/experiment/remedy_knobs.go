package experiment

import (
	"math"
	"slices"

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
// interaction, of all.
func (s *search) otherTimes(now float64) (*compare.Remedy, error) {
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
	if measured != nil && measured.Cure != nil {
		trial, err := s.cure(circuits, measured, now)
		if err != nil {
			return nil, err
		}
		s.found.Trials = append(s.found.Trials, trial)
	}
	for _, knobs := range ways {
		for _, aim := range compare.Aims(now) {
			trial, err := s.turn(knobs, aim, now, func(network model.Parameters) (float64, []compare.HeadReport, error) {
				return s.solveAgain(circuits, network, measured)
			})
			if err != nil {
				return nil, err
			}
			s.found.Trials = append(s.found.Trials, trial)
			if !trial.Found {
				break // a smaller aim is not found either
			}
		}
	}
	return s.found, nil
}

// cure takes a cause away that has no size to turn.
func (s *search) cure(circuits []*circuit, cause *compare.Cause, now float64) (compare.Trial, error) {
	trial := compare.NewTrial(now/2, cause.Step)
	network := s.network
	cause.Limit(&network)
	_, reports, err := s.solveAgain(circuits, network, nil)
	if err != nil {
		return trial, err
	}
	trial.Found, trial.Settings, trial.Size = true, []compare.Change{*cause.Cure}, 0
	trial.Total, trial.Dominant = outcome(reports)
	return trial, nil
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
			return cause.Remedies, &cause
		}
		if cause.In(s.network) && len(cause.Remedies) > 0 {
			all = append(all, cause.Remedies[0]...)
		}
	}
	if all == nil {
		return nil, nil
	}
	return [][]compare.Knob{all}, nil
}

// turn finds the least factor by which the knobs are turned that brings the part
// down to the aim, to within compare.Within, and keeps the settings as they are
// written, with what the part is then.
func (s *search) turn(knobs []compare.Knob, aim, now float64, solve func(model.Parameters) (float64, []compare.HeadReport, error)) (compare.Trial, error) {
	var symbols []string
	for _, k := range knobs {
		symbols = append(symbols, k.Symbol)
	}
	trial := compare.NewTrial(aim, symbols...)
	low, lowSize, high, highSize := 1.0, now, math.Inf(1), 0.0
	limit := farthest
	if !s.network.Closed() && slices.ContainsFunc(knobs, func(k compare.Knob) bool { return k.Path == "network.schedule.read" }) {
		limit = max(2, longestSteps/s.network.Read)
	}
	factor := min(limit, now/aim)
	for range mostTurns {
		network := s.network
		settings := turned(knobs, factor, &network)
		size, reports, err := solve(network)
		if err != nil {
			return trial, err
		}
		nearest := trial.Settings == nil || size < float64(trial.Size)
		if size <= aim {
			high, highSize, nearest = factor, size, !trial.Found || factor < high
			trial.Found = true
		} else {
			low, lowSize, trial.NotEnough = factor, size, compare.Number(factor)
			nearest = nearest && !trial.Found
		}
		if nearest {
			trial.Settings, trial.Size = settings, compare.Number(size)
			trial.Total, trial.Dominant = outcome(reports)
		}
		switch {
		case trial.Found && highSize >= aim/compare.Within:
			return trial, nil
		case trial.Found && high/low < 1.02:
			return trial, nil // it drops steeply: there is no factor between
		case trial.Found:
			factor = between(low, lowSize, high, highSize, aim)
		case factor >= limit:
			return trial, nil
		default:
			factor = min(limit, factor*max(2, size/aim))
		}
	}
	return trial, nil
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
		if !(*value > 0) || math.IsInf(*value, 1) {
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
