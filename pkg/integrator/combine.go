package integrator

// combineBlock is the length of the pieces in which combine passes over long
// vectors more than once, so that the second pass finds them in cache.
const combineBlock = 1024

// combine sets dst = y + h Σ_n sum.weight[n] · k[sum.stage[n]], element by
// element in one fixed order of additions whatever the length. dst may be y.
func combine(dst, y []float64, h float64, sum row, k [][]float64) {
	combineRange(dst, y, h, sum, k, 0, len(dst))
}

// combineRange is combine for the elements [from, to) alone.
func combineRange(dst, y []float64, h float64, sum row, k [][]float64, from, to int) {
	if len(sum.stage) <= 6 {
		combineSome(dst, y, h, sum.weight, sum.stage, k, from, to)
		return
	}
	for ; from < to; from += combineBlock {
		end := min(from+combineBlock, to)
		base := y
		for first := 0; first < len(sum.stage); first += 6 {
			last := min(first+6, len(sum.stage))
			combineSome(dst, base, h, sum.weight[first:last], sum.stage[first:last], k, from, end)
			base = dst
		}
	}
}

// combineSome is combine for at most six terms and the elements [from, to).
func combineSome(dst, y []float64, h float64, weights []float64, stages []int, k [][]float64, from, to int) {
	dst, y = dst[from:to], y[from:to]
	var slopes [6][]float64
	var factors [6]float64
	for term, stage := range stages {
		slopes[term], factors[term] = k[stage][from:to], h*weights[term]
	}
	terms := len(stages)
	if vectors && terms > 0 {
		done := len(dst) &^ (lanes - 1)
		if done > 0 {
			combineVector(dst[:done], y[:done], &factors, &slopes, terms)
		}
		dst, y = dst[done:], y[done:]
		for term := range terms {
			slopes[term] = slopes[term][done:]
		}
	}
	combineScalar(dst, y, factors, slopes, terms)
}

// combineScalar is the formula. The vector form makes the same additions and
// multiplications in the same order and rounds each, so that the two agree to
// the last bit.
func combineScalar(dst, y []float64, factors [6]float64, slopes [6][]float64, terms int) {
	switch terms {
	case 0:
		copy(dst, y)
	case 1:
		combine1(dst, y, factors[0], slopes[0])
	case 2:
		combine2(dst, y, factors, slopes[0], slopes[1])
	case 3:
		combine3(dst, y, factors, slopes[0], slopes[1], slopes[2])
	case 4:
		combine4(dst, y, factors, slopes[0], slopes[1], slopes[2], slopes[3])
	case 5:
		combine5(dst, y, factors, slopes[0], slopes[1], slopes[2], slopes[3], slopes[4])
	default:
		combine6(dst, y, factors, slopes[0], slopes[1], slopes[2], slopes[3], slopes[4], slopes[5])
	}
}

func combine1(dst, y []float64, factor float64, k0 []float64) {
	y, k0 = y[:len(dst)], k0[:len(dst)]
	for i := range dst {
		dst[i] = y[i] + float64(factor*k0[i])
	}
}

func combine2(dst, y []float64, factors [6]float64, k0, k1 []float64) {
	y, k0, k1 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)]
	a0, a1 := factors[0], factors[1]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]))
	}
}

func combine3(dst, y []float64, factors [6]float64, k0, k1, k2 []float64) {
	y, k0, k1, k2 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)]
	a0, a1, a2 := factors[0], factors[1], factors[2]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]))
	}
}

func combine4(dst, y []float64, factors [6]float64, k0, k1, k2, k3 []float64) {
	y, k0, k1, k2, k3 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)]
	a0, a1, a2, a3 := factors[0], factors[1], factors[2], factors[3]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]))
	}
}

func combine5(dst, y []float64, factors [6]float64, k0, k1, k2, k3, k4 []float64) {
	y, k0, k1, k2, k3, k4 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)], k4[:len(dst)]
	a0, a1, a2, a3, a4 := factors[0], factors[1], factors[2], factors[3], factors[4]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]) + float64(a4*k4[i]))
	}
}

func combine6(dst, y []float64, factors [6]float64, k0, k1, k2, k3, k4, k5 []float64) {
	y, k0, k1, k2, k3, k4, k5 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)], k4[:len(dst)], k5[:len(dst)]
	a0, a1, a2, a3, a4, a5 := factors[0], factors[1], factors[2], factors[3], factors[4], factors[5]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]) + float64(a4*k4[i]) + float64(a5*k5[i]))
	}
}
