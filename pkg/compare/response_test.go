package compare

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
)

// answeredModel is that of three pictures, the answers to two of which change.
func answeredModel() Model {
	names := []string{"shirt", "coat", "bag"}
	text := func(id int) string { return names[id] }
	tally := NewTally("free-running", Exact, 4)
	for i, logits := range [][4][]float64{
		{{2, 1, 0}, {1.9, 1.1, 0}, {0, 1, 0}, {2, 1.5, 0}},
		{{0, 1, 0.5}, {0.1, 0.4, 0.5}, {0, 1, 0}, {0, 1, 0}},
		{{0, 0, 3}, {0, 0, 2.5}, {0, 1, 0}, {1, 0, 0}},
	} {
		label := i
		reply := Reply{Index: i, Input: names[i] + ".png", Tokens: 50, Label: &label, Distances: map[string]Distance{}}
		response := Response{Input: reply.Input, Token: -1, Label: &label, Answers: map[string]Answer{}}
		transformer := Answering{Scores: [][]float64{logits[0]}}
		reply.Correct = transformer.CorrectShare(label)
		for j, who := range answerers() {
			response.Answers[who] = AnswerOf(logits[j], text)
			if j > 0 {
				reply.Distances[who] = Answering{Scores: [][]float64{logits[j]}}.DistanceFrom(transformer, label)
			}
		}
		reply.Responses = []Response{response}
		reply.Layers = []Layer{{0, 0.1, 0.99}, {1, Number(0.2 + 0.1*float64(i)), 0.9}}
		reply.Heads = []ReplacedHead{{1, 0, 0.3}}
		tally.Add(reply)
	}
	return tally.Model(3)
}

func TestTally(t *testing.T) {
	m := answeredModel()
	near := func(name string, got Number, want float64) {
		if !(math.Abs(float64(got)-want) < 1e-12) {
			t.Errorf("%s is %v, not %v", name, got, want)
		}
	}
	near("agreement", m.Top1, 2.0/3)
	near("accuracy of the transformer", m.AccuracyTransformer, 1)
	near("accuracy of the network", m.AccuracyNetwork, 2.0/3)
	near("difference", m.AccuracyDifference, -1.0/3)
	near("three of three are among the five likeliest", m.Top5, 1)
	near("agreement of uniform attention", m.Controls[Uniform].Top1, 1.0/3)
	near("last layer", m.Layers[1].RelativeError, 0.3)
	near("cosine", m.Layers[1].Cosine, 0.9)
	if i := m.Intervals[top1]; !(i[0] >= 0 && i[0] < m.Top1 && i[1] > m.Top1 && i[1] <= 1) {
		t.Errorf("interval %v around %v", i, m.Top1)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	m.Cosine, again.Cosine = 0, 0 // null, which is no number
	for _, x := range []map[string]Distance{m.Controls, again.Controls} {
		for who, d := range x {
			d.Cosine = 0
			x[who] = d
		}
	}
	if !reflect.DeepEqual(m, again) {
		t.Errorf("%+v\nis read as\n%+v", m, again)
	}
	if raw, err = json.Marshal(Model{}); string(raw) != "{}" {
		t.Errorf("no model is %s (%v)", raw, err)
	}
}

// The divergence of two logits of two classes has a closed form: with p = σ(a), q = σ(b) it is p ln(p/q) + (1−p) ln((1−p)/(1−q)).
func TestDivergence(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, c := range [][2]float64{{0, 0}, {1, -1}, {3, 2.5}, {-20, 4}} {
		p, q := sigmoid(c[0]), sigmoid(c[1])
		want := p*math.Log(p/q) + (1-p)*math.Log((1-p)/(1-q))
		if got := divergence([]float64{c[0] + 7, 7}, []float64{c[1] - 5, -5}); math.Abs(got-want) > 1e-13*(1+want) {
			t.Errorf("%v: %v, not %v", c, got, want)
		}
	}
}

func TestLikeliest(t *testing.T) {
	for _, c := range []struct {
		scores []float64
		want   []int
	}{
		{[]float64{1, 3, 2}, []int{1, 2, 0}},
		{[]float64{2, 2, 2, 2}, []int{0, 1, 2}},
		{[]float64{0, 1, 1, 5, 0}, []int{3, 1, 2}},
		{[]float64{4}, []int{0}},
	} {
		if got := likeliest(c.scores, 3); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, not %v", c.scores, got, c.want)
		}
	}
}
