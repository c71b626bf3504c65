// Package cases reads the reference numbers of tests that a script wrote as cases,
// arrays CASE/NAME of one .npz.
package cases

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// A Case is one of a file's.
type Case struct {
	Name string
	file *npz.File
}

// Read returns a file's cases by name. A file of fewer than least fails the test: its script has not run to the end.
func Read(t *testing.T, path string, least int) []Case {
	t.Helper()
	file, err := npz.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	found := map[string]Case{}
	for _, array := range file.Names() {
		name, _, _ := strings.Cut(array, "/")
		found[name] = Case{name, file}
	}
	if len(found) < least {
		t.Fatalf("%d cases in %s, not %d: run the script beside it", len(found), path, least)
	}
	var all []Case
	for _, name := range slices.Sorted(maps.Keys(found)) {
		all = append(all, found[name])
	}
	return all
}

// Has reports whether the case has an array.
func (c Case) Has(array string) bool { return slices.Contains(c.file.Names(), c.Name+"/"+array) }

// Floats returns an array of numbers.
func (c Case) Floats(t *testing.T, array string) []float64 {
	t.Helper()
	x, _, err := c.file.Float64(c.Name + "/" + array)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Ints returns an array of whole numbers.
func (c Case) Ints(t *testing.T, array string) []int {
	t.Helper()
	x, _, err := c.file.Int64(c.Name + "/" + array)
	if err != nil {
		t.Fatal(err)
	}
	whole := make([]int, len(x))
	for i, v := range x {
		whole[i] = int(v)
	}
	return whole
}
