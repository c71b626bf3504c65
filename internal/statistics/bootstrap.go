package statistics

import (
	"math"
	"math/rand/v2"
)

// Resamplings of MeanInterval: as many as the work allows, in draws.
const (
	mostResamples, leastResamples = 2000, 200
	mostDraws                     = 50_000_000
)

// MeanInterval returns the 95 % interval of the mean of x: the quantiles 0.025 and 0.975 of the means of resamples
// (percentile bootstrap; Efron, Annals of Statistics 7, 1979), of 2 000 of them, or of fewer, 200 at least, where x is long.
// They depend on x and the seed alone. Of fewer than two numbers there is none: NaN.
func MeanInterval(x []float64, seed uint64) (low, high float64) {
	n := len(x)
	if n < 2 {
		return math.NaN(), math.NaN()
	}
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	means := make([]float64, min(max(mostDraws/n, leastResamples), mostResamples))
	for i := range means {
		sum := 0.0
		for range n {
			sum += x[rng.IntN(n)]
		}
		means[i] = sum / float64(n)
	}
	return Quantile(means, 0.025), Quantile(means, 0.975)
}
