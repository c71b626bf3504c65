package plotting

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func responseInput() ResponseInput {
	q := Question{Title: "token 5: [MASK]", Answers: []string{"star", "sun", "moon"}, Transformers: 2}
	for who, p := range [][]float64{{0.8, 0.1, 0}, {0.6, 0.2, 0.1}, {0.5, 0.3, 0.1}, {0.1, 0.1, 0.7}} {
		likeliest := 0
		if who == 3 {
			likeliest = 2
		}
		q.By = append(q.By, AnswerBars{Who: Answerer(who), Probability: p, Likeliest: likeliest})
	}
	return ResponseInput{Subject: "text, tiny-text", Questions: []Question{q}, Width: SingleColumn}
}

// A bar is as long as its probability, in the colour of who answers, and the disc is at
// the likeliest answer.
func TestAnswerBars(t *testing.T) {
	f, err := Response(responseInput())
	if err != nil {
		t.Fatal(err)
	}
	at, pl := pixels(t, f), firstPanel(f)
	const count = 4
	for place, by := range responseInput().Questions[0].By {
		for i, p := range by.Probability {
			y := pl.point(0, float64(i)).Y - (vg.Length(place)-vg.Length(count-1)/2)*answerHeight
			inside, outside := pl.point(p*0.9, 0), pl.point(p+0.006, 0)
			inside.Y, outside.Y = y, y
			if want := answererLooks[by.Who].colour; p > 0 && at(inside) != want {
				t.Errorf("%v, answer %d: within the bar is %v, want %v", by.Who, i, at(inside), want)
			}
			if at(outside) != white {
				t.Errorf("%v, answer %d: behind the bar is %v", by.Who, i, at(outside))
			}
			disc := pl.point(p, 0)
			disc.X, disc.Y = disc.X+4, y
			if has := at(disc) == answererLooks[by.Who].colour; has != (i == by.Likeliest) {
				t.Errorf("%v, answer %d has a disc: %v", by.Who, i, has)
			}
		}
	}
	if !strings.Contains(f.Caption, "Below the line") {
		t.Errorf("caption %q", f.Caption)
	}
}

// A caption speaks of the panels that there are, by their letters.
func TestResponseCaptions(t *testing.T) {
	set := ResponseInput{Subject: "set", ErrorLabel: "error (–)", AgreementLabel: "share with the same answer (–)", SharesLabel: "share (–)", Uniform: 0.1,
		Bins: []AgreementBin{{0.1, 0.2, 0.3, 0.9, 0.8, 0.95, 30}}, Counts: []ErrorCount{{0.1, 0.3, 30}},
		Shares: []AnswerShare{{ByNetwork, "accuracy", 0.9, 0.8, 1}}, Intervals: "Intervals are binomial."}
	alone := set
	alone.Uniform, alone.Counts, alone.Shares = math.NaN(), nil, nil
	layers := ResponseInput{LayerErrors: []float64{0.1, 0.2}}
	for _, c := range []struct {
		in         ResponseInput
		has, lacks []string
	}{
		{responseInput(), []string{"Probabilities of the transformer's likeliest answers"}, []string{"(a)", "hidden states h", "groups", "Intervals", "Dashed"}},
		{set, []string{"(a) How many inputs", "(b) Share with the same answer against the error, the inputs", "Dashed: uniform", "(c) Means over the inputs", "Intervals are binomial."}, []string{"Probabilities", "hidden states h", "Below the line"}},
		{alone, []string{"Share with the same answer"}, []string{"(a)", "Dashed", "How many inputs", "Means over"}},
		{layers, []string{"hidden states h"}, []string{"Probabilities", "Means over"}},
		{ResponseInput{Subject: "nothing"}, []string{"no answer was recorded"}, []string{"Probabilities"}},
	} {
		f, err := Response(c.in)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range c.has {
			if !strings.Contains(f.Caption, words) {
				t.Errorf("lacks %q: %s", words, f.Caption)
			}
		}
		for _, words := range c.lacks {
			if strings.Contains(f.Caption, words) {
				t.Errorf("has %q: %s", words, f.Caption)
			}
		}
	}
}

// What contradicts itself is named.
func TestResponseRefuses(t *testing.T) {
	for want, change := range map[string]func(q *Question){
		"By[1].Likeliest is 3":                   func(q *Question) { q.By[1].Likeliest = 3 },
		"By[0].Probability has 1 values, want 3": func(q *Question) { q.By[0].Probability = []float64{1} },
		"Transformers is 4":                      func(q *Question) { q.Transformers = 4 },
	} {
		in := responseInput()
		change(&in.Questions[0])
		if _, err := Response(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
