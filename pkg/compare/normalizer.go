package compare

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/portable"
)

// normalizerAgainst compares the calcium p at the end of each read with the
// reference normaliser Z, over tokens. A query gain is divided out of p first,
// since Z knows none. Tokens where either is not finite (Z may overflow) or
// where Z vanishes are left out and counted; so are, for the logarithms,
// tokens where either is not positive.
func normalizerAgainst(in HeadInput, rung, reference Rung) (Values, []Warning) {
	if len(rung.Normalizer) == 0 || len(reference.Normalizer) == 0 {
		return nil, nil
	}
	var p, z, lp, lz, off []float64
	for t, zt := range reference.Normalizer {
		pt := rung.Normalizer[t]
		if len(in.QueryGain) > 0 && reference.Name == Softmax {
			pt /= in.QueryGain[t]
		}
		if !finite(pt) || !finite(zt) || math.Abs(zt) <= NormFloor {
			continue
		}
		p, z, off = append(p, pt), append(z, zt), append(off, math.Abs(pt/zt-1))
		if pt > 0 && zt > 0 {
			lp, lz = append(lp, portable.Log10(pt)), append(lz, portable.Log10(zt))
		}
	}
	skipped, logSkipped := in.Tokens-len(p), in.Tokens-len(lp)
	values := Values{
		NormalizerMedian: quantile(off, 0.5), NormalizerP95: quantile(off, 0.95),
		NormalizerR: pearson(p, z), NormalizerRLog10: pearson(lp, lz),
		NormalizerSkipped: Number(skipped), NormalizerLogSkipped: Number(logSkipped),
	}
	if logSkipped == 0 {
		return values, nil
	}
	return values, []Warning{{"normalizer-skipped", rung.Name, fmt.Sprintf(
		"of %d tokens, the normaliser of %s or %s is not finite at %d and not positive at %d more: left out of |p/Z − 1| and r, and of log r",
		in.Tokens, rung.Name, reference.Name, skipped, logSkipped-skipped)}}
}
