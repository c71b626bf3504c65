package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRefused: an error names the file, the array, what was found and what is
// allowed.
func TestRefused(t *testing.T) {
	f := open(t, "testdata/varied.npz")
	asFloat := func(name string) error { _, _, err := f.Float64(name); return err }
	asInt := func(name string) error { _, _, err := f.Int64(name); return err }
	asBool := func(name string) error { _, _, err := f.Bool(name); return err }
	asString := func(name string) error { _, _, err := f.Strings(name); return err }
	for _, c := range []struct {
		read  func(string) error
		name  string
		parts []string // what the message tells, apart from the file
	}{
		{asFloat, "complex", []string{`"complex"`, `"<c16"`, `float64`}},
		{asFloat, "time", []string{`"time"`, `"<M8[s]"`, `float64`}},
		{asFloat, "words", []string{`"words"`, `"<U2"`, `float64`}},
		{asFloat, "bool", []string{`"bool"`, `"|b1"`, `float64`}},
		{asFloat, "bytes", []string{`"bytes"`, `"|S3"`, `float64`}},
		{asFloat, "long", []string{`"long"`, `"<f16"`, `float64`}},
		{asFloat, "fields", []string{`"fields"`, `structured`, `array of its own`}},
		{asFloat, "inexact", []string{`"inexact"`, `9007199254740993`, `not a float64`}},
		{asFloat, "above", []string{`"above"`, `18446744073709551615`, `not a float64`}},
		{asFloat, "edge", []string{`"edge"`, `9223372036854775807`, `not a float64`}},
		{asInt, "above", []string{`"above"`, `18446744073709551615`, `int64`}},
		{asInt, "half", []string{`"half"`, `"<f2"`, `integer`}},
		{asBool, "little_u1", []string{`"little_u1"`, `"|u1"`, `bool`}},
		{asString, "half", []string{`"half"`, `"<f2"`, `'<U'`}},
		{asFloat, "nowhere", []string{`"nowhere"`, `fortran, fortran3`, `and 1`}},
	} {
		err := c.read(c.name)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, part := range append(c.parts, "varied.npz") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not tell %q", c.name, err, part)
			}
		}
	}
}

// readAll reads every array by every method, and fails the test if what comes
// back does not fit its shape.
func readAll(t testing.TB, f *File) map[string]any {
	found := map[string]any{}
	for _, name := range f.Names() {
		keep := func(kind string, x any, length int, shape []int, err error) {
			if err != nil {
				return
			}
			if n, err := elements(shape); n != length || err != nil {
				t.Fatalf("%s: %d elements of shape %v", name, length, shape)
			}
			found[kind+" "+name] = x
		}
		x, shape, err := f.Float64(name)
		keep("float", x, len(x), shape, err)
		i, shape, err := f.Int64(name)
		keep("int", i, len(i), shape, err)
		b, shape, err := f.Bool(name)
		keep("bool", b, len(b), shape, err)
		s, shape, err := f.Strings(name)
		keep("string", s, len(s), shape, err)
	}
	return found
}

// inMemory opens a file that lies in memory.
func inMemory(content []byte) (*File, error) {
	f := &File{path: "a.npz", source: bytes.NewReader(content), members: map[string]member{}}
	return f, f.directory(int64(len(content)))
}

// small returns a small archive of all element types.
func small(t testing.TB) []byte {
	var out bytes.Buffer
	w := NewWriter(&out)
	must(t, w.Float64("x", []int{2, 2}, []float64{1, 2, 3, 4}), w.Int64("i", []int{1}, []int64{7}),
		w.Bool("b", []int{3}, []bool{true, false, true}), w.Strings("s", []int{2}, []string{"ab", "c"}), w.Close())
	return out.Bytes()
}

// TestDamaged: cut off anywhere, or with any bit changed, a file gives an
// error or the numbers that were written, never others.
func TestDamaged(t *testing.T) {
	whole := small(t)
	want := readAll(t, open(t, place(t, "a.npz", whole)))
	if len(want) != 6 { // integers are floats, and bools are integers, too
		t.Fatalf("read %v", want)
	}
	try := func(what string, content []byte) {
		f, err := inMemory(content)
		if err != nil {
			return
		}
		for name, x := range readAll(t, f) {
			if written, asked := want[name]; asked && !cmp.Equal(x, written) {
				t.Errorf("%s: %s is %v", what, name, x)
			}
		}
	}
	for at := range whole {
		try(fmt.Sprintf("cut off at %d", at), whole[:at])
		for bit := range 8 {
			changed := bytes.Clone(whole)
			changed[at] ^= 1 << bit
			try(fmt.Sprintf("byte %d changed to %#x", at, changed[at]), changed)
		}
	}
}

// TestDamagedSingle: a .npy has no check sum, but its length must fit.
func TestDamagedSingle(t *testing.T) {
	whole, err := os.ReadFile("testdata/version2.npy")
	must(t, err)
	for at := range whole {
		f, err := Open(place(t, "a.npy", whole[:at]))
		if err != nil {
			continue
		}
		if x, _, err := f.Float64("a"); err == nil {
			t.Errorf("cut off at %d: %v", at, x)
		}
		f.Close()
	}
	f := open(t, place(t, "a.npy", append(whole, 0)))
	if x, _, err := f.Float64("a"); err == nil {
		t.Errorf("with one more byte: %v", x)
	}
}

// TestClaims: sizes that the file cannot hold are refused before memory is
// asked for.
func TestClaims(t *testing.T) {
	shapes := map[string]string{
		"huge":      "(1099511627776,)",
		"overflow":  "(4294967296, 4294967296, 4294967296)",
		"no number": "(99999999999999999999,)",
		"negative":  "(-1,)",
		"many":      "(" + strings.Repeat("1,", 65) + ")",
		"product 0": "(4294967296, 4294967296, 4294967296, 0)",
	}
	for name, shape := range shapes {
		text := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }", shape)
		head := append([]byte(magic), 1, 0, byte(len(text)), 0)
		content := append(append(head, text...), make([]byte, 64)...)
		if _, _, err := open(t, place(t, "a.npy", content)).Float64("a"); err == nil {
			t.Errorf("%s: no error", name)
		}
		var out bytes.Buffer
		archive := zip.NewWriter(&out)
		member, err := archive.CreateRaw(&zip.FileHeader{Name: "a.npy", Method: zip.Deflate,
			CompressedSize64: uint64(len(content)), UncompressedSize64: 1 << 43})
		must(t, err)
		_, err = member.Write(content)
		must(t, err, archive.Close())
		if _, _, err := open(t, place(t, "a.npz", out.Bytes())).Float64("a"); err == nil || !strings.Contains(err.Error(), "room for") {
			t.Errorf("%s, deflated: %v", name, err)
		}
	}
	strings0 := header{descr: "<U0", shape: []int{1 << 40}}.encode()
	if _, _, err := open(t, place(t, "a.npy", strings0)).Strings("a"); err == nil {
		t.Error("strings of length 0: no error")
	}
}

func TestNotArrays(t *testing.T) {
	for name, content := range map[string]string{"empty": "", "text": "q,k,v\n1,2,3\n", "cut zip": "PK\x03\x04", "short": "\x93NUM"} {
		path := place(t, "a.npz", []byte(content))
		if f, err := Open(path); err == nil {
			f.Close()
			t.Errorf("%s: no error", name)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %q does not name the file", name, err)
		}
	}
	for _, path := range []string{t.TempDir(), "testdata/nowhere.npz"} {
		if f, err := Open(path); err == nil {
			f.Close()
			t.Errorf("%s: no error", path)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	x := []float64{1, 2, 3}
	for name, write := range map[string]func(*Writer) error{
		"too few":       func(w *Writer) error { return w.Float64("x", []int{4}, x) },
		"too many":      func(w *Writer) error { return w.Float64("x", []int{2}, x) },
		"negative":      func(w *Writer) error { return w.Float64("x", []int{-3}, x) },
		"overflow":      func(w *Writer) error { return w.Float64("x", []int{1 << 62, 1 << 62}, x) },
		"65 dimensions": func(w *Writer) error { return w.Float64("x", make([]int, 65), nil) },
		"no name":       func(w *Writer) error { return w.Float64("", []int{3}, x) },
		"bad name":      func(w *Writer) error { return w.Float64("\xff", []int{3}, x) },
		"same name": func(w *Writer) error {
			return errors.Join(w.Float64("x", []int{3}, x), w.Float64("x", []int{3}, x))
		},
		"bad string": func(w *Writer) error { return w.Strings("s", []int{1}, []string{"\xff"}) },
		"NUL at end": func(w *Writer) error { return w.Strings("s", []int{1}, []string{"a\x00"}) },
	} {
		w := NewWriter(&bytes.Buffer{})
		if write(w) == nil {
			t.Errorf("%s: no error", name)
		}
		if w.Float64("other", []int{3}, x) == nil || w.Close() == nil {
			t.Errorf("%s: forgotten by the next call", name)
		}
	}
}

// limited fails after a number of bytes, as a full disk does.
type limited int

var errFull = errors.New("no space left")

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > int(*l) {
		return 0, errFull
	}
	*l -= limited(len(b))
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	must(t, writeGolden(w), w.Close())
	for room := range out.Len() {
		disk := limited(room)
		w := NewWriter(&disk)
		if err := errors.Join(writeGolden(w), w.Close()); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", room, out.Len(), err)
		}
	}
}

// FuzzOpen: no file makes the reader panic or return what does not fit.
func FuzzOpen(f *testing.F) {
	for _, name := range []string{"golden.npz", "varied.npz", "version2.npy", "version3.npy"} {
		content, err := os.ReadFile("testdata/" + name)
		must(f, err)
		f.Add(content)
	}
	f.Add(small(f))
	f.Fuzz(func(t *testing.T, content []byte) {
		if file, err := inMemory(content); err == nil {
			readAll(t, file)
		}
	})
}
