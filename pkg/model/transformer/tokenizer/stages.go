package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
)

// kind is a row of a stage's table: a type by its name in tokenizer.json, and how its own object is read.
type kind[T any] struct {
	name  string
	parse func(*fields) T
}

// stage is one of the parts of a tokenizer.json that come in several types.
type stage[T any] struct {
	name  string
	kinds []kind[T]
	// refused are types that the reference library has and this package has not, with the reason.
	refused map[string]string
}

// parse reads a part; null or absent it is the zero T.
func (s stage[T]) parse(where string, raw json.RawMessage) (T, error) {
	var none T
	if isNull(raw) {
		return none, nil
	}
	return s.of(fieldsOf(where, raw))
}

// of reads an object as the type that it names.
func (s stage[T]) of(f *fields) (T, error) {
	found := need[string](f, "type")
	if f.err != nil {
		var none T
		return none, f.err
	}
	return s.as(found, f)
}

// as reads the object as the type named.
func (s stage[T]) as(found string, f *fields) (T, error) {
	var none T
	names := make([]string, len(s.kinds))
	for i, k := range s.kinds {
		if names[i] = k.name; k.name == found {
			value := k.parse(f)
			return value, f.done()
		}
	}
	reason := ""
	if why, ok := s.refused[found]; ok {
		reason = " (" + why + ")"
	}
	return none, fmt.Errorf("%s: a %s of type %q is not supported%s; supported are %s", f.where, s.name, found, reason, strings.Join(names, ", "))
}

// list reads the members of a Sequence.
func (s stage[T]) list(f *fields, key string) []T {
	var members []T
	for i, raw := range need[[]json.RawMessage](f, key) {
		where := fmt.Sprintf("%s.%s[%d]", f.where, key, i)
		member, err := s.parse(where, raw)
		if err != nil && f.err == nil {
			f.err = err
		}
		if string(raw) == "null" {
			f.fail("%s[%d] is null", key, i)
		}
		members = append(members, member)
	}
	return members
}

// orDefault is *value, or otherwise for nil.
func orDefault[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
