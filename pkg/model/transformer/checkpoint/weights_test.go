package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file makes a safetensors file of a header and the bytes that follow.
func fileOf(header string, body []byte) []byte {
	raw := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(raw, header...), body...)
}

// opened writes files to a directory and opens the weights in it.
func opened(t testing.TB, files map[string][]byte) (*Weights, *Directory, error) {
	t.Helper()
	dir := t.TempDir()
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w, err := d.Weights()
	if err == nil {
		t.Cleanup(func() { w.Close() })
	}
	return w, d, err
}

func TestBadFiles(t *testing.T) {
	const one = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	entry := func(name, dtype, shape, offsets string) string {
		return fmt.Sprintf(`{%q:{"dtype":%q,"shape":%s,"data_offsets":%s}}`, name, dtype, shape, offsets)
	}
	body := make([]byte, 8)
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"empty":           {nil, "empty (0 bytes)"},
		"no header":       {body[:5], "5 bytes"},
		"header cut":      {fileOf("{"+one+"}", nil)[:20], "only 12 follow"},
		"Git LFS":         {[]byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"), "Git LFS pointer"},
		"a web page":      {[]byte("\n<!DOCTYPE html><html>…"), "web page (HTML)"},
		"a pickle":        {[]byte("\x80\x02}q\x00(X\x05\x00\x00\x00"), "at most 100000000 are allowed (a PyTorch .bin?)"},
		"huge header":     {append(binary.LittleEndian.AppendUint64(nil, math.MaxUint64), '{'), "at most 100000000"},
		"no JSON":         {fileOf("[1]", nil), "JSON object"},
		"broken JSON":     {fileOf("{"+one, body), "header"},
		"twice":           {fileOf("{"+one+","+one+"}", body), "a is given twice"},
		"truncated":       {fileOf("{"+one+"}", body[:4]), "truncated"},
		"excess":          {fileOf("{"+one+"}", append(body, 1)), "9 bytes follow"},
		"shape too large": {fileOf(entry("a", "F32", "[3]", "[0,8]"), body), "needs 12 bytes"},
		"overflow":        {fileOf(entry("a", "F32", "[4611686018427387904,4]", "[0,8]"), body), "impossible shape"},
		"negative shape":  {fileOf(entry("a", "F32", "[-2]", "[0,8]"), body), "impossible shape"},
		"backwards":       {fileOf(entry("a", "F32", "[2]", "[8,0]"), body), "data_offsets"},
		"negative offset": {fileOf(entry("a", "F32", "[2]", "[-8,0]"), body), "data_offsets"},
		"no offsets":      {fileOf(`{"a":{"dtype":"F32","shape":[2]}}`, body), "data_offsets"},
		"other case":      {fileOf(`{"a":{"DType":"F32","shape":[2],"data_offsets":[0,8]}}`, body), "dtype"},
		"fraction":        {fileOf(entry("a", "F32", "[2.5]", "[0,8]"), body), `tensor "a"`},
		"gap":             {fileOf(entry("a", "F32", "[1]", "[4,8]"), body), "belong to no tensor"},
		"overlap": {fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, body),
			`"b" (bytes 4 to 8) overlaps tensor "a"`},
	} {
		_, d, err := opened(t, map[string][]byte{weightsFile: c.raw})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), d.FilePath(weightsFile)) {
			t.Errorf("%s: error %v; wanted the path and %q in it", name, err, c.want)
		}
	}
}

func TestTensorValues(t *testing.T) {
	body := []byte{
		0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80, // F32: 1.5, −0
		0, 0x3e, 1, 0, // F16: 1.5, 2⁻²⁴ (the smallest)
		0xc0, 0x3f, 0x80, 0xff, // BF16: 1.5, −∞
		0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 1, 0, 0, 0, 0, 0, 0, 0, // F64: 1.5, the smallest
		1, 2, 3, // of a type to come
	}
	raw := fileOf(`{"__metadata__":{"format":"pt"},"f":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},`+
		`"h":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},"b":{"dtype":"BF16","shape":[1,2],"data_offsets":[12,16]},`+
		`"d":{"dtype":"F64","shape":[2],"data_offsets":[16,32]},"x":{"dtype":"F4_E9","shape":[6],"data_offsets":[32,35]}}`, body)
	w, d, err := opened(t, map[string][]byte{weightsFile: raw})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	if hex := hex.EncodeToString(sum[:]); w.SHA256() != hex || len(d.Files()) != 1 || d.Files()[0].SHA256 != hex || d.Files()[0].Bytes != int64(len(raw)) {
		t.Errorf("sum %s, files %v; want %s", w.SHA256(), d.Files(), hex)
	}
	for _, c := range []struct {
		name  string
		shape []int
		want  []float64
		err   string
	}{
		{"f", []int{2, 1}, []float64{1.5, math.Copysign(0, -1)}, ""},
		{"h", []int{2}, []float64{1.5, math.Ldexp(1, -24)}, ""},
		{"d", []int{2}, []float64{1.5, math.SmallestNonzeroFloat64}, ""},
		{"b", []int{1, 2}, nil, `tensor "b" holds -Inf at index [0 1]`},
		{"h", []int{3}, nil, "shape [2], but config.json asks for [3]"},
		{"x", []int{6}, nil, "stored as F4_E9; supported are F64, F32, F16 and BF16"},
		{"z", []int{3}, nil, `tensor "z" is missing`},
	} {
		tensor, err := w.Tensor(c.name, c.shape...)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s %v: %v", c.name, c.shape, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		x, err := tensor.Float64s()
		if err != nil || !slices.EqualFunc(x, c.want, func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }) {
			t.Errorf("%s: %v, %v", c.name, x, err)
		}
	}
}

// All 65 536 half-precision numbers: the definition, sign · fraction · 2^exponent, evaluated in another way.
func TestHalfPrecision(t *testing.T) {
	for bits := range 1 << 16 {
		got := half(uint16(bits))
		sign := 1 - 2*float64(bits>>15)
		exponent, fraction := bits>>10&31, float64(bits&1023)/1024
		want := sign * (1 + fraction) * math.Pow(2, float64(exponent-15))
		switch {
		case exponent == 0:
			want = sign * fraction * math.Pow(2, -14)
		case exponent == 31 && fraction == 0:
			want = math.Inf(int(sign))
		case exponent == 31:
			want = math.NaN()
		}
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%04x is %v; wanted %v", bits, got, want)
		}
	}
}

// The first number that is not finite is found wherever it is, in every format, across
// what is read at a time; the sum is that of the whole file.
func TestVerify(t *testing.T) {
	bad := map[string][]byte{
		"F64": binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN())), "F32": binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(math.Inf(-1)))),
		"F16": {0, 0x7c}, "BF16": {0x81, 0xff},
	}
	for dtype, number := range bad {
		size := len(number)
		count := 2*chunk/size + 77
		for _, at := range []int{-1, 0, 1, chunk/size - 3, chunk / size, count - 1} {
			body := make([]byte, 5*size+count*size)
			if at >= 0 {
				copy(body[(5+at)*size:], number)
			}
			raw := fileOf(fmt.Sprintf(`{"a":{"dtype":%q,"shape":[5],"data_offsets":[0,%d]},"b":{"dtype":%q,"shape":[%d],"data_offsets":[%d,%d]}}`,
				dtype, 5*size, dtype, count, 5*size, len(body)), body)
			w, _, err := opened(t, map[string][]byte{weightsFile: raw})
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(raw); w.SHA256() != hex.EncodeToString(sum[:]) {
				t.Errorf("%s: another sum", dtype)
			}
			if _, err := w.Tensor("a", 5); err != nil {
				t.Error(err)
			}
			b, err := w.Tensor("b", count)
			if at < 0 {
				if err != nil {
					t.Error(err)
				} else if x, err := b.Rows(count-2, count); err != nil || len(x) != 2 {
					t.Errorf("rows %v, %v", x, err)
				}
				continue
			}
			if want := fmt.Sprintf("at index [%d]", at); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, not %s", dtype, err, want)
			}
		}
	}
}

const (
	part1 = "model-00001-of-00002.safetensors"
	part2 = "model-00002-of-00002.safetensors"
)

func TestShards(t *testing.T) {
	a := fileOf(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, make([]byte, 4))
	b := fileOf(`{"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8))
	index := []byte(`{"metadata":{"total_size":12},"weight_map":{"a":"` + part1 + `","b":"` + part2 + `"}}`)
	w, d, err := opened(t, map[string][]byte{part1: a, part2: b, indexFile: index})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.Names(), []string{"a", "b"}) || len(d.Files()) != 3 || len(w.SHA256()) != 64 {
		t.Errorf("tensors %v, files %v", w.Names(), d.Files())
	}
	sums := ""
	for _, part := range []struct {
		name string
		raw  []byte
	}{{part1, a}, {part2, b}} {
		sums += fmt.Sprintf("%x  %s\n", sha256.Sum256(part.raw), part.name)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(sums))); w.SHA256() != want {
		t.Errorf("the sum of the sums is %s, not %s", w.SHA256(), want)
	}
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"one missing":   {map[string][]byte{part1: a, indexFile: index}, part2 + " is missing"},
		"one of others": {map[string][]byte{part1: a, part2: a, indexFile: index}, `tensor "a" is in`},
		"not there": {map[string][]byte{part1: a, part2: fileOf(`{"c":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)), indexFile: index},
			`tensor "b" should be in ` + part2},
		"exchanged":    {map[string][]byte{part1: b, part2: a, indexFile: index}, "should be in"},
		"elsewhere":    {map[string][]byte{part1: a, indexFile: []byte(`{"weight_map":{"a":"../model.safetensors"}}`)}, "beside it"},
		"no map":       {map[string][]byte{indexFile: []byte(`{"weight_map":[]}`)}, "weight_map is []"},
		"other case":   {map[string][]byte{indexFile: []byte(`{"WEIGHT_MAP":{}}`)}, "weight_map"},
		"cut off":      {map[string][]byte{indexFile: index[:40]}, "cut off"},
		"not an index": {map[string][]byte{indexFile: []byte("version https://git-lfs.github.com/spec/v1\n")}, "Git LFS pointer"},
	} {
		if _, _, err := opened(t, c.files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, without %q", name, err, c.want)
		}
	}
}

// What people have in the place of weights that can be read is named, with the way out.
func TestInstead(t *testing.T) {
	for name, want := range map[string]string{
		"pytorch_model.bin": "pickle", "tf_model.h5": "from_tf=True", "flax_model.msgpack": "from_flax=True", "model.onnx": "initializer", "notes.txt": "is missing; expected",
	} {
		if _, _, err := opened(t, map[string][]byte{name: {1}}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), weightsFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
