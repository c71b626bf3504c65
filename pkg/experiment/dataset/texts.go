package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// How a file is divided into texts.
const (
	ByLine      = "line"      // every line that is not blank
	ByParagraph = "paragraph" // lines that follow each other, up to a blank one
)

// mostText is the length of the longest text, in bytes.
const mostText = 16 << 20

// span is where a text is.
type span struct {
	file   int
	at     int64
	length int
}

// Texts reads the texts of a file, or of a folder's files that end in .txt, in the order of their names. All are looked through once:
// an error names the file and the line of what is not UTF-8.
func Texts(path, split string, limit int) (*Set, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	names, dir := []string{filepath.Base(path)}, filepath.Dir(path)
	if info.IsDir() {
		dir = path
		if names, err = listing(path, []string{".txt"}); err != nil {
			return nil, err
		}
	}
	s := &Set{}
	var files []*os.File
	var spans []span
	for i, name := range names {
		full := filepath.Join(dir, filepath.FromSlash(name))
		sum, err := sumOf(full)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.Files = append(s.Files, File{name, sum})
		f, err := regular(full)
		if err != nil {
			s.Close()
			return nil, err
		}
		s.closers, files = append(s.closers, f), append(files, f)
		err = spansOf(f, split, func(at int64, length int) bool {
			spans = append(spans, span{i, at, length})
			return limit == 0 || len(spans) < limit
		})
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("%s: %w", full, err)
		}
		if limit > 0 && len(spans) == limit {
			break
		}
	}
	if len(spans) == 0 {
		s.Close()
		return nil, fmt.Errorf("%s holds no text", path)
	}
	s.length = len(spans)
	s.text = func(i int) (string, error) {
		raw := make([]byte, spans[i].length)
		if _, err := files[spans[i].file].ReadAt(raw, spans[i].at); err != nil {
			return "", fmt.Errorf("%s: %w; was it changed while it was read?", names[spans[i].file], err)
		}
		return string(raw), nil
	}
	s.name = func(i int) string {
		text, err := s.text(i)
		if err != nil {
			return fmt.Sprintf("text %d", i)
		}
		return strings.Join(strings.Fields(text), " ")
	}
	return s, nil
}

// spansOf finds the texts of a file; found is false when there are enough.
func spansOf(from io.Reader, split string, found func(at int64, length int) bool) error {
	lines := bufio.NewReaderSize(from, 1<<16)
	var at, start int64
	length := 0 // of the paragraph at hand
	for number := 1; ; number++ {
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d %w", number, err)
		}
		if !utf8.Valid(line) {
			return fmt.Errorf("line %d is not UTF-8 text; convert the file, for example with iconv", number)
		}
		text := bytes.TrimRight(line, "\r\n")
		if number == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		blank := len(bytes.TrimSpace(text)) == 0
		first := at + int64(len(line)-len(bytes.TrimLeft(line, "\ufeff"))) // of the text
		end := err != nil
		switch {
		case split == ByLine:
			if !blank && !found(first, len(text)) {
				return nil
			}
		case !blank:
			if length == 0 {
				start = first
			}
			length = int(first-start) + len(text)
		}
		if split == ByParagraph && length > 0 && (blank || end) {
			if !found(start, length) {
				return nil
			}
			length = 0
		}
		at += int64(len(line))
		if end {
			return nil
		}
	}
}

// readLine reads a line with its end, of a bounded length.
func readLine(from *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > mostText:
			return nil, fmt.Errorf("is longer than %d MiB", mostText>>20)
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		}
	}
}
