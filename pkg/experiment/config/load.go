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
// belongs in a file of its own.
const maxBytes = 1 << 20

// Load reads a configuration file and applies sets, each "path=value" as given
// to --set, in order. It returns every problem at once; the configuration is nil
// if there is any. Relative paths in the file are relative to it, those in sets
// to the working directory.
//
// A set displaces what the file gives in its place: one input another, a text's
// string its file, select layers and heads, and the reverse. Keys of the file
// that do not apply with a set solver.method or input are dropped. Two sets that
// contradict each other are a problem.
func Load(file string, sets []string) (*Config, Problems) {
	dir := filepath.Dir(file)
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return nil, Problems{{Source: file, Found: "is a directory", Fix: "name the configuration file in it"}}
	case err == nil && !info.Mode().IsRegular():
		dir = "" // a pipe, as of the shell's <(…), is nowhere
	}
	written, err := bounded.ReadFile(file, maxBytes)
	if err != nil {
		return nil, Problems{unreadable(file, err)}
	}
	return read(written, file, dir, sets)
}

// Read is Load for a configuration that is not a file, such as standard input.
// Problems call it name; relative paths in it are relative to dir.
func Read(from io.Reader, name, dir string, sets []string) (*Config, Problems) {
	written, err := bounded.Read(from, name, maxBytes)
	if err != nil {
		return nil, Problems{unreadable(name, err)}
	}
	return read(written, name, dir, sets)
}

func read(written []byte, name, dir string, sets []string) (*Config, Problems) {
	file := &source{name: name, dir: dir, inFile: true}
	root, problem := parse(written, file)
	if problem != nil {
		return nil, Problems{*problem}
	}
	r := newReader(file)
	inputOfFile := inputIn(root)
	for i, set := range sets {
		r.set(root, set, i)
	}
	r.displace(root, inputOfFile)
	return r.finish(root)
}

func unreadable(name string, err error) Problem {
	var large *bounded.TooLarge
	switch {
	case errors.As(err, &large):
		return Problem{Source: name, Found: fmt.Sprintf("is larger than %d KiB", maxBytes>>10), Fix: "move a long text to a file of its own (input.text.file)"}
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

// parse makes a tree of the one document in a configuration file. What it
// returns is a mapping.
func parse(written []byte, file *source) (*yaml.Node, *Problem) {
	if p := unparsable(written); p != nil {
		p.Source = file.name
		return nil, p
	}
	loader, err := yaml.NewLoader(bytes.NewReader(written))
	if err != nil {
		return nil, syntaxProblem(err, file.name, written)
	}
	var document, second yaml.Node
	switch err := loader.Load(&document); {
	case errors.Is(err, io.EOF), err == nil && len(document.Content) == 0:
		return nil, &Problem{Source: file.name, Found: "is empty", Allowed: "a configuration", Fix: "start with nasim: 1 and input:"}
	case err != nil:
		return nil, syntaxProblem(err, file.name, written)
	}
	switch err := loader.Load(&second); {
	case err == nil:
		return nil, &Problem{Source: file.name, Line: second.Line, Column: max(second.Column, 1),
			Found: "a second document starts here", Allowed: "one configuration in a file", Fix: "remove the line ---, or split the file"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxProblem(err, file.name, written)
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, &Problem{Source: file.name, Found: "is empty", Allowed: "a configuration", Fix: "start with nasim: 1 and input:"}
	}
	if root.Kind != yaml.MappingNode {
		p := &Problem{Source: file.name, Line: root.Line, Column: root.Column,
			Found: describe(root) + " is not a configuration", Allowed: "keys and values, such as nasim: 1"}
		p.mendSpaces(root.Value)
		return nil, p
	}
	return root, nil
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
