package config

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestShortPaths: what an ending of a key's path has once named by itself it names for ever: testdata/shortpaths.txt is only
// ever added to. A key that would make one ambiguous is marked Later.
func TestShortPaths(t *testing.T) {
	var lines []string
	for _, k := range keys {
		names := strings.Split(k.Path, ".")
		for i := 1; i < len(names); i++ {
			short := strings.Join(names[i:], ".")
			if full, c := fullPath(short); c == nil && full == k.Path {
				lines = append(lines, short+" "+full)
			}
		}
	}
	slices.Sort(lines)
	raw, err := os.ReadFile("testdata/shortpaths.txt")
	if err != nil {
		t.Fatal(err)
	}
	kept := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	for _, line := range kept {
		if !slices.Contains(lines, line) {
			t.Errorf("%q has been true, and is no longer", line)
		}
	}
	for _, line := range lines {
		if !slices.Contains(kept, line) {
			t.Errorf("new: add the line %q", line)
		}
	}
}
