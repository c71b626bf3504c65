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

` + "`remedy`" + ` in metrics.json says what was found to reduce the part that dominates: ` + "`part`, `now`" + ` (its size, mean over heads), and
` + "`trials`" + `, each an ` + "`aim`" + ` (half of now, or 0.05), whether settings were ` + "`found`" + ` that reach it, the ` + "`settings`" + ` (` + "`path`, `text`" + `;
where none was found, the best that were tried), the largest factor of a change that was tried and is ` + "`not_enough`" + `, and what was measured with them and the same seed: ` + "`size`" + ` of what ` + "`of`" + ` names, the part or, where
that goes and the error stays, the dynamics, ` + "`total`" + ` error
and what is ` + "`dominant`" + ` then, ` + "`low` and `high`" + ` of the part over two more seeds. ` + "`search`" + ` is record.remedy, which says
how far is looked; the bounds are counts, so that the bytes are the same everywhere. No trials: even the least would take longer than that; ` + "`cut`" + `: more would. Null where
nothing is sought: ` + "`record.remedy: none`" + `, integration (method exact has none), biased maps.

` + metricsMarkdown() + modelSection()
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
