package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// open opens a file and closes it after the test.
func open(t testing.TB, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// must fails the test at the first error.
func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// place writes a file with the given bytes and returns its path.
func place(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, content, 0o600))
	return path
}

func ramp(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	return x
}

// writeGolden writes the arrays of testdata/make.py's golden.npz.
func writeGolden(w *Writer) error {
	matrix := ramp(12)
	for i := range matrix {
		matrix[i] /= 3
	}
	cube := make([]int64, 24)
	for i := range cube {
		cube[i] = int64(i) - 12
	}
	ones := make([]int, 64)
	for i := range ones {
		ones[i] = 1
	}
	return errors.Join(
		w.Float64("matrix", []int{3, 4}, matrix),
		w.Float64("special", []int{6}, []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.Float64frombits(0x7ff8 << 48), 5e-324}),
		w.Float64("scalar", nil, []float64{2.5}),
		w.Float64("empty", []int{0, 3}, nil),
		w.Int64("cube", []int{2, 3, 4}, cube),
		w.Float32("single", []int{2}, []float32{1.5, -2.25}),
		w.Bool("truth", []int{2, 1}, []bool{true, false}),
		w.Strings("words", []int{2, 3}, []string{"a", "", "neuron", "é", "𝛷", "日本"}),
		w.Strings("blank", []int{2}, []string{"", ""}),
		w.Float64("many", ones, []float64{0}),
	)
}

// TestMemberBytes: each member is byte for byte what NumPy writes.
func TestMemberBytes(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	must(t, writeGolden(w), w.Close())
	ours, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	must(t, err)
	theirs, err := zip.OpenReader("testdata/golden.npz")
	must(t, err)
	defer theirs.Close()
	if len(ours.File) != len(theirs.File) {
		t.Fatalf("%d members, NumPy wrote %d", len(ours.File), len(theirs.File))
	}
	for i, z := range ours.File {
		if z.Method != zip.Store || z.ModifiedTime != 0 || z.ModifiedDate != 0 || len(z.Extra) != 0 {
			t.Errorf("%s: not stored, or with a time", z.Name)
		}
		if z.Name != theirs.File[i].Name || !bytes.Equal(content(t, z), content(t, theirs.File[i])) {
			t.Errorf("member %s differs from NumPy's %s:\n%q\n%q", z.Name, theirs.File[i].Name, content(t, z), content(t, theirs.File[i]))
		}
	}
}

func content(t *testing.T, z *zip.File) []byte {
	r, err := z.Open()
	must(t, err)
	b, err := io.ReadAll(r)
	must(t, err)
	return b
}

// TestSameBytes: the same arrays give the same file.
func TestSameBytes(t *testing.T) {
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		w := NewWriter(out)
		must(t, writeGolden(w), w.Close())
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two files of the same arrays differ")
	}
}

// TestRoundTrip: what was written is read, also across the buffer's end.
func TestRoundTrip(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	n := 3*chunkBytes/8 + 5
	x, i, b, s := ramp(n), make([]int64, n), make([]bool, n), make([]string, 3000)
	for at := range x {
		x[at] = math.Sqrt(x[at])
		i[at] = int64(at) * -7
		b[at] = at%3 == 0
	}
	for at := range s {
		s[at] = strings.Repeat("日", at%101)
	}
	must(t, w.Float64("x", []int{1, n}, x), w.Int64("i", []int{n}, i), w.Bool("deep/b", []int{n}, b), w.Strings("s", []int{30, 100}, s), w.Close())
	f := open(t, place(t, "a.npz", out.Bytes()))
	if diff := cmp.Diff([]string{"x", "i", "deep/b", "s"}, f.Names()); diff != "" {
		t.Error(diff)
	}
	gotX, shape, err := f.Float64("x")
	must(t, err)
	gotI, _, err := f.Int64("i")
	must(t, err)
	gotB, _, err := f.Bool("deep/b")
	must(t, err)
	gotS, shapeS, err := f.Strings("s")
	must(t, err)
	if !cmp.Equal(gotX, x) || !cmp.Equal(gotI, i) || !cmp.Equal(gotB, b) || !cmp.Equal(gotS, s) {
		t.Error("an array changed on its way")
	}
	if !cmp.Equal(shape, []int{1, n}) || !cmp.Equal(shapeS, []int{30, 100}) {
		t.Errorf("shapes %v %v", shape, shapeS)
	}
	info, err := f.Array("s")
	if diff := cmp.Diff(Array{Name: "s", Shape: []int{30, 100}, DType: "<U100"}, info); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// TestParts: an array that comes part after part gives the bytes that it gives
// whole, and one of another size is refused.
func TestParts(t *testing.T) {
	x := ramp(2*chunkBytes/8 + 7)
	written := func(add func(*Writer) error) []byte {
		var out bytes.Buffer
		w := NewWriter(&out)
		must(t, add(w), w.Close())
		return out.Bytes()
	}
	want := written(func(w *Writer) error { return w.Float64("x", []int{len(x)}, x) })
	for _, size := range []int{7, 1000, chunkBytes/8 + 1, len(x)} {
		have := written(func(w *Writer) error { return w.Float64Parts("x", []int{len(x)}, slices.Chunk(x, size)) })
		if !bytes.Equal(have, want) {
			t.Errorf("parts of %d give another file", size)
		}
	}
	if err := NewWriter(&bytes.Buffer{}).Float64Parts("x", []int{len(x) + 1}, slices.Chunk(x, 1000)); err == nil {
		t.Error("an array that ends too soon: no error")
	}
}

// TestVaried reads what NumPy wrote: types, byte orders, layouts.
func TestVaried(t *testing.T) {
	f := open(t, "testdata/varied.npz")
	want := ramp(24)
	for _, name := range f.Names() {
		_, kind, sized := strings.Cut(name, "_")
		if !sized || strings.HasPrefix(name, "words") {
			continue
		}
		sign := -1.0
		if kind[0] == 'u' {
			sign = 1
		}
		x, shape, err := f.Float64(name)
		if err != nil || !cmp.Equal(shape, []int{4, 6}) {
			t.Errorf("%s: shape %v, %v", name, shape, err)
			continue
		}
		i, _, err := f.Int64(name)
		if (err == nil) != (kind[0] != 'f') {
			t.Errorf("%s as integers: %v", name, err)
		}
		for at := range x {
			if x[at] != sign*(want[at]+100) || err == nil && float64(i[at]) != x[at] {
				t.Errorf("%s: element %d is %v", name, at, x[at])
				break
			}
		}
	}
	for name, shape := range map[string][]int{"fortran": {4, 6}, "fortran3": {2, 3, 4}, "fortran1": {3}} {
		x, got, err := f.Float64(name)
		if err != nil || !cmp.Equal(got, shape) || !cmp.Equal(x, ramp(len(x))) {
			t.Errorf("%s: %v of shape %v, %v", name, x, got, err)
		}
	}
	half, _, err := f.Float64("half")
	inf := math.Inf(1)
	if !cmp.Equal(half, []float64{0, math.Copysign(0, -1), 1, -2.5, 65504, 0x1p-24, 0x1p-14, inf, -inf, math.NaN()}, cmpopts.EquateNaNs()) || !math.Signbit(half[1]) || err != nil {
		t.Errorf("half: %v, %v", half, err)
	}
	for name, want := range map[string][]string{"words": {"ab", "c", "", "𝛷"}, "words_big": {"neuron", "Glía"}} {
		if got, _, err := f.Strings(name); !cmp.Equal(got, want) || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	truth, _, err := f.Bool("bool")
	number, _, err2 := f.Int64("bool")
	if !cmp.Equal(truth, []bool{true, false, true}) || !cmp.Equal(number, []int64{1, 0, 1}) || err != nil || err2 != nil {
		t.Errorf("bool: %v %v %v %v", truth, number, err, err2)
	}
	exact, _, err := f.Float64("exact")
	if !cmp.Equal(exact, []float64{1 << 53, -1 << 53, 1 << 62, -1 << 63}) || err != nil {
		t.Errorf("exact: %v, %v", exact, err)
	}
	edge, _, err := f.Int64("edge")
	if !cmp.Equal(edge, []int64{math.MaxInt64}) || err != nil {
		t.Errorf("edge: %v, %v", edge, err)
	}
}

func TestSingle(t *testing.T) {
	for _, name := range []string{"version2", "version3"} {
		f := open(t, "testdata/"+name+".npy")
		if !cmp.Equal(f.Names(), []string{name}) {
			t.Errorf("names %q", f.Names())
		}
		if x, _, err := f.Float64(name); !cmp.Equal(x, ramp(5)) || err != nil {
			t.Errorf("%s: %v, %v", name, x, err)
		}
	}
}

// TestLongHeader: where the text is too long for version 1.0, version 2.0.
func TestLongHeader(t *testing.T) {
	h := header{descr: "<f8" + strings.Repeat("x", 70000), shape: []int{2}}.encode()
	if h[6] != 2 || len(h)%headerAlign != 0 {
		t.Errorf("version %d, %d bytes", h[6], len(h))
	}
	if short := (header{descr: "<f8", shape: []int{2}}).encode(); short[6] != 1 || len(short)%headerAlign != 0 {
		t.Errorf("version %d, %d bytes", short[6], len(short))
	}
}

func BenchmarkWrite(b *testing.B) {
	x := ramp(1 << 20)
	b.SetBytes(8 << 20)
	for b.Loop() {
		w := NewWriter(io.Discard)
		must(b, w.Float64("x", []int{len(x)}, x), w.Close())
	}
}

func BenchmarkRead(b *testing.B) {
	var out bytes.Buffer
	w := NewWriter(&out)
	must(b, w.Float64("x", []int{1 << 20}, ramp(1<<20)), w.Close())
	f := open(b, place(b, "a.npz", out.Bytes()))
	b.SetBytes(8 << 20)
	for b.Loop() {
		_, _, err := f.Float64("x")
		must(b, err)
	}
}
