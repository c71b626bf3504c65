package fit

import "math"

// Answer is what a model answers to an input: scores of classes or words, to one question or several, or an embedding.
type Answer[T Real] struct {
	Scores    []T // [questions×Columns]
	Columns   int
	Embedding []float64 // where it is not nil it is the answer
}

// Agreement is how far answers are from a transformer's: of one input its means over the questions, of many the mean of theirs.
type Agreement struct {
	// Loss is KL(transformer‖network) of the softmaxed scores in nats, or 1 − cosine of the embeddings.
	Loss float64
	// Same is the share of questions whose likeliest answer is the same; NaN of embeddings.
	Same float64
}

// over divides a sum by how many there are.
func (a Agreement) over(count int) Agreement {
	return Agreement{a.Loss / float64(count), a.Same / float64(count)}
}

// Cosine is that of the embeddings, where those are the answers.
func (a Agreement) Cosine() float64 { return 1 - a.Loss }

// Against measures an answer against the transformer's to the same input, and returns the gradient of the loss by it.
//
//	KL, of a question:  d/d scores = (softmax network − softmax transformer)/questions
//	1 − e·r/(|e||r|):   d/de = −(r/|r| − cosine e/|e|)/|e|
//
// An input without a question has no loss.
func (a *Answer[T]) Against(transformer *Answer[T]) (Agreement, *Answer[T]) {
	if a.Embedding != nil {
		loss, gradient := cosineLoss(a.Embedding, transformer.Embedding)
		return Agreement{loss, math.NaN()}, &Answer[T]{Embedding: gradient}
	}
	gradient := &Answer[T]{Scores: make([]T, len(a.Scores)), Columns: a.Columns}
	if len(a.Scores) == 0 {
		return Agreement{0, 1}, gradient
	}
	questions := len(a.Scores) / a.Columns
	var total Agreement
	for i := range questions {
		at, to := i*a.Columns, (i+1)*a.Columns
		loss, same := klLoss(transformer.Scores[at:to], a.Scores[at:to], gradient.Scores[at:to])
		total.Loss += loss
		if same {
			total.Same++
		}
	}
	for i := range gradient.Scores {
		gradient.Scores[i] /= T(questions)
	}
	return total.over(questions), gradient
}

// klLoss is KL(softmax a‖softmax b), its gradient by b, and whether both have the same largest.
func klLoss[T Real](a, b, gradient []T) (float64, bool) {
	p := append([]T(nil), a...)
	copy(gradient, b)
	greatestA, sumA := softmaxRow(p)
	greatestB, sumB := softmaxRow(gradient)
	// log p − log q is a − b and what both are shifted by.
	shift := float64(greatestA) - float64(greatestB) + math.Log(float64(sumA)/float64(sumB))
	loss, bestA, bestB := 0.0, 0, 0
	for i, x := range p {
		if x > 0 {
			loss += float64(float64(x) * (float64(a[i]) - float64(b[i]) - shift))
		}
		gradient[i] -= x
		if a[i] > a[bestA] {
			bestA = i
		}
		if b[i] > b[bestB] {
			bestB = i
		}
	}
	return loss, bestA == bestB
}

// cosineLoss is 1 − cosine, and its gradient by x.
func cosineLoss(x, of []float64) (float64, []float64) {
	along, square, reference := 0.0, 0.0, 0.0
	for i, v := range x {
		along += float64(v * of[i])
		square += float64(v * v)
		reference += float64(of[i] * of[i])
	}
	gradient := make([]float64, len(x))
	size := math.Sqrt(square * reference)
	if size == 0 {
		return 1, gradient
	}
	for i, v := range x {
		gradient[i] = float64(along*v)/(square*size) - of[i]/size
	}
	return 1 - along/size, gradient
}
