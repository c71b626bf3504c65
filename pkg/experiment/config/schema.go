package config

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// schema is a JSON schema, in the words that a configuration needs.
type schema struct {
	Version              string          `json:"$schema,omitempty"`
	AllOf                []*schema       `json:"allOf,omitempty"`
	AnyOf                []*schema       `json:"anyOf,omitempty"`
	OneOf                []*schema       `json:"oneOf,omitempty"`
	Not                  *schema         `json:"not,omitempty"`
	If                   *schema         `json:"if,omitempty"`
	Then                 *schema         `json:"then,omitempty"`
	Else                 *schema         `json:"else,omitempty"`
	Items                *schema         `json:"items,omitempty"`
	Properties           properties      `json:"properties,omitempty"`
	AdditionalProperties any             `json:"additionalProperties,omitempty"`
	Type                 string          `json:"type,omitempty"`
	Enum                 []string        `json:"enum,omitempty"`
	Const                string          `json:"const,omitempty"`
	Maximum              json.Number     `json:"maximum,omitempty"`
	ExclusiveMaximum     json.Number     `json:"exclusiveMaximum,omitempty"`
	Minimum              json.Number     `json:"minimum,omitempty"`
	ExclusiveMinimum     json.Number     `json:"exclusiveMinimum,omitempty"`
	MinLength            int             `json:"minLength,omitempty"`
	Pattern              string          `json:"pattern,omitempty"`
	MinItems             int             `json:"minItems,omitempty"`
	UniqueItems          bool            `json:"uniqueItems,omitempty"`
	MaxProperties        int             `json:"maxProperties,omitempty"`
	MinProperties        int             `json:"minProperties,omitempty"`
	Required             []string        `json:"required,omitempty"`
	Title                string          `json:"title,omitempty"`
	Description          string          `json:"description,omitempty"`
	Default              json.RawMessage `json:"default,omitempty"`
}

// properties keep their order, which is the configuration's. A value is a schema,
// or false where the property is refused.
type properties []struct {
	name  string
	value any
}

func (p properties) MarshalJSON() ([]byte, error) {
	var members []string
	for _, one := range p {
		value, err := json.Marshal(one.value)
		if err != nil {
			return nil, err
		}
		members = append(members, strconv.Quote(one.name)+":"+string(value))
	}
	return []byte("{" + strings.Join(members, ",") + "}"), nil
}

// timePattern accepts what ParseTime does, −0 aside, and zeroPattern the zeros among that;
// other bounds of a time are in its description.
const (
	timePattern = `^\+?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})? ?(us|µs|μs|ms|s|min|h)$`
	zeroPattern = `^\+?[0.]+([eE][+-]?[0-9]+)? ?[a-zµμ]+$`
)

// Schema is the JSON schema (draft 2020-12) of the configuration, for editors
// that check and complete YAML. It holds everything but the rules that span
// sections, which are in the descriptions.
func Schema() []byte {
	root := sectionSchema("")
	root.Version = "https://json-schema.org/draft/2020-12/schema"
	root.Title = "nasim configuration, version " + strconv.Itoa(Version)
	written, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("config: schema: " + err.Error()) // only our own types
	}
	return append(written, '\n')
}

func sectionSchema(path string) *schema {
	s := &schema{Type: "object", AdditionalProperties: false}
	if described, ok := findSection(path); ok {
		s.Description = described.doc
	}
	for _, name := range children(path) {
		at := join(path, name)
		if k, ok := lookup(at); ok {
			s.Properties = append(s.Properties, properties{{name, k.schema()}}...)
			if k.Require && k.Only == nil {
				s.Required = append(s.Required, name)
			}
			if only := k.conditionSchema(); only != nil {
				s.AllOf = append(s.AllOf, only)
			}
		} else {
			s.Properties = append(s.Properties, properties{{name, sectionSchema(at)}}...)
		}
	}
	switch path {
	case "":
		s.Required = append(s.Required, "input")
	case "input":
		s.MinProperties, s.MaxProperties = 1, 1
	case "input.text":
		s.OneOf = []*schema{{Required: []string{"file"}}, {Required: []string{"string"}}}
	}
	return s
}

// schema is the schema of one value.
func (k Key) schema() *schema {
	s := &schema{Description: k.describeLong()}
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
	case *Level:
		number := &schema{Type: "number"}
		k.bound(number)
		s.AnyOf = []*schema{number, {Enum: k.Choices}}
	case *bool:
		s.Type = "boolean"
	case *Time:
		s.Type, s.Pattern = "string", timePattern
		if k.Limits.infinite {
			s.Type, s.Pattern = "", ""
			s.AnyOf = []*schema{{Type: "string", Pattern: timePattern}, {Const: "inf"}}
		}
		if !k.Limits.allow(0) {
			s.Not = &schema{Pattern: zeroPattern}
		}
	case measure:
		s.Type, s.Pattern = "string", k.field(whole()).(measure).dimension().pattern()
	case *Selection:
		s.OneOf = []*schema{
			{Const: "all"},
			{Type: "array", Items: &schema{Type: "integer", Minimum: "0"}, MinItems: 1, UniqueItems: true},
		}
	case *[]string:
		s.Type, s.UniqueItems = "array", true
		s.Items = &schema{Type: "string", Enum: k.Choices}
		if k.Choices == nil {
			s.Items.Pattern = pairText.String()
		}
	default:
		s.Type = "string"
		if !k.isModel {
			s.Enum = k.Choices
		}
		s.MinLength = 1
		if k.isHash {
			s.Pattern = hashText.String()
		}
	}
	return s
}

// bound adds a number's limits.
func (k Key) bound(s *schema) {
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
func (k Key) conditionSchema() *schema {
	if k.Only == nil || k.Only.or != nil || k.Only.not || parent(k.Only.key) != parent(k.Path) {
		return nil // of two conditions the schema refuses nothing; the reader does
	}
	refuse := &schema{Properties: properties{{leaf(k.Path), false}}}
	other, _ := lookup(k.Only.key)
	if k.Only == withoutSelect {
		return &schema{If: having(other, &schema{MinItems: 1}), Then: refuse}
	}
	var without []string
	for _, choice := range other.Choices {
		if !slices.Contains(k.Only.in, choice) {
			without = append(without, choice)
		}
	}
	if without == nil { // as where the other key is no name
		return nil
	}
	cond := &schema{If: having(other, &schema{Enum: without}), Then: refuse}
	if k.Require {
		cond.Else = &schema{If: having(other, &schema{Enum: k.Only.in}), Then: &schema{Required: []string{leaf(k.Path)}}}
	}
	return cond
}

// having holds where the key is written with a value that fits.
func having(k Key, value *schema) *schema {
	return &schema{Properties: properties{{leaf(k.Path), value}}, Required: []string{leaf(k.Path)}}
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
	_, isTime := k.field(whole()).(*Time)
	if _, isMeasure := k.field(whole()).(measure); isTime || isMeasure {
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
