package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/jsontext"
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
	var err error
	if f.raw, err = jsontext.Members(raw); err != nil && len(raw) > 0 && raw[0] == '{' {
		f.fail("%w", err)
	} else if err != nil {
		f.err = fmt.Errorf("%s is %s; wanted is an object, {…}", where, jsontext.Brief(raw))
	}
	return f
}

// fieldsOfFile are the keys of a file's object.
func fieldsOfFile(name string, raw []byte) (*fields, error) {
	members, err := jsontext.File(raw)
	return &fields{where: name, raw: members}, err
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
	if err := jsontext.Decode(raw, &value); err != nil {
		f.fail("%s %w", key, err)
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

// spelt is the first error, or the first key whose case alone differs from that of one that was asked for.
func (f *fields) spelt() error {
	for _, key := range slices.Sorted(slices.Values(f.asked)) {
		if other := jsontext.Misspelt(f.raw, key); f.err == nil && other != "" && !slices.Contains(f.asked, other) {
			f.fail("%s is spelled %s", other, key)
		}
	}
	return f.err
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
