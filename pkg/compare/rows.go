package compare

import (
	"encoding/json"
	"fmt"
)

// Row is one line of metrics.csv.
type Row struct {
	Layer, Head  int
	Rung, Metric string
	Value        float64 // NaN where the quantity is null
}

// Rows returns the report in tidy form, in the order of Metrics, the head and
// the ladder before the rungs. The rows present depend on the rungs alone:
// a null quantity keeps its row.
func (h HeadReport) Rows() []Row {
	var rows []Row
	metrics := Metrics()
	for _, rung := range append([]string{OnHead, OnLadder}, RungNames()...) {
		values, ok := h.under(rung)
		if !ok {
			continue
		}
		for _, m := range metrics {
			if m.on(rung) {
				x := values.Get(m.Name)
				if !x.Known() {
					x = Null() // one form of null: an infinity reads as missing too
				}
				rows = append(rows, Row{h.Layer, h.Head, rung, m.Name, float64(x)})
			}
		}
	}
	return rows
}

// Value returns one quantity: rung is a rung's name, OnLadder or OnHead.
func (h HeadReport) Value(rung, metric string) Number {
	values, _ := h.under(rung)
	return values.Get(metric)
}

// under returns the values that stand under that name in the rung column.
func (h HeadReport) under(rung string) (Values, bool) {
	switch rung {
	case OnHead:
		return h.Attributes, true
	case OnLadder:
		return h.Ladder, true
	}
	values, ok := h.Rungs[rung]
	return values, ok
}

// Report is metrics.json: every head of one run, and quantities of the whole
// model where the run has any.
type Report struct {
	SchemaVersion int          `json:"schema_version"`
	Heads         []HeadReport `json:"heads"`
	Model         Model        `json:"model"`
	Remedy        *Remedy      `json:"remedy"`             // of the part that dominates; null where none was sought
	Warnings      []Warning    `json:"warnings,omitempty"` // about the input, whichever the head
}

// NewReport gathers heads, in the order given, into a report.
func NewReport(heads []HeadReport) Report {
	return Report{SchemaVersion: SchemaVersion, Heads: append([]HeadReport{}, heads...)} // never null in JSON
}

// ReadReport parses metrics.json. A version this package does not know is an
// error.
func ReadReport(text []byte) (Report, error) {
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return Report{}, fmt.Errorf("metrics.json: %w", err)
	}
	if r.SchemaVersion != SchemaVersion {
		return Report{}, fmt.Errorf("metrics.json: schema_version is %d, this nasim reads %d: repeat the run with this version", r.SchemaVersion, SchemaVersion)
	}
	return r, nil
}
