package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// complaint is a problem whose place and key are known to the caller.
type complaint struct {
	node                *yaml.Node // where, if not at the value as a whole
	found, allowed, fix string
}

// read sets the field from a YAML value. dir is what relative paths are
// relative to.
func (k Key) read(node *yaml.Node, field any, dir string) *complaint {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return &complaint{found: "has no value", allowed: k.allowed(), fix: k.omit()}
	}
	switch v := field.(type) {
	case *[]string:
		return k.readNames(node, v)
	case *Selection:
		return k.readSelection(node, v)
	}
	if node.Kind != yaml.ScalarNode {
		return k.mismatch(node)
	}
	switch v := field.(type) {
	case *int:
		x, c := k.whole(node, math.MaxInt32)
		*v = int(x)
		return c
	case *uint64:
		x, c := k.whole(node, math.MaxUint64)
		*v = x
		return c
	case *float64:
		return k.readNumber(node, v)
	case *Level:
		return k.readLevel(node, v)
	case *Time:
		return k.readTime(node, v)
	case measure:
		return k.readMeasure(node, v)
	case *bool:
		return k.readBool(node, v)
	case *string:
		return k.readText(node, v, dir)
	}
	panic(fmt.Sprintf("config: no reader for %T", field))
}

// omit says what leaving the key out would do.
func (k Key) omit() string {
	if k.Require || k.Default == "" {
		return ""
	}
	return "leave the key out for the default " + k.Default
}

// mismatch complains of a value of another kind.
func (k Key) mismatch(node *yaml.Node) *complaint {
	return &complaint{found: describe(node) + " is not a " + k.noun(), allowed: k.allowed()}
}

// noun is the kind for "is not a …".
func (k Key) noun() string {
	if kind := k.kind(); kind != "true or false" {
		return kind
	}
	return "yes-or-no value"
}

// describe says what a value is.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return show(node)
}

// show quotes a scalar as it was written, shortened.
func show(node *yaml.Node) string {
	shown := node.Value
	if utf8.RuneCountInString(shown) > 40 {
		shown = string([]rune(shown)[:40]) + "…"
	}
	if node.Tag == "!!str" || node.Style != 0 || shown != strings.TrimSpace(shown) {
		return strconv.Quote(shown)
	}
	return shown
}

var (
	wholeText  = regexp.MustCompile(`^[+-]?[0-9]+$`)
	hashText   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	numberText = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)
)

// isQuoted says whether a scalar was written in quotes or as a block: then it is
// text, whatever it looks like.
func isQuoted(node *yaml.Node) bool {
	return node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
}

// number reads a finite decimal number.
func (k Key) number(node *yaml.Node) (float64, *complaint) {
	written := node.Value
	if isQuoted(node) {
		c := k.mismatch(node)
		if numberText.MatchString(written) {
			c.fix = "write " + written + " without quotes"
		}
		return 0, c
	}
	switch strings.ToLower(strings.TrimLeft(written, "+-.")) {
	case "nan":
		return 0, &complaint{found: written + " is not a number", allowed: k.allowed()}
	case "inf", "infinity":
		return 0, &complaint{found: written + " is not finite", allowed: k.allowed()}
	}
	if !numberText.MatchString(written) {
		c := k.mismatch(node)
		if plain := strings.ReplaceAll(written, "_", ""); numberText.MatchString(plain) {
			c.fix = "write " + plain
		} else if k.Unit == "" && timeText.MatchString(written) {
			c.fix = "write the number without a unit"
		}
		return 0, c
	}
	if digits := strings.TrimLeft(written, "+-"); len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return 0, &complaint{found: written + " starts with 0, which some read as octal", allowed: k.allowed(), fix: "write it without leading zeros"}
	}
	x, err := strconv.ParseFloat(written, 64)
	if err != nil {
		return 0, &complaint{found: written + " is too large for a number", allowed: k.allowed()}
	}
	mantissa, _, _ := strings.Cut(strings.ToLower(written), "e")
	if math.Abs(x) < leastNumber && strings.ContainsAny(mantissa, "123456789") {
		c := &complaint{found: written + " is too small for a number", allowed: k.allowed(), fix: "write a larger one"}
		if k.Limits.allow(0) {
			c.fix = "write 0 if it is to be none"
		}
		return 0, c
	}
	return x, nil
}

// whole reads a whole number up to most. 1e5 is one; 3.7 is not, and is never
// rounded.
func (k Key) whole(node *yaml.Node, most uint64) (uint64, *complaint) {
	x, c := k.number(node)
	if c != nil {
		return 0, c
	}
	written := node.Value
	if x != math.Trunc(x) {
		c := &complaint{found: written + " is not a whole number", allowed: k.allowed()}
		if below, over := math.Floor(x), math.Ceil(x); math.Abs(x) < 1e9 && k.Limits.allow(below) && k.Limits.allow(over) {
			c.fix = fmt.Sprintf("write %.0f or %.0f", below, over)
		}
		return 0, c
	}
	if x < 0 || !k.Limits.allow(x) {
		return 0, k.outside(written)
	}
	var n uint64
	var err error
	if wholeText.MatchString(written) {
		n, err = strconv.ParseUint(strings.TrimPrefix(strings.TrimPrefix(written, "+"), "-"), 10, 64)
	} else if x <= 1<<53 {
		n = uint64(x)
	} else {
		err = strconv.ErrRange
	}
	if err != nil || n > most {
		return 0, &complaint{found: written + " is too large", allowed: fmt.Sprintf("%d at most", most)}
	}
	return n, nil
}

func (k Key) outside(written string) *complaint {
	found := written + " is out of range"
	if strings.HasPrefix(written, "-") {
		found = written + " is negative"
		if k.Limits.low < 0 {
			found = written + " is out of range"
		}
	}
	allowed := k.allowed()
	if k.Path == "nasim" {
		found = fmt.Sprintf("version %s is not known to this nasim", written)
		allowed = fmt.Sprintf("version %d", Version)
	}
	if _, isSeed := k.field(whole()).(*uint64); isSeed {
		allowed = "a whole number, 0 or more"
	}
	return &complaint{found: found, allowed: allowed}
}

func (k Key) readNumber(node *yaml.Node, v *float64) *complaint {
	x, c := k.number(node)
	if c != nil {
		return c
	}
	if !k.Limits.allow(x) {
		return k.outside(node.Value)
	}
	*v = x + 0 // turns −0 into 0
	return nil
}

func (k Key) readTime(node *yaml.Node, v *Time) *complaint {
	t, err := ParseTime(node.Value)
	if err != nil {
		return &complaint{found: err.Error(), allowed: k.allowed()}
	}
	if !k.Limits.allow(float64(t)) {
		if math.IsInf(float64(t), 1) {
			return &complaint{found: "inf is not allowed here", allowed: k.allowed() + ", finite"}
		}
		return k.outside(node.Value)
	}
	*v = t
	return nil
}

func (k Key) readBool(node *yaml.Node, v *bool) *complaint {
	if !isQuoted(node) {
		switch node.Value {
		case "true":
			*v = true
			return nil
		case "false":
			*v = false
			return nil
		}
	}
	c := k.mismatch(node)
	switch strings.ToLower(node.Value) {
	case "yes", "on", "y", "true", "1":
		c.fix = "write true"
	case "no", "off", "n", "false", "0":
		c.fix = "write false"
	}
	return c
}

// readText reads free text, a name, or a path.
func (k Key) readText(node *yaml.Node, v *string, dir string) *complaint {
	written := node.Value
	switch {
	case k.isFile || k.isModel:
		return k.readPath(node, v, dir)
	case k.Choices != nil:
		if c := k.choose(written); c != nil {
			return c
		}
	case k.isHash:
		if !hashText.MatchString(written) {
			return &complaint{found: show(node) + " is not a SHA-256", allowed: k.allowed(), fix: "leave the key out to accept any weights"}
		}
	case node.Tag != "!!str":
		return &complaint{found: written + " is not text", allowed: "text", fix: "write " + strconv.Quote(written) + ", in quotes"}
	case strings.TrimSpace(written) == "":
		return &complaint{found: "the text is empty", allowed: "text of at least one word"}
	}
	*v = written
	return nil
}

// choose complains of a name that is not among the choices.
func (k Key) choose(written string) *complaint {
	for _, choice := range k.Choices {
		if written == choice {
			return nil
		}
	}
	c := &complaint{found: strconv.Quote(written) + " is not known", allowed: k.allowed()}
	if near := nearest(written, k.Choices); near != nil {
		c.fix = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return c
}
