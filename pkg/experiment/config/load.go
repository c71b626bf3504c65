package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/nasim-sim/nasim/internal/bounded"
)

// maxBytes is the most that a configuration may hold; a text longer than that
// belongs in a file of its own. maxFile is the most of a file of several.
const (
	maxBytes = 1 << 20
	maxFile  = 16 << 20
)

// A Document is one configuration of a file, which may hold several as YAML
// documents: between them there is a line ---.
type Document struct {
	Name     string  // the file's and, where it holds several, which of them
	Config   *Config // nil if there are problems
	Problems Problems

	start place // of the document in the file; its line is 0 where it cannot be parsed
}

// LoadAll reads the configurations in a file, each with the sets, every one of them
// "path=value" as given to --set, in order. Of each it returns every problem at once.
// Documents that are empty are left out, if not all are. Relative paths in the file
// are relative to it, those in sets to the working directory.
//
// A set displaces what the file gives in its place: one input another, a text's
// string its file, select layers and heads, and the reverse. Keys of the file
// that do not apply with what is set are dropped, as are its record.variables that
// a set network has not. Two sets that contradict each other are a problem.
func LoadAll(file string, sets []string) []Document {
	dir := filepath.Dir(file)
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return refused(Problem{Source: file, Found: "is a directory", Fix: "name the configuration file in it"})
	case err == nil && !info.Mode().IsRegular():
		dir = "" // a pipe, as of the shell's <(…), is nowhere
	}
	written, err := bounded.ReadFile(file, maxFile)
	if err != nil {
		return refused(unreadable(file, err))
	}
	return read(written, file, dir, sets)
}

// ReadAll is LoadAll for what is not a file, such as standard input. Problems call
// it name; relative paths in it are relative to dir.
func ReadAll(from io.Reader, name, dir string, sets []string) []Document {
	written, err := bounded.Read(from, name, maxFile)
	if err != nil {
		return refused(unreadable(name, err))
	}
	return read(written, name, dir, sets)
}

// Load is LoadAll for a file that must hold one configuration, nil if there is any
// problem.
func Load(file string, sets []string) (*Config, Problems) { return only(LoadAll(file, sets)) }

// Read is Load for what is not a file.
func Read(from io.Reader, name, dir string, sets []string) (*Config, Problems) {
	return only(ReadAll(from, name, dir, sets))
}

func only(found []Document) (*Config, Problems) {
	if len(found) == 1 {
		return found[0].Config, found[0].Problems
	}
	second := found[1]
	if second.start.line == 0 {
		return nil, second.Problems
	}
	return nil, Problems{{Source: second.start.source, Line: second.start.line, Column: second.start.column,
		Found: "a second document starts here", Allowed: "one configuration in a file", Fix: "remove the line ---, or split the file"}}
}

// refused is a file of which nothing can be read.
func refused(why Problem) []Document {
	return []Document{{Name: why.Source, Problems: Problems{why}}}
}

// read reads the documents of a file, up to one that is not YAML.
func read(written []byte, name, dir string, sets []string) []Document {
	file := &source{name: name, dir: dir, inFile: true}
	documents, problem := parse(written, file)
	var all []Document
	for i, document := range documents {
		start := place{name, 1, 1} // whatever comments come before
		if i > 0 {
			start.line, start.column = document.Line, max(document.Column, 1)
		}
		all = append(all, readDocument(document.Content[0], start, file, sets))
	}
	if problem != nil {
		all = append(all, refused(*problem)...)
	}
	if len(all) > 1 {
		for i := range all {
			all[i].Name = fmt.Sprintf("%s, document %d", name, i+1)
		}
	}
	return all
}

func readDocument(root *yaml.Node, start place, file *source, sets []string) Document {
	d := Document{Name: file.name, start: start}
	if root.Kind != yaml.MappingNode {
		p := Problem{Source: file.name, Line: root.Line, Column: root.Column,
			Found: describe(root) + " is not a configuration", Allowed: "keys and values, such as nasim: 1"}
		p.mendSpaces(root.Value)
		d.Problems = Problems{p}
		return d
	}
	r := newReader(file, start)
	inputOfFile := inputIn(root)
	for i, set := range sets {
		r.set(root, set, i)
	}
	r.displace(root, inputOfFile)
	d.Config, d.Problems = r.finish(root)
	return d
}

func unreadable(name string, err error) Problem {
	var large *bounded.TooLarge
	switch {
	case errors.As(err, &large):
		return Problem{Source: name, Found: fmt.Sprintf("is larger than %d MiB", maxFile>>20), Fix: "split it into several files"}
	case errors.Is(err, bounded.ErrSilent):
		return Problem{Source: name, Found: bounded.ErrSilent.Error(), Fix: "name a configuration file"}
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	p := Problem{Source: name, Found: "cannot be read: " + err.Error()}
	if errors.Is(err, os.ErrNotExist) {
		p.Found, p.Fix = "there is no such file", "check the path"
		if near := nearFiles(name); near != nil {
			p.Fix = "did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	return p
}

// nearFiles lists the configuration files beside one that is not there whose
// names, but for the extension, are the same or come near.
func nearFiles(file string) []string {
	dir, base := filepath.Split(file)
	entries, err := os.ReadDir(filepath.Clean(dir))
	if err != nil {
		return nil
	}
	stem := func(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }
	var names, stems []string
	for _, entry := range entries {
		if extension := filepath.Ext(entry.Name()); extension == ".yaml" || extension == ".yml" {
			names = append(names, entry.Name())
			stems = append(stems, stem(entry.Name()))
		}
	}
	near := nearest(stem(base), stems)
	var files []string
	for i, name := range names {
		if slices.Contains(near, stems[i]) {
			files = append(files, dir+name)
		}
	}
	return files
}

// source is where a value comes from: the file, or one --set.
type source struct {
	name   string
	dir    string // what relative paths are relative to
	inFile bool   // lines and columns mean something
	order  int    // of a --set
}

// parse makes trees of the documents in a configuration file that are not empty. The
// problem is that of the first that is not YAML, or that of a file with no other.
func parse(written []byte, file *source) (documents []*yaml.Node, problem *Problem) {
	if p := unparsable(written); p != nil {
		p.Source = file.name
		return nil, p
	}
	for part := range bytes.SplitSeq(written, []byte("\n---")) { // if not all begin a document, these are no longer
		if len(part) > maxBytes {
			return nil, &Problem{Source: file.name, Found: fmt.Sprintf("is larger than %d KiB", maxBytes>>10), Fix: "move a long text to a file of its own (input.text.file)"}
		}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(written))
	if err != nil {
		return nil, syntaxProblem(err, file.name, written)
	}
	for {
		document := new(yaml.Node)
		switch err := loader.Load(document); {
		case err == nil && !isEmpty(document):
			documents = append(documents, document)
		case err == nil:
		case !errors.Is(err, io.EOF):
			return documents, syntaxProblem(err, file.name, written)
		case documents == nil:
			return nil, &Problem{Source: file.name, Found: "is empty", Allowed: "a configuration", Fix: "start with nasim: 1 and input:"}
		default:
			return documents, nil
		}
	}
}

// isEmpty reports whether a document holds nothing, or comments alone.
func isEmpty(document *yaml.Node) bool {
	return len(document.Content) == 0 || document.Content[0].Kind == yaml.ScalarNode && document.Content[0].Tag == "!!null"
}

// unparsable finds what no YAML parser should be given.
func unparsable(written []byte) *Problem {
	if bytes.HasPrefix(written, []byte("\xff\xfe")) || bytes.HasPrefix(written, []byte("\xfe\xff")) {
		return &Problem{Found: "is in UTF-16", Allowed: "UTF-8", Fix: "save it as UTF-8"}
	}
	for line, text := range bytes.Split(written, []byte("\n")) {
		for column, rest := 1, text; len(rest) > 0; column++ {
			r, size := utf8.DecodeRune(rest)
			at := &Problem{Line: line + 1, Column: column}
			switch {
			case r == utf8.RuneError && size == 1:
				at.Found, at.Allowed, at.Fix = fmt.Sprintf("the byte 0x%02X is not UTF-8", rest[0]), "UTF-8", "save the file as UTF-8"
				return at
			case r < ' ' && r != '\t' && r != '\r', r == 0x7f:
				at.Found, at.Allowed = fmt.Sprintf("a control character (U+%04X)", r), "text"
				return at
			}
			rest = rest[size:]
		}
	}
	return nil
}

// syntaxProblem puts a YAML parser's complaint in our form. Only the first error
// of syntax can be known.
func syntaxProblem(err error, name string, written []byte) *Problem {
	p := &Problem{Source: name, Found: "not YAML: " + err.Error()}
	var parsing *yaml.LoadError
	if !errors.As(err, &parsing) {
		return p
	}
	p.Line, p.Column = parsing.Mark.Line, parsing.Mark.Column
	p.Found = "not YAML: " + strings.TrimPrefix(parsing.Message, "yaml: ")
	if parsing.ContextMsg != "" {
		p.Found += " " + parsing.ContextMsg
		if parsing.ContextMark.Line > 0 && parsing.ContextMark.Line != p.Line {
			p.Found += fmt.Sprintf(" (which starts on line %d)", parsing.ContextMark.Line)
		}
	}
	lines := strings.Split(string(written), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return p
	}
	line := lines[p.Line-1]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		p.Column = strings.IndexByte(line, '\t') + 1
		p.Found, p.Fix = "a tab in the indentation", "indent with spaces"
	case strings.Contains(parsing.Message, "unknown anchor"):
		p.Found, p.Fix = "an alias", "write the value out"
		p.Allowed = "no anchors (&) and aliases (*)"
	case strings.Contains(parsing.Message, "mapping values are not allowed"):
		p.Found, p.Fix = "a second “key:” where a value was expected", "check the indentation, or put the value in quotes"
	}
	p.mendSpaces(strings.Join(lines[max(p.Line-2, 0):p.Line], "\n")) // what is wrong with a line may show on the next
	return p
}

// mendSpaces puts forward, where the text at fault holds a character that looks
// like a space or like nothing, that it be replaced: YAML takes it for a letter.
func (p *Problem) mendSpaces(text string) {
	at := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII && (unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)) })
	if at < 0 {
		return
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	name := "which looks like a space or like nothing"
	if r == '\u00a0' {
		name = "a no-break space"
	}
	p.Fix = fmt.Sprintf("there is a U+%04X, %s, which YAML takes for a letter; write a plain space, or leave it out", r, name)
}
