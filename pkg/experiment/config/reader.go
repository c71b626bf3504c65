package config

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// maxProblems is how many problems are shown: a file that is no configuration
// at all should not fill the screen.
const maxProblems = 50

// reader turns a tree of YAML into a configuration, collecting problems.
type reader struct {
	cfg   *Config
	file  *source
	from  map[*yaml.Node]*source // nodes that a --set put into the tree
	given map[string]place       // keys and sections that are written, by path
	bad   map[string]bool        // those whose value has a problem
	meant map[string]bool        // those that a misspelt key probably meant
	found []placed
}

// placed is a problem with what decides its place among the others.
type placed struct {
	Problem
	order int // of the --set; 0 for the file
}

// newReader is a reader of the document that starts there.
func newReader(file *source, start place) *reader {
	r := &reader{
		cfg: new(Config), file: file,
		from: map[*yaml.Node]*source{}, given: map[string]place{}, bad: map[string]bool{}, meant: map[string]bool{},
	}
	r.given[""] = start
	return r
}

// finish reads the tree, fills in defaults and checks what concerns several
// keys.
func (r *reader) finish(root *yaml.Node) (*Config, Problems) {
	if r.refuseAnchors(root, r.file) {
		r.section("", root, r.file)
		r.requireInput()
		r.fillDefaults()
		r.dropVariables(root)
		r.checkRules()
	}
	if len(r.found) == 0 {
		r.cfg.where = r.given
		return r.cfg, nil
	}
	sort.SliceStable(r.found, func(i, j int) bool {
		a, b := r.found[i], r.found[j]
		if a.order != b.order {
			return a.order < b.order
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	problems := make(Problems, 0, len(r.found))
	for i, p := range r.found {
		if i == maxProblems {
			problems = append(problems, Problem{Source: r.file.name, Found: fmt.Sprintf("and %d more problems", len(r.found)-i)})
			break
		}
		problems = append(problems, p.Problem)
	}
	return nil, problems
}

// report adds a problem at a node.
func (r *reader) report(at *source, node *yaml.Node, path string, c complaint) {
	if c.node != nil {
		node = c.node
	}
	p := placed{Problem: Problem{Source: at.name, Path: path, Found: c.found, Allowed: c.allowed, Fix: c.fix}, order: at.order}
	if at.inFile && node != nil {
		p.Line, p.Column = node.Line, node.Column
	}
	if node != nil {
		p.mendSpaces(node.Value)
	}
	r.bad[path] = true
	r.found = append(r.found, p)
}

// reportKey adds a problem with a key that may not be written at all: then at
// the nearest section around it.
func (r *reader) reportKey(path string, c complaint) {
	p := (&Config{where: r.given}).Problem(path, c.found, c.allowed, c.fix)
	order := 0
	if p.Line == 0 {
		order = math.MaxInt
	}
	r.bad[path] = true
	r.found = append(r.found, placed{p, order})
}

// refuseAnchors reports anchors, aliases, merges and tags; false if there are any.
func (r *reader) refuseAnchors(node *yaml.Node, at *source) bool {
	if own := r.from[node]; own != nil {
		at = own
	}
	explicit := node.Style&yaml.TaggedStyle != 0
	switch {
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		r.report(at, node, "", complaint{found: "an anchor (&) or alias (*)", allowed: "plain keys and values", fix: "write the value out"})
		return false
	case explicit || node.Tag == "!!merge":
		r.report(at, node, "", complaint{found: "a tag (!) or a merge (<<)", allowed: "plain keys and values", fix: "write the value out"})
		return false
	}
	ok := true
	for _, child := range node.Content {
		ok = r.refuseAnchors(child, at) && ok
	}
	return ok
}

// section reads the keys of a mapping.
func (r *reader) section(path string, node *yaml.Node, at *source) {
	if node.Kind != yaml.MappingNode {
		c := complaint{found: describe(node) + " is not a section", allowed: "keys: " + strings.Join(children(path), ", ")}
		if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
			c.found = "the section is empty"
			c.fix = "write {} for all its defaults, or leave it out"
		}
		r.report(at, node, path, c)
		return
	}
	if s, ok := findSection(path); ok {
		s.enter(r.cfg)
	}
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, content := node.Content[i], node.Content[i+1]
		nameAt, contentAt := r.sourceOf(name, at), r.sourceOf(content, at)
		if name.Kind != yaml.ScalarNode {
			r.report(nameAt, name, path, complaint{found: describe(name) + " is not a key", allowed: "keys: " + strings.Join(children(path), ", ")})
			continue
		}
		child := join(path, name.Value)
		if before := first[name.Value]; before != nil {
			c := complaint{found: "the key is given twice", fix: "remove one"}
			if before.Line > 0 {
				c.found = fmt.Sprintf("the key is given twice, first on line %d", before.Line)
			}
			r.report(nameAt, name, child, c)
			continue
		}
		first[name.Value] = name
		r.child(child, name, content, nameAt, contentAt)
	}
}

// child reads one key, or the section of that name.
func (r *reader) child(path string, name, content *yaml.Node, nameAt, at *source) {
	if k, ok := lookup(path); ok {
		r.note(path, content, at)
		if c := k.read(content, k.field(r.cfg), at.dir); c != nil {
			r.report(at, content, path, *c)
		}
		return
	}
	if _, ok := findSection(path); ok {
		r.note(path, name, at)
		r.section(path, content, at)
		return
	}
	r.report(nameAt, name, path, r.unknown(path))
}

func (r *reader) note(path string, node *yaml.Node, at *source) {
	r.given[path] = place{source: at.name}
	if at.inFile {
		r.given[path] = place{at.name, node.Line, node.Column}
	}
}

func (r *reader) sourceOf(node *yaml.Node, around *source) *source {
	if own := r.from[node]; own != nil {
		return own
	}
	return around
}

// unknown explains a key that is not in the table: it may belong elsewhere, or
// be misspelt.
func (r *reader) unknown(path string) complaint {
	in, name := parent(path), leaf(path)
	siblings := children(in)
	c := complaint{found: "there is no such key", allowed: "keys here: " + strings.Join(siblings, ", ")}
	if len(r.found) > maxProblems {
		return c // it will not be shown
	}
	if near := nearest(name, siblings); near != nil && !slices.Contains(near, name) {
		for _, n := range near {
			r.meant[join(in, n)] = true
		}
		c.fix = "did you mean " + strings.Join(near, " or ") + "?"
		return c
	}
	var elsewhere []string
	for _, where := range allPaths() {
		if nearest(name, []string{leaf(where)}) != nil {
			elsewhere = append(elsewhere, where)
		}
	}
	if len(elsewhere) > 0 && len(elsewhere) <= 3 {
		c.fix = "did you mean " + strings.Join(elsewhere, " or ") + "?"
	}
	return c
}

// allPaths are the paths of all keys and sections.
func allPaths() []string {
	var paths []string
	for _, s := range sections {
		paths = append(paths, s.path)
	}
	for _, k := range keys {
		paths = append(paths, k.Path)
	}
	return paths
}

func join(path, name string) string {
	if len(name) > 80 {
		name = shorten(name)
	}
	if strings.ContainsAny(name, ". \n\t:") || name == "" {
		name = strconv.Quote(name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// requireInput checks that exactly one input is given.
func (r *reader) requireInput() {
	var inputs []string
	for _, name := range children("input") {
		if _, ok := r.given["input."+name]; ok {
			inputs = append(inputs, name)
		}
		if r.meant["input."+name] {
			return
		}
	}
	if len(inputs) == 1 || r.bad["input"] || r.meant["input"] {
		return
	}
	allowed := "exactly one of " + strings.Join(children("input"), ", ")
	if len(inputs) == 0 {
		fix := "write input: {text: {file: PATH}}"
		r.reportKey("input", complaint{found: "no input is given", allowed: allowed, fix: fix})
		return
	}
	c := complaint{found: strings.Join(inputs, " and ") + " are given", allowed: allowed, fix: "remove all but one"}
	for _, name := range inputs { // displace has left those of the sets
		if r.given["input."+name].line == 0 {
			c.fix = "give only one of them with --set"
			r.reportKey("input."+name, c)
			return
		}
	}
	r.reportKey("input", c)
}
