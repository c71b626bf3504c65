package integrator

// combineBlock is the length of the pieces in which combine passes over long
// vectors more than once, so that the second pass finds them in cache.
const combineBlock = 1024

// combine sets dst = y + h Σ_n r.weight[n] · k[r.stage[n]], element by
// element in one fixed order of additions whatever the length. dst may be y.
func combine(dst, y []float64, h float64, r row, k [][]float64) {
	combineRange(dst, y, h, r, k, 0, len(dst))
}

// combineRange is combine for the elements [from, to) alone.
func combineRange(dst, y []float64, h float64, r row, k [][]float64, from, to int) {
	if len(r.stage) <= 6 {
		combineSome(dst, y, h, r.weight, r.stage, k, from, to)
		return
	}
	for ; from < to; from += combineBlock {
		end := min(from+combineBlock, to)
		base := y
		for n := 0; n < len(r.stage); n += 6 {
			last := min(n+6, len(r.stage))
			combineSome(dst, base, h, r.weight[n:last], r.stage[n:last], k, from, end)
			base = dst
		}
	}
}

// combineSome is combine for at most six terms and the elements [from, to).
func combineSome(dst, y []float64, h float64, w []float64, stage []int, k [][]float64, from, to int) {
	dst, y = dst[from:to], y[from:to]
	var v [6][]float64
	var a [6]float64
	for n, j := range stage {
		v[n], a[n] = k[j][from:to], h*w[n]
	}
	terms := len(stage)
	if vectors && terms > 0 {
		done := len(dst) &^ (lanes - 1)
		if done > 0 {
			combineVector(dst[:done], y[:done], &a, &v, terms)
		}
		dst, y = dst[done:], y[done:]
		for n := range terms {
			v[n] = v[n][done:]
		}
	}
	combineScalar(dst, y, a, v, terms)
}

// combineScalar is the formula. The vector form makes the same additions and
// multiplications in the same order and rounds each, so that the two agree to
// the last bit.
func combineScalar(dst, y []float64, a [6]float64, v [6][]float64, terms int) {
	switch terms {
	case 0:
		copy(dst, y)
	case 1:
		combine1(dst, y, a[0], v[0])
	case 2:
		combine2(dst, y, a, v[0], v[1])
	case 3:
		combine3(dst, y, a, v[0], v[1], v[2])
	case 4:
		combine4(dst, y, a, v[0], v[1], v[2], v[3])
	case 5:
		combine5(dst, y, a, v[0], v[1], v[2], v[3], v[4])
	default:
		combine6(dst, y, a, v[0], v[1], v[2], v[3], v[4], v[5])
	}
}

func combine1(dst, y []float64, a float64, k0 []float64) {
	y, k0 = y[:len(dst)], k0[:len(dst)]
	for i := range dst {
		dst[i] = y[i] + float64(a*k0[i])
	}
}

func combine2(dst, y []float64, a [6]float64, k0, k1 []float64) {
	y, k0, k1 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)]
	a0, a1 := a[0], a[1]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]))
	}
}

func combine3(dst, y []float64, a [6]float64, k0, k1, k2 []float64) {
	y, k0, k1, k2 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)]
	a0, a1, a2 := a[0], a[1], a[2]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]))
	}
}

func combine4(dst, y []float64, a [6]float64, k0, k1, k2, k3 []float64) {
	y, k0, k1, k2, k3 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)]
	a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]))
	}
}

func combine5(dst, y []float64, a [6]float64, k0, k1, k2, k3, k4 []float64) {
	y, k0, k1, k2, k3, k4 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)], k4[:len(dst)]
	a0, a1, a2, a3, a4 := a[0], a[1], a[2], a[3], a[4]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]) + float64(a4*k4[i]))
	}
}

func combine6(dst, y []float64, a [6]float64, k0, k1, k2, k3, k4, k5 []float64) {
	y, k0, k1, k2, k3, k4, k5 = y[:len(dst)], k0[:len(dst)], k1[:len(dst)], k2[:len(dst)], k3[:len(dst)], k4[:len(dst)], k5[:len(dst)]
	a0, a1, a2, a3, a4, a5 := a[0], a[1], a[2], a[3], a[4], a[5]
	for i := range dst {
		dst[i] = y[i] + (float64(a0*k0[i]) + float64(a1*k1[i]) + float64(a2*k2[i]) + float64(a3*k3[i]) + float64(a4*k4[i]) + float64(a5*k5[i]))
	}
}
