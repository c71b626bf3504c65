package portable

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modulePath = "github.com/nasim-sim/nasim/"
	moduleRoot = "../../"
)

// exempt are files that make none of a run's numbers: figures, the fitting of maps, estimates of time
// and memory, and the number of digits in a printed table.
var exempt = []string{"pkg/plotting/", "pkg/experiment/estimate.go", "pkg/experiment/estimate_set.go", "pkg/fit/", "pkg/compare/table.go"}

func isExempt(file string) bool {
	return slices.ContainsFunc(exempt, func(part string) bool { return strings.Contains(filepath.ToSlash(file), part) })
}

// source is Go source with its types.
type source struct {
	set   *token.FileSet
	info  *types.Info
	files []*ast.File

	processor build.Context
	others    types.Importer
	ours      map[string]*types.Package
}

func newSource(processor string, others types.Importer) *source {
	s := &source{set: token.NewFileSet(), processor: build.Default, others: others, ours: map[string]*types.Package{}, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
	}}
	s.processor.GOARCH = processor
	return s
}

// numbers is the source of the packages whose results reach a run directory's
// numbers: pkg/experiment and what it imports of this module.
func numbers(t *testing.T, processor string) *source {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}}", modulePath+"pkg/experiment")
	list.Stderr = os.Stderr
	listed, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]string{}
	for line := range strings.Lines(string(listed)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		compiled[path] = file
	}
	others := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) })
	s := newSource(processor, others)
	if _, err := s.Import(modulePath + "pkg/experiment"); err != nil {
		t.Fatal(err)
	}
	if len(s.files) < 100 {
		t.Fatalf("only %d files seen", len(s.files))
	}
	return s
}

// Import reads a package, of this module from its source.
func (s *source) Import(path string) (*types.Package, error) {
	inside, ours := strings.CutPrefix(path, modulePath)
	if !ours {
		return s.others.Import(path)
	}
	if p := s.ours[path]; p != nil {
		return p, nil
	}
	names, err := filepath.Glob(moduleRoot + inside + "/*.go")
	if err != nil {
		return nil, err
	}
	texts := map[string]any{}
	for _, name := range names {
		fits, err := s.processor.MatchFile(filepath.Split(name))
		if err != nil {
			return nil, err
		}
		if fits && !strings.HasSuffix(name, "_test.go") {
			texts[name] = nil
		}
	}
	p, err := s.add(path, texts)
	s.ours[path] = p
	return p, err
}

// add reads a package's files, by name, from the texts or else from the disk.
func (s *source) add(path string, texts map[string]any) (*types.Package, error) {
	var files []*ast.File
	for name, text := range texts {
		file, err := parser.ParseFile(s.set, name, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
		if !isExempt(name) {
			s.files = append(s.files, file)
		}
	}
	config := types.Config{Importer: s}
	return config.Check(path, s.set, files, s.info)
}
