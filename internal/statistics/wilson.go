package statistics

import "math"

// normal975 is the quantile 0.975 of the normal distribution.
const normal975 = 1.959963984540054

// Wilson returns the 95 % interval of the probability of which a share of n trials was
// had: the score interval (Wilson, Journal of the American Statistical Association 22,
// 1927), which has a width for the shares 0 and 1, too. Of no trials there is none: NaN.
func Wilson(share float64, n int) (low, high float64) {
	if n < 1 {
		return math.NaN(), math.NaN()
	}
	trials, square := float64(n), float64(normal975*normal975)
	middle := (share + square/(2*trials)) / (1 + square/trials)
	half := normal975 * math.Sqrt(float64(share*(1-share))/trials+square/float64(4*trials*trials)) / (1 + square/trials)
	return max(middle-half, 0), min(middle+half, 1)
}
