package experiment

import (
	"encoding/csv"
	"io"
	"iter"
	"path/filepath"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// responsesFile has a row for each input of a set.
const responsesFile = "responses.csv"

// replies are those to all inputs of the set, in their order; the error is that of the first which cannot be read.
func (r *Result) replies(failed *error) iter.Seq[*record] {
	return func(yield func(*record) bool) {
		for i := range r.Prepared.source.questions.Len() {
			kept, err := r.Prepared.journal.get(i)
			if err != nil {
				*failed = err
				return
			}
			if !yield(kept) {
				return
			}
		}
	}
}

// writeResponses writes what was answered to each input of a set.
func (r *Result) writeResponses(dir string) error {
	if r.Prepared.source.questions == nil {
		return nil
	}
	return rundir.WriteFile(filepath.Join(dir, responsesFile), func(f io.Writer) error {
		w := csv.NewWriter(f)
		w.Write(responseColumns()) // errors surface in w.Error
		var failed error
		for kept := range r.replies(&failed) {
			w.Write(responseRow(kept))
		}
		w.Flush()
		if failed != nil {
			return failed
		}
		return w.Error()
	})
}

func responseColumns() []string {
	columns := []string{"index", "input", "tokens", "label", "questions", "top_transformer", "text_transformer", "probability_transformer", "accuracy_transformer"}
	for _, who := range compare.Replaced() {
		for _, name := range []string{"top", "text", "probability", "accuracy", "top1_agreement", "top5_agreement", "logits_kl", "embedding_cosine"} {
			columns = append(columns, name+"_"+who)
		}
	}
	return append(columns, "hidden_relative_error", "heads_relative_error", "failed")
}

// responseRow is a reply as a line: the answers in words are those to the first question, numbers are over all.
func responseRow(kept *record) []string {
	reply := kept.Reply
	label := ""
	if reply.Label != nil {
		label = strconv.Itoa(*reply.Label)
	}
	row := []string{strconv.Itoa(reply.Index), reply.Input, strconv.Itoa(reply.Tokens), label, strconv.Itoa(reply.Questions)}
	row = append(append(row, firstChoice(reply, compare.Transformer)...), number(reply.Correct))
	for _, who := range compare.Replaced() {
		d, ok := reply.Distances[who]
		if !ok {
			d = compare.Distance{Top1: compare.Null(), Top5: compare.Null(), KL: compare.Null(), Cosine: compare.Null(), Correct: compare.Null()}
		}
		row = append(append(row, firstChoice(reply, who)...), number(d.Correct), number(d.Top1), number(d.Top5), number(d.KL), number(d.Cosine))
	}
	hidden := compare.Null()
	if n := len(reply.Layers); n > 0 {
		hidden = reply.Layers[n-1].RelativeError
	}
	return append(row, number(hidden), number(reply.HeadsError()), reply.Failed)
}

func firstChoice(reply compare.Reply, who string) []string {
	if len(reply.Responses) == 0 || len(reply.Responses[0].Answers[who].Top) == 0 {
		return []string{"", "", ""}
	}
	top := reply.Responses[0].Answers[who].Top[0]
	return []string{strconv.Itoa(top.ID), top.Text, number(top.Probability)}
}

func number(x compare.Number) string {
	if !x.Known() {
		return ""
	}
	return strconv.FormatFloat(float64(x), 'g', -1, 64)
}

// writeSet writes the answers to all inputs of a set: logits of every question [Q, scores], with whose questions they are, and
// embeddings [I, size]; of inputs without an answer there are none.
func (r *Result) writeSet(w arrays) error {
	var index, asked []int // whose embedding, and whose question
	columns := map[string]int{}
	kinds := []string{"logits_", "embedding_"}
	var failed error
	for kept := range r.replies(&failed) {
		if kept.Reply.Failed != "" {
			continue
		}
		index = append(index, kept.Reply.Index)
		for range kept.Reply.Questions {
			asked = append(asked, kept.Reply.Index)
		}
		for _, p := range kept.Parts {
			kind := kinds[0]
			if p.Rows == 0 {
				kind = kinds[1]
			}
			columns[kind+p.Who] = p.Columns
		}
	}
	w.ints("input", index)
	w.ints("question_input", asked)
	for _, kind := range kinds {
		for _, who := range append([]string{compare.Transformer}, compare.Replaced()...) {
			size := columns[kind+who]
			if size == 0 {
				continue
			}
			rows := len(index)
			if kind == kinds[0] {
				rows = len(asked)
			}
			w.parts(kind+who, []int{rows, size}, func(yield func([]float64) bool) {
				for kept := range r.replies(&failed) {
					if !kept.numbersOf(kind == kinds[0], who, yield) {
						return
					}
				}
			})
		}
	}
	return failed
}

// numbersOf hands over the numbers of a part.
func (r *record) numbersOf(logits bool, who string, yield func([]float64) bool) bool {
	at := 0
	for _, p := range r.Parts {
		size := max(p.Rows, 1) * p.Columns
		if p.Rows == 0 && !logits || p.Rows > 0 && logits {
			if p.Who == who && !yield(r.numbers[at:at+size]) {
				return false
			}
		}
		at += size
	}
	return true
}
