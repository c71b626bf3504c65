package checkpoint

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// A safetensors file is 8 bytes with the header's length (little-endian), a JSON header
// that maps each tensor's name to type, shape and byte range, and then the tensors' bytes
// without gaps.

// longestHeader is the format's own limit for the header's length in bytes.
const longestHeader = 100_000_000

// entry is what the header says of a tensor.
type entry struct {
	DType   string
	Shape   []int64
	Offsets []int64
}

func (e *entry) UnmarshalJSON(raw []byte) error {
	fields, err := jsontext.Members(raw)
	if err != nil {
		return err
	}
	for key, into := range map[string]any{"dtype": &e.DType, "shape": &e.Shape, "data_offsets": &e.Offsets} {
		if err := json.Unmarshal(fields[key], into); err != nil || string(fields[key]) == "null" {
			return fmt.Errorf("%s is %s", key, jsontext.Brief(fields[key]))
		}
	}
	return nil
}

// parseHeader reads the header, and checks it against the number of bytes that follow it.
func parseHeader(raw []byte, available int64) (map[string]entry, error) {
	fields, err := jsontext.Members(raw)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	entries := map[string]entry{}
	for name, text := range fields {
		if name == "__metadata__" {
			continue // of its writer
		}
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("header: tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	return entries, checkLayout(entries, available)
}

// inOrder lists the names by the place of their bytes.
func inOrder(entries map[string]entry) []string {
	names := make([]string, 0, len(entries))
	for name := range entries {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if c := slices.Compare(entries[a].Offsets, entries[b].Offsets); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return names
}

// checkLayout verifies that each tensor's byte range has the length its shape needs, and
// that the ranges cover the bytes after the header exactly once.
func checkLayout(entries map[string]entry, available int64) error {
	for name, e := range entries {
		if err := e.check(available); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	end, before := int64(0), "the start of the tensors"
	for _, name := range inOrder(entries) {
		e := entries[name]
		switch {
		case e.Offsets[0] < end:
			return fmt.Errorf("tensor %q (bytes %d to %d) overlaps %s, which ends at byte %d", name, e.Offsets[0], e.Offsets[1], before, end)
		case e.Offsets[0] > end:
			return fmt.Errorf("bytes %d to %d, before tensor %q, belong to no tensor", end, e.Offsets[0], name)
		}
		end, before = e.Offsets[1], fmt.Sprintf("tensor %q", name)
	}
	if end != available {
		return fmt.Errorf("the tensors end at byte %d, but %d bytes follow the header", end, available)
	}
	return nil
}

func (e entry) check(available int64) error {
	if len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] {
		return fmt.Errorf("data_offsets are %v; wanted [begin, end] with 0 ≤ begin ≤ end", e.Offsets)
	}
	if e.Offsets[1] > available {
		return fmt.Errorf("it ends at byte %d, but only %d bytes follow the header; the file is truncated", e.Offsets[1], available)
	}
	need, known := elementBytes[e.DType]
	for _, s := range e.Shape {
		if s < 0 || (s > 0 && need > math.MaxInt64/s) {
			return fmt.Errorf("impossible shape %v", e.Shape)
		}
		need *= s
	}
	// Of a type that came after this list, the length is as it is said to be: what
	// asks for the tensor's numbers refuses it.
	if got := e.Offsets[1] - e.Offsets[0]; known && got != need {
		return fmt.Errorf("shape %v of %s needs %d bytes, but data_offsets %v hold %d", e.Shape, e.DType, need, e.Offsets, got)
	}
	return nil
}

// elementBytes holds the bytes per element of the format's types.
var elementBytes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}
