package dataset

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// arrays writes an .npz file as NumPy does: a zip archive of a line about each array and its bytes.
type arrays struct{ *zip.Writer }

func (w arrays) put(name, kind string, shape []int, x any) {
	f, err := w.Create(name + ".npy")
	if err != nil {
		panic(err) // of memory there is enough
	}
	axes := strings.ReplaceAll(strings.Trim(fmt.Sprint(shape), "[]"), " ", ", ") + ","
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }\n", kind, axes)
	io.WriteString(f, "\x93NUMPY\x01\x00")
	binary.Write(f, binary.LittleEndian, uint16(len(head)))
	io.WriteString(f, head)
	binary.Write(f, binary.LittleEndian, x)
}

func (w arrays) uint8(name string, shape []int, x []uint8)     { w.put(name, "|u1", shape, x) }
func (w arrays) int64(name string, shape []int, x []int64)     { w.put(name, "<i8", shape, x) }
func (w arrays) float64(name string, shape []int, x []float64) { w.put(name, "<f8", shape, x) }

func archive(t *testing.T, write func(arrays)) string {
	t.Helper()
	var b bytes.Buffer
	w := arrays{zip.NewWriter(&b)}
	write(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return put(t, filepath.Join(t.TempDir(), "set.npz"), b.String())
}

func TestNPZ(t *testing.T) {
	pixels := make([]uint8, 2*3*4*3)
	for i := range pixels {
		pixels[i] = uint8(i)
	}
	for _, c := range []struct {
		shape    []int
		labels   []int64
		channels int
	}{{[]int{6, 3, 4}, []int64{5, 4, 3, 2, 1, 0}, 1}, {[]int{2, 3, 4, 3}, nil, 3}, {[]int{6, 3, 4, 1}, nil, 1}} {
		path := archive(t, func(w arrays) {
			w.uint8("images", c.shape, pixels)
			if c.labels != nil {
				w.int64("labels", []int{len(c.labels)}, c.labels)
			}
			w.int64("other", []int{1}, []int64{3})
		})
		s, err := NPZ(path, 0)
		if err != nil {
			t.Fatal(err)
		}
		size := 3 * 4 * c.channels
		for i := range s.Len() {
			p, err := s.Picture(i)
			if err != nil || p.Width != 4 || p.Height != 3 || p.Channels != c.channels || !bytes.Equal(p.Pix, pixels[i*size:(i+1)*size]) {
				t.Errorf("%+v, %v", p, err)
			}
		}
		if s.Len() != c.shape[0] || s.Labelled() != (c.labels != nil) || s.Held() < len(pixels) {
			t.Errorf("%v: %d pictures, %d bytes held", c.shape, s.Len(), s.Held())
		}
		if s.Labelled() {
			if label, err := s.Label(1); label != "4" || err != nil {
				t.Errorf("label %q, %v", label, err)
			}
		}
		if s, err := NPZ(path, 1); err != nil || s.Len() != 1 {
			t.Error(err)
		}
	}
}

func TestNPZRefused(t *testing.T) {
	three := make([]uint8, 3*2*2)
	for name, c := range map[string]struct {
		write func(arrays)
		want  string
	}{
		"no images":    {func(w arrays) { w.uint8("x", []int{3, 2, 2}, three) }, "holds no array images, only x"},
		"floats":       {func(w arrays) { w.float64("images", []int{1, 1, 2}, []float64{0, 1}) }, `"<f8" where uint8 is allowed`},
		"one picture":  {func(w arrays) { w.uint8("images", []int{6, 2}, three) }, "images has the shape [6 2]"},
		"two channels": {func(w arrays) { w.uint8("images", []int{3, 2, 1, 2}, three) }, "images has the shape [3 2 1 2]"},
		"none":         {func(w arrays) { w.uint8("images", []int{0, 2, 2}, nil) }, "images has the shape [0 2 2]"},
		"few labels": {func(w arrays) {
			w.uint8("images", []int{3, 2, 2}, three)
			w.int64("labels", []int{2}, []int64{0, 1})
		}, "labels has the shape [2], and images [3 2 2]"},
		"no labels": {func(w arrays) {
			w.uint8("images", []int{3, 2, 2}, three)
			w.int64("labels", []int{0}, nil)
		}, "labels has the shape [0]"},
		"labels in columns": {func(w arrays) {
			w.uint8("images", []int{3, 2, 2}, three)
			w.int64("labels", []int{3, 1}, []int64{0, 1, 2})
		}, "labels has the shape [3 1]"},
		"labels that are no numbers": {func(w arrays) {
			w.uint8("images", []int{3, 2, 2}, three)
			w.float64("labels", []int{3}, []float64{0, 1, 2})
		}, `"<f8" where an integer type`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NPZ(archive(t, c.write), 0); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
	if _, err := NPZ(put(t, filepath.Join(t.TempDir(), "a.npz"), "no archive"), 0); err == nil {
		t.Error("what is no archive is read")
	}
}
