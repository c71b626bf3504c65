package compare

import (
	"fmt"
	"strings"
)

// named is how tables call who answers.
var named = map[string]string{Transformer: "transformer", Network: "network", Uniform: "uniform attention", Random: "random features"}

// modelTables are the tables of a whole model's answers; none where there are none.
func modelTables(m Model) []Table {
	if !m.Given() {
		return nil
	}
	var tables []Table
	if t := responsesTable(m); len(t.Rows) > 0 {
		tables = append(tables, t)
	}
	if m.Replaced == 0 {
		return append(tables, aloneTable(m))
	}
	return append(tables, agreementTable(m))
}

// aloneTable says how right the transformer itself is, where no head is replaced.
func aloneTable(m Model) Table {
	t := Table{Title: fmt.Sprintf("Transformer alone, mean over %s inputs", count(float64(m.Inputs-m.Failed))), Keys: 1, Header: []string{"", named[Transformer]}}
	if !m.AccuracyTransformer.Known() {
		t.Footnotes = []string{"There are no labels that its answers could be held against."}
		return t
	}
	line := []string{"accuracy", shareText(m.AccuracyTransformer)}
	if i, ok := m.Intervals["accuracy_transformer"]; ok {
		t.Header = append(t.Header, "95 %")
		line = append(line, shareText(i[0])+" – "+shareText(i[1]))
	}
	t.Rows = [][]string{line}
	return t
}

// responsesTable sets everyone's answers side by side.
func responsesTable(m Model) Table {
	t := Table{Title: "Answers", Keys: 2, Header: []string{"input", "reads"}}
	var who []string
	for _, w := range answerers() {
		for _, r := range m.Responses {
			if _, ok := r.Answers[w]; ok {
				who = append(who, w)
				t.Header = append(t.Header, named[w])
				break
			}
		}
	}
	labelled := false
	for _, r := range m.Responses {
		labelled = labelled || r.Label != nil
	}
	if labelled {
		t.Header = append(t.Header, "label")
	}
	for _, r := range m.Responses {
		line := []string{shortened(r.Input, 28), "all"}
		if r.Token >= 0 {
			line[1] = fmt.Sprintf("token %d", r.Token)
		}
		for _, w := range who {
			line = append(line, choiceText(r.Answers[w]))
		}
		if labelled {
			line = append(line, labelText(r))
		}
		t.Rows = append(t.Rows, line)
	}
	if len(m.Responses) == mostShown && m.Inputs > 1 {
		t.Footnotes = append(t.Footnotes, fmt.Sprintf("The first %d; all are in responses.csv.", mostShown))
	}
	return t
}

// choiceText is the likeliest answer and its probability.
func choiceText(a Answer) string {
	if len(a.Top) == 0 {
		return "–"
	}
	return fmt.Sprintf("%s %.2f", shortened(a.Top[0].Text, 20), float64(a.Top[0].Probability))
}

// labelText is the label by the name that an answer has for it, or its number.
func labelText(r Response) string {
	if r.Label == nil {
		return ""
	}
	for _, a := range r.Answers {
		for _, c := range a.Top {
			if c.ID == *r.Label {
				return shortened(c.Text, 20)
			}
		}
	}
	return fmt.Sprint(*r.Label)
}

// shortened cuts a text, on one line, to so many characters.
func shortened(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// agreementTable compares whose answers are how near the transformer's.
func agreementTable(m Model) Table {
	title := fmt.Sprintf("Model with %s of its heads replaced, %s, rung %s", count(float64(m.Replaced)), m.Mode, m.Rung)
	if m.Inputs > 1 {
		title += fmt.Sprintf(", mean over %s inputs", count(float64(m.Inputs-m.Failed)))
	}
	t := Table{Title: title, Keys: 1, Header: []string{"against the transformer", named[Network]}}
	distances := []Distance{{m.Top1, m.Top5, m.KL, m.Cosine, m.AccuracyNetwork}}
	for _, who := range Replaced()[1:] {
		if d, ok := m.Controls[who]; ok {
			t.Header = append(t.Header, named[who])
			distances = append(distances, d)
		}
	}
	if len(m.Intervals) > 0 {
		t.Header = append(t.Header, "network, 95 %")
	}
	interval := func(name string, text func(Number) string) string {
		i, ok := m.Intervals[name]
		if !ok {
			return ""
		}
		return text(i[0]) + " – " + text(i[1])
	}
	row := func(name, key string, text func(Number) string, of func(Distance) Number) {
		if !of(distances[0]).Known() {
			return
		}
		line := []string{name}
		for _, d := range distances {
			line = append(line, text(of(d)))
		}
		if len(t.Header) > len(line) {
			line = append(line, interval(key, text))
		}
		t.Rows = append(t.Rows, line)
	}
	row("same likeliest answer", top1, shareText, func(d Distance) Number { return d.Top1 })
	row("shared among the five likeliest", top5, shareText, func(d Distance) Number { return d.Top5 })
	row("KL(transformer‖other), nats", logitsKL, numberText, func(d Distance) Number { return d.KL })
	row("cosine of the embeddings", embedding, cosineText, func(d Distance) Number { return d.Cosine })
	row("accuracy (transformer "+shareText(m.AccuracyTransformer)+")", "accuracy_network", shareText, func(d Distance) Number { return d.Correct })
	if n := len(m.Layers); n > 0 {
		line := make([]string, len(t.Header))
		line[0], line[1] = "relative error of the last hidden state", numberText(m.Layers[n-1].RelativeError)
		t.Rows = append(t.Rows, line)
	}
	if m.Failed > 0 {
		t.Footnotes = append(t.Footnotes, fmt.Sprintf("The network has no answer to %s of the inputs; they are left out (responses.csv says why).", count(float64(m.Failed))))
	}
	return t
}

func shareText(x Number) string {
	if !x.Known() {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(x))
}

func numberText(x Number) string {
	if !x.Known() {
		return "–"
	}
	return significant(float64(x))
}

func cosineText(x Number) string {
	if !x.Known() {
		return "–"
	}
	return fmt.Sprintf("%.4f", float64(x))
}
