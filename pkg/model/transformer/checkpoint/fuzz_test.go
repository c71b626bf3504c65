package checkpoint

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzWeights: whatever the bytes, an error or tensors whose numbers can be read, never a
// panic and no more memory than the file has.
func FuzzWeights(f *testing.F) {
	f.Add(fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}`, make([]byte, 10)))
	f.Add(fileOf(`{"__metadata__":{"format":"pt"},"a":{"dtype":"F64","shape":[0,3],"data_offsets":[0,0]}}`, nil))
	f.Add(fileOf(`{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}`, make([]byte, 8)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		path := filepath.Join(t.TempDir(), weightsFile)
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		w, err := d.Weights()
		if err != nil {
			return
		}
		defer w.Close()
		for _, name := range w.Names() {
			shape, _ := w.Shape(name)
			tensor, err := w.Tensor(name, shape...)
			if err != nil {
				continue
			}
			if x, err := tensor.Float64s(); err != nil || len(x) != tensor.Len() {
				t.Fatalf("%s %v: %d numbers, %v", name, shape, len(x), err)
			}
		}
	})
}

// A weights file cut anywhere is refused: no length but the right one fits the header.
func TestEveryTruncation(t *testing.T) {
	raw, err := os.ReadFile("../testdata/albert/model.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	header := int(binary.LittleEndian.Uint64(raw)) + 8
	dir := t.TempDir()
	for n := 0; n < len(raw); n += 13 + (n/header)*997 {
		if err := os.WriteFile(filepath.Join(dir, weightsFile), raw[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Weights(); err == nil {
			t.Fatalf("cut to %d of %d bytes, the file was accepted", n, len(raw))
		}
	}
	if !bytes.HasPrefix(raw[8:], []byte("{")) {
		t.Fatal("the test's own file is none")
	}
}

// FuzzObject: an error or an object, never a panic.
func FuzzObject(f *testing.F) {
	for _, text := range []string{`{"a": 1}`, "\ufeff{}", `{"a": {"b": [1, 2.5, null]}, "c": "x"}`, "{\"a\": 1,\n}", "<html>", `{"a":1e400}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := ParseObject("config.json", raw)
		if err != nil {
			return
		}
		for _, key := range o.Keys() {
			o.Int(key, 1)
			o.Float(key, 1)
			o.String(key, "")
			o.Strings(key)
			o.Bool(key, true)
			o.Object(key)
		}
	})
}

// FuzzIndex: whatever an index says of two shards, an error that names a file, or
// weights whose tensors are where it says; nothing is read from elsewhere.
func FuzzIndex(f *testing.F) {
	dir := f.TempDir()
	for name, raw := range map[string][]byte{
		part1: fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4)),
		part2: fileOf(`{"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			f.Fatal(err)
		}
	}
	for _, text := range []string{
		`{"metadata":{"total_size":12},"weight_map":{"a":"` + part1 + `","b":"` + part2 + `"}}`,
		`{"weight_map":{"a":"` + part1 + `"}}`, `{"weight_map":{"a":"` + part2 + `"}}`, `{"weight_map":{"c":"` + part1 + `"}}`,
		`{"weight_map":{"a":"../` + part1 + `"}}`, `{"weight_map":{"a":"/etc/passwd"}}`, `{"weight_map":{"a":"."}}`, `{"weight_map":{"a":""}}`,
		`{"weight_map":{"a":"` + part1 + `","a":"` + part2 + `"}}`, `{"weight_map":{"a":null}}`, `{"weight_map":{"a":"` + part1 + `\u0000"}}`,
		`{"weight_map":{"a":"` + indexFile + `"}}`, `{"weight_map":{"a":"\ud800"}}`, `{"weight_map":[]}`, `{"weight_map":{}}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(filepath.Join(dir, indexFile), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		w, err := d.Weights()
		if err != nil {
			if text := err.Error(); !strings.Contains(text, dir) || strings.Contains(text, "json: cannot") || strings.Contains(text, "Go value") || len(text) > 3000 {
				t.Fatalf("%.300s", text)
			}
			return
		}
		defer w.Close()
		for _, read := range d.Files() {
			if read.Name != part1 && read.Name != part2 && read.Name != indexFile {
				t.Fatalf("it read %q", read.Name)
			}
		}
		if len(w.Names()) == 0 || len(w.SHA256()) != 64 {
			t.Fatalf("tensors %v", w.Names())
		}
	})
}
