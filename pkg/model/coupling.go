package model

import (
	"errors"
	"math"
	"slices"
)

// Where the presynaptic plasticity is blocked the neurons' couplings g_α are not their
// own: each is their mean, so that the processes collect (Σ g)(Σ h)/m (science §7). Of
// the features that takes their sums over the neurons alone.

// meanCoupling follows Σ h and Σ g, each over √m.
type meanCoupling struct {
	sums             []float64 // of each feature, as Gram has them, over √m
	hidden, coupling float64
}

var errNoSums = errors.New("model: with the coupling at its mean the features' sums over the neurons are needed, and this head is known by its inner products alone")

// newMeanCoupling is nil where the coupling is plastic.
func newMeanCoupling(head *Head, parameters *Parameters) (*meanCoupling, error) {
	if !parameters.FrozenCoupling {
		return nil, nil
	}
	sums := head.featureSums()
	if sums == nil {
		return nil, errNoSums
	}
	return &meanCoupling{sums: sums}, nil
}

// drive returns what the processes collect in a segment: its own inner products, given,
// where the coupling is plastic.
func (mean *meanCoupling) drive(head *Head, seg *Segment, own collected) collected {
	if mean == nil {
		return own
	}
	phi := mean.phi(head, seg)
	return collected{
		phiPhi: phi * phi, phiHidden: phi * mean.hidden, hiddenHidden: mean.hidden * mean.hidden, gPhi: mean.coupling * phi, gHidden: mean.coupling * mean.hidden,
	}
}

func (mean *meanCoupling) phi(head *Head, seg *Segment) float64 {
	if seg.Blank {
		return 0
	}
	return mean.sums[head.row(seg)]
}

// advance takes the sums to a segment's end.
func (mean *meanCoupling) advance(head *Head, seg *Segment, reached *coefficients) {
	if mean == nil {
		return
	}
	phi, hidden := mean.phi(head, seg), mean.hidden
	mean.hidden = float64(reached.phi*phi) + float64(reached.hidden*hidden)
	mean.coupling = float64(reached.coupling*mean.coupling) + float64(reached.couplingPhi*phi) + float64(reached.couplingHidden*hidden)
}

// featureSums returns Σ_α φ_α/√m of each feature, keys first and then queries, [2N],
// computed on first use; nil where single neurons are not known.
func (head *Head) featureSums() []float64 {
	if head.sums != nil || head.byGram() {
		return head.sums
	}
	m := head.Neurons
	sums := make([]float64, 0, 2*head.Tokens)
	for _, features := range [][]float64{head.PhiK, head.PhiQ} {
		for phi := range slices.Chunk(features, m) {
			var sum float64
			for _, x := range phi {
				sum += x
			}
			sums = append(sums, sum/math.Sqrt(float64(m)))
		}
	}
	head.sums = sums
	return sums
}
