package config

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Marshal writes the resolved configuration: every key that applies, in the
// table's order. Reading it back gives the same Config, and the same Config
// always gives the same bytes.
func Marshal(cfg *Config) []byte {
	var out bytes.Buffer
	var open []string // the sections around the last key
	for _, k := range keys {
		if !k.written(cfg) {
			continue
		}
		names := strings.Split(k.Path, ".")
		for depth, name := range names[:len(names)-1] {
			if depth < len(open) && slices.Equal(open[:depth+1], names[:depth+1]) {
				continue
			}
			out.WriteString(strings.Repeat("  ", depth) + name + ":\n")
		}
		open = names[:len(names)-1]
		out.WriteString(strings.Repeat("  ", len(open)) + leaf(k.Path) + ": " + yamlText(k.field(cfg)) + "\n")
	}
	return out.Bytes()
}

// written says whether the resolved configuration holds the key: if it applies,
// and is not the one of text's file and string that is not given.
func (k Key) written(cfg *Config) bool {
	if !k.applies(cfg) {
		return false
	}
	empty, isText := k.field(cfg).(*string)
	return !isText || *empty != ""
}

// Value is one value of a configuration.
type Value struct {
	Text  string  // as in Marshal, without quotes
	Size  float64 // of a number or, in s, of a time
	Sized bool    // it has a size
}

// Flatten is the resolved configuration as one value for each path, for tables
// that compare runs.
func Flatten(cfg *Config) map[string]Value {
	flat := map[string]Value{}
	for _, k := range keys {
		if k.written(cfg) {
			size, sized := size(k.field(cfg))
			flat[k.Path] = Value{text(k.field(cfg)), size, sized}
		}
	}
	return flat
}

func size(field any) (size float64, sized bool) {
	switch v := field.(type) {
	case *int:
		return float64(*v), true
	case *uint64:
		return float64(*v), true
	case *float64:
		return *v, true
	case *Level:
		return v.Number, v.Word == ""
	case *Time:
		return float64(*v), true
	case measure:
		return *v.value(), true
	}
	return 0, false
}

// Written is a number or, in s, a time as the key at a path is written.
func Written(path string, x float64) string {
	k, _ := lookup(path)
	switch v := k.field(whole()).(type) {
	case *Time:
		return Time(x).String()
	case measure:
		return v.dimension().written(x)
	}
	return plainNumber(x)
}

// Unit is the unit of the plain number that the key at a path is; "" where it has none, or a time is
// written with its own.
func Unit(path string) string {
	k, _ := lookup(path)
	return k.Unit
}

// Paths are the paths of all keys, in the order of the resolved configuration.
func Paths() []string {
	paths := make([]string, len(keys))
	for i, k := range keys {
		paths[i] = k.Path
	}
	return paths
}

// yamlText writes a field's value so that any YAML reader takes it for what it
// is.
func yamlText(field any) string {
	switch v := field.(type) {
	case *string:
		return yamlString(*v)
	case *[]string:
		names := make([]string, len(*v))
		for i, name := range *v {
			names[i] = yamlString(name)
		}
		return "[" + strings.Join(names, ", ") + "]"
	case *float64:
		return yamlNumber(*v)
	case *Level:
		if v.Word == "" {
			return yamlNumber(v.Number)
		}
	}
	return text(field)
}

// yamlNumber writes 1e-09 as 1.0e-09: some readers take the first for text.
func yamlNumber(x float64) string {
	written := plainNumber(x)
	mantissa, exponent, ok := strings.Cut(written, "e")
	if ok && !strings.Contains(mantissa, ".") {
		return mantissa + ".0e" + exponent
	}
	return written
}

// plainText is text that needs no quotes; reserved are the exceptions, in any
// case: words that some reader takes for a truth value, nothing or a number.
var (
	plainText = regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9_./-]*$`)
	reserved  = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|y|n|null|nan|inf|\.nan|\.inf|\.[0-9].*|\.+)$`)
)

func yamlString(s string) string {
	if plainText.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	return strconv.Quote(s) // Go's escapes are a part of YAML's
}
