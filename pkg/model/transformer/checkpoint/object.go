package checkpoint

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// An Object is a JSON object that is read key by key. Keys are matched to the letter,
// as the writers of these files mean them (encoding/json alone would take HIDDEN_SIZE
// for hidden_size). The first fault is kept, so that a list of keys reads as one; ask
// for it by [Object.Err]. A key that is null is as good as absent.
type Object struct {
	path   string // for messages
	fields map[string]json.RawMessage
	asked  map[string]bool
	err    error
}

// ParseObject reads a JSON object. The path is for messages, which say where the fault
// is and, of the files that people have in its place, which one it is.
func ParseObject(path string, raw []byte) (*Object, error) {
	fields, err := jsontext.File(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &Object{path: path, fields: fields}, nil
}

// ParseList reads a JSON list of objects; each is read as an [Object] is.
func ParseList(path string, raw []byte) ([]*Object, error) {
	entries, err := jsontext.List(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	list := make([]*Object, len(entries))
	for i, entry := range entries {
		at := fmt.Sprintf("%s: entry %d", path, i)
		fields, err := jsontext.Members(entry)
		if err != nil {
			return nil, fmt.Errorf("%s is %s; wanted is an object, {…}", at, jsontext.Brief(entry))
		}
		list[i] = &Object{path: at, fields: fields}
	}
	return list, nil
}

// Path is the file's path.
func (o *Object) Path() string { return o.path }

// Err is the first fault that reading has met.
func (o *Object) Err() error { return o.err }

// Fail notes a fault of the file, unless there is one already.
func (o *Object) Fail(format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: %w", o.path, fmt.Errorf(format, args...))
	}
}

// Has reports whether a key is there and not null.
func (o *Object) Has(key string) bool {
	if o.asked == nil {
		o.asked = map[string]bool{}
	}
	o.asked[key] = true
	raw, ok := o.fields[key]
	return ok && string(raw) != "null"
}

// Keys lists the keys, sorted.
func (o *Object) Keys() []string {
	keys := make([]string, 0, len(o.fields))
	for key := range o.fields {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// Spelt notes, as a fault, a key that differs in its case alone from one that has been
// asked for: its value would count for nothing.
func (o *Object) Spelt() {
	for _, key := range o.Keys() {
		if asked := jsontext.Misspelt(o.asked, key); asked != "" && !o.asked[key] {
			o.Fail("%s is spelled %s", key, asked)
		}
	}
}

// Raw is a key's value as it is written; nil where it is absent or null.
func (o *Object) Raw(key string) json.RawMessage {
	if !o.Has(key) {
		return nil
	}
	return o.fields[key]
}

// value decodes a key's value, which should be what wanted says.
func value[T any](o *Object, key string, otherwise T, wanted string) T {
	if !o.Has(key) {
		return otherwise
	}
	var x T
	if err := json.Unmarshal(o.fields[key], &x); err != nil {
		o.Fail("%s is %s; wanted is %s", key, jsontext.Brief(o.fields[key]), wanted)
		return otherwise
	}
	return x
}

// Float returns a number.
func (o *Object) Float(key string, otherwise float64) float64 {
	return value(o, key, otherwise, "a number")
}

// Bool returns true or false.
func (o *Object) Bool(key string, otherwise bool) bool {
	return value(o, key, otherwise, "true or false")
}

// String returns a text.
func (o *Object) String(key, otherwise string) string {
	return value(o, key, otherwise, "a text in quotation marks")
}

// Strings returns a list of texts; nil where it is absent.
func (o *Object) Strings(key string) []string {
	return value[[]string](o, key, nil, "a list of texts")
}

// Object returns an object within; nil where it is absent.
func (o *Object) Object(key string) *Object {
	if !o.Has(key) {
		return nil
	}
	fields, err := jsontext.Members(o.fields[key])
	if err != nil && o.fields[key][0] == '{' {
		o.Fail("%s: %w", key, err)
		return nil
	}
	if err != nil {
		o.Fail("%s is %s; wanted is an object, {…}", key, jsontext.Brief(o.fields[key]))
		return nil
	}
	return &Object{path: o.path + ": " + key, fields: fields}
}

// Int returns a whole number, which may be written 8.0 as programs do whose numbers
// are all floating-point.
func (o *Object) Int(key string, otherwise int) int {
	const wanted = "a whole number"
	x := value(o, key, float64(otherwise), wanted)
	if x != math.Trunc(x) || math.Abs(x) > 1<<52 {
		o.Fail("%s is %s; wanted is %s", key, jsontext.Brief(o.fields[key]), wanted)
		return otherwise
	}
	return int(x)
}

// largestSize bounds sizes: far above any checkpoint's, low enough that products of two are exact.
const largestSize = 1 << 24

// Size returns a whole number from 1 to 2²⁴, 0 after a fault.
func (o *Object) Size(key string, otherwise int) int { return o.SizeTo(key, otherwise, largestSize) }

// SizeTo returns a whole number from 1 to most. With otherwise 0 the key must be there.
func (o *Object) SizeTo(key string, otherwise, most int) int {
	if other := jsontext.Misspelt(o.fields, key); !o.Has(key) && otherwise == 0 && other != "" {
		o.Fail("%s is missing; there is %s, another key: it is spelled %s", key, other, key)
		return 0
	}
	if !o.Has(key) && otherwise == 0 {
		o.Fail("%s is missing; wanted is a whole number from 1 to %d", key, most)
		return 0
	}
	x := o.Int(key, otherwise)
	if x < 1 || x > most {
		o.Fail("%s is %d; wanted is a whole number from 1 to %d", key, x, most)
		return 0
	}
	return x
}
