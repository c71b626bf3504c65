package compare

import (
	"fmt"
	"strings"
)

// Table lays the summary out as text: configuration first, then one column for
// each quantity, with its verdict against the first row.
func (s Summary) Table() Table {
	t := Table{Title: "Errors relative to the reference output. " + s.overText()}
	for _, key := range s.Keys {
		t.Header = append(t.Header, shortName(key, s.Keys))
	}
	perHead := len(s.Rows) > 0 && s.Rows[0].Layer != nil
	if perHead {
		t.Header = append(t.Header, "head")
	}
	t.Header = append(t.Header, "runs")
	t.Keys = len(t.Header)
	metrics := make([]Metric, len(s.Columns))
	for i, c := range s.Columns {
		metrics[i], _ = Lookup(c.Metric)
		t.Header = append(t.Header, c.header(metrics[i]))
	}
	verdicts, pooled := map[string]bool{}, false
	for _, row := range s.Rows {
		var line []string
		for _, key := range s.Keys {
			line = append(line, orDash(row.Config[key]))
		}
		if perHead {
			line = append(line, row.head())
		}
		line = append(line, fmt.Sprint(len(row.Runs)))
		for i, c := range row.Cells {
			line = append(line, metrics[i].cell(c))
			verdicts[c.Verdict] = verdicts[c.Verdict] || c.N > 0
			pooled = pooled || c.N > 1
		}
		t.Rows = append(t.Rows, line)
	}
	t.Footnotes = s.footnotes(verdicts, pooled)
	return t
}

func (s Summary) overText() string {
	text := "Mean over heads."
	for _, c := range s.Columns {
		switch c.Over {
		case "head":
			return "One row per head."
		case "worst":
			text = "Mean over heads, or the worst where said."
		}
	}
	return text
}

func (s Summary) footnotes(verdicts map[string]bool, pooled bool) []string {
	var notes []string
	if pooled {
		notes = append(notes, "Median [quartiles] over runs that differ only in their seed.")
	}
	if verdicts[Equal] {
		notes = append(notes, "= equal to the first row's, to 1e-9.")
	}
	if verdicts[NotApart] {
		notes = append(notes, fmt.Sprintf("ns not told from the first row's: p > %g, by Wilcoxon's signed ranks over %d seeds or more in common, else by Mann and Whitney's rank sums over %d or more on each side.",
			significance, testPairs, testSeeds))
	}
	for _, w := range s.Warnings {
		notes = append(notes, "warning: "+w.Text)
	}
	return notes
}

// header names a column in a few characters.
func (c Column) header(m Metric) string {
	name := m.column()
	if c.Over == "worst" {
		name += ", worst"
	}
	return name
}

func orDash(text string) string {
	if strings.TrimSpace(text) == "" {
		return "–"
	}
	return text
}
