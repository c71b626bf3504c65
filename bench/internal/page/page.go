// Package page writes what the benchmarks measured into a page of the
// documentation, so that none of its tables is copied by hand. A block stands
// between two lines of its own:
//
//	<!-- growth: written by make growth -->
//
//	…
//
//	<!-- end of growth -->
//
// The page has the lines before anything is written to it: where a block stands
// is for the page to say. They stay as they are, with everything outside them.
package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Block is what one benchmark has to say in one place, in Markdown.
type Block struct{ Name, Text string }

// Check reports the first of the named blocks that the file has no place for. A
// benchmark asks before it measures for minutes. No file, "", has all.
func Check(file string, names ...string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, _, err := find(string(text), name); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

// Write replaces the blocks in the file, all or, on any error, none: the new page
// is complete before it takes the old one's place. No file, "", is no error.
func Write(file string, blocks ...Block) error {
	if file == "" {
		return nil
	}
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text := string(old)
	for _, b := range blocks {
		if text, err = replace(text, b); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return overwrite(file, text)
}

// replace puts the block in the place of the text's own.
func replace(text string, b Block) (string, error) {
	from, to, err := find(text, b.Name)
	if err != nil {
		return "", err
	}
	return text[:from] + "\n" + strings.TrimSpace(b.Text) + "\n\n" + text[to:], nil
}

const (
	commentOpens  = "<!-- "
	commentCloses = " -->"
	writtenBy     = ": written by "
	endOf         = "end of "
)

// find returns the offsets between which the named block stands: the end of the
// line that opens it and the start of the line that closes it. Any other block's
// line between them means that one of their own is missing, or out of place.
func find(text, name string) (from, to int, err error) {
	opens, closes := commentOpens+name+writtenBy, commentOpens+endOf+name+commentCloses
	from, to = -1, -1
	at := 0
	for line := range strings.Lines(text) {
		next, line := at+len(line), strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, opens) && strings.HasSuffix(line, commentCloses):
			if from >= 0 {
				return 0, 0, fmt.Errorf("two lines %q: a block has one", opens+"…"+commentCloses)
			}
			from = next
		case line == closes:
			if from < 0 {
				return 0, 0, fmt.Errorf("the line %q has none before it that begins %q", closes, opens)
			}
			if to >= 0 {
				return 0, 0, fmt.Errorf("two lines %q: a block has one", closes)
			}
			to = at
		case from >= 0 && to < 0 && isMarker(line):
			return 0, 0, fmt.Errorf("the line %q stands within block %s, which has no line %q before it", line, name, closes)
		}
		at = next
	}
	switch {
	case from < 0:
		return 0, 0, fmt.Errorf("no line %q, after which block %s would stand", opens+"…"+commentCloses, name)
	case to < 0:
		return 0, 0, fmt.Errorf("no line %q, before which block %s would end", closes, name)
	}
	return from, to, nil
}

// isMarker reports whether a line opens or closes a block.
func isMarker(line string) bool {
	inside, opened := strings.CutPrefix(line, commentOpens)
	return opened && (strings.HasPrefix(inside, endOf) || strings.Contains(inside, writtenBy))
}

// overwrite replaces a file at once.
func overwrite(file, text string) (err error) {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(draft.Name())
		}
	}()
	if _, err = draft.WriteString(text); err != nil {
		draft.Close()
		return err
	}
	if err = draft.Chmod(info.Mode().Perm()); err != nil {
		draft.Close()
		return err
	}
	if err = draft.Close(); err != nil {
		return err
	}
	return os.Rename(draft.Name(), file)
}
