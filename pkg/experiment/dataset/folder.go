package dataset

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// mostPicture is the size of the largest file of a picture, in bytes.
const mostPicture = 256 << 20

// extensions are those of the pictures that can be read.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

// Folder reads the pictures of a folder and of the folders within, in the order of their names. labels is a CSV file with a column of
// names (file) and one of classes (label), or "".
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
		var large *bounded.TooLarge
		switch {
		case errors.As(err, &large):
			return nil, err
		case err != nil:
			return nil, &Lost{err}
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != s.Files[i].SHA256 {
			return nil, &Lost{fmt.Errorf("%s was changed while the set was read", path)}
		}
		return picture.Decode(path, raw)
	}
	if labels == "" {
		return s, nil
	}
	sum, err := sumOf(labels)
	if err != nil {
		return nil, err
	}
	s.Files = append(s.Files, labelFile(labels, sum))
	of, err := readLabels(labels)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, ok := of[name]; !ok {
			return nil, fmt.Errorf("%s has no label of %s", labels, name)
		}
	}
	s.label = func(i int) (string, error) { return of[names[i]], nil }
	return s, nil
}

// readLabels reads a CSV file of names and classes. Its first line may name the columns; else they are file,label.
func readLabels(file string) (map[string]string, error) {
	raw, err := bounded.ReadFile(file, mostPicture)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	name, label := 0, 1
	of := map[string]string{}
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return of, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := rows.FieldPos(0)
		if len(row) < 2 {
			return nil, fmt.Errorf("%s: line %d has one column; wanted are file,label", file, line)
		}
		if first {
			if n, l := columnOf(row, "file", "filename", "name", "image"), columnOf(row, "label", "class"); n >= 0 && l >= 0 {
				name, label = n, l
				continue
			}
		}
		key := path.Clean(filepath.ToSlash(strings.TrimSpace(row[name])))
		if _, twice := of[key]; twice {
			return nil, fmt.Errorf("%s: line %d: %s has a label already", file, line, key)
		}
		of[key] = strings.TrimSpace(row[label])
	}
}

// columnOf is the first column that has one of the names, the first name first; −1 for none.
func columnOf(row []string, names ...string) int {
	for _, name := range names {
		for i, column := range row {
			if strings.EqualFold(strings.TrimSpace(column), name) {
				return i
			}
		}
	}
	return -1
}
