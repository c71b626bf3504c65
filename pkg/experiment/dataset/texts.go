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
	if info.IsDir() {
		s.document = func(i int) int { return spans[i].file }
	}
	s.text = func(i int) (string, error) {
		raw := make([]byte, spans[i].length)
		if _, err := files[spans[i].file].ReadAt(raw, spans[i].at); err != nil {
			return "", &Lost{fmt.Errorf("%s: %w; was it changed while it was read?", names[spans[i].file], err)}
		}
		return string(raw), nil
	}
	s.name = func(i int) string {
		text, err := s.text(i)
		if err != nil {
			return fmt.Sprintf("text %d", i)
		}
		return beginning(text)
	}
	return s, nil
}

// mostName is how many characters of a text its name has.
const mostName = 200

// beginning is a text on one line, cut off where it is long.
func beginning(text string) string {
	var b strings.Builder
	count := 0
	for word := range strings.FieldsSeq(text) {
		if count > 0 {
			word = " " + word
		}
		for _, r := range word {
			if count++; count > mostName {
				return strings.TrimRight(b.String(), " ") + "…"
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// spansOf finds the texts of a file; found is false when there are enough.
func spansOf(from io.Reader, split string, found func(at int64, length int) bool) error {
	lines := bufio.NewReaderSize(from, 1<<16)
	var at, start, end int64 // of the line; of the paragraph at hand, which is none where end is 0
	for number := 1; ; number++ {
		line, err := readLine(lines)
		last := errors.Is(err, io.EOF)
		switch {
		case err != nil && !last:
			return fmt.Errorf("line %d %w", number, err)
		case !utf8.Valid(line):
			return fmt.Errorf("line %d is not UTF-8 text; convert the file, for example with iconv", number)
		}
		text := bytes.TrimRight(line, "\r\n")
		first := at
		if number == 1 && bytes.HasPrefix(text, byteOrderMark) {
			text, first = text[len(byteOrderMark):], at+int64(len(byteOrderMark))
		}
		blank := len(bytes.TrimSpace(text)) == 0
		at += int64(len(line))
		switch {
		case blank:
		case split == ByLine:
			if !found(first, len(text)) {
				return nil
			}
		default:
			if end == 0 {
				start = first
			}
			if end = first + int64(len(text)); end-start > mostText {
				return fmt.Errorf("line %d is in a paragraph that is longer than %d MiB", number, mostText>>20)
			}
		}
		if end > 0 && (blank || last) {
			if !found(start, int(end-start)) {
				return nil
			}
			end = 0
		}
		if last {
			return nil
		}
	}
}

var byteOrderMark = []byte("\ufeff")

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
