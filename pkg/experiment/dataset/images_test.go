package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func isLost(err error) bool {
	var lost *Lost
	return errors.As(err, &lost)
}

// idx is an IDX file that says these axes, and holds count bytes 0, 1, 2, …
func idx(count int, axes ...uint32) string {
	b := []byte{0, 0, 8, byte(len(axes))}
	for _, n := range axes {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for i := range count {
		b = append(b, byte(i))
	}
	return string(b)
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text)) // into memory
	w.Close()
	return b.String()
}

func TestIDX(t *testing.T) {
	dir := t.TempDir()
	for _, pack := range []func(string) string{func(s string) string { return s }, zipped} {
		images, labels := put(t, filepath.Join(dir, "a"), pack(idx(3*2*4, 3, 2, 4))), put(t, filepath.Join(dir, "labels", "a"), pack(idx(3, 3)))
		s, err := IDX(images, labels, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if s.Len() != 3 || s.Name(2) != "2" || !s.Labelled() || len(s.Files) != 2 || s.Files[0].Name == s.Files[1].Name {
			t.Fatalf("%d inputs, %v", s.Len(), s.Files)
		}
		for i := range 3 {
			p, err := s.Picture(i)
			if err != nil || p.Width != 4 || p.Height != 2 || p.Channels != 1 || len(p.Pix) != 8 || int(p.Pix[0]) != 8*i || int(p.Pix[7]) != 8*i+7 {
				t.Errorf("%+v, %v", p, err)
			}
			if label, err := s.Label(i); err != nil || label != s.Name(i) {
				t.Errorf("label %q, %v", label, err)
			}
		}
		if few, err := IDX(images, "", 2); err != nil || few.Len() != 2 || few.Labelled() {
			t.Error(err)
		}
	}
}

func TestIDXRefused(t *testing.T) {
	whole := idx(24, 3, 2, 4)
	for name, c := range map[string]struct{ images, labels, want string }{
		"empty":                    {"", "", "is not an IDX file of bytes with 3 axes, as MNIST's are; it begins with the bytes []"},
		"short":                    {"\x00\x00\x08", "", "it begins with the bytes [00 00 08]"},
		"text":                     {"P5 28 28 255 and then", "", "it begins with the bytes [50 35 20 32]"},
		"floats":                   {"\x00\x00\x0d\x03" + whole[4:], "", "it begins with the bytes [00 00 0d 03]"},
		"labels for pictures":      {idx(3, 3), "", "with 3 axes"},
		"cut off":                  {whole[:len(whole)-1], "", "shape is [3 2 4], which is 24 bytes, and 23 follow; it is cut off or damaged"},
		"cut off in its head":      {whole[:14], "", "is not an IDX file"},
		"more":                     {whole + "x", "", "24 bytes, and more follow"},
		"huge":                     {idx(24, 1<<32-1, 1<<32-1, 1<<32-1), "", "says its shape is [4294967295 4294967295], and so holds nothing, or more than can be"},
		"large":                    {idx(24, 60000, 28, 28), "", "which is 47040000 bytes, and 24 follow"},
		"nothing":                  {idx(0, 0, 28, 28), "", "says its shape is [0], and so holds nothing"},
		"no rows":                  {idx(0, 3, 0, 28), "", "says its shape is [3 0]"},
		"zipped, cut off":          {zipped(whole)[:40], "", "unexpected EOF"},
		"zipped, damaged":          {strings.Replace(zipped(whole), "\x08", "\x09", 1), "", "gzip"},
		"zipped of what is cut":    {zipped(whole[:30]), "", "24 bytes, and 14 follow"},
		"zipped with more":         {zipped(whole + "xy"), "", "24 bytes, and more follow"},
		"zipped, huge":             {zipped(idx(24, 1<<20, 1<<20, 1<<20)), "", "more than can be"},
		"zipped, no IDX":           {zipped("no"), "", "is not an IDX file"},
		"fewer labels":             {whole, idx(2, 2), "has 2 labels, and "},
		"more labels":              {whole, idx(60, 60), "has 60 labels, and "},
		"pictures for labels":      {whole, whole, "is not an IDX file of bytes with 1 axes"},
		"labels cut off":           {whole, idx(2, 3), "which is 3 bytes, and 2 follow"},
		"larger than is a picture": {idx(0, 1, 1<<15, 1<<15), "", "says its shape is [1 32768 32768], and so that a picture has more pixels than are read"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, labels := t.TempDir(), ""
			if c.labels != "" {
				labels = put(t, filepath.Join(dir, "labels"), c.labels)
			}
			_, err := IDX(put(t, filepath.Join(dir, "images"), c.images), labels, 0)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
	if _, err := IDX(filepath.Join(t.TempDir(), "gone"), "", 0); !os.IsNotExist(err) {
		t.Error(err)
	}
}

// dot is a picture of one pixel, as PNG.
func dot(t *testing.T, grey uint8) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1, 1))
	img.SetGray(0, 0, color.Gray{grey})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"B.PNG", "a.png", "in/deep/b.png", "z.png"} {
		put(t, filepath.Join(dir, name), dot(t, uint8(i)))
	}
	put(t, filepath.Join(dir, "c.png"), "no picture")
	put(t, filepath.Join(dir, ".a.png"), "hidden")
	put(t, filepath.Join(dir, "a.txt"), "no picture")
	const names = "B.PNG a.png c.png in/deep/b.png z.png"
	for name, labels := range map[string]string{
		"header":         "file,label\nB.PNG,0\na.png,shirt\nc.png,2\nin/deep/b.png,3\nz.png,4\n",
		"other order":    "\ufefflabel,file\r\n0,B.PNG\r\nshirt,a.png\r\n2,c.png\r\n3,in/deep/b.png\r\n4,z.png\r\n",
		"other names":    "id,Class, Filename\n7,0,B.PNG\n7,shirt,a.png\n7,2,c.png\n7,3,./in/deep/b.png\n7, 4 , z.png\n",
		"several names":  "name,file,label\nx,B.PNG,0\ny,a.png,shirt\nz,c.png,2\nu,in/deep/b.png,3\nv,z.png,4\n",
		"no header":      "B.PNG,0\na.png,shirt\n\nc.png,2\nin/deep/b.png,3\nz.png,4\nothers.png,5\n",
		"quoted, spaces": "\"file\",\"label\"\n\"B.PNG\",0\na.png,\"shirt\"\nc.png,2\nin/deep/b.png,3\nz.png,4",
	} {
		s, err := Folder(dir, put(t, filepath.Join(t.TempDir(), "labels.csv"), labels), 0)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var have []string
		for i := range s.Len() {
			have = append(have, s.Name(i))
			want := []string{"0", "shirt", "2", "3", "4"}[i]
			if label, err := s.Label(i); label != want || err != nil {
				t.Errorf("%s: the label of %s is %q, not %q", name, s.Name(i), label, want)
			}
			p, err := s.Picture(i)
			if i == 2 {
				if err == nil || isLost(err) || !strings.Contains(err.Error(), "c.png") {
					t.Errorf("the broken picture: %v", err)
				}
			} else if err != nil || int(p.Pix[0]) != []int{0, 1, 9, 2, 3}[i] {
				t.Errorf("%s: %v, %v", s.Name(i), p, err)
			}
		}
		if strings.Join(have, " ") != names || len(s.Files) != 6 {
			t.Errorf("%s, files %v", have, s.Files)
		}
	}
	if s, err := Folder(dir, "", 2); err != nil || s.Len() != 2 || len(s.Files) != 2 || s.Labelled() {
		t.Error(err)
	}
	for want, labels := range map[string]string{
		"labels.csv has no label of c.png":                       "B.PNG,0\na.png,1\n",
		"labels.csv: line 4: B.PNG has a label already":          "file,label\n\nB.PNG,0\n./B.PNG,0\n",
		"labels.csv: line 1 has one column; wanted are file,lab": "B.PNG\n",
		"wrong number of fields":                                 "B.PNG,0\na.png,1,2\n",
		"has no label of B.PNG":                                  "",
	} {
		if _, err := Folder(dir, put(t, filepath.Join(t.TempDir(), "labels.csv"), labels), 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	if _, err := Folder(filepath.Join(dir, "gone"), "", 0); !os.IsNotExist(err) {
		t.Error(err)
	}
	if _, err := Folder(t.TempDir(), "", 0); err == nil || !strings.Contains(err.Error(), "holds no file that ends in .png, .jpg") {
		t.Error(err)
	}
	pipe := filepath.Join(dir, "p.png")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(dir, "", 0); err == nil || !strings.Contains(err.Error(), "p.png is not a regular file") {
		t.Error(err)
	}
}

// A picture that is removed or replaced after its set was opened is lost, and not taken for what it was.
func TestChangedPicture(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.png"), dot(t, 1))
	put(t, filepath.Join(dir, "b.png"), dot(t, 1))
	s, err := Folder(dir, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "a.png"), dot(t, 2))
	if _, err := s.Picture(0); !isLost(err) || !strings.Contains(err.Error(), "a.png was changed while the set was read") {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, "b.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Picture(1); !isLost(err) || !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}
