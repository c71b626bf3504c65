package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// alternatives are what excludes one another: of each group at most one side is
// given. (The schema's other exclusions are the keys' own conditions.)
var alternatives = [][]side{
	{{"input.text"}, {"input.image"}, {"input.tensors"}, {"input.synthetic"}},
	{{"input.text.file"}, {"input.text.string"}},
	{{"transformer.select"}, {"transformer.layers", "transformer.heads"}},
	{{"network.astrocyte.exchange"}, {"network.astrocyte.length", "network.astrocyte.diffusion"}},
}

// side is the paths that go together in one alternative.
type side []string

// displace takes out of the file what the sets rule out: the other alternatives
// to one that is set, and keys that do not apply with the value of one that is
// set (rtol with --set solver.method=rk4). What a --set gave always stays, so two
// that contradict each other remain a problem. It is done when all sets are in
// the tree, because only then is it known what holds.
func (r *reader) displace(root *yaml.Node, inputOfFile string) {
	for _, sides := range alternatives {
		isSet := func(s side) bool {
			return slices.ContainsFunc(s, func(path string) bool { return r.isSet(root, path) })
		}
		if !slices.ContainsFunc(sides, isSet) {
			continue
		}
		for _, s := range sides {
			if !isSet(s) {
				drop(root, s...)
			}
		}
	}
	for _, k := range keys {
		if k.Only != nil && r.rulesOut(root, *k.Only) && !r.isSet(root, k.Path) {
			drop(root, k.Path)
		}
	}
	// The hash in the file is of the file's model. With another kind of input and
	// another model it can only be wrong; otherwise it still guards the weights.
	if inputIn(root) != inputOfFile && r.isSet(root, "transformer.model") && !r.isSet(root, "transformer.sha256") {
		drop(root, "transformer.sha256")
	}
}

// dropVariables leaves out of the file's record.variables what a network with others of its keys set
// has not; where nothing is left of them it records what is usual.
func (r *reader) dropVariables(root *yaml.Node) {
	const path = "record.variables"
	_, given := r.given[path]
	network := valueAt(root, "network")
	if !given || r.spoilt(path) || r.isSet(root, path) || network == nil || !r.touched(network) {
		return
	}
	recorded := &r.cfg.Record.Variables
	before := len(*recorded)
	*recorded = those(*recorded, func(name string) bool {
		one := *r.cfg
		one.Record.Variables = []string{name}
		return !slices.Contains(variables, name) || neuronsWithoutNumber(&one) == nil && variablesOfOthers(&one) == nil
	})
	if k, _ := lookup(path); len(*recorded) == 0 && before > 0 {
		setDefault(k, k.field(r.cfg), k.defaultIn(r.cfg))
	}
}

// inputIn is the name of the input in a tree; "" if there is none.
func inputIn(root *yaml.Node) string {
	for _, name := range children("input") {
		if valueAt(root, "input."+name) != nil {
			return name
		}
	}
	return ""
}

// rulesOut says whether a --set gave a condition's key a value with which the
// condition does not hold. Values that are not allowed rule nothing out: they are
// a problem of their own.
func (r *reader) rulesOut(root *yaml.Node, c condition) bool {
	switch c.key {
	case "input":
		name := inputIn(root)
		return name != "" && r.isSet(root, "input."+name) && !slices.Contains(c.in, name)
	case "transformer.select":
		return r.isSet(root, c.key)
	}
	if c.or != nil {
		held := func(c condition) bool {
			node := valueAt(root, c.key)
			return node != nil && slices.Contains(c.in, node.Value)
		}
		return (r.isSet(root, c.key) || r.isSet(root, c.or.key)) && !held(c) && !held(*c.or)
	}
	k, _ := lookup(c.key)
	if k.Only != nil && r.rulesOut(root, *k.Only) {
		return true
	}
	node := valueAt(root, c.key)
	if c.not {
		return r.isSet(root, c.key) && slices.Contains(c.in, node.Value)
	}
	return r.isSet(root, c.key) && slices.Contains(k.Choices, node.Value) && !slices.Contains(c.in, node.Value)
}

// isSet says whether a --set gave a path, something in it, or a section around
// it. An empty list gives nothing.
func (r *reader) isSet(root *yaml.Node, path string) bool {
	node := valueAt(root, path)
	if node == nil || node.Kind == yaml.SequenceNode && len(node.Content) == 0 {
		return false
	}
	for around := parent(path); around != ""; around = parent(around) {
		if r.from[valueAt(root, around)] != nil {
			return true
		}
	}
	return r.touched(node)
}

// touched says whether a --set gave a node or something in it.
func (r *reader) touched(node *yaml.Node) bool {
	return r.from[node] != nil || slices.ContainsFunc(node.Content, r.touched)
}

// valueAt is the value at a path; nil if there is none.
func valueAt(root *yaml.Node, path string) *yaml.Node {
	section := root
	if up := parent(path); up != "" {
		section = valueAt(root, up)
	}
	if section == nil || section.Kind != yaml.MappingNode {
		return nil
	}
	if slot := find(section, leaf(path)); slot >= 0 {
		return section.Content[slot+1]
	}
	return nil
}

// drop removes keys from the tree.
func drop(root *yaml.Node, paths ...string) {
	for _, path := range paths {
		section := root
		if up := parent(path); up != "" {
			section = valueAt(root, up)
		}
		if section == nil || section.Kind != yaml.MappingNode {
			continue
		}
		for slot := find(section, leaf(path)); slot >= 0; slot = find(section, leaf(path)) {
			section.Content = slices.Delete(section.Content, slot, slot+2)
		}
	}
}
