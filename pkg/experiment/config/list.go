package config

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

var pairText = regexp.MustCompile(`^([0-9]{1,6}|\*):([0-9]{1,6}|\*)$`)

// readNames reads a list of names, or of "layer:head" pairs where the key has
// no choices.
func (k Key) readNames(node *yaml.Node, v *[]string) *complaint {
	if node.Kind != yaml.SequenceNode {
		c := k.mismatch(node)
		if node.Kind == yaml.ScalarNode {
			c.fix = "write [" + node.Value + "]"
		}
		return c
	}
	var names []string
	given := map[string]bool{}
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return &complaint{node: item, found: describe(item) + " is not a name", allowed: k.allowed()}
		}
		name := item.Value
		if k.Choices != nil {
			if c := k.choose(name); c != nil {
				c.node = item
				return c
			}
		} else if !pairText.MatchString(name) {
			return &complaint{node: item, found: strconv.Quote(name) + ` is not a "layer:head" pair`, allowed: k.allowed()}
		}
		if given[name] {
			return &complaint{node: item, found: name + " is given twice", fix: "remove one"}
		}
		given[name] = true
		names = append(names, name)
	}
	*v = names
	return nil
}

// readSelection reads all, or a list of indices.
func (k Key) readSelection(node *yaml.Node, v *Selection) *complaint {
	if node.Kind == yaml.ScalarNode && node.Value == "all" {
		*v = Selection{All: true}
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		c := k.mismatch(node)
		if node.Kind == yaml.ScalarNode && wholeText.MatchString(node.Value) {
			c.fix = "write [" + node.Value + "]"
		} else if node.Kind == yaml.ScalarNode && strings.EqualFold(node.Value, "all") || node.Value == "*" {
			c.fix = "write all"
		}
		return c
	}
	if len(node.Content) == 0 {
		return &complaint{found: "the list is empty", allowed: k.allowed()}
	}
	var chosen []int
	given := map[int]bool{}
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return &complaint{node: item, found: describe(item) + " is not an index", allowed: k.allowed()}
		}
		n, c := Key{Path: k.Path, Limits: atLeast(0), field: indexField}.whole(item, math.MaxInt32)
		if c != nil {
			c.node = item
			return c
		}
		if given[int(n)] {
			return &complaint{node: item, found: item.Value + " is given twice", fix: "remove one"}
		}
		given[int(n)] = true
		chosen = append(chosen, int(n))
	}
	*v = Selection{Index: chosen}
	return nil
}

// indexField lends an index in a list the type of a whole number.
func indexField(*Config) any { return new(int) }
