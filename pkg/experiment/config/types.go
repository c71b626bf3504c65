package config

import (
	"math"
	"slices"

	"github.com/nasim-sim/nasim/pkg/model"
)

// Version is the version of the configuration schema: the value of the key
// nasim that this package reads and writes.
const Version = 1

// Config is one complete experiment: every default filled in, every path
// resolved. Times are seconds; +Inf stands for "inf". A key that does not apply
// (rtol for method exact, layers when select is given) holds its zero value.
type Config struct {
	Nasim       int
	Seed        uint64
	Input       Input
	Transformer Transformer
	Swap        Swap
	Network     Network
	Solver      Solver
	Record      Record
	Fit         Fit

	where map[string]place // where each given key was read, for Problem
}

// Input says what the transformer or the bare attention heads are shown.
// Exactly one field is not nil.
type Input struct {
	Text      *Text
	Image     *Image
	Tensors   *Tensors
	Synthetic *Synthetic
	Texts     *Texts
	Images    *Images
}

// Text is a passage of text, from a file or from the configuration itself:
// exactly one of File and String is not empty.
type Text struct {
	File, String string
	Truncate     bool // cut a text that is longer than the model's positions
}

// Image is a picture file.
type Image struct {
	File string
}

// Texts is a file of texts, or a folder of such files, divided as Split says; Limit is
// how many are taken, 0 all.
type Texts struct {
	File, Split string
	Limit       int
}

// Images is a set of pictures: exactly one of Dir (a folder), IDX and NPZ (files) is not
// empty. Labels is a file of their classes, and Limit how many are taken, 0 all.
type Images struct {
	Dir, IDX, NPZ, Labels string
	Limit                 int
}

// Tensors is an .npz file of queries, keys and values, or of features and
// values.
type Tensors struct {
	File string
}

// Synthetic is Gaussian queries, keys and values of the given sizes: Tokens × Dim,
// and Tokens × Values for the values.
type Synthetic struct {
	Tokens, Dim, Values int
	Norm, Correlation   float64
}

// Transformer names the model and the heads that are studied: all pairs of
// Layers and Heads, or those of Select ("layer:head", either may be "*").
type Transformer struct {
	Model         string // an embedded model's name, or a directory; empty where the input needs no model
	SHA256        string // of the weights that are expected; empty: any
	Layers, Heads Selection
	Select        []string
	Precision     string // of its own arithmetic
	Projections   string // trained, or random: of freshly initialised attention
}

// Swap says whether the whole model answers with the network in the place of the selected
// heads, by which rung it is solved there, and what else is put in their place for
// comparison.
type Swap struct {
	Mode, Rung string
	Controls   []string
}

// Network is the neuron–astrocyte network.
type Network struct {
	Circuit          string // what divides: an astrocyte, or none
	Features         Features
	Neurons          Neurons
	Synapses         Synapses
	Astrocyte        Astrocyte
	Replicator       Replicator
	EmergentDivision EmergentDivision
	Schedule         Schedule
}

// Parameters returns the network's constants. The calcium's baseline and floor, the
// receptors' half effect and what divides without an astrocyte stay in the
// configuration's units: what the model takes depends on a head's features. A baseline of
// median is 0 here.
func (n Network) Parameters() model.Parameters {
	if n.Circuit == replicator {
		return model.Parameters{
			Circuit: model.Replicator, TauGain: float64(n.Replicator.TauGain), TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Drive: model.Hold,
			Write: float64(n.Schedule.Write), Read: float64(n.Schedule.Read), Gap: float64(n.Schedule.Gap), Causal: n.Schedule.Order == "causal",
		}
	}
	if n.Circuit == emergent {
		return model.Parameters{
			Circuit: model.EmergentDivision, TauOutput: float64(n.Neurons.TauOutput), TauSynapse: float64(n.EmergentDivision.TauSynapse), TauExchange: float64(n.EmergentDivision.TauExchange),
			TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Drive: model.Hold,
			Write: float64(n.Schedule.Write), Read: float64(n.Schedule.Read), Gap: float64(n.Schedule.Gap), Causal: n.Schedule.Order == "causal",
		}
	}
	return model.Parameters{
		TauHidden: float64(n.Neurons.TauHidden), TauOutput: float64(n.Neurons.TauOutput),
		TauHebbian: float64(n.Synapses.TauHebbian), TauPresynaptic: float64(n.Synapses.TauPresynaptic),
		TauCalcium: float64(n.Astrocyte.TauCalcium), TauRise: float64(n.Astrocyte.TauRise), Latency: float64(n.Astrocyte.Latency),
		IP3Max:  n.Astrocyte.IP3Max,
		Calcium: model.Calcium(named(model.Calciums(), n.Astrocyte.Calcium, 0)), FrozenCoupling: n.Circuit != noAstrocyte && !n.Astrocyte.CouplingPlasticity,
		Circuit: model.Circuit(named(model.Circuits(), n.Circuit, int(model.Tripartite))),
		Write:   float64(n.Schedule.Write), Read: float64(n.Schedule.Read), Gap: float64(n.Schedule.Gap),
		Baseline: n.Astrocyte.Baseline.Number, Drive: model.Drive(named(model.Drives(), n.Astrocyte.Drive, int(model.Hold))), LearningRate: n.Synapses.LearningRate.Number,
		Division: model.Division{
			Floor: n.Astrocyte.Floor, Readout: model.Readout(named(model.Readouts(), n.Astrocyte.Readout, int(model.Reciprocal))),
			HalfEffect: n.Astrocyte.HalfEffect, TauReceptor: float64(n.Astrocyte.TauReceptor), Threshold: n.Astrocyte.Threshold,
		},
		Causal: n.Schedule.Order == "causal", Compartments: n.Astrocyte.compartments(),
	}
}

// named is the index of a name, or what stands for a key that does not apply.
func named(names []string, name string, otherwise int) int {
	if i := slices.Index(names, name); i >= 0 {
		return i
	}
	return otherwise
}

// Features is the hidden layer's feature map φ (science §3).
type Features struct {
	Map                          string
	File                         string // of a learned map
	Neurons                      int    // m, the number of hidden neurons; of a learned map the file says it
	Rows, Invariances, QueryGain string
}

// Neurons holds the membrane time constants τ_h and τ_f; 0 is the quasi-static
// limit.
type Neurons struct {
	TauHidden, TauOutput Time
}

// Synapses holds the leak time constants τ_H and τ_g, +Inf meaning no leak, and the
// learning rate η, a number or calibrated.
type Synapses struct {
	TauHebbian, TauPresynaptic Time
	LearningRate               Level
}

// Astrocyte holds the calcium model with its time constants τ_p and τ_r and its latency,
// when the calcium follows what is summed, the calcium p_0 at the start, a number or
// median, and the floor of p and the p_h of receptors, relative to the median kernel sum.
type Astrocyte struct {
	Kind               string
	Calcium            string
	TauCalcium         Time
	TauRise, Latency   Time
	IP3Max             float64 // µM
	Readout            string
	HalfEffect         float64
	Threshold          float64
	TauReceptor        Time
	Drive              string
	Baseline           Level
	Floor              float64
	CouplingPlasticity bool

	// C compartments, and how they exchange calcium: at a rate or, where a length is given, by diffusion.
	Compartments int
	Coupling     string
	Exchange     Rate
	Length       Length
	Diffusion    Diffusion
}

// compartments returns those that the calcium is divided into; none where it is well mixed.
func (a Astrocyte) compartments() model.Compartments {
	if a.Compartments < 2 {
		return model.Compartments{}
	}
	exchange := float64(a.Exchange)
	if a.Length > 0 {
		exchange = model.ExchangeByDiffusion(float64(a.Diffusion), float64(a.Length), a.Compartments)
	}
	return model.Compartments{Count: a.Compartments, Topology: model.Topology(named(model.Topologies(), a.Coupling, 0)), Exchange: exchange}
}

// EmergentDivision holds the time constants τ_s of synapses and τ_x of the exchange of calcium,
// and whether both are scaled by the number of neurons.
type EmergentDivision struct {
	TauSynapse, TauExchange Time
	Scale                   string
}

// Processes returns σ, by which c and p of emergent division are scaled together, for so
// many neurons.
func (e EmergentDivision) Processes(neurons int) float64 {
	if e.Scale == scaledByNeurons {
		return float64(neurons)
	}
	return 1
}

// Replicator holds the time constant τ_a of the gains of stored tokens.
type Replicator struct {
	TauGain Time
}

// Schedule holds the order of writing and reading and the dwell times T_w, T_r
// and T_gap.
type Schedule struct {
	Order            string
	Write, Read, Gap Time
}

// Fit says how hidden layers are fitted to heads; a run takes no notice of it.
type Fit struct {
	Neurons, Dendrites  int
	Synapses            int     // of a head, on average; with Target the most of any. 0: Neurons each
	Target              float64 // 0: none
	Validation, HeldOut float64 // shares of the documents
	Steps, Batch        int
	Rate                float64
	Patience            int // looks; 0: without end
	Resume              bool
	Objective           string
}

// Solver says how the continuous network is integrated. Fields that the method
// does not take are zero.
type Solver struct {
	Method     string
	Rtol, Atol float64
	Step       Time
	State      string
}

// Record says what a run keeps.
type Record struct {
	Every     Time
	Variables []string
	Neurons   int
	Attention bool // A_eff of every rung is computed
	Arrays    string
	Features  bool
	Model     bool   // the transformer's hidden states and answer are kept
	Remedy    string // how far what would reduce the error is looked for
}
