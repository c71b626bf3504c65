package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// An Object is a JSON object that is read key by key. Keys are matched to the letter,
// as the writers of these files mean them (encoding/json alone would take HIDDEN_SIZE
// for hidden_size). The first fault is kept, so that a list of keys reads as one; ask
// for it by [Object.Err]. A key that is null is as good as absent.
type Object struct {
	path   string // for messages
	fields map[string]json.RawMessage
	err    error
}

// ParseObject reads a JSON object. The path is for messages, which say where the fault
// is and, of the files that people have in its place, which one it is.
func ParseObject(path string, raw []byte) (*Object, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // editors on Windows begin a file with a byte order mark
	if is := mistaken(raw); is != "" {
		return nil, fmt.Errorf("%s: it is %s", path, is)
	}
	fields, err := members(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, located(raw, err))
	}
	return &Object{path: path, fields: fields}, nil
}

// ParseList reads a JSON list of objects; each is read as an [Object] is.
func ParseList(path string, raw []byte) ([]*Object, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if is := mistaken(raw); is != "" {
		return nil, fmt.Errorf("%s: it is %s", path, is)
	}
	var entries []json.RawMessage
	var kind *json.UnmarshalTypeError
	switch err := json.Unmarshal(raw, &entries); {
	case errors.As(err, &kind) || err == nil && entries == nil:
		return nil, fmt.Errorf("%s: it does not hold a JSON list, […]", path)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, located(raw, err))
	}
	list := make([]*Object, len(entries))
	for i, entry := range entries {
		fields, err := members(entry)
		if err != nil {
			return nil, fmt.Errorf("%s: entry %d is %s; wanted is an object, {…}", path, i, brief(entry))
		}
		list[i] = &Object{path: fmt.Sprintf("%s: entry %d", path, i), fields: fields}
	}
	return list, nil
}

// mistaken tells what a file is that a download left in the place of another.
func mistaken(raw []byte) string {
	start := strings.ToLower(string(bytes.TrimSpace(raw[:min(len(raw), 512)])))
	switch {
	case len(raw) == 0:
		return "empty (0 bytes); download it again"
	case strings.HasPrefix(start, "version https://git-lfs"):
		return "a Git LFS pointer, not the file itself; fetch it with git lfs pull"
	case strings.HasPrefix(start, "<!doctype") || strings.HasPrefix(start, "<html") || strings.HasPrefix(start, "<?xml"):
		return "a web page (HTML), saved under this name in the place of the file; download it again"
	}
	return ""
}

// members returns the members of the object that raw is, each once.
func members(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	first, err := d.Token()
	if err != nil {
		return nil, err
	}
	if first != json.Delim('{') {
		return nil, errors.New("it does not hold a JSON object, {…}")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("%v: %w", key, err)
		}
		if _, twice := fields[key.(string)]; twice {
			return nil, fmt.Errorf("%v is given twice", key)
		}
		fields[key.(string)] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows the JSON object")
	}
	return fields, nil
}

// located adds the line of a syntax error.
func located(raw []byte, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		at := min(int(syntax.Offset), len(raw))
		line := 1 + bytes.Count(raw[:at], []byte("\n"))
		column := at - (bytes.LastIndexByte(raw[:at], '\n') + 1)
		return fmt.Errorf("line %d, column %d: %w (of JSON: no comment, no comma after the last entry, no NaN or Infinity)", line, max(column, 1), err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("it ends in the middle; the file is cut off")
	}
	return err
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
		o.Fail("%s is %s; wanted is %s", key, brief(o.fields[key]), wanted)
		return otherwise
	}
	return x
}

// brief is a value as messages show it.
func brief(raw json.RawMessage) string {
	text := strings.Join(strings.Fields(string(raw)), " ")
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return text
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
	fields, err := members(o.fields[key])
	if err != nil {
		o.Fail("%s is %s; wanted is an object, {…}", key, brief(o.fields[key]))
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
		o.Fail("%s is %s; wanted is %s", key, brief(o.fields[key]), wanted)
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
