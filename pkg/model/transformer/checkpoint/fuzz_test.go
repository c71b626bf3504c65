package checkpoint

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
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
