package config

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// set puts one "path=value" into the tree, in place of what is there: a whole
// section if the path names one. The path may leave out its beginning where what
// remains names one key only (heads for transformer.heads).
func (r *reader) set(root *yaml.Node, assignment string, index int) {
	at := &source{name: "--set " + shorten(assignment), dir: "", order: index + 1}
	path, written, ok := strings.Cut(assignment, "=")
	path = strings.TrimSpace(path)
	switch {
	case !ok || path == "":
		r.report(at, nil, "", complaint{found: "there is no path=value", allowed: "such as seed=3", fix: "write --set path=value"})
		return
	case !utf8.ValidString(written):
		r.report(at, nil, path, complaint{found: "the value is not UTF-8", allowed: "UTF-8"})
		return
	}
	full, c := fullPath(path)
	if c != nil {
		r.report(at, nil, path, *c)
		return
	}
	content, c := setValue(written)
	if c != nil {
		r.report(at, nil, full, *c)
		return
	}
	r.from[content] = at
	r.place(root, full, content, at)
}

// shorten keeps an error's first part readable.
func shorten(text string) string {
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "?")
	if utf8.RuneCountInString(text) > 60 {
		return string([]rune(text)[:60]) + "…"
	}
	return text
}

// fullPath finds the key or section that a path, or the end of one, names.
func fullPath(path string) (string, *complaint) {
	var ends []string
	all := allPaths()
	for _, full := range all {
		if full == path {
			return full, nil
		}
		if strings.HasSuffix(full, "."+path) {
			ends = append(ends, full)
		}
	}
	if earlier := slices.DeleteFunc(slices.Clone(ends), isLater); len(earlier) == 1 {
		return earlier[0], nil
	}
	if len(ends) == 1 {
		return ends[0], nil
	}
	if len(ends) > 1 {
		return "", &complaint{found: "the path is the end of several keys", allowed: strings.Join(ends, ", "), fix: "write one of them in full"}
	}
	c := &complaint{found: "there is no such key", fix: "see nasim schema for all keys"}
	near := nearest(path, all)
	if near == nil {
		near = nearEnds(path, all)
	}
	if len(near) > 0 && len(near) <= 4 {
		c.fix = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return "", c
}

// isLater reports whether a key has come after another that ends likewise.
func isLater(path string) bool {
	k, _ := lookup(path)
	return k.Later
}

// nearEnds finds the keys whose last names are near the path's.
func nearEnds(path string, all []string) []string {
	var near []string
	for _, full := range all {
		if nearest(leaf(path), []string{leaf(full)}) != nil {
			near = append(near, full)
		}
	}
	return near
}

// setValue parses the value of a --set.
func setValue(written string) (*yaml.Node, *complaint) {
	if strings.TrimSpace(written) == "" {
		return nil, &complaint{found: "there is no value after =", allowed: "a value in YAML"}
	}
	if p := unparsable([]byte(written)); p != nil {
		return nil, &complaint{found: p.Found, allowed: p.Allowed, fix: p.Fix}
	}
	var document yaml.Node
	if err := yaml.Load([]byte(written), &document); err != nil || len(document.Content) == 0 {
		return nil, &complaint{found: "the value is not YAML", allowed: "a value in YAML", fix: `put text in quotes within quotes, as in --set 'input.text.string="a: b"'`}
	}
	return document.Content[0], nil
}

// place puts a value at a path, making the sections on the way. Where a section
// on the way is something else, nothing is done: that has a problem of its own.
func (r *reader) place(root *yaml.Node, path string, content *yaml.Node, at *source) {
	node := root
	names := strings.Split(path, ".")
	for i, name := range names {
		last := i == len(names)-1
		slot := find(node, name)
		switch {
		case slot < 0 && last:
			r.append(node, name, content, at)
			return
		case slot < 0:
			section := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
			r.from[section] = at
			r.append(node, name, section, at)
			node = section
		case last:
			node.Content[slot+1] = content
			return
		default:
			node = node.Content[slot+1]
			if node.Kind != yaml.MappingNode {
				return
			}
		}
	}
}

func (r *reader) append(section *yaml.Node, name string, content *yaml.Node, at *source) {
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name}
	r.from[key] = at
	section.Content = append(section.Content, key, content)
}

// find is the position of a key in a mapping's content; -1 if it is not there.
func find(section *yaml.Node, name string) int {
	for i := 0; i+1 < len(section.Content); i += 2 {
		if section.Content[i].Kind == yaml.ScalarNode && section.Content[i].Value == name {
			return i
		}
	}
	return -1
}

// Choices lists the values that a key allows, where they are names or truth
// values: nil for other keys and for paths that name none. The path may be
// shortened as in --set.
func Choices(path string) []string {
	full, c := fullPath(path)
	k, ok := lookup(full)
	if c != nil || !ok {
		return nil
	}
	switch k.field(whole()).(type) {
	case *bool:
		return []string{"true", "false"}
	case *[]string:
		return nil // lists of names are written in brackets
	}
	return k.Choices
}

// FullPath completes a key's path as --set does: heads is transformer.heads. The
// error says which keys come near.
func FullPath(path string) (string, error) {
	full, c := fullPath(path)
	if c != nil {
		return "", Problems{{Path: path, Found: c.found, Allowed: c.allowed, Fix: c.fix}}
	}
	if _, ok := lookup(full); !ok {
		return "", Problems{{Path: path, Found: full + " is a section", Allowed: "a key, such as " + join(full, children(full)[0])}}
	}
	return full, nil
}
