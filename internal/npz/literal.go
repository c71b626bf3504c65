package npz

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// literal scans the Python dictionary that is a .npy header's text.
type literal struct{ rest string }

// parseHeader reads "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }".
// The three keys must be there once each, in any order.
func parseHeader(text string) (header, error) {
	var h header
	s := &literal{text}
	seen := map[string]bool{}
	fail := func(err error) (header, error) {
		return header{}, fmt.Errorf("header %s: %w", excerpt(text), err)
	}
	if !s.take('{') {
		return fail(errors.New("no dictionary"))
	}
	for !s.take('}') {
		key, err := s.quoted()
		if err != nil {
			return fail(err)
		}
		if seen[key] || !s.take(':') {
			return fail(fmt.Errorf("key %q repeated or without a value", key))
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr, err = s.quoted()
			if err != nil {
				err = errors.New("structured element types are not read; save each field as an array of its own")
			}
		case "fortran_order":
			h.fortran, err = s.boolean()
		case "shape":
			h.shape, err = s.tuple()
		default:
			err = fmt.Errorf("unknown key %q; descr, fortran_order and shape are known", key)
		}
		if err != nil {
			return fail(err)
		}
		if !s.take(',') && !s.ahead('}') {
			return fail(errors.New("no comma between entries"))
		}
	}
	if s.skip(); s.rest != "" {
		return fail(errors.New("text after the dictionary"))
	}
	if len(seen) != 3 {
		return fail(errors.New("descr, fortran_order and shape are needed"))
	}
	return h, nil
}

func excerpt(text string) string {
	const most = 120
	text = strings.TrimRight(text, " \n")
	if len(text) > most {
		return strconv.Quote(text[:most]) + "…"
	}
	return strconv.Quote(text)
}

func (s *literal) skip() { s.rest = strings.TrimLeft(s.rest, " \t\r\n") }

// ahead reports whether c comes next, after white space.
func (s *literal) ahead(c byte) bool {
	s.skip()
	return s.rest != "" && s.rest[0] == c
}

// take passes over c if it comes next.
func (s *literal) take(c byte) bool {
	if !s.ahead(c) {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *literal) quoted() (string, error) {
	s.skip()
	if s.rest == "" || s.rest[0] != '\'' && s.rest[0] != '"' {
		return "", errors.New("no quoted string where one is due")
	}
	end := strings.IndexByte(s.rest[1:], s.rest[0])
	if end < 0 {
		return "", errors.New("a quote is not closed")
	}
	text := s.rest[1 : 1+end]
	s.rest = s.rest[end+2:]
	return text, nil
}

func (s *literal) boolean() (bool, error) {
	s.skip()
	for text, value := range map[string]bool{"True": true, "False": false} {
		if rest, ok := strings.CutPrefix(s.rest, text); ok {
			s.rest = rest
			return value, nil
		}
	}
	return false, errors.New("fortran_order is neither True nor False")
}

func (s *literal) tuple() ([]int, error) {
	if !s.take('(') {
		return nil, errors.New("shape is no tuple")
	}
	shape := []int{}
	for !s.take(')') {
		s.skip()
		digits := len(s.rest) - len(strings.TrimLeft(s.rest, "0123456789"))
		n, err := strconv.Atoi(s.rest[:digits])
		if err != nil {
			return nil, errors.New("a length in shape is no whole number that fits a machine word")
		}
		s.rest = strings.TrimPrefix(s.rest[digits:], "L") // Python 2 wrote long integers so
		if shape = append(shape, n); len(shape) > maxDims {
			return nil, fmt.Errorf("more than %d dimensions", maxDims)
		}
		if !s.take(',') && !s.ahead(')') {
			return nil, errors.New("no comma between lengths in shape")
		}
	}
	return shape, nil
}
