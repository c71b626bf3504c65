package config

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"
)

// TestSchemaAccepts: what the loader accepts, the schema accepts.
func TestSchemaAccepts(t *testing.T) {
	schema := loadSchema(t)
	more := []string{start + "transformer: {select: [], heads: all}", start + "network: {astrocyte: {tau_calcium: 0ms}, synapses: {tau_hebbian: 0.05s}}", start + "network: {circuit: none, schedule: {write: 1e-12ms, read: 1e-12ms, gap: 0ms}}"}
	for _, file := range slices.Concat([]string{full}, others, more) {
		if err := validate(schema, decode(t, file)); err != nil {
			t.Errorf("%s\nis refused: %v", file, err)
		}
		if _, problems := Read(strings.NewReader(file), "c.yaml", "", nil); problems != nil {
			t.Errorf("%s\nis refused: %v", file, problems)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		file := draw(t)
		cfg, problems := Read(strings.NewReader(file), "c.yaml", "", nil)
		if problems != nil {
			t.Fatal(problems)
		}
		for _, written := range []string{file, string(Marshal(cfg))} {
			var x any
			if err := yaml.Load([]byte(written), &x); err != nil {
				t.Fatal(err)
			}
			if err := validate(schema, plain(x)); err != nil {
				t.Fatalf("%s\nis refused: %v", written, err)
			}
		}
	})
}

// TestSchemaRefuses: the slips that an editor should underline.
func TestSchemaRefuses(t *testing.T) {
	schema := loadSchema(t)
	for _, file := range []string{
		"input: {synthetic: {}}", "nasim: 1", "nasim: 2\ninput: {synthetic: {}}", "[]", "nasim: 1\ninput: {}",
		"nasim: 1\ninput: {synthetic: {}, image: {file: a}}", "nasim: 1\ninput: {text: {}}", "nasim: 1\ninput: {text: {file: a, string: b}}",
		"nasim: 1\ninput: {image: {}}", start + "colour: 3", start + "seed: -1", start + "seed: 1.5", start + "seed: \"1\"",
		start + "network: {astrocyte: {tau_calcium: 50}}", start + "network: {astrocyte: {tau_calcium: 50m}}", start + "network: {astrocyte: {tau_calcium: -5ms}}",
		start + "network: {schedule: {write: inf}}", start + "network: {features: {map: postive}}", start + "network: {features: {neurons: 0}}",
		start + "solver: {rtol: 0}", start + "solver: {rtol: 1}", start + "solver: {method: exact, rtol: 1e-3}", start + "solver: {method: rk4}",
		start + "transformer: {heads: 1}", start + "transformer: {heads: []}", start + "transformer: {select: [\"a\"]}",
		start + "network: {synapses: {tau_hebbian: 0ms}}", start + "network: {schedule: {write: 0.0 s}}", start + "record: {every: 0e3us}",
		start + "transformer: {select: [\"0:1\"], layers: [0]}", start + "transformer: {select: [\"0:1\"], heads: all}",
		start + "record: {variables: [hiden]}", start + "record: {features: 1}", start + "input: {synthetic: {correlation: 2}}",
	} {
		if strings.Count(file, "input:") > 1 {
			file = strings.Replace(file, "input: {synthetic: {}}\n", "", 1)
		}
		if _, problems := Read(strings.NewReader(file), "c.yaml", "", nil); problems == nil {
			t.Errorf("the loader accepts %s", file)
		}
		if validate(schema, decode(t, file)) == nil {
			t.Errorf("the schema accepts %s", file)
		}
	}
}

// TestSchemaDescribes: every key and section says what it is.
func TestSchemaDescribes(t *testing.T) {
	schema := loadSchema(t)
	for _, path := range allPaths() {
		at := schema
		for _, name := range strings.Split(path, ".") {
			properties, _ := at["properties"].(map[string]any)
			at, _ = properties[name].(map[string]any)
		}
		if text, _ := at["description"].(string); text == "" {
			t.Errorf("%s has no description", path)
		}
	}
}

func loadSchema(t *testing.T) map[string]any {
	var schema map[string]any
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

func decode(t *testing.T, file string) any {
	var x any
	if err := yaml.Load([]byte(file), &x); err != nil {
		t.Fatal(err)
	}
	return plain(x)
}

// plain turns decoded YAML into what encoding/json would give.
func plain(x any) any {
	switch v := x.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case map[any]any:
		m := map[string]any{}
		for key, value := range v {
			m[fmt.Sprint(key)] = plain(value)
		}
		return m
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case int:
		return float64(v)
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return x
}

// validate checks a value against the part of JSON schema that Schema uses. A
// word that it does not know is an error, so nothing is passed over.
func validate(schema any, x any) error {
	if schema == false {
		return fmt.Errorf("%v is not allowed", x)
	}
	s, ok := schema.(map[string]any)
	if !ok {
		return nil
	}
	for word, want := range s {
		if err := validateWord(word, want, s, x); err != nil {
			return err
		}
	}
	return nil
}

func validateWord(word string, want any, s map[string]any, x any) error {
	if known, err := validateWithin(word, want, s, x); known {
		return err
	}
	known, ok := allows(word, want, s, x)
	switch {
	case !known:
		return fmt.Errorf("unknown word %s", word)
	case !ok:
		return fmt.Errorf("%v against %s: %v", x, word, want)
	}
	return nil
}

// validateWithin checks a value against a word that holds schemas.
func validateWithin(word string, want any, s map[string]any, x any) (known bool, err error) {
	switch word {
	case "then", "else": // which go with if
	case "not":
		if validate(want, x) == nil {
			return true, fmt.Errorf("%v against not: %v", x, want)
		}
	case "items":
		list, _ := x.([]any)
		for _, item := range list {
			if err := validate(want, item); err != nil {
				return true, err
			}
		}
	case "properties":
		object, _ := x.(map[string]any)
		for name, inner := range want.(map[string]any) {
			if value, has := object[name]; has {
				if err := validate(inner, value); err != nil {
					return true, fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	case "oneOf", "anyOf", "allOf":
		passed, of := 0, want.([]any)
		for _, inner := range of {
			if validate(inner, x) == nil {
				passed++
			}
		}
		if !map[string]bool{"oneOf": passed == 1, "anyOf": passed > 0, "allOf": passed == len(of)}[word] {
			return true, fmt.Errorf("%v against %s: %v", x, word, want)
		}
	case "if":
		branch := "else"
		if validate(want, x) == nil {
			branch = "then"
		}
		return true, validate(s[branch], x)
	default:
		return false, nil
	}
	return true, nil
}

// allows reports whether a word that holds no schema allows a value.
func allows(word string, want any, s map[string]any, x any) (known, ok bool) {
	object, isObject := x.(map[string]any)
	list, isList := x.([]any)
	number, isNumber := x.(float64)
	text, isText := x.(string)
	ok = true
	switch word {
	case "$schema", "title", "description", "default":
	case "type":
		_, isBool := x.(bool)
		ok = map[string]bool{"object": isObject, "array": isList, "string": isText, "number": isNumber, "boolean": isBool,
			"integer": isNumber && number == math.Trunc(number)}[want.(string)]
	case "enum":
		ok = slices.ContainsFunc(want.([]any), func(choice any) bool { return reflect.DeepEqual(choice, x) })
	case "const":
		ok = reflect.DeepEqual(want, x)
	case "pattern":
		ok = !isText || regexp.MustCompile(want.(string)).MatchString(text)
	case "minimum":
		ok = !isNumber || number >= want.(float64)
	case "maximum":
		ok = !isNumber || number <= want.(float64)
	case "exclusiveMinimum":
		ok = !isNumber || number > want.(float64)
	case "exclusiveMaximum":
		ok = !isNumber || number < want.(float64)
	case "minLength":
		ok = !isText || float64(len([]rune(text))) >= want.(float64)
	case "minItems":
		ok = !isList || float64(len(list)) >= want.(float64)
	case "uniqueItems":
		for i := range list {
			for j := range i {
				ok = ok && !reflect.DeepEqual(list[i], list[j])
			}
		}
	case "minProperties":
		ok = float64(len(object)) >= want.(float64)
	case "maxProperties":
		ok = float64(len(object)) <= want.(float64)
	case "required":
		for _, name := range want.([]any) {
			_, has := object[name.(string)]
			ok = ok && (has || !isObject)
		}
	case "additionalProperties":
		properties, _ := s["properties"].(map[string]any)
		for name := range object {
			_, has := properties[name]
			ok = ok && has
		}
	default:
		return false, false
	}
	return true, ok
}
