package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Key describes one key of the configuration. The table of keys (keys.go) is
// the only place that knows them: loading, error texts, the resolved
// configuration, the JSON schema and the reference page all come from it.
type Key struct {
	Path    string        // as in network.astrocyte.tau_calcium
	Default string        // as written in YAML; empty where there is none
	Instead []alternative // other defaults, where another key has certain values
	Doc     string        // a sentence or two; the first says what the key is
	Unit    string        // of a plain number; empty where it has none
	Choices []string      // the allowed names, for names and lists of names
	Limits  limits        // of numbers and times
	Only    *condition    // the key is allowed only where this holds
	Require bool          // must be given where it is allowed

	// Frozen is the key's identity value (see [Identity]): its default when it was
	// introduced, for ever. Empty, it is Default, which has not changed since.
	Frozen string

	// Later marks a key that ends as an earlier one does: a short path that has named
	// the earlier one goes on naming it.
	Later bool

	isFile  bool // a file's path, resolved against where the configuration is
	isHash  bool // SHA-256 in hexadecimal
	isModel bool // an embedded model's name, or a directory's path

	field func(*Config) any // a pointer to the field; nil if its section is absent
}

// condition holds where another key has one of some values. The key may be
// "input", whose value is the name of the input given.
type condition struct {
	key  string
	in   []string
	not  bool       // it holds where the other key has none of these values
	text string     // what to call it, where "with key: value" reads badly
	or   *condition // it holds where this one does, too; nil: none
	and  *condition // it holds only where this one does, too; nil: none
}

// alternative is a default for where a condition holds.
type alternative struct {
	when  condition
	value string
}

func (c condition) holds(cfg *Config) bool {
	return slices.Contains(c.in, value(cfg, c.key)) != c.not && (c.and == nil || c.and.holds(cfg)) || c.or != nil && c.or.holds(cfg)
}

func (c condition) String() string {
	if c.text != "" {
		return c.text
	}
	text := "with " + c.key + ": " + strings.Join(c.in, " or ")
	if c.and != nil {
		text += " and " + strings.TrimPrefix(c.and.String(), "with ")
	}
	if c.or != nil {
		text += ", or " + c.or.String()
	}
	return text
}

// limits bound a number or a time. The zero value allows every finite value.
type limits struct {
	low, high         float64
	hasLow, hasHigh   bool
	openLow, openHigh bool // the bound itself is not allowed
	infinite          bool // inf is allowed
}

func atLeast(low float64) limits { return limits{low: low, hasLow: true} }
func above(low float64) limits   { return limits{low: low, hasLow: true, openLow: true} }
func between(low, high float64) limits {
	return limits{low: low, hasLow: true, high: high, hasHigh: true}
}
func inside(low, high float64) limits {
	return limits{low: low, hasLow: true, openLow: true, high: high, hasHigh: true, openHigh: true}
}

func (l limits) orInfinite() limits {
	l.infinite = true
	return l
}

func (l limits) allow(x float64) bool {
	switch {
	case math.IsNaN(x):
		return false
	case math.IsInf(x, 1):
		return l.infinite
	case math.IsInf(x, -1):
		return false
	case l.hasLow && (x < l.low || l.openLow && x == l.low):
		return false
	case l.hasHigh && (x > l.high || l.openHigh && x == l.high):
		return false
	}
	return true
}

// text says what is allowed, each bound written by number.
func (l limits) text(number func(float64) string) string {
	var parts []string
	switch {
	case l.hasLow && l.hasHigh && l.low == l.high:
		return number(l.low)
	case l.hasLow && l.openLow:
		parts = append(parts, "more than "+number(l.low))
	case l.hasLow && l.hasHigh && !l.openHigh:
		return "from " + number(l.low) + " to " + number(l.high)
	case l.hasLow:
		parts = append(parts, number(l.low)+" or more")
	}
	if l.hasHigh && l.openHigh {
		parts = append(parts, "less than "+number(l.high))
	}
	text := strings.Join(parts, " and ")
	if l.infinite {
		text += ", or inf"
	}
	return text
}

// kind is the key's type in words.
func (k Key) kind() string {
	switch k.field(whole()).(type) {
	case *int, *uint64:
		return "whole number"
	case *float64:
		return "number"
	case *Level:
		return "number or name"
	case *Time:
		return "time"
	case measure:
		return k.field(whole()).(measure).dimension().noun
	case *bool:
		return "true or false"
	case *Selection:
		return "list of indices, or all"
	case *[]string:
		if k.Choices != nil {
			return "list of names"
		}
		return `list of "layer:head"`
	}
	switch {
	case k.isFile:
		return "file"
	case k.isHash:
		return "SHA-256"
	case k.isModel:
		return "name or directory"
	case k.Choices != nil:
		return "name"
	}
	return "text"
}

// allowed says in words what the key takes.
func (k Key) allowed() string {
	switch k.field(whole()).(type) {
	case *Time:
		if text := k.Limits.text(func(x float64) string { return Time(x).String() }); text != "" {
			return "a time " + text
		}
		return timeForms
	case measure:
		of := k.field(whole()).(measure).dimension()
		if text := k.Limits.text(of.written); text != "" {
			return "a " + of.noun + " " + text
		}
		return of.forms
	case *int, *uint64, *float64:
		return strings.TrimSuffix("a "+k.kind()+" "+k.Limits.text(plainNumber), " ")
	case *Level:
		return strings.Join(k.Choices, ", ") + ", or a number " + k.Limits.text(plainNumber)
	case *bool:
		return "true or false"
	case *Selection:
		return "all, or a list of 0-based indices such as [0, 2]"
	case *[]string:
		if k.Choices != nil {
			return "a list of " + strings.Join(k.Choices, ", ")
		}
		return `a list of "layer:head" pairs such as ["0:5", "3:*"]`
	}
	if k.Choices != nil {
		if k.isModel {
			return strings.Join(k.Choices, ", ") + ", or a directory"
		}
		return "one of " + strings.Join(k.Choices, ", ")
	}
	if k.isHash {
		return "64 hexadecimal digits, in lower case"
	}
	return "a " + k.kind()
}

func plainNumber(x float64) string {
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// defaultIn is the key's default in a configuration whose unconditional keys
// are set.
func (k Key) defaultIn(cfg *Config) string {
	for _, other := range k.Instead {
		if other.when.holds(cfg) {
			return other.value
		}
	}
	return k.Default
}

// applies says whether the key is allowed in the configuration.
func (k Key) applies(cfg *Config) bool {
	return k.field(cfg) != nil && (k.Only == nil || k.Only.holds(cfg))
}

// whole is a configuration in which every section is present, to ask fields for
// their types.
func whole() *Config {
	cfg := new(Config)
	for _, s := range sections {
		s.enter(cfg)
	}
	return cfg
}

// value is a key's value as text: what tables show and conditions compare. The
// value of "input" is the name of the input given.
func value(cfg *Config, path string) string {
	if path == "input" {
		return strings.TrimPrefix(cfg.Input.section(), "input.")
	}
	for _, k := range keys {
		if k.Path == path {
			return text(k.field(cfg))
		}
	}
	panic("config: no key " + path)
}

// text writes a field's value; "" for an absent section.
func text(field any) string {
	switch v := field.(type) {
	case *int:
		return strconv.Itoa(*v)
	case *uint64:
		return strconv.FormatUint(*v, 10)
	case *float64:
		return plainNumber(*v)
	case *Level:
		return v.String()
	case *Time:
		return v.String()
	case measure:
		return v.dimension().written(*v.value())
	case *bool:
		return strconv.FormatBool(*v)
	case *string:
		return *v
	case *[]string:
		return "[" + strings.Join(*v, ", ") + "]"
	case *Selection:
		return v.String()
	case nil:
		return ""
	}
	panic(fmt.Sprintf("config: no text for %T", field))
}

// section is the path of the input that is given; "" if none is.
func (in Input) section() string {
	switch {
	case in.Text != nil:
		return "input.text"
	case in.Image != nil:
		return "input.image"
	case in.Tensors != nil:
		return "input.tensors"
	case in.Synthetic != nil:
		return "input.synthetic"
	case in.Texts != nil:
		return "input.texts"
	case in.Images != nil:
		return "input.images"
	}
	return ""
}
