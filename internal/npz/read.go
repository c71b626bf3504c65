package npz

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
)

// Array describes one array of a file.
type Array struct {
	Name  string
	Shape []int  // empty for a scalar
	DType string // NumPy's name of the element type, "<f8"
}

// File is an open .npz or .npy file. Several goroutines may read from it at a
// time.
type File struct {
	path    string
	source  io.ReaderAt
	closer  io.Closer
	names   []string
	members map[string]member
}

// member is one array's stream of bytes.
type member struct {
	open func() (io.ReadCloser, error)
	size int64 // of the whole member, header included
	most int64 // what size can be at most, judged by the bytes on disk
}

// deflateRatio is the most that deflate can expand: a run of 258 bytes from
// two bits (RFC 1951), rounded up.
const deflateRatio = 1032

// Open opens a .npz or .npy file. The name of the array in a .npy file is the
// file's, without its folder and extension.
func Open(path string) (*File, error) {
	file, err := bounded.Open(path)
	if err != nil {
		return nil, fmt.Errorf("npz: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("npz: %s: %w", path, err)
	}
	f, err := read(path, file, info.Size(), file)
	if err != nil {
		file.Close()
	}
	return f, err
}

// Read is Open for the contents of a file, which must not change; path is for
// messages and names. What it returns need not be closed.
func Read(path string, contents []byte) (*File, error) {
	return read(path, bytes.NewReader(contents), int64(len(contents)), io.NopCloser(nil))
}

func read(path string, source io.ReaderAt, size int64, closer io.Closer) (*File, error) {
	f := &File{path: path, source: source, closer: closer, members: map[string]member{}}
	if err := f.directory(size); err != nil {
		return nil, fmt.Errorf("npz: %s: %w", path, err)
	}
	return f, nil
}

// Close closes the file.
func (f *File) Close() error { return f.closer.Close() }

// Names returns the arrays' names, in the order of the file.
func (f *File) Names() []string { return slices.Clone(f.names) }

// directory finds out what kind of file it is, and what arrays it holds.
func (f *File) directory(size int64) error {
	start := make([]byte, len(magic))
	n, err := f.source.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return err
	}
	if string(start[:n]) == magic {
		base := filepath.Base(f.path)
		f.add(strings.TrimSuffix(base, filepath.Ext(base)), member{size: size, most: size, open: func() (io.ReadCloser, error) {
			return io.NopCloser(io.NewSectionReader(f.source, 0, size)), nil
		}})
		return nil
	}
	if n < 2 || string(start[:2]) != "PK" {
		return fmt.Errorf("starts with %q: neither a .npz archive nor a .npy array", start[:n])
	}
	archive, err := zip.NewReader(f.source, size)
	if err != nil {
		return fmt.Errorf("the .npz archive is damaged or cut off: %w", err)
	}
	for _, z := range archive.File {
		name, isArray := strings.CutSuffix(z.Name, ".npy")
		if !isArray {
			continue // NumPy, too, leaves other members alone
		}
		if _, taken := f.members[name]; taken {
			return fmt.Errorf("two members are called %q", z.Name)
		}
		f.add(name, member{size: clamped(z.UncompressedSize64), most: largest(z, size), open: z.Open})
	}
	return nil
}

func (f *File) add(name string, m member) {
	f.names = append(f.names, name)
	f.members[name] = m
}

// largest bounds a member's size by the bytes that the archive has for it.
func largest(z *zip.File, archiveSize int64) int64 {
	stored := min(clamped(z.CompressedSize64), archiveSize)
	if z.Method == zip.Store {
		return stored
	}
	return clamped(uint64(stored) * deflateRatio)
}

func clamped(size uint64) int64 { return int64(min(size, 1<<62)) }

// Array returns the description of an array without reading its elements.
func (f *File) Array(name string) (Array, error) {
	a := Array{Name: name}
	err := f.visit(name, func(r io.Reader, h header, _ int64) error {
		a.Shape, a.DType = h.shape, h.descr
		return nil
	})
	return a, err
}

// visit opens an array, reads its header, and hands over the rest of the
// stream with its length in bytes. Errors get file and array added.
func (f *File) visit(name string, read func(r io.Reader, h header, left int64) error) error {
	m, ok := f.members[name]
	if !ok {
		return fmt.Errorf("npz: %s: no array %q; the file holds %s", f.path, name, listed(f.names))
	}
	err := func() error {
		if m.size > m.most {
			return fmt.Errorf("claims %d bytes, the file has room for %d", m.size, m.most)
		}
		r, err := m.open()
		if err != nil {
			return err
		}
		defer r.Close()
		h, err := readHeader(r)
		if err != nil {
			return err
		}
		return read(r, h, m.size-int64(h.bytes))
	}()
	if err != nil {
		return fmt.Errorf("npz: %s: array %q: %w", f.path, name, err)
	}
	return nil
}

func listed(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "no arrays"
	}
	text := strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		text += fmt.Sprintf(" and %d more", len(names)-most)
	}
	return text
}
