package dataset

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// mostIDX bounds what an IDX file may say that it holds, in bytes.
const mostIDX = 1 << 40

// IDX reads the pictures of an IDX file, the format of MNIST: bytes, pictures × rows × columns, compressed by gzip or not. labels is a
// file of as many bytes, or "".
func IDX(path, labels string, limit int) (*Set, error) {
	s := &Set{name: strconv.Itoa}
	pixels, shape, err := s.openIDX(path, 3)
	if err != nil {
		s.Close()
		return nil, err
	}
	rows, columns := shape[1], shape[2]
	s.length = limited(shape[0], limit)
	s.picture = func(i int) (*picture.Picture, error) {
		p := &picture.Picture{Width: columns, Height: rows, Channels: 1, Pix: make([]uint8, rows*columns)}
		if _, err := pixels.ReadAt(p.Pix, headOf(3)+int64(i)*int64(len(p.Pix))); err != nil {
			return nil, &Lost{err}
		}
		return p, nil
	}
	if labels == "" {
		return s, nil
	}
	classes, of, err := s.openIDX(labels, 1)
	if err == nil && of[0] != shape[0] {
		err = fmt.Errorf("%s has %d labels, and %s %d pictures; the two belong to different sets, or one is not whole", labels, of[0], path, shape[0])
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	labelled := &s.Files[len(s.Files)-1]
	*labelled = labelFile(labels, labelled.SHA256)
	s.label = func(i int) (string, error) {
		var class [1]byte
		if _, err := classes.ReadAt(class[:], headOf(1)+int64(i)); err != nil {
			return "", &Lost{err}
		}
		return strconv.Itoa(int(class[0])), nil
	}
	return s, nil
}

// headOf is the length of what comes before the bytes of an array of so many axes.
func headOf(axes int) int64 { return int64(4 + 4*axes) }

// openIDX opens a file of bytes with so many axes. One that is compressed is written out to a file that has no name.
func (s *Set) openIDX(path string, axes int) (of io.ReaderAt, shape []int, err error) {
	f, err := regular(path)
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, f)
	var magic [2]byte
	if _, err := f.ReadAt(magic[:], 0); err == nil && magic == [2]byte{0x1f, 0x8b} {
		of, shape, err = s.unzipped(path, f, axes)
		if err != nil {
			return nil, nil, err
		}
	} else {
		var size int64
		if shape, size, err = readHead(path, f, axes); err != nil {
			return nil, nil, err
		}
		info, err := f.Stat()
		if err == nil {
			err = checkSize(path, shape, size, info.Size()-headOf(axes))
		}
		if err != nil {
			return nil, nil, err
		}
		of = f
	}
	sum, err := sumOf(path)
	s.Files = append(s.Files, File{filepath.Base(path), sum})
	return of, shape, err
}

// readHead reads the axes of an IDX file, and how many bytes they make.
func readHead(path string, from io.Reader, axes int) (shape []int, size int64, err error) {
	head := make([]byte, headOf(axes))
	n, err := io.ReadFull(from, head)
	if err != nil || head[0] != 0 || head[1] != 0 || head[2] != 8 || int(head[3]) != axes {
		return nil, 0, fmt.Errorf("%s is not an IDX file of bytes with %d axes, as MNIST's are; it begins with the bytes [% x]", path, axes, head[:min(n, 4)])
	}
	size, shape = 1, make([]int, axes)
	for i := range shape {
		axis := binary.BigEndian.Uint32(head[4+4*i:])
		shape[i] = int(axis)
		if axis == 0 || int64(axis) > mostIDX/size {
			return nil, 0, fmt.Errorf("%s says its shape is %v, and so holds nothing, or more than can be", path, shape[:i+1])
		}
		size *= int64(axis)
	}
	if size/int64(shape[0]) > mostPicture {
		return nil, 0, fmt.Errorf("%s says its shape is %v, and so that a picture has more pixels than are read", path, shape)
	}
	return shape, size, nil
}

func checkSize(path string, shape []int, size, have int64) error {
	if size == have {
		return nil
	}
	follow := fmt.Sprint(have)
	if have > size {
		follow = "more"
	}
	return fmt.Errorf("%s says its shape is %v, which is %d bytes, and %s follow; it is cut off or damaged", path, shape, size, follow)
}

// unzipped is what a compressed file holds, for reading at any place: no more than its axes say, whatever follows.
func (s *Set) unzipped(path string, from io.Reader, axes int) (io.ReaderAt, []int, error) {
	z, err := gzip.NewReader(bufio.NewReader(from))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	shape, size, err := readHead(path, z, axes)
	if err != nil {
		return nil, nil, err
	}
	to, err := os.CreateTemp("", "nasim-idx-*")
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, to)
	os.Remove(to.Name()) // it goes when it is closed
	if _, err := to.Seek(headOf(axes), io.SeekStart); err != nil {
		return nil, nil, err
	}
	have, err := io.Copy(to, io.LimitReader(z, size+1))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return to, shape, checkSize(path, shape, size, have)
}
