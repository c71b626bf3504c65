package compare

import (
	"fmt"
	"slices"
	"strings"
)

// keyAttention is the configuration path that says whether a run has its
// effective attention.
const keyAttention = "record.attention"

// Options says how runs are set side by side and printed.
type Options struct {
	By      []string // configuration paths whose values make the rows; nil: those that differ
	PerHead bool     // one row per head instead of mean and worst over heads
	Width   int      // columns of text before a table is broken; 0: 100
}

// Column is one quantity of a Summary. Rung is "last" for the last rung of
// each head.
type Column struct {
	Rung   string `json:"rung"`
	Metric string `json:"metric"`
	Over   string `json:"over"` // "mean" or "worst" over heads, "head" for one head
}

// Cell is a pooled quantity and whether it can be told from the first row's: Differs,
// Equal or NotApart.
type Cell struct {
	Pooled
	Same    bool   `json:"same_as_first_row"` // Equal or NotApart
	Verdict string `json:"against_first_row"`
}

// SummaryRow is one set of values of the differing configuration keys.
type SummaryRow struct {
	Config map[string]string `json:"config"`
	Layer  *int              `json:"layer,omitempty"` // with Options.PerHead
	Head   *int              `json:"head,omitempty"`
	Runs   []string          `json:"runs"`
	Seeds  []string          `json:"seeds"`
	Cells  []Cell            `json:"cells"` // one per column
}

// Summary is several runs side by side.
type Summary struct {
	SchemaVersion int          `json:"schema_version"`
	Keys          []string     `json:"keys"` // configuration paths that make the rows
	Columns       []Column     `json:"columns"`
	Rows          []SummaryRow `json:"rows"`
	Warnings      []Warning    `json:"warnings"`
}

// Summarize sets runs side by side: a row for each set of values of the
// configuration keys that differ (or of Options.By), runs that share a row
// pooled over their seeds. An unknown key in By, or no run, is an error.
func Summarize(runs []Run, opt Options) (Summary, error) {
	if len(runs) == 0 {
		return Summary{}, fmt.Errorf("compare: no complete run given")
	}
	all := keys(runs)
	by := opt.By
	if by == nil {
		by = DifferingKeys(runs)
	}
	for _, key := range by {
		if key != SeedKey && !slices.Contains(all, key) {
			return Summary{}, fmt.Errorf("compare: no run has the configuration key %q; they have %s", key, strings.Join(all, ", "))
		}
	}
	s := Summary{SchemaVersion: SchemaVersion, Keys: by, Warnings: []Warning{}}
	s.Columns = summaryColumns(runs, opt.PerHead)
	if !slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Metric == TVMean }) && runs[0].Settings[keyAttention].Text == "false" {
		s.Warnings = append(s.Warnings, Warning{Code: "attention-not-computed",
			Text: "total variation is left out: the runs have no effective attention (" + keyAttention + ": false)"})
	}
	s.Warnings = append(s.Warnings, aboutInputs(runs)...)
	for _, group := range Grouped(runs, func(r Run) map[string]Setting { return r.Settings }, by) {
		s.Warnings = append(s.Warnings, mixed(group, by)...)
		s.Warnings = append(s.Warnings, heavyTails(group, by)...)
		if opt.PerHead {
			s.Rows = append(s.Rows, headRows(group, by, s.Columns)...)
			continue
		}
		s.Rows = append(s.Rows, summaryRow(group, by, s.Columns, func(r Run) []HeadReport { return r.Report.Heads }))
	}
	s.markSame()
	return s, nil
}

// markSame compares every row with the first that stands for the same head.
func (s *Summary) markSame() {
	first := map[string]SummaryRow{}
	for _, row := range s.Rows {
		id := row.head()
		base, ok := first[id]
		if !ok {
			first[id] = row
			continue
		}
		for i := range row.Cells {
			cell := &row.Cells[i]
			cell.Verdict = against(base.Cells[i].Pooled, cell.Pooled)
			cell.Same = cell.Verdict != Differs
		}
	}
}

// head names the row's head, "" where the row is over heads.
func (r SummaryRow) head() string {
	if r.Layer == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", *r.Layer, *r.Head)
}

// aboutInputs repeats what the runs say of their inputs, each once.
func aboutInputs(runs []Run) []Warning {
	var warnings []Warning
	of := map[Warning][]string{}
	for _, r := range runs {
		for _, w := range r.Report.Warnings {
			if of[w] == nil {
				warnings = append(warnings, w)
			}
			of[w] = append(of[w], r.Name)
		}
	}
	for i, w := range warnings {
		which := of[w][0]
		switch n := len(of[w]); {
		case n == len(runs):
			which = "every run"
		case n > 1:
			which = fmt.Sprintf("%s and %d more", which, n-1)
		}
		warnings[i].Text = which + ": " + w.Text
	}
	return warnings
}

// mixed warns where pooled runs differ in more than their seed, or repeat one.
func mixed(group []Run, by []string) []Warning {
	var warnings []Warning
	where := rowName(group[0], by)
	if others := DifferingKeys(group); len(others) > 0 {
		warnings = append(warnings, Warning{Code: "pooled-unlike", Text: fmt.Sprintf(
			"%s: the %d pooled runs differ also in %s, not only in their seed", where, len(group), strings.Join(others, ", "))})
	}
	seen := map[string]string{}
	for _, r := range group {
		seed := r.Settings[SeedKey].Text
		if other, twice := seen[seed]; twice && len(DifferingKeys(group)) == 0 {
			warnings = append(warnings, Warning{Code: "seed-repeated", Text: fmt.Sprintf(
				"%s: %s and %s have the same configuration and seed %s; both are counted", where, other, r.Name, seed)})
		}
		seen[seed] = r.Name
	}
	return warnings
}

// heavyTails warns of pooled runs whose scores have tails that are rarely drawn: the
// spread over seeds does not show them.
func heavyTails(group []Run, by []string) []Warning {
	var heads []HeadReport
	for _, r := range group {
		if tailsUndrawn(r.Report.Heads, &r.Conditions) {
			heads = append(heads, r.Report.Heads...)
		}
	}
	if heads == nil {
		return nil
	}
	worst, head := worstOver(heads, OnHead, AnalyticRelativeSD)
	return []Warning{{Code: "tails-undrawn", Text: fmt.Sprintf(
		"%s: a score estimate has an analytic relative standard deviation of up to %s (head %s): above 1 its tail is rarely drawn, so the kernel errors here and their spread over seeds are too small",
		rowName(group[0], by), significant(float64(worst)), head)}}
}

// rowName names the row of a run by its values of the keys.
func rowName(r Run, by []string) string {
	if len(by) == 0 {
		return "all runs"
	}
	parts := make([]string, len(by))
	for i, key := range by {
		parts[i] = shortName(key, by) + " = " + r.Settings[key].Text
	}
	return strings.Join(parts, ", ")
}

// headRows makes one row for each head that a group of runs has.
func headRows(group []Run, by []string, columns []Column) []SummaryRow {
	type place struct{ layer, head int }
	var places []place
	for _, r := range group {
		for _, h := range r.Report.Heads {
			if p := (place{h.Layer, h.Head}); !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.layer != b.layer {
			return a.layer - b.layer
		}
		return a.head - b.head
	})
	var rows []SummaryRow
	for _, p := range places {
		row := summaryRow(group, by, columns, func(r Run) []HeadReport {
			for _, h := range r.Report.Heads {
				if h.Layer == p.layer && h.Head == p.head {
					return []HeadReport{h}
				}
			}
			return nil
		})
		row.Layer, row.Head = &p.layer, &p.head
		rows = append(rows, row)
	}
	return rows
}

// summaryRow pools the chosen heads of a group of runs.
func summaryRow(group []Run, by []string, columns []Column, heads func(Run) []HeadReport) SummaryRow {
	row := SummaryRow{Config: map[string]string{}}
	for _, key := range by {
		row.Config[key] = group[0].Settings[key].Text
	}
	for _, r := range group {
		row.Runs = append(row.Runs, r.Name)
		row.Seeds = append(row.Seeds, r.Settings[SeedKey].Text)
	}
	for _, c := range columns {
		values := make([]Number, len(group))
		for i, r := range group {
			if c.Over == "worst" {
				values[i], _ = worstOver(heads(r), c.Rung, c.Metric)
			} else {
				values[i] = meanOver(heads(r), c.Rung, c.Metric)
			}
		}
		row.Cells = append(row.Cells, Cell{Pooled: Pool(values, row.Seeds)})
	}
	return row
}

// summaryColumns lists the quantities of a side-by-side view: errors and their
// parts, then the normaliser and the attention. Causes, and attention, that no run
// has are left out.
func summaryColumns(runs []Run, perHead bool) []Column {
	over := "mean"
	if perHead {
		over = "head"
	}
	columns := []Column{{OnLadder, TotalError, over}}
	several := slices.ContainsFunc(runs, func(r Run) bool { return len(r.Report.Heads) > 1 })
	if !perHead && several {
		columns = append(columns, Column{OnLadder, TotalError, "worst"})
	}
	columns = append(columns, Column{OnLadder, TrivialError, over})
	optional := []string{TVMean}
	for _, part := range Parts() {
		columns = append(columns, Column{OnLadder, part.Size(), over})
		if part.Inset {
			optional = append(optional, part.Size())
		}
	}
	for _, metric := range []string{NormalizerR, NormalizerRLog10, NormalizerMedian, CosineMean, TVMean} {
		columns = append(columns, Column{lastRung, metric, over})
	}
	return slices.DeleteFunc(columns, func(c Column) bool {
		if !slices.Contains(optional, c.Metric) {
			return false
		}
		for _, r := range runs {
			if mean := meanOver(r.Report.Heads, c.Rung, c.Metric); mean.Known() {
				return false
			}
		}
		return true
	})
}
