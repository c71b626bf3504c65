package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// fields are the keys of one JSON object, each asked for once by its exact name. encoding/json, decoding into a struct, would
// take "Vocab" for "vocab", and pass over a key that it does not know: here such a key is an error, since it may change tokens.
// The first error stays; done gives it.
type fields struct {
	where string
	raw   map[string]json.RawMessage
	asked []string
	err   error
}

func fieldsOf(where string, raw json.RawMessage) *fields {
	f := &fields{where: where}
	if err := json.Unmarshal(raw, &f.raw); err != nil {
		f.fail("%w", err)
	} else if f.raw == nil {
		f.fail("null; wanted is an object")
	}
	return f
}

func (f *fields) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf(f.where+": "+format, args...)
	}
}

// has says whether the key is there and not null.
func (f *fields) has(key string) bool {
	raw, ok := f.raw[key]
	return ok && string(raw) != "null"
}

// known marks keys that are of no consequence for the tokens.
func (f *fields) known(keys ...string) { f.asked = append(f.asked, keys...) }

// part is the raw value of a key, nil if it is absent or null.
func (f *fields) part(key string) json.RawMessage {
	f.known(key)
	if !f.has(key) {
		return nil
	}
	return f.raw[key]
}

// take decodes a key; absent or null it is otherwise.
func take[T any](f *fields, key string, otherwise T) T {
	raw := f.part(key)
	if raw == nil || f.err != nil {
		return otherwise
	}
	var value T
	if err := json.Unmarshal(raw, &value); err != nil {
		f.fail("%s: %w", key, err)
	}
	return value
}

// need decodes a key that must be there.
func need[T any](f *fields, key string) T {
	var zero T
	if !f.has(key) {
		f.fail("%s is missing", key)
	}
	return take(f, key, zero)
}

// done is the first error, or the first key that nobody asked for.
func (f *fields) done() error {
	if f.err != nil {
		return f.err
	}
	unknown := []string{}
	for key := range f.raw {
		if !slices.Contains(f.asked, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	slices.Sort(f.asked)
	return fmt.Errorf("%s: the key %q is not known; known are %s", f.where, unknown[0], strings.Join(slices.Compact(f.asked), ", "))
}
