package compare

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// outputAgainst compares a rung's output with the reference's: the relative error of
// the whole, what of it is one common gain, and the cosine token by token. Tokens
// whose output or reference has a norm within NormFloor of 0 have no direction and are
// left out of the cosines, with a warning.
func outputAgainst(in HeadInput, rung, reference Rung) (Values, []Warning) {
	values := Values{
		RelativeError: ratio(norm(difference(rung.Output, reference.Output)), norm(reference.Output)),
	}
	gain := ratio(dot(rung.Output, reference.Output)/norm(reference.Output), norm(reference.Output))
	values[Gain], values[ErrorAfterGain] = gain, Null()
	if gain > StepFloor {
		rest := 0.0
		for i, x := range rung.Output {
			off := x/float64(gain) - reference.Output[i]
			rest += float64(off * off)
		}
		values[ErrorAfterGain] = ratio(math.Sqrt(rest), norm(reference.Output))
	}
	d := in.ValueDim
	var cosines []float64
	worst, skipped := -1, 0
	lowest := Null()
	for t := range in.Tokens {
		x, y := rung.Output[t*d:(t+1)*d], reference.Output[t*d:(t+1)*d]
		nx, ny := norm(x), norm(y)
		if !(nx > NormFloor) || !(ny > NormFloor) || !finite(nx) || !finite(ny) {
			skipped++
			continue
		}
		c := dot(x, y) / nx / ny
		cosines = append(cosines, c)
		if worst < 0 || Number(c) < lowest {
			worst, lowest = t, Number(c)
		}
	}
	values[CosineMean], values[CosineWorst], values[CosineWorstToken] = mean(cosines), lowest, Null()
	if worst >= 0 {
		values[CosineWorstToken] = Number(worst)
	}
	if skipped == 0 {
		return values, nil
	}
	return values, []Warning{{"cosine-skipped", rung.Name, fmt.Sprintf(
		"%d of %d tokens have a zero or non-finite output in %s or %s and are left out of the cosines", skipped, in.Tokens, rung.Name, reference.Name)}}
}

// dwellAgainst measures the outputs throughout the reads, whose ends are all that
// is measured elsewhere. A token whose output ends within NormFloor of 0 has no
// ratio to it.
func dwellAgainst(in HeadInput, rung, reference Rung) Values {
	var ratios []float64
	for t, peak := range rung.Peak {
		end := norm(rung.Output[t*in.ValueDim : (t+1)*in.ValueDim])
		if x := ratio(peak, end); x.Known() {
			ratios = append(ratios, float64(x))
		}
	}
	values := Values{
		ErrorDwell: relativeSize(difference(rung.Average, reference.Output), norm(reference.Output)),
		PeakRatio:  Null(),
	}
	if len(ratios) > 0 {
		values[PeakRatio] = Number(statistics.Quantile(ratios, 0.5))
	}
	return values
}
