package compare

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// BudgetText prints one run: the error budget, its dominating part in a
// sentence with what would reduce it, and the metrics of each rung, as mean
// and worst over heads or head by head.
func BudgetText(w io.Writer, run Run, opt Options) error {
	heads := run.Report.Heads
	if len(heads) == 0 {
		return fmt.Errorf("compare: run %s has no heads", run.Name)
	}
	tables := []Table{budgetTable(heads), metricsTable(heads)}
	if opt.PerHead {
		tables = []Table{budgetByHead(heads), metricsByHead(heads)}
	}
	tables[0].Footnotes = append([]string{""}, verdict(run)...)
	if run.Report.Model.Inputs > 1 {
		tables[0].Title += ", of the first input"
	}
	notes := warningNotes(run.Report)
	if len(notes) > 0 {
		tables[1].Footnotes = append([]string{""}, notes...)
	}
	tables = append(modelTables(run.Report.Model), tables...)
	tables[0].Title = heading(run) + "\n\n" + tables[0].Title
	for i, t := range tables {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := t.WriteText(w, opt.Width); err != nil {
			return err
		}
	}
	return nil
}

// heading says what was run: sizes that are not the same in all heads show as
// a range.
func heading(run Run) string {
	heads := run.Report.Heads
	span := func(value func(HeadReport) float64) string {
		low, high := value(heads[0]), value(heads[0])
		for _, h := range heads {
			low, high = min(low, value(h)), max(high, value(h))
		}
		if low == high {
			return count(low)
		}
		return count(low) + "–" + count(high)
	}
	order := "bidirectional"
	if heads[0].Causal {
		order = "causal"
	}
	parts := []string{
		Counted(len(heads), "head"),
		span(func(h HeadReport) float64 { return float64(h.Tokens) }) + " tokens, " + order,
	}
	if heads[0].Attributes.Get(Neurons).Known() {
		parts = append(parts, span(func(h HeadReport) float64 { return float64(h.Attributes.Get(Neurons)) })+" hidden neurons")
	}
	parts = append(parts, span(func(h HeadReport) float64 { return float64(h.ValueDim) })+" output neurons")
	if heads[0].Attributes.Get(Synapses).Known() {
		parts = append(parts, span(func(h HeadReport) float64 { return float64(h.Attributes.Get(Synapses)) })+" synapses a head")
	}
	return run.Name + "\n" + strings.Join(parts, " · ")
}

// Counted is a number of things: "1 head", "2 heads".
func Counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// budgetTable lists the ladder, mean and worst over heads.
func budgetTable(heads []HeadReport) Table {
	t := Table{
		Title: fmt.Sprintf("Error budget, relative to the norm of the %s output", heads[0].Reference), Keys: 2,
		Header: []string{"part", "step", "mean", "worst", "head", "share"},
	}
	line := func(rung, metric, name, step, share string) {
		m, _ := Lookup(metric)
		mean := meanOver(heads, rung, metric)
		worst, at := worstOver(heads, rung, metric)
		worstText := m.text(worst)
		if m.Better == Neutral {
			worstText, at = "", ""
		}
		t.Rows = append(t.Rows, []string{name, step, m.text(mean), worstText, at, share})
	}
	for _, part := range Parts() {
		mean := meanOver(heads, OnLadder, part.Size())
		indent := ""
		if part.Inset {
			indent = "  "
		}
		if part.Inset && !mean.Known() {
			continue // this cause is off
		}
		share := meanOver(heads, OnLadder, part.Share())
		line(OnLadder, part.Size(), indent+part.Name, indent+part.Step, percent(float64(share)))
		if part.Name == Kernel && meanOver(heads, OnHead, PredictedError).Known() {
			line(OnHead, PredictedError, "  predicted", "  "+expectation(heads), "")
		}
	}
	line(OnLadder, TotalError, "total", heads[0].Reference+" → "+heads[0].Last, "")
	line(OnLadder, TrivialError, "uniform attention", "a trivial answer", "")
	if ideal := meanOver(heads, OnLadder, IdealDynamicsError); ideal.Known() {
		m, _ := Lookup(IdealDynamicsError)
		line(OnLadder, IdealDynamicsError, m.Label, "infinitely many hidden neurons", "")
	}
	line(OnLadder, CosineDynamicsKernel, "cosine dynamics, kernel", "", "")
	if len(heads) == 1 {
		t.Header[2] = "error"
		return t.without(3, 4)
	}
	return t
}

// metricsTable lists the metrics of each rung, mean and worst over heads.
func metricsTable(heads []HeadReport) Table {
	t := Table{Title: "Metrics, mean over heads and worst", Keys: 1, Header: []string{"against the " + heads[0].Reference + " rung"}}
	var rungs []string
	for _, rung := range RungNames() {
		if _, ok := heads[0].Rungs[rung]; ok {
			rungs = append(rungs, rung)
			t.Header = append(t.Header, rung, "worst")
		}
	}
	for _, m := range Metrics() {
		line, show := []string{m.Label + unitText(m)}, false
		for _, rung := range rungs {
			mean := meanOver(heads, rung, m.Name)
			worst, _ := worstOver(heads, rung, m.Name)
			// A count that is 0 everywhere is the usual case and says nothing.
			show = show || mean.Known() && !(m.Unit == "tokens" && mean == 0)
			worstText := m.textOn(rung, worst)
			if m.Better == Neutral {
				worstText = ""
			}
			line = append(line, m.textOn(rung, mean), worstText)
		}
		skip := m.Name == CosineWorstToken && len(heads) > 1 // an index has no mean
		if show && !skip && !m.on(OnHead) && !m.on(OnLadder) {
			t.Rows = append(t.Rows, line)
		}
	}
	if len(heads) == 1 {
		t.Title = "Metrics"
		var worst []int
		for i := range rungs {
			worst = append(worst, 2+2*i)
		}
		return t.without(worst...)
	}
	return t
}

// budgetByHead has one row for each head.
func budgetByHead(heads []HeadReport) Table {
	t := Table{Title: fmt.Sprintf("Error budget by head, relative to the norm of the %s output", heads[0].Reference), Keys: 2, Header: []string{"head", "dominating part"}}
	columns := summaryColumns([]Run{{Report: Report{Heads: heads}}}, true)
	for _, h := range heads {
		line := []string{h.label(), orDash(h.Dominant)}
		for _, c := range columns {
			if c.Rung == OnLadder {
				m, _ := Lookup(c.Metric)
				line = append(line, m.text(h.value(c.Rung, c.Metric)))
			}
		}
		t.Rows = append(t.Rows, line)
	}
	for _, c := range columns {
		if c.Rung == OnLadder {
			m, _ := Lookup(c.Metric)
			t.Header = append(t.Header, c.header(m))
		}
	}
	return t
}

// metricsByHead has one row for each head and rung.
func metricsByHead(heads []HeadReport) Table {
	t := Table{Title: "Metrics by head against the " + heads[0].Reference + " rung", Keys: 2, Header: []string{"head", "rung"}}
	var shown []Metric
	for _, m := range Metrics() {
		if m.on(Kernel) {
			shown = append(shown, m)
			t.Header = append(t.Header, m.column())
		}
	}
	for _, h := range heads {
		for _, rung := range RungNames() {
			if _, ok := h.Rungs[rung]; !ok {
				continue
			}
			line := []string{h.label(), rung}
			for _, m := range shown {
				line = append(line, m.textOn(rung, h.Value(rung, m.Name)))
			}
			t.Rows = append(t.Rows, line)
		}
	}
	return t
}

// textOn is text, blank where the metric has no meaning on that rung.
func (m Metric) textOn(rung string, x Number) string {
	if !m.on(rung) {
		return ""
	}
	return m.text(x)
}

func unitText(m Metric) string {
	if m.Unit == "" {
		return ""
	}
	return " (" + m.Unit + ")"
}

// percent prints a share, blank where it is null.
func percent(x float64) string {
	if !finite(x) {
		return ""
	}
	return fmt.Sprintf("%.0f %%", math.Round(100*x)+0) // + 0 turns −0 into 0
}

// warningNotes gathers the warnings about the input and those of all heads, each
// text once with the heads it holds for.
func warningNotes(report Report) []string {
	heads := report.Heads
	var order []string
	where := map[string][]string{}
	for _, h := range heads {
		for _, w := range h.Warnings {
			if where[w.Text] == nil {
				order = append(order, w.Text)
			}
			where[w.Text] = append(where[w.Text], h.label())
		}
	}
	var notes []string
	for _, w := range report.Warnings {
		notes = append(notes, "warning: "+w.Text)
	}
	for _, text := range order {
		which := "head " + strings.Join(where[text], ", ")
		if len(heads) > 1 && len(where[text]) == len(heads) {
			which = "every head"
		}
		notes = append(notes, "warning: "+which+": "+text)
	}
	return notes
}
