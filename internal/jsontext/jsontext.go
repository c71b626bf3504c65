// Package jsontext reads JSON objects as their writers mean them: keys to the letter,
// each once. (encoding/json alone takes HIDDEN_SIZE for hidden_size, and of a key that
// is given twice the last.) What is wrong with a file is said in words of JSON.
package jsontext

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// File returns the members of the object that a file holds. The error says where the
// fault is and, of the files that people have in its place, which one it is.
func File(raw []byte) (map[string]json.RawMessage, error) {
	raw, err := plain(raw)
	if err != nil {
		return nil, err
	}
	fields, err := Members(raw)
	return fields, located(raw, err)
}

// List is File for a file that holds a list, and returns its entries.
func List(raw []byte) ([]json.RawMessage, error) {
	raw, err := plain(raw)
	if err != nil {
		return nil, err
	}
	var entries []json.RawMessage
	var kind *json.UnmarshalTypeError
	err = json.Unmarshal(raw, &entries)
	if errors.As(err, &kind) || err == nil && entries == nil {
		return nil, errors.New("it does not hold a JSON list, […]")
	}
	return entries, located(raw, err)
}

// plain is a file's JSON in UTF-8, without a mark in front.
func plain(raw []byte) ([]byte, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // editors on Windows begin a file with a byte order mark
	if is := Mistaken(raw); is != "" {
		return nil, errors.New("it is " + is)
	}
	if bytes.HasPrefix(raw, []byte("\xff\xfe")) || bytes.HasPrefix(raw, []byte("\xfe\xff")) {
		return nil, errors.New("it is in UTF-16; save it as UTF-8")
	}
	return raw, nil
}

// Mistaken tells what a file is that a download left in the place of another; "" if it
// is none of them.
func Mistaken(raw []byte) string {
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

// Members returns the members of an object.
func Members(raw []byte) (map[string]json.RawMessage, error) {
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
			return nil, fmt.Errorf("%.60v: %w", key, err)
		}
		if _, twice := fields[key.(string)]; twice {
			return nil, fmt.Errorf("%.200v is given twice", key)
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
		var whole *json.SyntaxError // a decoder's own place is not that in the file
		if errors.As(json.Unmarshal(raw, new(json.RawMessage)), &whole) {
			syntax = whole
		}
		at := min(int(syntax.Offset), len(raw))
		line := 1 + bytes.Count(raw[:at], []byte("\n"))
		column := at - (bytes.LastIndexByte(raw[:at], '\n') + 1)
		return fmt.Errorf("line %d, column %d: %w (of JSON: no comment, no comma after the last entry, no NaN or Infinity)", line, max(column, 1), err)
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return errors.New("it ends in the middle; the file is cut off")
	}
	return err
}

// Decode reads a value. The error, in words, says what it is and what is wanted; or it
// is what a type that reads itself says.
func Decode[T any](raw json.RawMessage, into *T) error {
	err := json.Unmarshal(raw, into)
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	if errors.As(err, &kind) || errors.As(err, &syntax) {
		return fmt.Errorf("is %s; wanted is %s", Brief(raw), wanted(reflect.TypeFor[T]()))
	}
	if err != nil {
		return fmt.Errorf("holds %w", err)
	}
	return nil
}

// wanted is what a value of a type is in JSON.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wanted(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text in quotation marks"
	case reflect.Slice:
		return "a list, […]" + of(t.Elem())
	case reflect.Map:
		return "an object, {…}" + of(t.Elem())
	}
	return "a value of another kind"
}

func of(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return ", of whole numbers"
	case reflect.String:
		return ", of texts"
	}
	return ""
}

// Brief is a value as messages show it.
func Brief(raw json.RawMessage) string {
	if raw == nil {
		return "missing"
	}
	text := strings.Join(strings.Fields(string(raw[:min(len(raw), 1000)])), " ")
	if runes := []rune(text); len(runes) > 60 {
		text = string(runes[:60]) + "…"
	}
	return text
}

// Misspelt is a key among those that there are which differs in its case alone from one
// that is asked for; "" if there is none.
func Misspelt[V any](there map[string]V, asked string) string {
	for key := range there {
		if key != asked && strings.EqualFold(key, asked) {
			return key
		}
	}
	return ""
}
