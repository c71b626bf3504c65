package compare

import (
	"cmp"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/portable"
	"github.com/nasim-sim/nasim/internal/statistics"
)

// Answering is what one answerer makes of an input.
type Answering struct {
	Scores    [][]float64 // logits of each question, all as long; nil: its answer is an embedding
	Embedding []float64
}

// best is how many answers of a question are told.
const best = 5

// AnswerOf lists what a question's logits make likeliest; ties go to the lower number.
func AnswerOf(scores []float64, text func(id int) string) Answer {
	logs := logSoftmax(scores)
	answer := Answer{Top: []Choice{}}
	for _, id := range likeliest(scores, best) {
		answer.Top = append(answer.Top, Choice{id, text(id), Number(portable.Exp(logs[id]))})
	}
	return answer
}

// DistanceFrom measures an answer against the transformer's. label is the true answer of
// every question, −1 where it is not known.
func (a Answering) DistanceFrom(transformer Answering, label int) Distance {
	var same, overlap, kl, correct []float64
	for i, scores := range a.Scores {
		reference := transformer.Scores[i]
		mine, theirs := likeliest(scores, best), likeliest(reference, best)
		same = append(same, truth(mine[0] == theirs[0]))
		shared := 0
		for _, id := range theirs {
			if slices.Contains(mine, id) {
				shared++
			}
		}
		overlap = append(overlap, float64(shared)/float64(len(theirs)))
		kl = append(kl, divergence(reference, scores))
		if label >= 0 {
			correct = append(correct, truth(mine[0] == label))
		}
	}
	return Distance{mean(same), mean(overlap), mean(kl), cosineOf(a.Embedding, transformer.Embedding), mean(correct)}
}

// CorrectShare is the share of questions whose likeliest answer is the label.
func (a Answering) CorrectShare(label int) Number { return a.DistanceFrom(a, label).Correct }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// likeliest returns the numbers of the largest scores, largest first.
func likeliest(scores []float64, count int) []int {
	var top []int
	for id, x := range scores {
		if len(top) == count && !(x > scores[top[count-1]]) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, x, func(of int, x float64) int {
			if scores[of] >= x {
				return -1
			}
			return 1
		})
		top = slices.Insert(top, at, id)[:min(len(top)+1, count)]
	}
	return top
}

// divergence is KL(softmax a‖softmax b) in nats.
func divergence(a, b []float64) float64 {
	la, lb := logSoftmax(a), logSoftmax(b)
	sum := 0.0
	for i, x := range la {
		if p := portable.Exp(x); p > 0 {
			sum += float64(p * (x - lb[i]))
		}
	}
	return max(sum, 0) // which rounding may bring below
}

func logSoftmax(x []float64) []float64 {
	greatest := slices.MaxFunc(x, cmp.Compare[float64])
	sum := 0.0
	for _, v := range x {
		sum += portable.Exp(v - greatest)
	}
	logs := make([]float64, len(x))
	for i, v := range x {
		logs[i] = v - greatest - portable.Log(sum)
	}
	return logs
}

func cosineOf(x, y []float64) Number {
	if len(x) == 0 || len(x) != len(y) {
		return Null()
	}
	return ratio(dot(x, y)/norm(x), norm(y))
}

// LayerDistance measures hidden states of n tokens against the transformer's.
func LayerDistance(layer int, hidden, transformer []float64, n int) Layer {
	var cosines []float64
	width := len(hidden) / n
	for t := range n {
		if c := cosineOf(hidden[t*width:(t+1)*width], transformer[t*width:(t+1)*width]); c.Known() {
			cosines = append(cosines, float64(c))
		}
	}
	return Layer{layer, OutputDistance(hidden, transformer), mean(cosines)}
}

// OutputDistance is ‖x − reference‖/‖reference‖.
func OutputDistance(x, reference []float64) Number {
	return ratio(norm(difference(x, reference)), norm(reference))
}

// mostShown is how many responses metrics.json holds.
const mostShown = 10

// A Tally adds up replies.
type Tally struct {
	model   Model
	columns map[string][]float64 // of each number, those of the inputs that have it
	layers  map[Layer][]float64
	heads   map[ReplacedHead][]float64
}

// NewTally begins the tally of a swap.
func NewTally(mode, rung string, replaced int) *Tally {
	return &Tally{
		model:   Model{Mode: mode, Rung: rung, Replaced: replaced, Responses: []Response{}, Layers: []Layer{}, Heads: []ReplacedHead{}},
		columns: map[string][]float64{}, layers: map[Layer][]float64{}, heads: map[ReplacedHead][]float64{},
	}
}

// Add adds a reply; they come in the order of the inputs.
func (t *Tally) Add(r Reply) {
	t.model.Inputs++
	for _, response := range r.Responses {
		if len(t.model.Responses) < mostShown {
			t.model.Responses = append(t.model.Responses, response)
		}
	}
	if r.Failed != "" {
		t.model.Failed++
		return
	}
	for who, d := range r.Distances {
		t.add(who+" "+top1, d.Top1)
		t.add(who+" "+top5, d.Top5)
		t.add(who+" "+logitsKL, d.KL)
		t.add(who+" "+embedding, d.Cosine)
		t.add(who+" "+accuracy, d.Correct)
	}
	t.add(Transformer+" "+accuracy, r.Correct)
	if d, ok := r.Distances[Network]; ok {
		t.add(difference1, d.Correct-r.Correct)
	}
	for _, l := range r.Layers {
		t.layers[Layer{Layer: l.Layer}] = addTo(t.layers[Layer{Layer: l.Layer}], l.RelativeError, l.Cosine)
	}
	for _, h := range r.Heads {
		key := ReplacedHead{Layer: h.Layer, Head: h.Head}
		t.heads[key] = addTo(t.heads[key], h.RelativeError)
	}
}

// The names of the numbers in JSON.
const (
	top1, top5, logitsKL, embedding, accuracy = "top1_agreement", "top5_agreement", "logits_kl", "embedding_cosine", "accuracy"

	difference1 = "accuracy_difference"
)

func (t *Tally) add(column string, x Number) {
	if x.Known() {
		t.columns[column] = append(t.columns[column], float64(x))
	}
}

// addTo adds to sums, each followed by its count.
func addTo(sums []float64, x ...Number) []float64 {
	if sums == nil {
		sums = make([]float64, 2*len(x))
	}
	for i, v := range x {
		if v.Known() {
			sums[2*i] += float64(v)
			sums[2*i+1]++
		}
	}
	return sums
}

// Model returns the means, with intervals by resampling the inputs (percentile bootstrap; Efron 1979) from the seed.
func (t *Tally) Model(seed uint64) Model {
	m := t.model
	of := func(column string) Number { return mean(t.columns[column]) }
	distance := func(who string) Distance {
		return Distance{of(who + " " + top1), of(who + " " + top5), of(who + " " + logitsKL), of(who + " " + embedding), of(who + " " + accuracy)}
	}
	network := distance(Network)
	m.Top1, m.Top5, m.KL, m.Cosine, m.AccuracyNetwork = network.Top1, network.Top5, network.KL, network.Cosine, network.Correct
	m.AccuracyTransformer, m.AccuracyDifference = of(Transformer+" "+accuracy), of(difference1)
	m.Controls = map[string]Distance{}
	for _, who := range Replaced()[1:] {
		if len(t.columns[who+" "+top1])+len(t.columns[who+" "+embedding]) > 0 {
			m.Controls[who] = distance(who)
		}
	}
	m.Intervals = map[string][2]Number{}
	for column, name := range map[string]string{
		Network + " " + top1: top1, Network + " " + top5: top5, Network + " " + logitsKL: logitsKL, Network + " " + embedding: embedding,
		Network + " " + accuracy: "accuracy_network", Transformer + " " + accuracy: "accuracy_transformer", difference1: difference1,
	} {
		if x := t.columns[column]; len(x) > 1 {
			low, high := statistics.MeanInterval(x, seed)
			m.Intervals[name] = [2]Number{Number(low), Number(high)}
		}
	}
	for key, sums := range t.layers {
		m.Layers = append(m.Layers, Layer{key.Layer, meanOf(sums, 0), meanOf(sums, 1)})
	}
	slices.SortFunc(m.Layers, func(a, b Layer) int { return a.Layer - b.Layer })
	for key, sums := range t.heads {
		m.Heads = append(m.Heads, ReplacedHead{key.Layer, key.Head, meanOf(sums, 0)})
	}
	slices.SortFunc(m.Heads, func(a, b ReplacedHead) int { return cmp.Or(a.Layer-b.Layer, a.Head-b.Head) })
	return m
}

func meanOf(sums []float64, i int) Number {
	if sums[2*i+1] == 0 {
		return Number(math.NaN())
	}
	return Number(sums[2*i] / sums[2*i+1])
}
