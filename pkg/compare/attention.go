package compare

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// probabilities returns the visible part of row t, clipped at 0 and divided by
// what is left; nil where the row is not finite or nothing positive is left.
func probabilities(in HeadInput, attention []float64, t int) []float64 {
	row := attention[t*in.Tokens : t*in.Tokens+in.visible(t)]
	out := make([]float64, len(row))
	sum := 0.0
	for s, a := range row {
		if !finite(a) {
			return nil
		}
		out[s] = math.Max(a, 0)
		sum += out[s]
	}
	if !(sum > NormFloor) || !finite(sum) {
		return nil
	}
	for s := range out {
		out[s] /= sum
	}
	return out
}

// attentionRows measures the rows of one effective attention matrix by
// themselves: sums, negative mass, entropy. With lag and leak its entries may
// be negative and its rows need not sum to 1.
func attentionRows(in HeadInput, rung Rung) (Values, []Warning) {
	if len(rung.Attention) == 0 {
		return nil, nil
	}
	var sums, clipped, entropies []float64
	unseen := 0
	for t := range in.Tokens {
		row := rung.Attention[t*in.Tokens : (t+1)*in.Tokens]
		sum, negative, absolute := 0.0, 0.0, 0.0
		for s, a := range row {
			if s >= in.visible(t) {
				if a != 0 {
					unseen++
				}
				continue
			}
			sum += a
			absolute += math.Abs(a)
			negative += math.Max(-a, 0)
		}
		if finite(sum) {
			sums = append(sums, sum)
		}
		if c := ratio(negative, absolute); c.Known() {
			clipped = append(clipped, float64(c))
		}
		if p := probabilities(in, rung.Attention, t); p != nil {
			entropies = append(entropies, entropy(p))
		}
	}
	skipped := in.Tokens - len(entropies)
	values := Values{
		RowSumMin: smallest(sums), RowSumMedian: quantile(sums, 0.5), RowSumMax: largest(sums),
		ClippedMassMean: mean(clipped), ClippedMassMax: largest(clipped),
		Entropy: mean(entropies), RowsSkipped: Number(skipped),
	}
	var warnings []Warning
	if skipped > 0 {
		warnings = append(warnings, Warning{"rows-skipped", rung.Name, fmt.Sprintf(
			"%d of %d rows of the %s attention are not finite or have no positive entry: left out of the attention metrics", skipped, in.Tokens, rung.Name)})
	}
	if unseen > 0 {
		warnings = append(warnings, Warning{"attention-unseen", rung.Name, fmt.Sprintf(
			"%d entries of the %s attention lie on tokens a causal head cannot see: they are ignored in the attention metrics", unseen, rung.Name)})
	}
	return values, warnings
}

// attentionAgainst compares the rows of a rung with the reference's. A row
// counts where it can be formed in both.
func attentionAgainst(in HeadInput, rung, reference Rung) (Values, []Warning) {
	if len(rung.Attention) == 0 || len(reference.Attention) == 0 {
		return nil, nil
	}
	var tv, kl, floored, top1, top5 []float64
	for t := range in.Tokens {
		p := probabilities(in, reference.Attention, t)
		q := probabilities(in, rung.Attention, t)
		if p == nil || q == nil {
			continue
		}
		divergence, mass := relativeEntropy(p, q)
		tv, kl, floored = append(tv, totalVariation(p, q)), append(kl, divergence), append(floored, mass)
		// Ranks come from the rows as given: dividing by the sum can turn
		// neighbours one rounding apart into ties.
		start, end := t*in.Tokens, t*in.Tokens+in.visible(t)
		a, b := leading(reference.Attention[start:end]), leading(rung.Attention[start:end])
		top1 = append(top1, overlap(a[:1], b[:1]))
		top5 = append(top5, overlap(a, b))
	}
	return Values{
		TVMean: mean(tv), TVMax: largest(tv),
		KLMean: mean(kl), KLFlooredMass: mean(floored),
		Top1Overlap: mean(top1), Top5Overlap: mean(top5),
	}, nil
}

// totalVariation returns ½ Σ |p − q|.
func totalVariation(p, q []float64) float64 {
	sum := 0.0
	for s := range p {
		sum += math.Abs(p[s] - q[s])
	}
	return sum / 2
}

// relativeEntropy returns KL(p‖q) in nats with both raised to AttentionFloor
// inside the logarithm, and the mass of p on tokens where q is below it.
func relativeEntropy(p, q []float64) (nats, floored float64) {
	for s := range p {
		if q[s] < AttentionFloor {
			floored += p[s]
		}
		nats += float64(p[s] * portable.Log(math.Max(p[s], AttentionFloor)/math.Max(q[s], AttentionFloor)))
	}
	return nats, floored
}

// entropy returns −Σ p ln p in nats, 0 ln 0 being 0.
func entropy(p []float64) float64 {
	sum := 0.0
	for _, v := range p {
		if v > 0 {
			sum -= float64(v * portable.Log(v))
		}
	}
	return sum
}

// leading returns the indices of the five largest entries of a row clipped at
// 0, or of all if fewer; among equal entries the lower index comes first.
func leading(row []float64) []int {
	const most = 5
	best := make([]int, 0, most+1)
	for s, a := range row {
		a = math.Max(a, 0)
		at := len(best)
		for at > 0 && a > math.Max(row[best[at-1]], 0) {
			at--
		}
		if at == most {
			continue
		}
		best = append(best, 0)
		copy(best[at+1:], best[at:])
		best[at] = s
		if len(best) > most {
			best = best[:most]
		}
	}
	return best
}

// overlap returns |a ∩ b| / |a|, for sets of equal size.
func overlap(a, b []int) float64 {
	shared := 0
	for _, x := range a {
		for _, y := range b {
			if x == y {
				shared++
			}
		}
	}
	return float64(shared) / float64(len(a))
}
