package model

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// The network sees the hidden layer through inner products of features alone. So
// with exp(a·b) in the place of φ(a)·φ(b) it is the network of infinitely many
// hidden neurons, whose kernel has no error (science §2b, ours): h and g are
// coefficients over the presented features, and m plays no part.

// NewIdealHead returns the head whose features have the given Gram matrix
// [2N×2N], keys first and then queries. It has no number of neurons: what asks for
// single ones (IntegrateFull, a recorder's Hidden) has no meaning for it.
func NewIdealHead(gram, v []float64, tokens, values int) (*Head, error) {
	if tokens < 1 || values < 1 || len(gram) != 4*tokens*tokens || len(v) != tokens*values {
		return nil, fmt.Errorf("model: a Gram matrix of %d entries and v of %d, not those of %d tokens × %d", len(gram), len(v), tokens, values)
	}
	return newIdealHead(gram, v, tokens, values), nil
}

// NewGramHead returns the head of so many hidden neurons whose features have the given
// Gram matrix [2N×2N], keys first and then queries, and of which single ones are known
// besides: their features phiQ and phiK, [N×len(single)].
func NewGramHead(gram, v []float64, tokens, values, neurons int, single []int, phiQ, phiK []float64) (*Head, error) {
	head, err := NewIdealHead(gram, v, tokens, values)
	if err != nil {
		return nil, err
	}
	if size := tokens * len(single); neurons < 1 || len(phiQ) != size || len(phiK) != size {
		return nil, fmt.Errorf("model: features of %d single neurons of %d, with %d and %d entries for %d tokens", len(single), neurons, len(phiQ), len(phiK), tokens)
	}
	head.Neurons, head.single, head.PhiQ, head.PhiK = neurons, single, phiQ, phiK
	return head, nil
}

func newIdealHead(gram, v []float64, tokens, values int) *Head {
	head := &Head{Tokens: tokens, Values: values, V: v, gramAlone: true, gram: gram, scores: make([]float64, tokens*tokens)}
	for token := range tokens {
		copy(head.scores[token*tokens:(token+1)*tokens], gram[head.queryIndex(token)*2*tokens:])
	}
	return head
}

// ByGram returns the head as its Gram matrix alone tells it: without single neurons,
// and without the features that it was computed from.
func (head *Head) ByGram() *Head {
	alone := newIdealHead(head.Gram(), head.V, head.Tokens, head.Values)
	alone.sums = head.featureSums()
	for _, part := range head.divided {
		alone.divided = append(alone.divided, part.ByGram())
	}
	return alone
}

// HasGram reports whether the Gram matrix has been computed.
func (head *Head) HasGram() bool { return head.gram != nil }

// byGram reports whether inner products are all that is known of the features, but
// for those of single neurons.
func (head *Head) byGram() bool { return head.gramAlone }

// columns is how many neurons' features PhiQ and PhiK hold, and column where they
// have a neuron's; −1: nowhere.
func (head *Head) columns() int {
	if head.byGram() {
		return len(head.single)
	}
	return head.Neurons
}

func (head *Head) column(neuron int) int {
	if head.byGram() {
		return slices.Index(head.single, neuron)
	}
	return neuron
}

// holds reports whether all these neurons' features are known.
func (head *Head) holds(neurons []int) bool {
	return !slices.ContainsFunc(neurons, func(neuron int) bool { return head.column(neuron) < 0 })
}

var errIdeal = errors.New("model: of a head that is known by inner products, or has infinitely many hidden neurons, not every single one is there: integrate its reduced state, and record those that are")

// passGram takes h and g from rest through the first count segments, as
// coefficients over the features, and sets the segments' inner products.
func (passage *passage) passGram(count int) (hidden, presynaptic []float64) {
	size := 2 * passage.head.Tokens
	hidden, presynaptic = make([]float64, size), make([]float64, size)
	for i := range count {
		reached, seg := &passage.forms[i].reached, &passage.segments[i]
		at := passage.head.row(seg)
		if !seg.Blank {
			gram, inner := passage.head.gram[at*size:(at+1)*size], &passage.products[i]
			inner.phiPhi, inner.phiHidden, inner.gPhi = gram[at], kernel.Dot(gram, hidden), kernel.Dot(gram, presynaptic)
		}
		kernel.DecayRank1(reached.coupling, []float64{reached.couplingHidden}, hidden, presynaptic)
		for j := range hidden {
			if hidden[j] *= reached.hidden; math.Abs(hidden[j]) < negligible {
				hidden[j] = 0 // before it becomes a slow subnormal number
			}
		}
		if !seg.Blank {
			hidden[at] += reached.phi
			presynaptic[at] += reached.couplingPhi
		}
	}
	return hidden, presynaptic
}

// row is the row of the Gram matrix that a segment presents.
func (head *Head) row(seg *Segment) int {
	if seg.Phase == Reading {
		return head.queryIndex(seg.Token)
	}
	return head.keyIndex(seg.Token)
}
