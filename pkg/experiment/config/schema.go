package config

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"
)

// timePattern accepts what ParseTime does, and zeroPattern the zeros among that;
// other bounds of a time are in its description.
const (
	timePattern = `^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)? ?(us|µs|μs|ms|s|min|h)$`
	zeroPattern = `^\+?[0.]+([eE][+-]?[0-9]+)? ?[a-zµμ]+$`
)

// Schema is the JSON schema (draft 2020-12) of the configuration, for editors
// that check and complete YAML. It holds everything but the rules that span
// sections, which are in the descriptions.
func Schema() []byte {
	root := sectionSchema("")
	root.Version = jsonschema.Version
	root.Title = "nasim configuration, version " + strconv.Itoa(Version)
	written, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("config: schema: " + err.Error()) // only our own types
	}
	return append(written, '\n')
}

func sectionSchema(path string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", AdditionalProperties: jsonschema.FalseSchema, Properties: jsonschema.NewProperties()}
	if described, ok := findSection(path); ok {
		s.Description = described.doc
	}
	for _, name := range children(path) {
		at := join(path, name)
		if k, ok := lookup(at); ok {
			s.Properties.Set(name, k.schema())
			if k.Require && k.Only == nil {
				s.Required = append(s.Required, name)
			}
			if only := k.conditionSchema(); only != nil {
				s.AllOf = append(s.AllOf, only)
			}
		} else {
			s.Properties.Set(name, sectionSchema(at))
		}
	}
	switch path {
	case "":
		s.Required = append(s.Required, "input")
	case "input":
		one := uint64(1)
		s.MinProperties, s.MaxProperties = &one, &one
	case "input.text":
		s.OneOf = []*jsonschema.Schema{{Required: []string{"file"}}, {Required: []string{"string"}}}
	}
	return s
}

// schema is the schema of one value.
func (k Key) schema() *jsonschema.Schema {
	s := &jsonschema.Schema{Description: k.describeLong()}
	if k.Default != "" && k.Instead == nil {
		s.Default = json.RawMessage(k.defaultJSON())
	}
	switch k.field(whole()).(type) {
	case *int, *uint64:
		s.Type = "integer"
		s.Minimum = "0"
		k.bound(s)
	case *float64:
		s.Type = "number"
		k.bound(s)
	case *bool:
		s.Type = "boolean"
	case *Time:
		s.Type, s.Pattern = "string", timePattern
		if k.Limits.infinite {
			s.Type, s.Pattern = "", ""
			s.AnyOf = []*jsonschema.Schema{{Type: "string", Pattern: timePattern}, {Const: "inf"}}
		}
		if !k.Limits.allow(0) {
			s.Not = &jsonschema.Schema{Pattern: zeroPattern}
		}
	case *Selection:
		s.OneOf = []*jsonschema.Schema{
			{Const: "all"},
			{Type: "array", Items: &jsonschema.Schema{Type: "integer", Minimum: "0"}, MinItems: new(uint64(1)), UniqueItems: true},
		}
	case *[]string:
		s.Type, s.UniqueItems = "array", true
		s.Items = &jsonschema.Schema{Type: "string", Enum: enum(k.Choices)}
		if k.Choices == nil {
			s.Items.Pattern = pairText.String()
		}
	default:
		s.Type = "string"
		if !k.isModel {
			s.Enum = enum(k.Choices)
		}
		s.MinLength = new(uint64(1))
		if k.isHash {
			s.Pattern = hashText.String()
		}
	}
	return s
}

// bound adds a number's limits.
func (k Key) bound(s *jsonschema.Schema) {
	l := k.Limits
	low, high := json.Number(plainNumber(l.low)), json.Number(plainNumber(l.high))
	if l.hasLow {
		s.Minimum, s.ExclusiveMinimum = low, ""
		if l.openLow {
			s.Minimum, s.ExclusiveMinimum = "", low
		}
	}
	if l.hasHigh {
		s.Maximum = high
		if l.openHigh {
			s.Maximum, s.ExclusiveMaximum = "", high
		}
	}
}

// conditionSchema says, where a key's condition is a name in the same section,
// that the key is refused, or required, accordingly.
func (k Key) conditionSchema() *jsonschema.Schema {
	if k.Only == nil || parent(k.Only.key) != parent(k.Path) {
		return nil
	}
	refuse := jsonschema.NewProperties()
	refuse.Set(leaf(k.Path), jsonschema.FalseSchema)
	other, _ := lookup(k.Only.key)
	if k.Only == withoutSelect {
		return &jsonschema.Schema{If: notEmpty(other), Then: &jsonschema.Schema{Properties: refuse}}
	}
	var without []string
	for _, choice := range other.Choices {
		if !slices.Contains(k.Only.in, choice) {
			without = append(without, choice)
		}
	}
	if without == nil {
		return nil
	}
	cond := &jsonschema.Schema{If: having(other, without), Then: &jsonschema.Schema{Properties: refuse}}
	if k.Require {
		cond.Else = &jsonschema.Schema{If: having(other, k.Only.in), Then: &jsonschema.Schema{Required: []string{leaf(k.Path)}}}
	}
	return cond
}

// having holds where the key is written with one of the values.
func having(k Key, values []string) *jsonschema.Schema {
	p := jsonschema.NewProperties()
	p.Set(leaf(k.Path), &jsonschema.Schema{Enum: enum(values)})
	return &jsonschema.Schema{Properties: p, Required: []string{leaf(k.Path)}}
}

// notEmpty holds where a list is written with something in it.
func notEmpty(k Key) *jsonschema.Schema {
	p := jsonschema.NewProperties()
	p.Set(leaf(k.Path), &jsonschema.Schema{MinItems: new(uint64(1))})
	return &jsonschema.Schema{Properties: p, Required: []string{leaf(k.Path)}}
}

func enum(names []string) []any {
	var values []any
	for _, name := range names {
		values = append(values, name)
	}
	return values
}

var listWord = regexp.MustCompile(`[a-z_]+`)

// defaultJSON writes the default as JSON.
func (k Key) defaultJSON() string {
	switch k.field(whole()).(type) {
	case *int, *uint64, *float64, *bool:
		return k.Default
	case *[]string:
		return listWord.ReplaceAllString(k.Default, `"$0"`)
	case *Selection:
		if k.Default != "all" {
			return k.Default
		}
	}
	return strconv.Quote(k.Default)
}

// describeLong is the key's sentences with what a type cannot say.
func (k Key) describeLong() string {
	parts := []string{k.Doc}
	if _, isTime := k.field(whole()).(*Time); isTime {
		parts = append(parts, strings.ToUpper(k.allowed()[:1])+k.allowed()[1:]+".")
	}
	if k.Only != nil {
		parts = append(parts, "Only "+k.Only.String()+".")
	}
	if text := k.defaultText(); text != "" {
		parts = append(parts, "Default: "+text+".")
	}
	return strings.Join(parts, " ")
}

// defaultText is the default with its alternatives; "" if there is none.
func (k Key) defaultText() string {
	text := k.Default
	for _, other := range k.Instead {
		text += "; " + other.value + " " + other.when.String()
	}
	return text
}
