package model

import (
	"errors"
	"math"
	"slices"
)

// Where the presynaptic plasticity is blocked the neurons' couplings g_α are not their
// own: each is their mean over the cell, so that the processes collect (Σ g)(Σ h)/m and
// those of a compartment (Σ g)(Σ_{α∈c} h_α)/m (science §7). Of the features that takes
// their sums over the neurons alone.

// meanCoupling follows Σ h and Σ g, each over √m, of the cell or of a compartment.
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

// drive returns what the processes collect in a segment: by its own inner products, given,
// where the coupling is plastic.
func (mean *meanCoupling) drive(head *Head, seg *Segment, own collected) driving {
	if mean == nil {
		return own.drives()
	}
	return mean.by(mean, head, seg)
}

// by returns what a part of the cell collects at the mean of the cell's couplings.
func (mean *meanCoupling) by(part *meanCoupling, head *Head, seg *Segment) driving {
	phi, own := mean.phi(head, seg), part.phi(head, seg)
	return driving{
		gPhi: mean.coupling * own, gHidden: mean.coupling * part.hidden,
		phiPhi: phi * own, phiHidden: phi * part.hidden, hiddenPhi: mean.hidden * own, hiddenHidden: mean.hidden * part.hidden,
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

// dividedCoupling is the same of compartments, of which none knows the couplings of the others.
type dividedCoupling struct {
	head  *Head
	whole *meanCoupling
	parts []meanCoupling
}

// newDividedCoupling is nil where the coupling is plastic.
func newDividedCoupling(head *Head, parameters *Parameters) (*dividedCoupling, error) {
	whole, err := newMeanCoupling(head, parameters)
	if whole == nil {
		return nil, err
	}
	sums, err := head.partSums(parameters.Compartments.Count)
	if err != nil {
		return nil, err
	}
	divided := &dividedCoupling{head: head, whole: whole}
	for _, sums := range sums {
		divided.parts = append(divided.parts, meanCoupling{sums: sums})
	}
	return divided, nil
}

// drive returns what a compartment collects in a segment: by its own inner products, given,
// where the coupling is plastic.
func (divided *dividedCoupling) drive(c int, seg *Segment, own *collected) driving {
	if divided == nil {
		return own.drives()
	}
	return divided.whole.by(&divided.parts[c], divided.head, seg)
}

// advance takes the sums to a segment's end.
func (divided *dividedCoupling) advance(seg Segment, reached *coefficients) {
	if divided == nil {
		return
	}
	divided.whole.advance(divided.head, &seg, reached)
	for c := range divided.parts {
		divided.parts[c].advance(divided.head, &seg, reached)
	}
}

// featureSums returns Σ_α φ_α/√m of each feature, keys first and then queries, [2N],
// computed on first use; nil where single neurons are not known.
func (head *Head) featureSums() []float64 {
	if head.sums != nil || head.byGram() {
		return head.sums
	}
	head.sums = head.sumsOf(0, head.Neurons)
	return head.sums
}

// partSums returns of each of so many compartments what featureSums does of all, [C×2N].
func (head *Head) partSums(count int) ([][]float64, error) {
	var sums [][]float64
	switch {
	case head.byGram() && len(head.divided) == count:
		for _, part := range head.divided {
			if part.featureSums() == nil {
				return nil, errNoSums
			}
			of := slices.Clone(part.featureSums())
			scale(of, 1/math.Sqrt(float64(count)))
			sums = append(sums, of)
		}
	case head.byGram() || head.Neurons%count != 0:
		return nil, &CompartmentsError{count, head.Neurons}
	default:
		size := head.Neurons / count
		for c := range count {
			sums = append(sums, head.sumsOf(c*size, (c+1)*size))
		}
	}
	return sums, nil
}

// sumsOf sums some neurons' features, each over √m.
func (head *Head) sumsOf(from, to int) []float64 {
	sums := make([]float64, 0, 2*head.Tokens)
	for _, features := range [][]float64{head.PhiK, head.PhiQ} {
		for phi := range slices.Chunk(features, head.Neurons) {
			var sum float64
			for _, x := range phi[from:to] {
				sum += x
			}
			sums = append(sums, sum/math.Sqrt(float64(head.Neurons)))
		}
	}
	return sums
}
