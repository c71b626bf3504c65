package config

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Level is a number or, where Word is not empty, the one that the word stands for: it
// is found when the network is known.
type Level struct {
	Number float64
	Word   string
}

// The words of levels.
const (
	Calibrated = "calibrated"
	Median     = "median"
)

// String writes it as in a configuration.
func (l Level) String() string {
	if l.Word != "" {
		return l.Word
	}
	return plainNumber(l.Number)
}

// readLevel reads a number, or one of the key's words.
func (k Key) readLevel(node *yaml.Node, v *Level) *complaint {
	if !numberText.MatchString(node.Value) && slices.Contains(k.Choices, node.Value) {
		*v = Level{Word: node.Value}
		return nil
	}
	var x float64
	if c := k.readNumber(node, &x); c != nil {
		if near := nearest(node.Value, k.Choices); near != nil && c.fix == "" {
			c.fix = "did you mean " + near[0] + "?"
		}
		return c
	}
	*v = Level{Number: x}
	return nil
}
