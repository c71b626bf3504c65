package experiment

import (
	"fmt"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// answerer is one who answers: the name in files, and as whom it is drawn.
type answerer struct {
	name string
	who  plotting.Answerer
}

var answerers = []answerer{
	{compare.Transformer, plotting.ByTransformer}, {compare.Network, plotting.ByNetwork},
	{compare.Random, plotting.ByRandom}, {compare.Uniform, plotting.ByUniform},
}

// hasResponse reports whether the whole model answered in a run.
func hasResponse(r *Run) bool { return r.Report.Model.Given() }

func noResponse(r *Run, _ *runArrays) string {
	if !hasResponse(r) {
		return "the whole model did not answer; it needs swap.mode: free-running"
	}
	return ""
}

// response draws whether the whole model answers the same.
func (d *drawing) response(s *sheet, _ int) (*plotting.Figure, error) {
	in, err := d.responseInput(s)
	if err != nil {
		return nil, err
	}
	return plotting.Response(in)
}

func (d *drawing) responseInput(s *sheet) (plotting.ResponseInput, error) {
	r := d.runs[0]
	m := r.Report.Model
	in := plotting.ResponseInput{Width: d.set.Width, Subject: d.modelSubject()}
	if r.ofSet() {
		return in, d.setResponse(&in)
	}
	questions, err := r.askedQuestions()
	if err != nil {
		return in, err
	}
	if len(questions) > mostPanels {
		s.note("figure %s shows the first %d questions; metrics.json has %d", s.name, mostPanels, len(questions))
	}
	in.Questions = questions[:min(len(questions), mostPanels)]
	if len(questions) > 0 {
		return in, nil
	}
	for _, l := range m.Layers {
		for len(in.LayerErrors) <= l.Layer {
			in.LayerErrors = append(in.LayerErrors, float64(compare.Null()))
		}
		in.LayerErrors[l.Layer] = float64(l.RelativeError)
	}
	if m.Cosine.Known() {
		in.SharesLabel, in.Near = "cosine with the transformer's embedding (–)", true
		for _, a := range answerers[1:] {
			cosine := m.Controls[a.name].Cosine
			if a.name == compare.Network {
				cosine = m.Cosine
			} else if _, asked := m.Controls[a.name]; !asked {
				continue
			}
			in.Shares = append(in.Shares, plotting.AnswerShare{Who: a.who, Value: float64(cosine), Low: float64(compare.Null()), High: float64(compare.Null())})
		}
	}
	return in, nil
}

// mostPanels is how many questions a figure has room for.
const mostPanels = 4

// modelSubject is the subject of a figure of the whole model.
func (d *drawing) modelSubject() string {
	r := d.runs[0]
	heads := fmt.Sprintf("%d\u00a0heads replaced", r.Report.Model.Replaced)
	if r.Report.Model.Replaced == 1 {
		heads = "1\u00a0head replaced"
	}
	if mode := r.Report.Model.Mode; mode == teacherForced {
		heads += " one by one"
	}
	if r.ofSet() {
		return d.subjectOf([]string{heads, plotting.Thousands(r.Report.Model.Inputs) + "\u00a0inputs"})
	}
	return d.titled(heads)
}

// askedQuestions are the questions of a run's one input, of which none has more answers
// than the transformer's five likeliest and those of the others.
func (r *Run) askedQuestions() ([]plotting.Question, error) {
	scores, err := r.scores()
	if err != nil {
		return nil, err
	}
	tokens, err := r.tokens()
	if err != nil {
		return nil, err
	}
	var questions []plotting.Question
	for _, response := range r.Report.Model.Responses {
		if len(response.Answers) == 0 {
			continue // teacher-forced
		}
		questions = append(questions, questionOf(response, scores, tokens))
	}
	return questions, nil
}

// questionOf lists who thinks what likely. Without the scores it is known of each one's
// own likeliest answers alone.
func questionOf(response compare.Response, scores map[string]scoreTable, tokens []string) plotting.Question {
	q := plotting.Question{Title: "class"}
	if response.Token >= 0 {
		q.Title = fmt.Sprintf("token %d", response.Token)
		if response.Token < len(tokens) {
			q.Title += ": " + tokens[response.Token]
		}
	}
	var ids []int
	add := func(choice compare.Choice) int {
		if at := slices.Index(ids, choice.ID); at >= 0 {
			return at
		}
		ids, q.Answers = append(ids, choice.ID), append(q.Answers, choice.Text)
		return len(ids) - 1
	}
	for _, choice := range response.Answers[compare.Transformer].Top {
		add(choice)
	}
	q.Transformers = len(ids)
	var names []string
	for _, a := range answerers {
		if answer := response.Answers[a.name]; len(answer.Top) > 0 {
			q.By, names = append(q.By, plotting.AnswerBars{Who: a.who, Likeliest: add(answer.Top[0])}), append(names, a.name)
		}
	}
	for i, name := range names {
		p := scores[name].probabilities(max(response.Token, 0), ids)
		for _, choice := range response.Answers[name].Top {
			if at := slices.Index(ids, choice.ID); at >= 0 {
				p[at] = float64(choice.Probability)
			}
		}
		q.By[i].Probability = p
	}
	return q
}

// scoreTable are logits [rows × columns].
type scoreTable struct {
	logits  []float64
	columns int
}

// scores reads everyone's logits; those that were not recorded are left out.
func (r *Run) scores() (map[string]scoreTable, error) {
	f, err := r.arrays(outputsFile)
	if f == nil || err != nil {
		return nil, err
	}
	defer f.Close()
	scores := map[string]scoreTable{}
	for _, a := range answerers {
		if name := "logits_" + a.name; contains(f, name) {
			x, shape, err := f.Float64(name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", r.Dir, err)
			}
			scores[a.name] = scoreTable{x, shape[len(shape)-1]}
		}
	}
	return scores, nil
}

// probabilities are the softmax of a row, of these columns; NaN where they are not known.
func (t scoreTable) probabilities(row int, ids []int) []float64 {
	p := make([]float64, len(ids))
	for i := range p {
		p[i] = float64(compare.Null())
	}
	if t.columns == 0 || (row+1)*t.columns > len(t.logits) {
		return p
	}
	x := t.logits[row*t.columns : (row+1)*t.columns]
	greatest, sum := slices.Max(x), 0.0
	for _, v := range x {
		sum += portable.Exp(v - greatest)
	}
	for i, id := range ids {
		if id < len(x) {
			p[i] = portable.Exp(x[id]-greatest) / sum
		}
	}
	return p
}
