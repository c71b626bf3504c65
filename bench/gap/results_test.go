package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

// The page has a place for what is found here.
func TestPage(t *testing.T) {
	if err := page.Check("../../docs/learned.md", blockName); err != nil {
		t.Error(err)
	}
}

// A row has the errors of the heads that were tried, and the mean ratio over these.
func TestTable(t *testing.T) {
	lines := []string{
		`{"model": "a", "head": "0:1", "form": "positive", "synapses": 5000, "share": 1, "steps": 10, "seed": 1, "held": 0.4}`,
		`{"model": "a", "head": "1:1", "form": "positive", "synapses": 5000, "share": 1, "steps": 10, "seed": 1, "held": 0.1}`,
		`{"model": "a", "head": "0:1", "form": "pool", "synapses": 5000, "share": 1, "steps": 10, "seed": 1, "held": 0.8}`,
		`{"model": "a", "head": "1:1", "form": "pool", "synapses": 5000, "share": 1, "steps": 10, "seed": 1, "held": 0.2}`,
		`{"model": "a", "head": "1:1", "form": "positive", "synapses": 5000, "share": 0.5, "steps": 10, "seed": 1, "held": 0.2}`,
		`{"model": "a", "head": "0:1", "form": "positive", "synapses": 5000, "share": 1, "steps": 30, "seed": 1, "held": 0.2}`,
		`{"model": "a", "head": "0:1", "form": "pool", "synapses": 5000, "share": 1, "steps": 30, "seed": 1, "held": 0.3}`,
	}
	file := filepath.Join(t.TempDir(), "gap.jsonl")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	got := table(found)
	for _, want := range []string{
		"10 steps", "| synapses | hidden layer | a 0:1 | a 1:1 | of the positive one's |",
		"| 5000 | positive | 0.400 | 0.100 | 1.00 |",
		"| 5000 | shared inhibition | 0.800 | 0.200 | 2.00 |",
		"| 5000 | half of the text | | 0.200 | 2.00 |",
		"| 5000, 30 steps | shared inhibition | 0.300 | | 1.50 |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "push") {
		t.Errorf("a form that was not tried is in\n%s", got)
	}
	if err := drawFigure(found, filepath.Join(t.TempDir(), "gap.png")); err != nil {
		t.Error(err)
	}
}
