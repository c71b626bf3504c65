package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// fillDefaults gives each key that is not written its default: first those that
// depend on nothing, then those that depend on others. A key that does not apply
// is a problem if it is written, and stays zero if not.
func (r *reader) fillDefaults() {
	for _, dependent := range []bool{false, true} {
		for _, k := range keys {
			if dependent == (k.Only != nil || k.Instead != nil) {
				r.fill(k)
			}
		}
	}
	if f := &r.cfg.Network.Features; r.cfg.Network.Circuit == replicator { // which sees exp(q·k) alone
		f.Map, f.Invariances, f.QueryGain = features.Ideal, features.NoInvariance, features.GainNone
	}
}

func (r *reader) fill(k Key) {
	field := k.field(r.cfg)
	_, given := r.given[k.Path]
	if field == nil {
		return
	}
	if k.Only != nil && !k.Only.holds(r.cfg) {
		if given && !r.bad[k.Path] && !r.bad[k.Only.key] && !r.bad[parent(k.Path)] && r.inputIsKnown(k.Only.key) {
			r.reportKey(k.Path, r.inapplicable(k))
		}
		return
	}
	if given {
		return
	}
	if k.Require {
		if !r.meant[k.Path] && !r.bad[parent(k.Path)] {
			r.reportKey(k.Path, r.missing(k))
		}
		return
	}
	if written := k.defaultIn(r.cfg); written != "" {
		setDefault(k, field, written)
	}
}

// inputIsKnown is false where a condition asks for the input and that is itself
// in doubt.
func (r *reader) inputIsKnown(key string) bool {
	return key != "input" || r.cfg.Input.section() != ""
}

// setDefault reads a default as if it had been written.
func setDefault(k Key, field any, written string) {
	node, c := setValue(written)
	if c == nil {
		c = k.read(node, field, "")
	}
	if c != nil {
		panic(fmt.Sprintf("config: the default %s of %s: %s", written, k.Path, c.found))
	}
}

func (r *reader) inapplicable(k Key) complaint {
	only := k.Only
	for { // what the condition's own key lacks
		of, _ := lookup(only.key)
		if of.Only == nil || of.Only.holds(r.cfg) {
			break
		}
		only = of.Only
	}
	c := complaint{found: leaf(k.Path) + " is allowed only " + only.String(), fix: "remove it"}
	if only != k.Only && k.Only.and == nil { // else that is said of it
		c.found += ", and there " + k.Only.String()
	}
	if k.Only.key == "solver.method" {
		method := r.cfg.Solver.Method
		c.found = fmt.Sprintf("method %s takes no %s", method, leaf(k.Path))
		if _, given := r.given["solver.method"]; !given {
			c.found = fmt.Sprintf("the map %s is signed, so the method is none unless one is named, and none takes no %s", r.cfg.Network.Features.Map, leaf(k.Path))
			if method != "none" {
				c.found = fmt.Sprintf("method %s, the default, takes no %s", method, leaf(k.Path))
			}
		}
		c.allowed = leaf(k.Path) + " " + k.Only.String()
		c.fix = "remove it, or change solver.method"
	}
	return c
}

func (r *reader) missing(k Key) complaint {
	c := complaint{found: leaf(k.Path) + " is missing", allowed: k.allowed()}
	switch k.Path {
	case "nasim":
		c.fix = fmt.Sprintf("write nasim: %d at the top", Version)
	case "solver.step":
		c.found = fmt.Sprintf("method %s needs a step", r.cfg.Solver.Method)
		c.fix = "write step: 0.5ms"
		if at, given := r.given["solver.method"]; given && at.line == 0 {
			c.fix = "add --set solver.step=0.5ms"
		}
	}
	return c
}

// checkRules checks what concerns several keys. A rule is not tried where one of
// its keys has a problem already.
func (r *reader) checkRules() {
	for _, rule := range rules {
		if !slices.ContainsFunc(rule.keys, r.spoilt) {
			if c := rule.broken(r.cfg); c != nil {
				r.reportKey(rule.at(r), *c)
			}
		}
	}
}

// spoilt says whether a key, or a section around it, has a problem.
func (r *reader) spoilt(path string) bool {
	for ; path != ""; path = parent(path) {
		if r.bad[path] || r.meant[path] {
			return true
		}
	}
	return false
}

// rule is a check over several keys. The problem is reported at the first of
// them that is written.
type rule struct {
	keys   []string
	broken func(*Config) *complaint
}

func (u rule) at(r *reader) string {
	for _, path := range u.keys {
		if _, given := r.given[path]; given {
			return path
		}
	}
	return u.keys[0]
}

var rules = []rule{
	{[]string{"input.text.file", "input.text.string", "input.text"}, textTwice},
	{[]string{"input.images.dir", "input.images.idx", "input.images.npz", "input.images.labels", "input.images"}, imagesTwice},
	{[]string{"network.features.neurons", "network.features.map"}, oddPairs},
	{[]string{"network.features.query_gain", "network.features.map"}, gainWithoutMeaning},
	{[]string{"network.features.invariances", "network.features.map"}, invariancesTwice},
	{[]string{"solver.state", "network.features.map", "network.circuit"}, stateWithoutNeurons},
	{[]string{"record.variables", "network.features.map"}, neuronsWithoutNumber},
	{[]string{"record.variables", "network.circuit", "network.astrocyte.readout", "network.astrocyte.calcium"}, variablesOfOthers},
	{[]string{"network.astrocyte.latency", "network.schedule.write", "network.schedule.read", "network.schedule.gap", "input.synthetic.tokens"}, laterThanAll},
	{[]string{"network.astrocyte.coupling_plasticity", "network.features.map"}, meanOfNone},
	{[]string{"network.astrocyte.compartments", "network.features.neurons", "network.features.map"}, unequalCompartments},
	{[]string{"network.astrocyte.readout", "network.astrocyte.compartments"}, shareOfOne},
	{[]string{"network.astrocyte.drive", "network.astrocyte.calcium"}, heldCell},
	{[]string{"network.circuit", "network.features.map"}, processesOfNone},
	{[]string{"transformer.projections", "swap.mode"}, swappedAtRandom},
	{[]string{"fit.neurons", "fit.synapses", "fit.target"}, sizeTwice},
	{stepKeys(), unstableStep},
}

func textTwice(c *Config) *complaint {
	t := c.Input.Text
	switch {
	case t == nil:
		return nil
	case t.File != "" && t.String != "":
		return &complaint{found: "file and string are both given", allowed: "exactly one of them", fix: "remove one"}
	case t.File == "" && t.String == "":
		return &complaint{found: "no text is given", allowed: "exactly one of file and string", fix: "write file: PATH"}
	}
	return nil
}

func imagesTwice(c *Config) *complaint {
	i := c.Input.Images
	if i == nil {
		return nil
	}
	given := 0
	for _, path := range []string{i.Dir, i.IDX, i.NPZ} {
		if path != "" {
			given++
		}
	}
	switch {
	case given > 1:
		return &complaint{found: "several of dir, idx and npz are given", allowed: "exactly one of them", fix: "remove the others"}
	case given == 0:
		return &complaint{found: "no pictures are given", allowed: "exactly one of dir, idx and npz", fix: "write dir: FOLDER"}
	case i.NPZ != "" && i.Labels != "":
		return &complaint{found: "labels is given with npz, whose labels are in the file itself", fix: "remove labels"}
	}
	return nil
}

func oddPairs(c *Config) *complaint {
	f := c.Network.Features
	if f.Neurons%2 == 0 || !slices.Contains(pairwiseMaps, f.Map) {
		return nil
	}
	return &complaint{
		found:   fmt.Sprintf("%d is odd, and the map %s has its neurons in pairs", f.Neurons, f.Map),
		allowed: "an even number", fix: fmt.Sprintf("write %d", f.Neurons+1),
	}
}

func invariancesTwice(c *Config) *complaint {
	if f := c.Network.Features; f.Map == features.Learned && f.Invariances != features.NoInvariance {
		return &complaint{found: "a learned map has the invariances that it was fitted with", fix: "write invariances: none"}
	}
	return nil
}

func stateWithoutNeurons(c *Config) *complaint {
	if c.Network.Features.Map != features.Ideal || c.Solver.State != "full" {
		return nil
	}
	if c.Network.Circuit == replicator {
		return &complaint{found: "a replicator has no other state than its gains", fix: "write state: reduced"}
	}
	return &complaint{found: "the map ideal has no single neurons to integrate", fix: "write state: reduced"}
}

func neuronsWithoutNumber(c *Config) *complaint {
	of := those(c.Record.Variables, func(name string) bool { return slices.Contains(hiddenVariables, name) })
	if c.Network.Features.Map != features.Ideal || c.Network.Circuit == replicator || c.Network.Circuit == emergent || len(of) == 0 {
		return nil
	}
	return &complaint{found: "the map ideal has no single hidden neurons to record", fix: "leave " + strings.Join(of, ", ") + " out"}
}

func variablesOfOthers(c *Config) *complaint {
	network := c.Network.Parameters()
	has := channels(func(channel model.Channel) bool { return channel.Has(network) })
	of := those(c.Record.Variables, func(name string) bool { return slices.Contains(variables, name) && !slices.Contains(has, name) })
	switch {
	case len(of) == 0:
		return nil
	case c.Network.Circuit == replicator:
		return &complaint{found: "a replicator has no " + strings.Join(of, ", ") + " to record", allowed: "a list of " + strings.Join(gainVariables, ", "), fix: "leave " + strings.Join(of, ", ") + " out"}
	case c.Network.Circuit == emergent:
		return &complaint{found: "with circuit: emergent-division there is no " + strings.Join(of, ", ") + " to record", allowed: "a list of " + strings.Join(processVariables, ", "), fix: "leave " + strings.Join(of, ", ") + " out"}
	case slices.ContainsFunc(of, func(name string) bool { return slices.Contains([]string{"p_alpha", "s_alpha"}, name) }):
		return &complaint{found: "only circuit: emergent-division has " + strings.Join(of, ", ") + " to record", fix: "leave " + strings.Join(of, ", ") + " out"}
	case slices.Contains(of, "g_a"):
		return &complaint{found: "only circuit: replicator and readout: event have g_a to record", fix: "leave g_a out"}
	case c.Network.Circuit == noAstrocyte:
		return &complaint{found: "without an astrocyte (circuit: none) there is no " + strings.Join(of, ", ") + " to record", fix: "leave " + strings.Join(of, ", ") + " out"}
	}
	fix := "leave " + strings.Join(of, ", ") + " out, or write "
	if slices.Contains(of, "x_a") {
		return &complaint{found: "the network has no " + strings.Join(of, ", ") + " to record", fix: fix + "readout: " + model.Event.String()}
	}
	if slices.Contains(of, "gamma") {
		return &complaint{found: "the network has no " + strings.Join(of, ", ") + " to record", fix: fix + "readout: " + model.Receptor.String()}
	}
	with := those(cells, func(name string) bool { // which have them
		network.Calcium = model.Calcium(slices.Index(model.Calciums(), name))
		return !slices.ContainsFunc(model.Channels(), func(channel model.Channel) bool { return slices.Contains(of, channel.Name) && !channel.Has(network) })
	})
	return &complaint{found: "the network has no " + strings.Join(of, ", ") + " to record", fix: fix + "calcium: " + strings.Join(with, " or ")}
}

// laterThanAll refuses a latency by which no calcium ever comes, where the number of
// tokens is known from the configuration; elsewhere a run does, once it is.
func laterThanAll(c *Config) *complaint {
	if c.Input.Synthetic == nil {
		return nil
	}
	return c.laterThan(c.Input.Synthetic.Tokens)
}

// LatencyProblem says what is wrong where the calcium is later than the schedule of so
// many tokens is long; nil otherwise.
func (c *Config) LatencyProblem(tokens int) error {
	complaint := c.laterThan(tokens)
	if complaint == nil {
		return nil
	}
	return Problems{c.Problem("network.astrocyte.latency", complaint.found, complaint.allowed, complaint.fix)}
}

func (c *Config) laterThan(tokens int) *complaint {
	network := c.Network.Parameters()
	last := float64(network.Duration(tokens)) - network.Gap
	latency, end := c.Network.Astrocyte.Latency, Time(math.Round(1e12*last)/1e12) // as it is written
	if latency == 0 || latency < end {
		return nil
	}
	return &complaint{
		found:   fmt.Sprintf("with a latency of %s no calcium comes before the last of %d tokens has been read, after %s", latency, tokens, end),
		allowed: "a shorter latency", fix: "write a shorter one, or longer write, read and gap",
	}
}

func meanOfNone(c *Config) *complaint {
	if c.Network.Features.Map != features.Ideal || c.Network.Circuit != model.Tripartite.String() || c.Network.Astrocyte.CouplingPlasticity {
		return nil
	}
	return &complaint{found: "the mean of the couplings of infinitely many neurons (map ideal) is none", fix: "write coupling_plasticity: true, or a map of drawn neurons"}
}

func heldCell(c *Config) *complaint {
	a := c.Network.Astrocyte
	if a.Drive != model.Hold.String() || !slices.Contains(cells, a.Calcium) {
		return nil
	}
	return &complaint{found: "nothing holds the calcium of a cell (calcium: " + a.Calcium + ") where it is", allowed: strings.Join(drives[:len(drives)-1], ", "), fix: "write drive: " + model.WhileReading.String()}
}

func processesOfNone(c *Config) *complaint {
	if c.Network.Features.Map != features.Ideal || c.Network.Circuit != emergent {
		return nil
	}
	return &complaint{found: "the division of emergent-division is by the processes of single neurons, and infinitely many (map ideal) have none", fix: "write a map of drawn neurons"}
}

func swappedAtRandom(c *Config) *complaint {
	if c.Transformer.Projections != "random" || c.Swap.Mode == "none" || c.Swap.Mode == "" {
		return nil
	}
	return &complaint{
		found: "heads with freshly initialised maps are not the model's, which is to answer with the network in their place (swap.mode: " + c.Swap.Mode + ")",
		fix:   "write projections: trained, or swap.mode: none",
	}
}

// sizeTwice cannot see a number of neurons that is written and is the default.
func sizeTwice(c *Config) *complaint {
	if k, _ := lookup("fit.neurons"); c.Fit.Synapses == 0 && c.Fit.Target == 0 || value(c, k.Path) == k.Default {
		return nil
	}
	return &complaint{
		found:   fmt.Sprintf("neurons is %d, and synapses or target, by which every head gets a number of its own, is given too", c.Fit.Neurons),
		allowed: "neurons, or synapses and target", fix: "remove neurons, or the others",
	}
}

func gainWithoutMeaning(c *Config) *complaint {
	f := c.Network.Features
	dividing := f.QueryGain == "rate" || f.QueryGain == "equalised"
	switch {
	case f.QueryGain == "rate" && f.Map == features.Ideal:
		return &complaint{
			found: "the pooled rate of infinitely many neurons is the same for every query, so that rate changes nothing with the map ideal",
			fix:   "write query_gain: none",
		}
	case dividing && slices.Contains(signedMaps, f.Map):
		return &complaint{
			found:   fmt.Sprintf("the gain %s divides by a sum that the signed map %s may bring to zero", f.QueryGain, f.Map),
			allowed: "none or norm with " + strings.Join(signedMaps, ", "), fix: "write query_gain: none",
		}
	case f.QueryGain == features.GainTrained && f.Map != features.Learned:
		return &complaint{
			found: fmt.Sprintf("the gain trained divides by what a learned map was fitted to, and the map %s is not", f.Map),
			fix:   "write query_gain: balanced, or none",
		}
	case f.QueryGain == "norm" && slices.Contains(normlessMaps, f.Map):
		return &complaint{
			found: fmt.Sprintf("the map %s has no factor in |q|² for the gain norm to drop", f.Map),
			fix:   "write query_gain: none",
		}
	}
	return nil
}
