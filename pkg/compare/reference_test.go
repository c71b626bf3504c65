package compare

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/metrics.md anew")

//go:generate go test -run ^TestMetricsPage$ -update .

// docs/metrics.md is the registry as a page.
func TestMetricsPage(t *testing.T) {
	const page = "../../docs/metrics.md"
	want := `# Metrics

What metrics.json, metrics.csv and ` + "`nasim compare`" + ` hold, by name. This page is made from the registry of
pkg/compare; the equations are in [science.md](science.md), section 2. From ` + "`row_sum_min`" + ` on they are those of the
effective attention, and null with ` + "`record.attention: false`" + `.

` + metricsMarkdown()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil || string(have) != want {
		t.Errorf("%s is out of date (%v): run go generate ./pkg/compare", page, err)
	}
}

// metricsMarkdown returns the registry as a Markdown table for the
// documentation.
func metricsMarkdown() string {
	var b strings.Builder
	b.WriteString("| metric | rung | unit | meaning |\n|---|---|---|---|\n")
	for _, m := range Metrics() {
		unit := m.Unit
		if unit == "" {
			unit = "–"
		}
		// A bare | would end the cell.
		text := strings.ReplaceAll(m.Description, "|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, strings.Join(m.Rungs, ", "), unit, text)
	}
	return b.String()
}
