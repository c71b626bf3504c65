package model

import (
	"fmt"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// A Head is what one attention head's circuit is given. The slices are read,
// never written. A Head keeps the Gram matrix of its features once it is
// computed, so it serves one goroutine at a time.
type Head struct {
	Tokens, Neurons, Values int       // N, m, d_v
	PhiQ, PhiK              []float64 // hidden layer's tuning to queries and keys, [N×m]
	V                       []float64 // values, [N×d_v]

	gramAlone bool  // the features are known by their Gram matrix, but for those
	single    []int // of these neurons, which PhiQ and PhiK hold

	scores  []float64 // B = Φ_q Φ_kᵀ, [N×N]
	sums    []float64 // Σ_α φ_α/√m, [2N]
	divided []*Head   // its compartments
	gram    []float64 // [2N×2N]: K = U Uᵀ, U = [φ(k_1) … φ(k_N), φ(q_1) … φ(q_N)]
}

// NewHead checks the shapes and returns the head.
func NewHead(phiQ, phiK, v []float64, tokens, neurons, values int) (*Head, error) {
	for _, array := range []struct {
		name string
		have int
		cols int
	}{{"φ(q)", len(phiQ), neurons}, {"φ(k)", len(phiK), neurons}, {"v", len(v), values}} {
		if tokens < 1 || array.cols < 1 || array.have != tokens*array.cols {
			return nil, fmt.Errorf("model: %s has %d entries, not %d tokens × %d", array.name, array.have, tokens, array.cols)
		}
	}
	return &Head{Tokens: tokens, Neurons: neurons, Values: values, PhiQ: phiQ, PhiK: phiK, V: v}, nil
}

// Result is what a circuit answers for every token. Its arrays are row-major.
type Result struct {
	Output     []float64 // f at the end of each read, [N×d_v]
	Attention  []float64 // A_eff, [N×N]; nil unless asked for
	Calcium    []float64 // p at the end of each read (of the discrete network: g·φ(q)), [N]
	Pools      []float64 // of compartments, p of each at the end of each read, [N×C]; nil of one; Calcium is their mean
	Normalizer []float64 // what divides there but for the floor: by the reciprocal read-out p itself; nil without an astrocyte, [N]
	Dwell      *Dwell    // nil unless asked for

	// AtFloor counts the reads whose calcium was at or below the floor.
	AtFloor int

	// Steps are what [Head.Exact] has integrated, by each method that had a part in it, in order;
	// nil where all is in closed form.
	Steps []Steps
}

// Steps are those of one method.
type Steps struct {
	Method string
	Stats  integrator.Stats
}

// Evaluations counts how often [Head.Exact] has evaluated the derivative of what has no
// closed form, that of Dwell not counted: what an answer costs where there is none.
func (result *Result) Evaluations() (count int) {
	for _, steps := range result.Steps {
		count += steps.Stats.Evaluations
	}
	return count
}

// take takes note of the astrocyte at the end of a read.
func (result *Result) take(astrocyte *astrocyte, token int, reached *coefficients) {
	result.Calcium[token] = reached.calcium
	if result.Normalizer != nil {
		result.Normalizer[token] = astrocyte.normalizer(reached.calcium, reached.astrocyte)
	}
}

// normalizers makes room for what divides in each read.
func (parameters *Parameters) normalizers(tokens int) []float64 {
	if parameters.Circuit == NoAstrocyte {
		return nil
	}
	return make([]float64, tokens)
}

// newResult returns a result with room for every token's answers.
func (head *Head) newResult(attention bool) Result {
	result := Result{Output: make([]float64, head.Tokens*head.Values), Calcium: make([]float64, head.Tokens)}
	if attention {
		result.Attention = make([]float64, head.Tokens*head.Tokens)
	}
	return result
}

// Synapses returns m·d_v, the number of ensheathed hidden→output synapses.
func (head *Head) Synapses() int { return head.Neurons * head.Values }

// Rows of the Gram matrix: keys first, then queries.
func (head *Head) keyIndex(token int) int   { return token }
func (head *Head) queryIndex(token int) int { return head.Tokens + token }

// feature returns what a segment presents to the hidden layer, [m]; nil in a blank.
func (head *Head) feature(seg *Segment) []float64 {
	if seg.Blank {
		return nil
	}
	source := head.PhiK
	if seg.Phase == Reading {
		source = head.PhiQ
	}
	return source[seg.Token*head.Neurons : (seg.Token+1)*head.Neurons]
}

// Scores returns φ(q_t)·φ(k_s), [N×N], computed on first use.
func (head *Head) Scores() []float64 {
	if head.scores == nil {
		n, m := head.Tokens, head.Neurons
		head.scores = make([]float64, n*n)
		kernel.Gemm(false, true, n, n, m, 1, head.PhiQ, m, head.PhiK, m, 0, head.scores, n)
	}
	return head.scores
}

// Gram returns the inner products of all features, computed on first use.
func (head *Head) Gram() []float64 {
	if head.gram != nil {
		return head.gram
	}
	n, m := head.Tokens, head.Neurons
	gram := make([]float64, 4*n*n)
	kernel.Gemm(false, true, n, n, m, 1, head.PhiK, m, head.PhiK, m, 0, gram, 2*n)
	for token, scores := 0, head.Scores(); token < n; token++ {
		copy(gram[(n+token)*2*n:], scores[token*n:(token+1)*n])
	}
	kernel.Gemm(false, true, n, n, m, 1, head.PhiQ, m, head.PhiQ, m, 0, gram[2*n*n+n:], 2*n)
	for i := range n {
		for j := range n {
			gram[i*2*n+n+j] = gram[(n+j)*2*n+i]
		}
	}
	head.gram = gram
	return gram
}
