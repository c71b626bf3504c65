package transformer

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sort"
)

// safetensors is a parsed file in the safetensors format: 8 bytes with the header's length (little-endian), a JSON header that
// maps each tensor's name to dtype, shape and byte range, then the tensors' bytes without gaps. Format:
// https://huggingface.co/docs/safetensors
type safetensors struct {
	path    string // for messages
	entries map[string]tensorEntry
	bytes   []byte // what follows the header
}

type tensorEntry struct {
	DType   string  `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// elementSizes holds the bytes per element of the format's types; this package reads the values of F32, F16 and BF16.
var elementSizes = map[string]int64{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}

// longestHeader is the format's own limit for the header's length in bytes.
const longestHeader = 100_000_000

// parseSafetensors checks the whole header against the file's length; raw is kept, not copied.
func parseSafetensors(path string, raw []byte) (*safetensors, error) {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s: not a readable safetensors file: %s", path, fmt.Sprintf(format, args...))
	}
	if len(raw) < 8 {
		return nil, fail("it has %d bytes, and its first 8 bytes would be the header's length; is it complete?", len(raw))
	}
	length := binary.LittleEndian.Uint64(raw)
	if length > longestHeader {
		return nil, fail("its first 8 bytes announce a header of %d bytes, and at most %d are allowed (a PyTorch .bin or a Git LFS pointer?)", length, longestHeader)
	}
	if length > uint64(len(raw)-8) {
		return nil, fail("its header should have %d bytes, but only %d follow; the file is truncated", length, len(raw)-8)
	}
	f := &safetensors{path: path, bytes: raw[8+length:]}
	var err error
	if f.entries, err = parseHeader(raw[8 : 8+length]); err != nil {
		return nil, fail("header: %v", err)
	}
	if err := checkLayout(f.entries, int64(len(f.bytes))); err != nil {
		return nil, fail("%v", err)
	}
	return f, nil
}

// parseHeader reads the JSON object token by token, so that a name given twice is an error and not the last one's win.
func parseHeader(header []byte) (map[string]tensorEntry, error) {
	d := json.NewDecoder(bytes.NewReader(header))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("it does not start with a JSON object")
	}
	entries := map[string]tensorEntry{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if name == "__metadata__" {
			var text map[string]string
			if err := d.Decode(&text); err != nil {
				return nil, fmt.Errorf("__metadata__ must map strings to strings: %w", err)
			}
			continue
		}
		if _, twice := entries[name]; twice {
			return nil, fmt.Errorf("tensor %q is listed twice", name)
		}
		var e tensorEntry
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	_, err := d.Token() // the closing brace
	return entries, err
}

// checkLayout verifies that each tensor's byte range has the length its shape needs, and that the ranges cover the file's
// remaining bytes exactly once.
func checkLayout(entries map[string]tensorEntry, available int64) error {
	names := make([]string, 0, len(entries))
	for name, e := range entries {
		if err := e.check(available); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := entries[names[i]].Offsets, entries[names[j]].Offsets
		if c := slices.Compare(a, b); c != 0 {
			return c < 0
		}
		return names[i] < names[j]
	})
	end, before := int64(0), "the start of the tensors"
	for _, name := range names {
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

func (e tensorEntry) check(available int64) error {
	if len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] {
		return fmt.Errorf("data_offsets are %v; wanted [begin, end] with 0 ≤ begin ≤ end", e.Offsets)
	}
	if e.Offsets[1] > available {
		return fmt.Errorf("it ends at byte %d, but only %d bytes follow the header; the file is truncated", e.Offsets[1], available)
	}
	size, ok := elementSizes[e.DType]
	if !ok {
		return fmt.Errorf("unknown dtype %q", e.DType)
	}
	need := size
	for _, s := range e.Shape {
		if s < 0 || (s > 0 && need > math.MaxInt64/s) {
			return fmt.Errorf("impossible shape %v", e.Shape)
		}
		need *= s
	}
	if got := e.Offsets[1] - e.Offsets[0]; got != need {
		return fmt.Errorf("shape %v of %s needs %d bytes, but data_offsets %v hold %d", e.Shape, e.DType, need, e.Offsets, got)
	}
	return nil
}

// widened is how many bytes the tensors take as float32: as many again as in the file for F32, twice as many for F16 and BF16.
func (f *safetensors) widened() int64 {
	var numbers int64
	for _, e := range f.entries {
		if decoders[e.DType] != nil {
			numbers += (e.Offsets[1] - e.Offsets[0]) / elementSizes[e.DType]
		}
	}
	return 4 * numbers
}

func (f *safetensors) has(name string) bool {
	_, ok := f.entries[name]
	return ok
}

// floats returns a tensor's values, widened to float32. The shape must be as given, and every value finite.
func (f *safetensors) floats(name string, shape ...int) ([]float32, error) {
	e, ok := f.entries[name]
	if !ok {
		return nil, fmt.Errorf("%s: tensor %q is missing (wanted with shape %v)", f.path, name, shape)
	}
	same := slices.EqualFunc(e.Shape, shape, func(a int64, b int) bool { return a == int64(b) })
	if !same {
		return nil, fmt.Errorf("%s: tensor %q has shape %v, but config.json asks for %v", f.path, name, e.Shape, shape)
	}
	decode := decoders[e.DType]
	if decode == nil {
		return nil, fmt.Errorf("%s: tensor %q is stored as %s; supported are F32, F16 and BF16", f.path, name, e.DType)
	}
	x := decode(f.bytes[e.Offsets[0]:e.Offsets[1]])
	for i, v := range x {
		if v-v != 0 { // NaN or infinite
			return nil, fmt.Errorf("%s: tensor %q holds %v at index %v; weights must be finite, was the training interrupted or did it diverge?",
				f.path, name, v, unravel(i, shape))
		}
	}
	return x, nil
}

// unravel turns a flat index into one index per axis.
func unravel(i int, shape []int) []int {
	at := make([]int, len(shape))
	for a := len(shape) - 1; a >= 0; a-- {
		at[a], i = i%shape[a], i/shape[a]
	}
	return at
}
