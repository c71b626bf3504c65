package dataset

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// mostPicture is the size of the largest file of a picture, in bytes.
const mostPicture = 256 << 20

// extensions are those of the pictures that can be read.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

// Folder reads the pictures of a folder, in the order of their names. labels is a CSV file with a column of names (file) and one of
// classes (label), or "".
func Folder(dir, labels string, limit int) (*Set, error) {
	names, err := listing(dir, extensions)
	if err != nil {
		return nil, err
	}
	names = names[:limited(len(names), limit)]
	s := &Set{length: len(names), name: func(i int) string { return names[i] }}
	for _, name := range names {
		sum, err := sumOf(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		s.Files = append(s.Files, File{name, sum})
	}
	s.picture = func(i int) (*picture.Picture, error) {
		path := filepath.Join(dir, filepath.FromSlash(names[i]))
		raw, err := bounded.ReadFile(path, mostPicture)
		if err != nil {
			return nil, err
		}
		return picture.Decode(path, raw)
	}
	if labels == "" {
		return s, nil
	}
	of, err := readLabels(labels)
	if err != nil {
		return nil, err
	}
	sum, err := sumOf(labels)
	if err != nil {
		return nil, err
	}
	s.Files = append(s.Files, File{filepath.Base(labels), sum})
	for _, name := range names {
		if _, ok := of[name]; !ok {
			return nil, fmt.Errorf("%s has no label of %s", labels, name)
		}
	}
	s.label = func(i int) (string, bool) { return of[names[i]], true }
	return s, nil
}

// readLabels reads a CSV file of names and classes.
func readLabels(path string) (map[string]string, error) {
	raw, err := bounded.ReadFile(path, mostPicture)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file, label := 0, 1
	of := map[string]string{}
	for i, row := range rows {
		if len(row) < 2 {
			return nil, fmt.Errorf("%s: line %d has one column; wanted are file,label", path, i+1)
		}
		if i == 0 {
			known := 0
			for j, column := range row {
				switch strings.ToLower(strings.TrimSpace(column)) {
				case "file", "name", "image", "filename":
					file, known = j, known+1
				case "label", "class":
					label, known = j, known+1
				}
			}
			if known == 2 {
				continue
			}
			file, label = 0, 1
		}
		name := filepath.ToSlash(strings.TrimSpace(row[file]))
		if _, twice := of[name]; twice {
			return nil, fmt.Errorf("%s: %s has two labels", path, name)
		}
		of[name] = strings.TrimSpace(row[label])
	}
	return of, nil
}

// IDX reads the pictures of an IDX file, the format of MNIST: bytes, pictures × rows × columns, compressed by gzip or not. labels is a
// file of as many bytes, or "".
func IDX(path, labels string, limit int) (*Set, error) {
	s := &Set{}
	pixels, shape, err := s.openIDX(path, 3)
	if err != nil {
		s.Close()
		return nil, err
	}
	s.length = limited(shape[0], limit)
	rows, columns := shape[1], shape[2]
	start := int64(16)
	s.name = func(i int) string { return strconv.Itoa(i) }
	s.picture = func(i int) (*picture.Picture, error) {
		p := &picture.Picture{Width: columns, Height: rows, Channels: 1, Pix: make([]uint8, rows*columns)}
		_, err := pixels.ReadAt(p.Pix, start+int64(i)*int64(rows*columns))
		return p, err
	}
	if labels == "" {
		return s, nil
	}
	classes, of, err := s.openIDX(labels, 1)
	if err == nil && of[0] < s.length {
		err = fmt.Errorf("%s has %d labels for %d pictures", labels, of[0], shape[0])
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.label = func(i int) (string, bool) {
		var class [1]byte
		_, err := classes.ReadAt(class[:], 8+int64(i))
		return strconv.Itoa(int(class[0])), err == nil
	}
	return s, nil
}

// openIDX opens a file of bytes with so many axes. One that is compressed is written out to a file that has no name.
func (s *Set) openIDX(path string, axes int) (io.ReaderAt, []int, error) {
	sum, err := sumOf(path)
	if err != nil {
		return nil, nil, err
	}
	s.Files = append(s.Files, File{filepath.Base(path), sum})
	f, err := regular(path)
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, f)
	var magic [2]byte
	if _, err := f.ReadAt(magic[:], 0); err == nil && magic == [2]byte{0x1f, 0x8b} {
		if f, err = s.unzipped(path, f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	head := make([]byte, 4+4*axes)
	if _, err := f.ReadAt(head, 0); err != nil || head[0] != 0 || head[1] != 0 || head[2] != 8 || int(head[3]) != axes {
		return nil, nil, fmt.Errorf("%s is not an IDX file of bytes with %d axes, as MNIST's are; its first bytes are % x", path, axes, head[:4])
	}
	size, shape := int64(1), make([]int, axes)
	for i := range shape {
		at := head[4+4*i:]
		shape[i] = int(at[0])<<24 | int(at[1])<<16 | int(at[2])<<8 | int(at[3])
		size *= int64(max(shape[i], 1))
		if shape[i] == 0 || size > 1<<40 {
			return nil, nil, fmt.Errorf("%s says its shape is %v", path, shape[:i+1])
		}
	}
	info, err := f.Stat()
	if err == nil && info.Size() != int64(len(head))+size {
		err = fmt.Errorf("%s says its shape is %v, which is %d bytes, and %d follow; it is cut off or damaged", path, shape, size, info.Size()-int64(len(head)))
	}
	return f, shape, err
}

// unzipped is what a compressed file holds, for reading at any place.
func (s *Set) unzipped(path string, from io.Reader) (*os.File, error) {
	z, err := gzip.NewReader(bufio.NewReader(from))
	if err != nil {
		return nil, err
	}
	to, err := os.CreateTemp("", "nasim-"+filepath.Base(path)+"-*")
	if err != nil {
		return nil, err
	}
	s.closers = append(s.closers, to)
	os.Remove(to.Name()) // it goes when it is closed
	const most = 1 << 36
	n, err := io.Copy(to, io.LimitReader(z, most+1))
	if err == nil && n > most {
		err = errors.New("it unpacks to more than 64 GiB")
	}
	return to, err
}

// NPZ reads the pictures of a NumPy file: an array of uint8, images [I, rows, columns] or [I, rows, columns, 1 or 3], and labels [I]
// where there is one. The array is held.
func NPZ(path string, limit int) (*Set, error) {
	sum, err := sumOf(path)
	if err != nil {
		return nil, err
	}
	f, err := npz.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &Set{Files: []File{{filepath.Base(path), sum}}, name: strconv.Itoa}
	var labels []int64
	var pixels []uint8
	var shape []int
	for _, name := range f.Names() {
		switch name {
		case "images":
			pixels, shape, err = f.Uint8(name)
		case "labels":
			labels, _, err = f.Int64(name)
		}
		if err != nil {
			return nil, err
		}
	}
	channels := 1
	if len(shape) == 4 {
		channels = shape[3]
	}
	if len(shape) != 3 && len(shape) != 4 || channels != 1 && channels != 3 || len(pixels) == 0 {
		return nil, fmt.Errorf("%s holds %s, images of shape %v; wanted are images [I, rows, columns] or [I, rows, columns, 3] of uint8", path, strings.Join(f.Names(), ", "), shape)
	}
	if err := memory.Needed(path, float64(len(pixels))); err != nil {
		return nil, err
	}
	s.length = limited(shape[0], limit)
	size := shape[1] * shape[2] * channels
	s.picture = func(i int) (*picture.Picture, error) {
		return &picture.Picture{Width: shape[2], Height: shape[1], Channels: channels, Pix: pixels[i*size : (i+1)*size]}, nil
	}
	if labels != nil {
		if len(labels) != shape[0] {
			return nil, fmt.Errorf("%s has %d labels for %d pictures", path, len(labels), shape[0])
		}
		s.label = func(i int) (string, bool) { return strconv.FormatInt(labels[i], 10), true }
	}
	return s, nil
}
