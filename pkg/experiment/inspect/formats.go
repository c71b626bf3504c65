package inspect

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
)

// Formats lists the names that [Report.Write] takes.
func Formats() []string { return []string{"text", "csv", "json"} }

// Write prints the report, its heads in the order in which they are. Text is at most width
// characters wide where its widest column allows; 0 is compare's own width.
func (r *Report) Write(w io.Writer, format string, width int) error {
	switch format {
	case "text":
		return r.writeText(w, width)
	case "csv":
		return r.writeCSV(w)
	case "json":
		return r.writeJSON(w)
	}
	return fmt.Errorf("inspect: unknown format %q; allowed: %s", format, strings.Join(Formats(), ", "))
}

// exactly is a number with all its digits. Whole ones from 10¹⁵ on have an exponent.
func exactly(c column, x float64) string {
	if c.whole && x < 1e15 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func (r *Report) writeCSV(w io.Writer) error {
	out, columns := csv.NewWriter(w), r.columns()
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, h := range r.Rows {
		for i, c := range columns {
			line[i] = ""
			if x := c.of(h); statistics.Finite(x) {
				line[i] = exactly(c, x)
			}
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// SchemaVersion is that of the JSON form. It rises where a name goes or changes its meaning.
const SchemaVersion = 1

func (r *Report) writeJSON(w io.Writer) error {
	warnings := r.Warnings()
	if warnings == nil {
		warnings = []compare.Warning{}
	}
	heads := make([]ordered, 0, len(r.Rows))
	for _, h := range r.Rows {
		heads = append(heads, ordered{r.columns(), h})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(struct {
		SchemaVersion int               `json:"schema_version"`
		Model         string            `json:"model"`
		SHA256        string            `json:"sha256"`
		Input         string            `json:"input"`
		Tokens        int               `json:"tokens"`
		Causal        bool              `json:"causal"`
		Neurons       int               `json:"sd_neurons"`
		Error         float64           `json:"m05_error"`
		Warnings      []compare.Warning `json:"warnings"`
		Heads         []ordered         `json:"heads"`
	}{SchemaVersion, r.Model, r.SHA256, r.Input.Name, r.Input.Tokens(), r.Causal, Neurons, Error, warnings, heads})
}

// ordered is a head as an object whose keys are the columns, in their order.
type ordered struct {
	columns []column
	head    Head
}

// MarshalJSON writes numbers that are not finite as null.
func (o ordered) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, c := range o.columns {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendQuote(text, c.name)
		text = append(text, ':')
		if x := c.of(o.head); statistics.Finite(x) {
			text = append(text, exactly(c, x)...)
		} else {
			text = append(text, "null"...)
		}
	}
	return append(text, '}'), nil
}
