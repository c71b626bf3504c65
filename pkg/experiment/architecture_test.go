package experiment

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What docs/architecture.md names is there: files and folders, and exported names
// of the packages.
func TestArchitecturePage(t *testing.T) {
	const root = "../.."
	page, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]string{}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders[entry.Name()] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	paths, names := 0, 0
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(string(page), -1) {
		named := match[1]
		folder, name, qualified := strings.Cut(named, ".")
		switch {
		case strings.Contains(named, "/"):
			paths++
			if _, err := os.Stat(filepath.Join(root, named)); err != nil {
				t.Errorf("%s is not there", named)
			}
		case qualified && folders[folder] != "" && ast.IsExported(name):
			names++
			if !exports(t, folders[folder], name) {
				t.Errorf("package %s has no %s", folder, name)
			}
		}
	}
	if paths < 25 || names < 12 {
		t.Errorf("only %d paths and %d names are found: the test says little", paths, names)
	}
}

// exports reports whether the package in a folder declares the name.
func exports(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range tree.Decls {
			switch d := declared.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == name {
					return true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.Name == name {
						return true
					}
				}
			}
		}
	}
	return false
}
