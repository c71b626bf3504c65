package family

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of docs/parity.md")

const (
	parityPage    = "../../../../docs/parity.md"
	classesOpens  = "<!-- classes: written by go test -->\n"
	classesCloses = "<!-- end of classes -->"
)

// measured are the columns of the page, in order.
var measured = []string{"scores", "attention", "hidden", "logits"}

// classOf is the class of transformers that a reference was written by, and its model_type.
func classOf(t *testing.T, folder string) (class, model string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Architectures []string `json:"architectures"`
		ModelType     string   `json:"model_type"`
	}
	if err := json.Unmarshal(raw, &config); err != nil || len(config.Architectures) != 1 {
		t.Fatalf("%s: %v, %q", folder, err, config.Architectures)
	}
	return config.Architectures[0], config.ModelType
}

// The page names every reference, by the class that wrote it, and no difference beyond the
// tolerance. With -update it is written from what is found in all layouts.
func TestParityPage(t *testing.T) {
	raw, err := os.ReadFile(parityPage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), classesOpens)
	table, after, closed := strings.Cut(rest, classesCloses)
	if !ok || !closed {
		t.Fatalf("%s has no table between %q and %q", parityPage, classesOpens, classesCloses)
	}
	if *update {
		table = parityTable(t)
		if err := os.WriteFile(parityPage, []byte(before+classesOpens+table+classesCloses+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var want, have []string
	for _, folder := range references(t) {
		class, model := classOf(t, folder)
		want = append(want, strings.Join([]string{filepath.Base(folder), class, model}, " "))
	}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 3+len(measured) {
			t.Fatalf("the row %q has %d cells", line, len(cells))
		}
		have = append(have, strings.Join(cells[:3], " "))
		for i, cell := range cells[3:] {
			if off, err := strconv.ParseFloat(cell, 64); cell != "–" && (err != nil || !(off <= tolerance)) {
				t.Errorf("%s: %s of %s differ by %s, %v", parityPage, measured[i], cells[0], cell, err)
			}
		}
	}
	if !slices.Equal(have, want) {
		t.Errorf("%s has the rows\n%s\nnot\n%s\nwrite it by go test ./pkg/model/transformer/family -run TestParityPage -update", parityPage, strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

// parityTable measures every reference in every layout.
func parityTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| checkpoint | class | model_type | scores | attention | hidden states | logits |\n|---|---|---|---|---|---|---|\n")
	for _, folder := range references(t) {
		r, worst := readReference(t, folder), map[string]float64{}
		dirs := []string{folder}
		for _, l := range layouts() {
			dirs = append(dirs, l.write(t, folder))
		}
		for _, dir := range dirs {
			for name, off := range r.differences(t, dir) {
				worst[name] = max(worst[name], off)
			}
		}
		class, model := classOf(t, folder)
		fmt.Fprintf(&b, "| %s | %s | %s |", filepath.Base(folder), class, model)
		for _, name := range measured {
			if off, there := worst[name]; there {
				fmt.Fprintf(&b, " %.1e |", off)
			} else {
				b.WriteString(" – |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
