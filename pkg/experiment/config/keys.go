package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/dataset"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Names that more than one key or rule needs, from the packages that know them.
var (
	maps         = features.Names()
	drawnMaps    = features.Drawn()
	pairwiseMaps = those(maps, features.Pairwise)                                         // neurons come in pairs
	signedMaps   = those(maps, func(m string) bool { return !features.Positive(m) })      // calcium may vanish or change sign
	normlessMaps = those(maps, func(m string) bool { return !features.HasNormFactor(m) }) // no factor in |x|² to drop
	models       = []string{"tiny-text", "tiny-vision"}
	drives       = model.Drives()
	circuits     = model.Circuits()
	noAstrocyte  = model.NoAstrocyte.String()
	cells        = model.Calciums()[1:] // the calcium models that are a cell's, which nothing holds
	replicator   = model.Replicator.String()
	emergent     = model.EmergentDivision.String()

	variables        = channels(func(model.Channel) bool { return true })
	hiddenVariables  = channels(func(c model.Channel) bool { return c.Of == model.HiddenNeurons }) // one number a hidden neuron
	otherVariables   = channels(func(c model.Channel) bool { return c.Of != model.HiddenNeurons })
	usualVariables   = channels(func(c model.Channel) bool { return !c.Asked && c.Has(model.Parameters{}) })
	gainVariables    = channels(func(c model.Channel) bool { return !c.Asked && c.Has(model.Parameters{Circuit: model.Replicator}) }) // of a replicator
	processVariables = channels(func(c model.Channel) bool {
		return !c.Asked && c.Has(model.Parameters{Circuit: model.EmergentDivision})
	})

	calciumVariables = channels(func(c model.Channel) bool { return c.Of == model.CalciumPools })

	adaptive = methods(func(m integrator.Method) bool { return m.ErrorOrder() > 0 })
	fixed    = methods(func(m integrator.Method) bool { return m.ErrorOrder() == 0 })
	stepping = append(slices.Clone(adaptive), fixed...)
)

func those(names []string, hold func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !hold(n) })
}

// usual are those of the variables that are recorded unless others are named.
func usual(of []string, hold func(string) bool) []string {
	return those(of, func(name string) bool { return slices.Contains(usualVariables, name) && (hold == nil || hold(name)) })
}

// uncalcic reports whether a variable is not the astrocyte's.
func uncalcic(variable string) bool { return !slices.Contains(calciumVariables, variable) }

func methods(hold func(integrator.Method) bool) []string {
	var names []string
	for _, m := range integrator.Methods() {
		if hold(m) {
			names = append(names, m.Name())
		}
	}
	return names
}

// Scales of emergent division.
const (
	scaledByOne     = "one"
	scaledByNeurons = "neurons"
)

// section describes a group of keys.
type section struct {
	path  string
	doc   string
	enter func(*Config) // makes room for the section's keys
}

func always(*Config) {}

var sections = []section{
	{"input", "What the heads are shown. Exactly one of text, image, tensors, synthetic, texts and images.", always},
	{"input.text", "A passage of text. Exactly one of file and string.",
		func(c *Config) { c.Input.Text = new(Text) }},
	{"input.image", "A picture.",
		func(c *Config) { c.Input.Image = new(Image) }},
	{"input.tensors", "Queries, keys and values computed elsewhere.",
		func(c *Config) { c.Input.Tensors = new(Tensors) }},
	{"input.synthetic", "Gaussian queries, keys and values, drawn from the seed; {} takes every default.",
		func(c *Config) { c.Input.Synthetic = new(Synthetic) }},
	{"input.texts", "A set of texts: the whole model answers each (swap), and the error budget is that of the first.",
		func(c *Config) { c.Input.Texts = new(Texts) }},
	{"input.images", "A set of pictures, likewise. Exactly one of dir, idx and npz.",
		func(c *Config) { c.Input.Images = new(Images) }},
	{"transformer", "The transformer and which of its heads to study.", always},
	{"swap", "Whether the whole model answers with the network in the place of the selected heads.", always},
	{"network", "The neuron–astrocyte network (science §1).", always},
	{"network.features", "The hidden layer's feature map φ (science §3).", always},
	{"network.neurons", "Membrane time constants. 0ms is the quasi-static limit.", always},
	{"network.synapses", "Leak time constants of the plastic synapses; inf is no leak.", always},
	{"network.astrocyte", "The astrocyte, in three parts that combine freely: what drives its calcium, how that follows, and what it makes of the synapses' effect (science §7).", always},
	{"network.emergent_division", "An astrocyte whose processes exchange calcium and set how their synapses' effect decays (science §5).", always},
	{"network.replicator", "One gain for each stored token, in the place of hidden layer and astrocyte (science §7).", always},
	{"network.schedule", "When tokens are written and read.", always},
	{"solver", "How the network's differential equations are solved.", always},
	{"record", "What a run keeps.", always},
	{"fit", "How nasim fit fits hidden layers to heads; a run takes no notice of it.", always},
}

var (
	onlyModel        = &condition{key: "input", in: []string{"text", "image", "texts", "images"}, text: "with an input of text or images"}
	onlyOneInput     = &condition{key: "input", in: []string{"text", "image"}, text: "with an input of one text or image"}
	onlySet          = &condition{key: "input", in: []string{"texts", "images"}, text: "with input.texts or input.images"}
	withoutSelect    = &condition{key: "transformer.select", in: []string{"[]"}, text: "without transformer.select"}
	onlyDrawn        = &condition{key: "network.features.map", in: drawnMaps, text: "with a map of drawn neurons (not ideal or learned)"}
	onlyFromFile     = &condition{key: "network.features.map", in: []string{features.Learned}, or: &condition{key: "network.features.invariances", in: features.InvarianceKinds()[1:]}}
	withoutAstrocyte = condition{key: "network.circuit", in: []string{noAstrocyte}}
	replicating      = condition{key: "network.circuit", in: []string{replicator}}
	emerging         = condition{key: "network.circuit", in: []string{emergent}}

	onlyHidden     = &condition{key: "network.circuit", in: []string{model.Tripartite.String(), noAstrocyte}}
	onlyFeatures   = &condition{key: "network.circuit", in: []string{model.Tripartite.String(), noAstrocyte, emergent}}
	onlyEmergent   = &emerging
	onlyReplicator = &replicating
	onlyAstrocyte  = &condition{key: "network.circuit", in: []string{model.Tripartite.String()}}
	onlyPole       = &condition{key: "network.astrocyte.calcium", in: []string{model.Pole.String()}}
	onlyLiRinzel   = &condition{key: "network.astrocyte.calcium", in: []string{model.LiRinzel.String()}}
	onlyReceptor   = &condition{key: "network.astrocyte.readout", in: []string{model.Receptor.String()}}
	onlyDivided    = &condition{key: "network.astrocyte.compartments", in: []string{"0", "1"}, not: true, text: "with 2 or more network.astrocyte.compartments"}
	withLength     = &condition{key: "network.astrocyte.length", in: []string{"0um"}, not: true, text: "with a network.astrocyte.length", and: onlyDivided}
	withoutLength  = &condition{key: "network.astrocyte.length", in: []string{"0um"}, text: "without a network.astrocyte.length, from which it would follow", and: onlyDivided}
	onlyReceptors  = &condition{key: "network.astrocyte.readout", in: []string{model.Receptor.String(), model.Event.String()}}
	onlyThreshold  = &condition{key: "network.astrocyte.readout", in: []string{model.Event.String(), model.Threshold.String()}}
	gathering      = condition{key: "network.astrocyte.readout", in: []string{model.Threshold.String()}}
	onlyAdaptive   = &condition{key: "solver.method", in: adaptive}
	onlyFixed      = &condition{key: "solver.method", in: fixed}
	onlyStepping   = &condition{key: "solver.method", in: stepping}
)

// keys is the table, in the order in which the resolved configuration is
// written.
var keys = []Key{
	{Path: "nasim", Require: true, Frozen: "1", Limits: between(Version, Version),
		Doc:   "Version of this configuration format. Always 1.",
		field: func(c *Config) any { return &c.Nasim }},
	{Path: "seed", Default: "16",
		Doc:   "Seed of every random number of the run.",
		field: func(c *Config) any { return &c.Seed }},

	{Path: "input.text.file", isFile: true,
		Doc:   "Text file in UTF-8.",
		field: textField(func(t *Text) any { return &t.File })},
	{Path: "input.text.string",
		Doc:   "The text itself.",
		field: textField(func(t *Text) any { return &t.String })},
	{Path: "input.text.truncate", Default: "false",
		Doc:   "Cut a text that is longer than the model's positions. Otherwise such a text is refused.",
		field: textField(func(t *Text) any { return &t.Truncate })},
	{Path: "input.image.file", isFile: true, Require: true,
		Doc: "PNG, JPEG, GIF, BMP, TIFF or WebP file, opaque; it is turned upright, resized and cropped as the model's processor does it.",
		field: func(c *Config) any {
			if c.Input.Image == nil {
				return nil
			}
			return &c.Input.Image.File
		}},
	{Path: "input.tensors.file", isFile: true, Require: true,
		Doc: "NumPy .npz file with q, k [H,N,d] or [N,d] and v [H,N,d_v] or [N,d_v], unscaled (nasim divides q and k by d^¼); or phi_q, phi_k [H,N,m] with v, and then there is no softmax to compare with.",
		field: func(c *Config) any {
			if c.Input.Tensors == nil {
				return nil
			}
			return &c.Input.Tensors.File
		}},
	{Path: "input.synthetic.tokens", Default: "64", Limits: atLeast(1),
		Doc:   "Number of tokens N.",
		field: syntheticField(func(s *Synthetic) any { return &s.Tokens })},
	{Path: "input.synthetic.dim", Default: "64", Limits: atLeast(1),
		Doc:   "Dimension d of queries and keys.",
		field: syntheticField(func(s *Synthetic) any { return &s.Dim })},
	{Path: "input.synthetic.values", Default: "64", Limits: atLeast(1),
		Doc:   "Dimension d_v of values.",
		field: syntheticField(func(s *Synthetic) any { return &s.Values })},
	{Path: "input.synthetic.norm", Default: "1.5", Limits: atLeast(0),
		Doc:   "Root mean square norm of queries and of keys, after the division by d^¼.",
		field: syntheticField(func(s *Synthetic) any { return &s.Norm })},
	{Path: "input.synthetic.correlation", Default: "0", Limits: between(-1, 1),
		Doc:   "Correlation of each query with its own token's key.",
		field: syntheticField(func(s *Synthetic) any { return &s.Correlation })},

	{Path: "input.texts.file", isFile: true, Require: true,
		Doc:   "Text file in UTF-8, or a folder of files that end in .txt. Texts longer than the model's positions are cut.",
		field: textsField(func(t *Texts) any { return &t.File })},
	{Path: "input.texts.split", Default: "line", Choices: []string{dataset.ByLine, dataset.ByParagraph},
		Doc:   "What is a text: every line that is not blank, or every paragraph, up to a blank line.",
		field: textsField(func(t *Texts) any { return &t.Split })},
	{Path: "input.texts.limit", Default: "0", Limits: atLeast(0),
		Doc:   "How many texts are taken, from the first; 0 is all.",
		field: textsField(func(t *Texts) any { return &t.Limit })},
	{Path: "input.images.dir", isFile: true,
		Doc:   "Folder of pictures, taken in the order of their names, with those of folders within.",
		field: imagesField(func(i *Images) any { return &i.Dir })},
	{Path: "input.images.idx", isFile: true,
		Doc:   "IDX file of bytes, pictures × rows × columns (the format of MNIST), compressed by gzip or not.",
		field: imagesField(func(i *Images) any { return &i.IDX })},
	{Path: "input.images.npz", isFile: true,
		Doc:   "NumPy .npz file with images [I, rows, columns] or [I, rows, columns, 3] of uint8, and labels [I] where there are any.",
		field: imagesField(func(i *Images) any { return &i.NPZ })},
	{Path: "input.images.labels", isFile: true,
		Doc:   "The true classes: of a folder a CSV file of file,label, a label being a number or a class's name; of an IDX file another of as many bytes.",
		field: imagesField(func(i *Images) any { return &i.Labels })},
	{Path: "input.images.limit", Default: "0", Limits: atLeast(0),
		Doc:   "How many pictures are taken, from the first; 0 is all.",
		field: imagesField(func(i *Images) any { return &i.Limit })},

	{Path: "transformer.model", isModel: true, Choices: models, Only: onlyModel, Default: "tiny-text",
		Instead: []alternative{{condition{key: "input", in: []string{"image", "images"}, text: "with input.image or input.images"}, "tiny-vision"}},
		Doc:     "An embedded model, or a directory in Hugging Face layout (a ~/.cache/huggingface/hub/models--* directory will do). A directory that bears an embedded model's name is written ./tiny-text.",
		field:   func(c *Config) any { return &c.Transformer.Model }},
	{Path: "transformer.sha256", isHash: true, Only: onlyModel,
		Doc:   "SHA-256 of the model's weights, in hex; other weights are refused. A run's own config.yaml has it.",
		field: func(c *Config) any { return &c.Transformer.SHA256 }},
	{Path: "transformer.layers", Default: "[0]", Only: withoutSelect,
		Doc:   "Layers, from 0. All pairs with transformer.heads are studied. In ALBERT a layer is one iteration of the shared block.",
		field: func(c *Config) any { return &c.Transformer.Layers }},
	{Path: "transformer.heads", Default: "all", Only: withoutSelect,
		Doc:   "Heads, from 0. With input.tensors they index the file's heads; with input.synthetic they name independent draws, and all is [0].",
		field: func(c *Config) any { return &c.Transformer.Heads }},
	{Path: "transformer.select", Default: "[]",
		Doc:   "Single heads as \"layer:head\", either of them * for all, in place of layers and heads.",
		field: func(c *Config) any { return &c.Transformer.Select }},
	{Path: "transformer.projections", Default: "trained", Choices: []string{"trained", "random"}, Only: onlyModel,
		Doc:   "Maps to the selected heads' queries, keys and values: trained, those of the model; random, freshly initialised ones that are drawn from the seed in their place (science §9), of the same hidden states.",
		field: func(c *Config) any { return &c.Transformer.Projections }},

	{Path: "transformer.precision", Default: "float64", Choices: []string{"float64", "float32"}, Only: onlyModel,
		Doc:   "Precision of the transformer's own arithmetic. float32 is faster, and the manifest says what difference it makes; the network is in float64 always.",
		field: func(c *Config) any { return &c.Transformer.Precision }},

	{Path: "swap.mode", Default: "none", Choices: []string{"none", "teacher-forced", "free-running"}, Only: onlyModel,
		Doc:   "teacher-forced gives every replaced head the queries, keys and values of the intact model, so that each is judged alone; free-running lets what the replaced heads make go on, so that the model's answer is that of the network.",
		field: func(c *Config) any { return &c.Swap.Mode }},
	{Path: "swap.rung", Default: "exact", Choices: []string{compare.Kernel, compare.Exact, compare.Solver}, Only: onlyModel,
		Doc:   "What stands in the place of a head: the network's sums alone, its dynamics solved exactly, or by solver.method.",
		field: func(c *Config) any { return &c.Swap.Rung }},
	{Path: "swap.controls", Default: bracketed(compare.Replaced()[1:]), Choices: compare.Replaced()[1:], Only: onlyModel,
		Doc:   "What is put in the same heads besides, so that the network's answers can be judged: uniform attention, and the sums of as many random features (map positive).",
		field: func(c *Config) any { return &c.Swap.Controls }},

	{Path: "network.circuit", Default: model.Tripartite.String(), Choices: circuits,
		Doc:   "What divides the synapses' effect: tripartite, an astrocyte; none, no astrocyte but a number, the median kernel sum, so that what the astrocyte is good for shows; replicator, no hidden layer either, but gains of the stored tokens that compete; emergent-division, an astrocyte whose processes set how their synapses decay, so that division emerges.",
		field: func(c *Config) any { return &c.Network.Circuit }},
	{Path: "network.features.map", Default: "positive", Choices: maps, Only: onlyFeatures,
		Doc:   "Feature map. Signed maps (" + strings.Join(signedMaps, ", ") + ") may bring calcium to zero, so they are not integrated unless solver.method says so. ideal is infinitely many neurons: their inner products exp(q·k) in place of features. " + strings.Join(those(maps, features.Adapts), ", ") + " are drawn where the head's queries and keys call for neurons; science.md, section 3, has what that saves. learned is a hidden layer that has been fitted to the head.",
		field: func(c *Config) any { return &c.Network.Features.Map }},
	{Path: "network.features.file", isFile: true, Later: true, Only: onlyFromFile,
		Doc:   "A map file, .npz, as nasim fit writes it: of the map learned the hidden layers (without it, those that are embedded beside tiny-text and tiny-vision), of other maps the invariances (without it, those that the tokens at hand call for).",
		field: func(c *Config) any { return &c.Network.Features.File }},
	{Path: "network.features.neurons", Default: "1000", Limits: atLeast(1), Only: onlyDrawn,
		Doc:   "Number of hidden neurons m. Even for the pairwise maps " + strings.Join(pairwiseMaps, " and ") + ".",
		field: func(c *Config) any { return &c.Network.Features.Neurons }},
	{Path: "network.features.rows", Default: "iid", Choices: features.Couplings(), Only: onlyDrawn,
		Doc:   "How the rows of W are drawn: independently, orthogonal within blocks of d, or there as far apart as the corners of a simplex.",
		field: func(c *Config) any { return &c.Network.Features.Rows }},
	{Path: "network.features.invariances", Default: "none", Choices: features.InvarianceKinds(), Only: onlyFeatures,
		Doc:   "Exact invariances of softmax applied before the map, which sees shorter queries and keys: center takes their means away, balance brings their second moments to the same diagonal, both does both. A learned map has its own.",
		field: func(c *Config) any { return &c.Network.Features.Invariances }},
	{Path: "network.features.query_gain", Default: "balanced", Frozen: "none", Choices: features.Gains(), Only: onlyFeatures,
		Doc:   "Gain on each query's features, to which softmax is blind but the dynamics are not: norm drops the factor in |q|², rate divides by the pooled hidden rate, equalised divides by the calcium the query will read (an oracle), balanced brings all queries by one factor to the keys' median length, trained divides by what a learned map's keys sum to on average.",
		field: func(c *Config) any { return &c.Network.Features.QueryGain }},

	{Path: "network.neurons.tau_hidden", Default: "10ms", Limits: atLeast(0), Only: onlyHidden,
		Doc:   "Membrane time constant τ_h of the hidden neurons.",
		field: func(c *Config) any { return &c.Network.Neurons.TauHidden }},
	{Path: "network.neurons.tau_output", Default: "10ms", Limits: atLeast(0), Only: onlyFeatures,
		Doc:   "Membrane time constant τ_f of the output neurons.",
		field: func(c *Config) any { return &c.Network.Neurons.TauOutput }},
	{Path: "network.synapses.tau_hebbian", Default: "inf", Limits: above(0).orInfinite(), Only: onlyHidden,
		Doc:   "Leak time constant τ_H of the Hebbian weights.",
		field: func(c *Config) any { return &c.Network.Synapses.TauHebbian }},
	{Path: "network.synapses.tau_presynaptic", Default: "inf", Limits: above(0).orInfinite(), Only: onlyHidden,
		Doc:   "Leak time constant τ_g of the neuron→astrocyte coupling.",
		field: func(c *Config) any { return &c.Network.Synapses.TauPresynaptic }},
	{Path: "network.synapses.learning_rate", Default: Calibrated, Frozen: "1", Choices: []string{Calibrated}, Limits: above(0), Only: onlyHidden,
		Doc:   "Learning rate η of the Hebbian rule; calibrated makes a token that is written from rest leave v φ(k)ᵀ.",
		field: func(c *Config) any { return &c.Network.Synapses.LearningRate }},
	{Path: "network.astrocyte.kind", Default: "well-mixed", Choices: []string{"well-mixed"}, Only: onlyAstrocyte,
		Doc:   "The paper's name for its one pool of calcium; network.astrocyte.calcium says which model it follows.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Kind }},
	{Path: "network.astrocyte.calcium", Default: model.Pole.String(), Choices: model.Calciums(), Only: onlyAstrocyte, Later: true,
		Doc:   "The calcium model: pole, low-pass filters of what the astrocyte's processes collect; li-rinzel, calcium of a cell that IP3 releases from the endoplasmic reticulum and pumps take up again; de-pitta, the same with receptors that make IP3 and enzymes that break it down. A cell's calcium is read as what would settle there.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Calcium }},
	{Path: "network.astrocyte.tau_calcium", Default: "50ms", Limits: atLeast(0), Only: onlyPole,
		Doc:   "Calcium time constant τ_p, with which it decays. 0ms is the quasi-static limit.",
		field: func(c *Config) any { return &c.Network.Astrocyte.TauCalcium }},
	{Path: "network.astrocyte.tau_rise", Default: "0ms", Limits: atLeast(0), Only: onlyPole,
		Doc:   "Time constant τ_r with which the calcium rises before it decays with tau_calcium. 0ms is at once.",
		field: func(c *Config) any { return &c.Network.Astrocyte.TauRise }},
	{Path: "network.astrocyte.latency", Default: "0ms", Limits: atLeast(0), Only: onlyPole,
		Doc:   "Latency Δ: the calcium is that of so long before, and the baseline until then.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Latency }},
	{Path: "network.astrocyte.compartments", Default: "1", Limits: atLeast(1), Only: onlyAstrocyte,
		Doc:   "Number C of compartments, of as many contiguous hidden neurons' terminals each, whose synapses their own calcium divides. 1 is the well-mixed astrocyte.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Compartments }},
	{Path: "network.astrocyte.coupling", Default: model.Ring.String(), Choices: model.Topologies(), Only: onlyDivided,
		Doc:   "Which compartments exchange calcium (with calcium: li-rinzel or de-pitta, IP3): each with the next, in a ring or in a line, or all with all.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Coupling }},
	{Path: "network.astrocyte.length", Default: "0um", Limits: atLeast(0), Only: onlyDivided,
		Doc:   "Length ℓ of the process that the compartments are, so that diffusion makes the exchange D_Ca/(ℓ/C)². 0um takes the exchange as it is given.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Length }},
	{Path: "network.astrocyte.diffusion", Default: "20um2/s", Limits: atLeast(0), Only: withLength,
		Doc:   "Diffusion coefficient D_Ca of calcium along the process; with calcium: li-rinzel or de-pitta, of IP3.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Diffusion }},
	{Path: "network.astrocyte.exchange", Default: "10/s", Limits: atLeast(0), Only: withoutLength,
		Doc:   "Exchange rate D of calcium between two compartments; with calcium: li-rinzel or de-pitta, of IP3.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Exchange }},
	{Path: "network.astrocyte.ip3_max", Default: "0.3", Unit: "µM", Limits: inside(model.RestingIP3, model.MostIP3), Only: onlyLiRinzel,
		Doc:   fmt.Sprintf("IP3, in µM, that the largest kernel sum settles at. Calcium settles soon up to %v µM, and oscillates from %v to %v µM.", model.StableIP3, model.OscillatesFrom, model.OscillatesTo),
		field: func(c *Config) any { return &c.Network.Astrocyte.IP3Max }},
	{Path: "network.astrocyte.readout", Default: model.Reciprocal.String(), Choices: model.Readouts(), Only: onlyAstrocyte,
		Doc:   "What the calcium p makes of the synapses' effect: reciprocal divides it by p; receptor, presynaptic receptors that lower release, by p + p_h; event releases transmitter where p rises through threshold, which such receptors bind; threshold divides by p, too, which in all compartments follows what the whole cell collects while 22.6 % of them are active, and what each collects itself otherwise.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Readout }},
	{Path: "network.astrocyte.half_effect", Default: "0.01", Limits: above(0), Only: onlyReceptors,
		Doc:   "Calcium p_h at which receptors halve release, relative to the median calcium that the queries read (the median kernel sum); with readout: event what divides while no receptor is bound.",
		field: func(c *Config) any { return &c.Network.Astrocyte.HalfEffect }},
	{Path: "network.astrocyte.threshold", Default: "4.3", Limits: above(0), Only: onlyThreshold, Instead: []alternative{{gathering, "1"}},
		Doc:   "Calcium p_Θ at whose rise the astrocyte releases, relative to the median calcium that the queries read; 4.3 is 0.5 µM where that is 0.1 µM above a rest of 0.07 µM. With readout: threshold what the processes of a compartment have to collect, C times their own sum, for it to be active.",
		field: func(c *Config) any { return &c.Network.Astrocyte.Threshold }},
	{Path: "network.astrocyte.tau_receptor", Default: "0ms", Limits: atLeast(0), Only: onlyReceptor,
		Doc:   "Time constant τ_Γ with which receptors are unbound; they settle with τ_Γ/(1 + p/p_h). 0ms is at once.",
		field: func(c *Config) any { return &c.Network.Astrocyte.TauReceptor }},
	{Path: "network.astrocyte.coupling_plasticity", Default: "true", Only: onlyAstrocyte,
		Doc:   "Whether every neuron has a neuron→astrocyte coupling g of its own; false, presynaptic plasticity blocked, leaves each at the mean of all.",
		field: func(c *Config) any { return &c.Network.Astrocyte.CouplingPlasticity }},
	{Path: "network.astrocyte.drive", Default: "hold", Frozen: "ungated", Choices: drives, Only: onlyAstrocyte,
		Instead: []alternative{{condition{key: "network.astrocyte.calcium", in: cells}, model.WhileReading.String()}},
		Doc:     "When the calcium follows what the astrocyte's processes collect: hold, only while a query is presented, and otherwise it stays where it is; reading, in reads and the blanks after them, and otherwise it falls; ungated, always. A cell's calcium (calcium: " + strings.Join(cells, ", ") + ") cannot be held.",
		field:   func(c *Config) any { return &c.Network.Astrocyte.Drive }},
	{Path: "network.astrocyte.baseline", Default: Median, Frozen: "1", Choices: []string{Median}, Limits: atLeast(0), Only: onlyAstrocyte,
		Doc:   "Calcium p_0 at the start, in the units of the softmax normaliser; median is the median calcium that the queries read (the median kernel sum).",
		field: func(c *Config) any { return &c.Network.Astrocyte.Baseline }},
	{Path: "network.astrocyte.floor", Default: "1e-9", Limits: inside(0, 1), Only: onlyAstrocyte,
		Doc:   "Least calcium p_min that divides, relative to the median calcium that the queries read (the median kernel sum).",
		field: func(c *Config) any { return &c.Network.Astrocyte.Floor }},
	{Path: "network.emergent_division.tau_synapse", Default: "10ms", Limits: above(0), Only: onlyEmergent,
		Doc:   "Time constant τ_s of the synapses; they settle with τ_s over the processes' mean calcium, σ Z/m.",
		field: func(c *Config) any { return &c.Network.EmergentDivision.TauSynapse }},
	{Path: "network.emergent_division.tau_exchange", Default: "50ms", Limits: atLeast(0), Only: onlyEmergent,
		Doc:   "Time constant τ_x of the exchange of calcium between any two processes; they come to their mean with τ_x over their number d_v m.",
		field: func(c *Config) any { return &c.Network.EmergentDivision.TauExchange }},
	{Path: "network.emergent_division.scale", Default: scaledByOne, Choices: []string{scaledByOne, scaledByNeurons}, Only: onlyEmergent,
		Doc:   "Factor σ by which the synapses' targets c and the calcium p are scaled together, which scales how fast synapses settle: one, as published, or neurons, their number m.",
		field: func(c *Config) any { return &c.Network.EmergentDivision.Scale }},
	{Path: "network.replicator.tau_gain", Default: "50ms", Limits: atLeast(0), Only: onlyReplicator,
		Doc:   "Time constant τ_a with which the gains of the stored tokens settle while a query is read. 0ms is at once.",
		field: func(c *Config) any { return &c.Network.Replicator.TauGain }},
	{Path: "network.schedule.order", Default: "bidirectional", Choices: []string{"bidirectional", "causal"},
		Doc:   "bidirectional writes every token, then reads every token; causal writes and reads one after another.",
		field: func(c *Config) any { return &c.Network.Schedule.Order }},
	{Path: "network.schedule.write", Default: "250ms", Limits: above(0),
		Doc:   "Dwell time T_w of a written token.",
		field: func(c *Config) any { return &c.Network.Schedule.Write }},
	{Path: "network.schedule.read", Default: "500ms", Frozen: "250ms", Limits: above(0),
		Doc:   "Dwell time T_r of a read token.",
		field: func(c *Config) any { return &c.Network.Schedule.Read }},
	{Path: "network.schedule.gap", Default: "300ms", Frozen: "0ms", Limits: atLeast(0),
		Doc:   "Blank T_gap after each token.",
		field: func(c *Config) any { return &c.Network.Schedule.Gap }},

	{Path: "solver.method", Default: "dopri5", Choices: append(slices.Clone(stepping), "exact", "none"),
		Instead: []alternative{{condition{key: "network.features.map", in: signedMaps}, "none"}},
		Doc:     "Runge–Kutta methods of order 2 to 8 adapt their step (heun2, bs32, dopri5, tsit5, dop853) or have a fixed one (euler, rk4); rodas5p is a Rosenbrock method of order 5 and radau9 a Radau method of order 9, for networks with time scales far apart, the latter for tolerances below 1e-7; exact is the closed-form solution; none stops at the discrete network.",
		field:   func(c *Config) any { return &c.Solver.Method }},
	{Path: "solver.rtol", Default: "1e-6", Limits: inside(0, 1), Only: onlyAdaptive,
		Doc:   "Relative tolerance of a step.",
		field: func(c *Config) any { return &c.Solver.Rtol }},
	{Path: "solver.atol", Default: "1e-9", Limits: above(0), Only: onlyAdaptive,
		Doc:   "Absolute tolerance of a step.",
		field: func(c *Config) any { return &c.Solver.Atol }},
	{Path: "solver.step", Limits: above(0), Only: onlyFixed, Require: true,
		Doc:   "Length of a step.",
		field: func(c *Config) any { return &c.Solver.Step }},
	{Path: "solver.state", Default: "reduced", Choices: []string{"reduced", "full"}, Only: onlyStepping,
		Doc:   "reduced integrates the exact low-dimensional coordinates of each segment; full integrates every neuron and synapse.",
		field: func(c *Config) any { return &c.Solver.State }},

	{Path: "record.every", Default: "5ms", Limits: above(0),
		Doc:   "Time between two recorded points of the trajectory.",
		field: func(c *Config) any { return &c.Record.Every }},
	{Path: "record.variables", Instead: []alternative{
		{replicating, bracketed(gainVariables)},
		{emerging, bracketed(processVariables)},
		{condition{key: "network.features.map", in: []string{features.Ideal}, and: &withoutAstrocyte}, bracketed(usual(otherVariables, uncalcic))},
		{condition{key: "network.features.map", in: []string{features.Ideal}}, bracketed(usual(otherVariables, nil))},
		{withoutAstrocyte, bracketed(usual(variables, uncalcic))},
	},
		Default: bracketed(usualVariables), Choices: variables,
		Frozen: "[hidden, output, calcium, hebbian_norm]",
		Doc:    "Variables recorded in trajectory.npz: activity of hidden and output neurons, calcium p, the norm of the Hebbian weights and, with readout: receptor or event, the share gamma of receptors that is bound; with readout: event also the transmitter g_a (µM) that has been released and the share x_a that is stored; of a cell's calcium also ca, ip3 (µM) and h_ip3r, the share of IP3 receptors that it has not inactivated, and of de-pitta gamma_a, the share of the astrocyte's own receptors that is bound; of a replicator the gains g_a of stored tokens; of emergent division the calcium p_alpha of recorded neurons' processes and what their synapses' decay makes of them, s_alpha.",
		field:  func(c *Config) any { return &c.Record.Variables }},
	{Path: "record.neurons", Default: "8", Limits: atLeast(0),
		Doc:   "How many hidden and output neurons, or gains of tokens, are recorded.",
		field: func(c *Config) any { return &c.Record.Neurons }},
	{Path: "record.attention", Default: "true",
		Doc:   "Compute the effective attention A_eff, N × N, of every rung. Without it outputs, normalisers and the error budget are the same, its own metrics are null, and memory is linear in the number of tokens N.",
		field: func(c *Config) any { return &c.Record.Attention }},
	{Path: "record.arrays", Default: "all", Choices: []string{"all", "summary", "none"},
		Doc:   "Which arrays of the heads are written: all, summary (no attention matrices, no trajectory), none.",
		field: func(c *Config) any { return &c.Record.Arrays }},
	{Path: "record.features", Default: "true",
		Doc:   "Write the feature map's weights to features.npz.",
		field: func(c *Config) any { return &c.Record.Features }},
	{Path: "record.model", Default: "false", Only: onlyOneInput, Later: true,
		Doc:   "Write what the whole transformer makes of the input, too: the hidden states of every layer, and its answer, logits or embedding. Otherwise nothing is computed beyond the last layer chosen.",
		field: func(c *Config) any { return &c.Record.Model }},
	{Path: "record.remedy", Default: "brief", Choices: []string{"none", "brief", "thorough"},
		Doc:   "How far the run looks for what would reduce the part that dominates its error, by solving the network again: not at all; briefly, for some tenths of a second and, where an astrocyte takes steps, two or three seconds; thoroughly, with up to 500 times as many features, for some minutes.",
		field: func(c *Config) any { return &c.Record.Remedy }},

	{Path: "fit.neurons", Default: "625", Limits: atLeast(1), Later: true, Only: onlySet,
		Doc:   "Number of hidden neurons m of each head.",
		field: func(c *Config) any { return &c.Fit.Neurons }},
	{Path: "fit.synapses", Default: "0", Limits: atLeast(0), Later: true, Only: onlySet,
		Doc:   "Number of synapses of a head, on average, in place of fit.neurons: heads that short fits find hard get more of the total. With fit.target, the most that any head may have. 0 is fit.neurons each and, with fit.target, 100 000.",
		field: func(c *Config) any { return &c.Fit.Synapses }},
	{Path: "fit.target", Default: "0", Limits: atLeast(0), Only: onlySet,
		Doc:   "Relative error of the output that each head is to have with as few neurons as possible, in place of fit.neurons: a short search over sizes, by the documents of fit.validation. 0 is no search.",
		field: func(c *Config) any { return &c.Fit.Target }},
	{Path: "fit.dendrites", Default: "0", Limits: atLeast(0), Only: onlySet,
		Doc:   "Number of dendrites, rectified units between the token and the hidden neurons.",
		field: func(c *Config) any { return &c.Fit.Dendrites }},
	{Path: "fit.validation", Default: "0.1", Limits: inside(0, 0.5), Only: onlySet,
		Doc:   "Share of the documents by which the best of the parameters on the way are chosen.",
		field: func(c *Config) any { return &c.Fit.Validation }},
	{Path: "fit.held_out", Default: "0.1", Limits: inside(0, 0.5), Only: onlySet,
		Doc:   "Share of the documents that is looked at once, at the end: the error told is theirs.",
		field: func(c *Config) any { return &c.Fit.HeldOut }},
	{Path: "fit.steps", Default: "1000", Limits: atLeast(1), Only: onlySet,
		Instead: []alternative{{condition{key: "input", in: []string{"images"}, text: "with input.images"}, "300"}},
		Doc:     "Number of steps of Adam.",
		field:   func(c *Config) any { return &c.Fit.Steps }},
	{Path: "fit.batch", Default: "4", Limits: atLeast(1), Only: onlySet,
		Instead: []alternative{{condition{key: "input", in: []string{"images"}, text: "with input.images"}, "16"}},
		Doc:     "Number of whole inputs in a step.",
		field:   func(c *Config) any { return &c.Fit.Batch }},
	{Path: "fit.rate", Default: "0.03", Limits: above(0), Only: onlySet,
		Doc:   "Largest rate of Adam; it rises over 50 steps and falls as a cosine to a fiftieth.",
		field: func(c *Config) any { return &c.Fit.Rate }},
	{Path: "fit.patience", Default: "5", Limits: atLeast(0), Only: onlySet,
		Doc:   "Early stopping: a fit ends once so many looks in a row at the documents of fit.validation, one every 100 steps, have found nothing better. 0 is never. What is kept is the best of the looks in any case.",
		field: func(c *Config) any { return &c.Fit.Patience }},
	{Path: "fit.resume", Default: "true", Only: onlySet,
		Doc:   "Keep what has been fitted in a hidden folder beside the map file until that is whole, so that the same command goes on from there after it was interrupted or killed, to the same bytes. false begins anew and keeps nothing.",
		field: func(c *Config) any { return &c.Fit.Resume }},
	{Path: "fit.objective", Default: "heads", Choices: []string{"heads", "responses"}, Only: onlySet,
		Doc:   "What the maps are fitted to. heads: each to the attention of its own head. responses: from there all maps together, in as many steps again at a tenth of the rate, to what the model answers with all of them in the place of its heads (swap.mode: free-running, by the sums): its classes, its masked words or, where none is masked, those of all tokens, a causal model's next words after every token, or its embedding.",
		field: func(c *Config) any { return &c.Fit.Objective }},
}

// channels are the names of what can be recorded, of those that hold.
func channels(hold func(model.Channel) bool) []string {
	var names []string
	for _, channel := range model.Channels() {
		if hold(channel) && !slices.Contains(names, channel.Name) {
			names = append(names, channel.Name)
		}
	}
	return names
}

// bracketed is a list of names as a configuration has it.
func bracketed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

func textField(of func(*Text) any) func(*Config) any {
	return func(c *Config) any {
		if c.Input.Text == nil {
			return nil
		}
		return of(c.Input.Text)
	}
}

func textsField(of func(*Texts) any) func(*Config) any {
	return func(c *Config) any {
		if c.Input.Texts == nil {
			return nil
		}
		return of(c.Input.Texts)
	}
}

func imagesField(of func(*Images) any) func(*Config) any {
	return func(c *Config) any {
		if c.Input.Images == nil {
			return nil
		}
		return of(c.Input.Images)
	}
}

func syntheticField(of func(*Synthetic) any) func(*Config) any {
	return func(c *Config) any {
		if c.Input.Synthetic == nil {
			return nil
		}
		return of(c.Input.Synthetic)
	}
}

// lookup finds a key, and findSection a section, by its path.
func lookup(path string) (Key, bool) {
	for _, k := range keys {
		if k.Path == path {
			return k, true
		}
	}
	return Key{}, false
}

func findSection(path string) (section, bool) {
	for _, s := range sections {
		if s.path == path {
			return s, true
		}
	}
	return section{}, false
}

// children are the names of the keys and sections directly inside a section, in
// order.
func children(path string) []string {
	var names []string
	seen := map[string]bool{}
	add := func(at string) {
		if at != "" && parent(at) == path && !seen[at] {
			seen[at] = true
			names = append(names, leaf(at))
		}
	}
	for _, k := range keys {
		for at := k.Path; at != ""; at = parent(at) {
			add(at)
		}
	}
	return names
}
