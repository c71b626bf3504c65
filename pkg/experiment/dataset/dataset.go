// Package dataset reads sets of texts and of pictures, one input after another as they are asked for, so that a million take the
// memory of one: what is held of each is where it is.
//
//	set, err := dataset.Texts("corpus.txt", dataset.ByLine, 200)
//	defer set.Close()
//	for i := range set.Len() {
//		text, err := set.Text(i)
//	}
package dataset

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// A Set is inputs to a model. It may be read by several goroutines at once.
type Set struct {
	Files []File // all that was read, or will be

	length  int
	name    func(i int) string
	text    func(i int) (string, error)
	picture func(i int) (*picture.Picture, error)
	label   func(i int) (string, error)
	held    int // bytes

	document func(i int) int // nil: each input is one
	closers  []io.Closer
}

// File is one of the files of a set.
type File struct {
	Name   string // below the folder that was named
	SHA256 string
}

// labelFile is a file of labels, which may have the name of one of inputs.
func labelFile(path, sum string) File { return File{"labels:" + filepath.Base(path), sum} }

// Lost is the error of an input that was there when its set was opened, and can no longer be read. That is no property of the
// input, as a damaged picture is: the next try may go well.
type Lost struct{ Err error }

// Error says what was found.
func (l *Lost) Error() string { return l.Err.Error() }

// Unwrap returns it.
func (l *Lost) Unwrap() error { return l.Err }

// Len is the number of inputs.
func (s *Set) Len() int { return s.length }

// Name is what tables call an input.
func (s *Set) Name(i int) string { return s.name(i) }

// Text is an input of a set of texts.
func (s *Set) Text(i int) (string, error) { return s.text(i) }

// Picture is an input of a set of pictures.
func (s *Set) Picture(i int) (*picture.Picture, error) { return s.picture(i) }

// Label is the true class of an input, by number or name, of a set that is [Set.Labelled].
func (s *Set) Label(i int) (string, error) { return s.label(i) }

// Document is the number of the document that an input is a part of: a file of a folder of texts; else each input is one.
func (s *Set) Document(i int) int {
	if s.document == nil {
		return i
	}
	return s.document(i)
}

// Labelled reports whether inputs have labels.
func (s *Set) Labelled() bool { return s.label != nil }

// Held is how many bytes of inputs are held.
func (s *Set) Held() int { return s.held }

// Close closes the files.
func (s *Set) Close() error {
	for _, c := range s.closers {
		c.Close() // only read from
	}
	return nil
}

// limited is how many of n inputs are taken; limit 0 is all.
func limited(n, limit int) int {
	if limit > 0 {
		return min(n, limit)
	}
	return n
}

// listing lists a folder's files of the given extensions, sorted by name, with those of folders within; hidden ones are left out.
func listing(dir string, extensions []string) ([]string, error) {
	root, err := filepath.EvalSymlinks(dir) // a link is not walked into
	if err != nil {
		return nil, err
	}
	var names []string
	err = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := path != root && strings.HasPrefix(entry.Name(), ".")
		switch {
		case entry.IsDir() && hidden:
			return filepath.SkipDir
		case entry.IsDir() || hidden || !slices.Contains(extensions, strings.ToLower(filepath.Ext(path))):
			return nil
		}
		name, err := filepath.Rel(root, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	slices.Sort(names)
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s holds no file that ends in %s", dir, strings.Join(extensions, ", "))
	}
	return names, err
}

// sumOf is the SHA-256 of a regular file.
func sumOf(path string) (string, error) {
	f, err := regular(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read from
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// regular opens a regular file: what is read again and again cannot be a pipe.
func regular(path string) (*os.File, error) {
	f, err := bounded.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
