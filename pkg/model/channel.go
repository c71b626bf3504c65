package model

import "slices"

// A Channel is a variable of the network that can be recorded: one row of the
// table, from which come the configuration's names, the arrays of a trajectory and
// the panels of its figure. Two that no network has both may have the same name.
type Channel struct {
	Name  string  // in a configuration, and of the array
	Label string  // of an axis, with its unit; what follows a _ is a subscript
	Of    Columns // what its columns are
	Power float64 // of the features' common factor e^a in it

	Asked bool // recorded only where it is asked for

	has  func(Parameters) bool                          // whether a network has it; nil: every one
	read func(state observed, into []float64) []float64 // appends a number for each column
}

// Has reports whether a network of these parameters has the variable.
func (channel *Channel) Has(parameters Parameters) bool {
	return channel.has == nil || channel.has(parameters)
}

// Columns say what a channel has one column for.
type Columns int

const (
	Whole         Columns = iota // one number for the network
	HiddenNeurons                // each recorded hidden neuron
	OutputNeurons                // each recorded output neuron
	CalciumPools                 // each pool of the astrocyte's calcium
	TokenGains                   // each recorded token
	Processes                    // the process of each recorded hidden neuron, where it has one of its own
)

// observed is a state of the network that is recorded, however it is held.
type observed interface {
	hiddenRates(into []float64) []float64 // appends h of the recorder's neurons
	outputRates(into []float64) []float64 // appends f likewise
	calciumNow() float64                  // p
	hebbianNorm() float64                 // ‖H‖_F
	divisorNow() float64                  // 1/P
	halfEffect() float64                  // p_h
}

// observedTokens is observed of a network whose tokens have gains.
type observedTokens interface {
	tokenGains(into []float64) []float64 // appends a of the recorder's tokens
}

// observedDivision is observed of a network whose processes each have calcium.
type observedDivision interface {
	processCalcium(into []float64) []float64  // appends m p_α/σ of the recorder's neurons' processes
	processSynapses(into []float64) []float64 // appends s_α p*/c_α likewise
}

// observedAstrocyte is observed where there may be an astrocyte whose states have names.
type observedAstrocyte interface {
	astrocyteNow(variable string) float64 // 0 where the network has none
}

var (
	_, _, _ observedAstrocyte = (*observedSegment)(nil), (*observedState)(nil), (*dividedSample)(nil)
	_       observedTokens    = (*observedGains)(nil)
	_       observedDivision  = (*observedProcesses)(nil)
)

// Channels lists what can be recorded.
func Channels() []Channel { return channels }

var channels = []Channel{
	{"hidden", "hidden h (a.u.)", HiddenNeurons, 1, false, Parameters.hasHiddenLayer, observed.hiddenRates},
	{"output", "output f (units of v)", OutputNeurons, 0, false, nil, observed.outputRates},
	{"calcium", "calcium p (–)", CalciumPools, 2, false, Parameters.hasAstrocyte, eachPool},
	{"hebbian_norm", "‖H‖_F (–)", Whole, 1, false, Parameters.hasHebbian, func(state observed, into []float64) []float64 { return append(into, state.hebbianNorm()) }},
	{"gamma", "receptors bound Γ (–)", Whole, 0, true, Parameters.hasReceptors, func(state observed, into []float64) []float64 {
		return append(into, 1-state.halfEffect()/state.divisorNow()) // Γ = 1 − w, w = p_h P
	}},
	ofCell("ca", "calcium Ca (µM)"), ofCell("ip3", "IP_3 (µM)"), ofCell("h_ip3r", "IP_3 receptors h (–)"),
	{"g_a", "gains of tokens a (–)", TokenGains, 0, false, Parameters.Replicated, func(state observed, into []float64) []float64 {
		return state.(observedTokens).tokenGains(into)
	}},
	ofReadout("g_a", "released G_A (µM)"), ofReadout("x_a", "stored x_A (–)"),
	{"p_alpha", "calcium p_α (–)", Processes, 2, false, Parameters.Emergent, func(state observed, into []float64) []float64 {
		return state.(observedDivision).processCalcium(into)
	}},
	{"s_alpha", "synapses s_α (–)", Processes, 0, false, Parameters.Emergent, func(state observed, into []float64) []float64 {
		return state.(observedDivision).processSynapses(into)
	}},
	ofCell("gamma_a", "Γ_A bound (–)"),
}

// eachPool appends p of every pool of calcium.
func eachPool(state observed, into []float64) []float64 {
	if divided, ok := state.(interface{ pools([]float64) []float64 }); ok {
		return divided.pools(into)
	}
	return append(into, state.calciumNow())
}

// ofCell is a variable of a biophysical calcium model.
func ofCell(name, label string) Channel {
	return ofAstrocyte(name, label, func(parameters Parameters) bool {
		cell := parameters.cellular()
		return cell != nil && slices.Contains(cell.variables(), name)
	})
}

// ofReadout is a variable of a read-out.
func ofReadout(name, label string) Channel {
	return ofAstrocyte(name, label, func(parameters Parameters) bool {
		readout, ok := parameters.readout().(namedReadout)
		return ok && slices.Contains(readout.variables(), name)
	})
}

func ofAstrocyte(name, label string, has func(Parameters) bool) Channel {
	return Channel{name, label, Whole, 0, true, func(parameters Parameters) bool {
		return parameters.hasAstrocyte() && has(parameters)
	}, func(state observed, into []float64) []float64 {
		var now float64
		if astrocyte, ok := state.(observedAstrocyte); ok {
			now = astrocyte.astrocyteNow(name)
		}
		return append(into, now)
	}}
}

func (parameters Parameters) hasAstrocyte() bool { return parameters.Circuit == Tripartite }
func (parameters Parameters) hasHebbian() bool {
	return parameters.hasHiddenLayer() && !parameters.Emergent()
}
func (parameters Parameters) hasHiddenLayer() bool { return parameters.Circuit != Replicator }
func (parameters Parameters) hasReceptors() bool {
	return parameters.hasAstrocyte() && (parameters.Division.Readout == Receptor || parameters.Division.Readout == Event)
}

// Width returns the number of columns of the channel in what is recorded.
func (channel *Channel) Width(recorder *Recorder) int {
	switch channel.Of {
	case HiddenNeurons:
		return len(recorder.Hidden)
	case OutputNeurons:
		return len(recorder.Output)
	case Processes:
		return len(recorder.Processes)
	case TokenGains:
		return len(recorder.Tokens)
	case CalciumPools:
		return max(1, recorder.Pools)
	}
	return 1
}
