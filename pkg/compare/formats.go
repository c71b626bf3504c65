package compare

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
)

// Formats returns the names that Write accepts.
func Formats() []string { return []string{"text", "csv", "json"} }

// Write prints one run, or several side by side, in the named format.
func Write(w io.Writer, runs []Run, opt Options, format string) error {
	if len(runs) == 0 {
		return fmt.Errorf("compare: no complete run given")
	}
	switch format {
	case "", "text":
		return WriteText(w, runs, opt)
	case "csv":
		return WriteCSV(w, runs)
	case "json":
		return WriteJSON(w, runs, opt)
	}
	return fmt.Errorf("compare: format is %q; it may be text, csv or json", format)
}

// WriteText prints the budget and metrics of one run (BudgetText), or several
// runs as an aligned table (Summary.Table).
func WriteText(w io.Writer, runs []Run, opt Options) error {
	if len(runs) == 1 && opt.By == nil {
		return BudgetText(w, runs[0], opt)
	}
	s, err := Summarize(runs, opt)
	if err != nil {
		return err
	}
	return s.Table().WriteText(w, opt.Width)
}

// WriteCSV prints every quantity of every head in long form: the configuration
// as columns, then run, seed, layer, head, rung, metric, value. A null value
// is an empty field.
func WriteCSV(w io.Writer, runs []Run) error {
	columns := keys(runs)
	out := csv.NewWriter(w)
	if err := out.Write(append(columns[:len(columns):len(columns)], "run", "seed", "layer", "head", "rung", "metric", "value")); err != nil {
		return err
	}
	for _, r := range runs {
		start := make([]string, len(columns), len(columns)+7)
		for i, key := range columns {
			start[i] = r.Settings[key].Text
		}
		start = append(start, r.Name, r.Settings[SeedKey].Text)
		for _, h := range r.Report.Heads {
			for _, row := range h.Rows() {
				if err := out.Write(append(start[:len(start):len(start)], row.fields()...)); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (r Row) fields() []string {
	value := ""
	if finite(r.Value) {
		value = strconv.FormatFloat(r.Value, 'g', -1, 64)
	}
	return []string{strconv.Itoa(r.Layer), strconv.Itoa(r.Head), r.Rung, r.Metric, value}
}

// oneRunJSON is WriteJSON's form of one run.
type oneRunJSON struct {
	SchemaVersion int               `json:"schema_version"`
	Run           string            `json:"run"`
	Config        map[string]string `json:"config"`
	Dominant      string            `json:"dominant"`
	Fraction      Number            `json:"dominant_fraction"`
	Sentences     []string          `json:"sentences"`
	Heads         []HeadReport      `json:"heads"`
	Model         Model             `json:"model"`
}

// WriteJSON prints one run's reports with its verdict, or the Summary of
// several.
func WriteJSON(w io.Writer, runs []Run, opt Options) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if len(runs) == 1 && opt.By == nil {
		r := runs[0]
		if len(r.Report.Heads) == 0 {
			return fmt.Errorf("compare: run %s has no heads", r.Name)
		}
		part, _, fraction := DominantPart(r.Report.Heads)
		return out.Encode(oneRunJSON{SchemaVersion, r.Name, r.texts(), part, Number(fraction), verdict(r), r.Report.Heads, r.Report.Model})
	}
	s, err := Summarize(runs, opt)
	if err != nil {
		return err
	}
	return out.Encode(s)
}
