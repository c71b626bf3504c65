package kernel

import "math"

// The pure Go kernels. Each product is converted to its own type before it is
// added: the language lets a compiler fuse x*y + z into one rounding, and on
// some machines it does; the conversion forbids it, so that this path gives the
// same bits everywhere.

func dotGo(x, y []float64) float64 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float64
	for len(x) >= 4 && len(y) >= 4 {
		s0 += float64(x[0] * y[0])
		s1 += float64(x[1] * y[1])
		s2 += float64(x[2] * y[2])
		s3 += float64(x[3] * y[3])
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		s0 += float64(v * y[i])
	}
	return (s0 + s1) + (s2 + s3)
}

func dotsGo(x, rows []float64, stride int, sums []float64) {
	for i := range sums {
		sums[i] += dotGo(x, rows[i*stride:][:len(x)])
	}
}

func axpyGo(alpha float64, x, y []float64) {
	for len(x) >= 4 && len(y) >= 4 {
		y[0] += float64(alpha * x[0])
		y[1] += float64(alpha * x[1])
		y[2] += float64(alpha * x[2])
		y[3] += float64(alpha * x[3])
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		y[i] += float64(alpha * v)
	}
}

func scaleGo(alpha float64, x []float64) {
	for i := range x {
		x[i] *= alpha
	}
}

func decayRank1Go(decay float64, x, y, a []float64) {
	for i, v := range x {
		row := a[i*len(y) : (i+1)*len(y)]
		y := y[:len(row)]
		for j := range row {
			row[j] = float64(decay*row[j]) + float64(v*y[j])
		}
	}
}

// maxGo has four running maxima, which do not wait for each other.
func maxGo(x []float64) float64 {
	none := math.Inf(-1)
	m := [4]float64{none, none, none, none}
	for len(x) >= 4 {
		for j := range m {
			if v := x[j]; v > m[j] {
				m[j] = v
			}
		}
		x = x[4:]
	}
	for _, v := range x {
		if v > m[0] {
			m[0] = v
		}
	}
	return max(m[0], m[1], m[2], m[3])
}

func extremesGo(x []float64) (least, greatest float64) {
	least, greatest = math.Inf(1), math.Inf(-1)
	for _, v := range x {
		if v < least {
			least = v
		}
		if v > greatest {
			greatest = v
		}
	}
	return least, greatest
}

func divideGo(x []float64, by float64) {
	for i := range x {
		x[i] /= by
	}
}

func carryGo(x, y, z []float64, b0, b1, c0, c1, c2 float64) (xx, xy, xz float64) {
	y, z = y[:len(x)], z[:len(x)]
	for i, v := range x {
		xx += float64(v * v)
		xy += float64(v * y[i])
		xz += float64(v * z[i])
		z[i] = float64(c0*z[i]) + float64(c1*v) + float64(c2*y[i])
		y[i] = float64(b0*y[i]) + float64(b1*v)
	}
	return xx, xy, xz
}

func quotientsGo(a0, a1, a2, least float64, x, y, z, w, u []float64) (sumW, sumU float64) {
	y, z, w, u = y[:len(x)], z[:len(x)], w[:len(x)], u[:len(x)]
	for i, v := range x {
		d := float64(a0*v) + float64(a1*y[i]) + float64(a2*z[i])
		if d < least { // false of a NaN, which is not to be hidden
			d = least
		}
		q := 1 / d
		sumW += float64(w[i] * q)
		sumU += float64(u[i] * q)
	}
	return sumW, sumU
}

// tileGo is the micro-kernel in Go: tileRows × tileColumns, two rows at a time,
// which is as many sums as the registers of every machine hold.
func tileGo[T float](k int, alpha T, a []T, rowA, stepA, panelA int, b []T, stepB int, beta T, c []T, ldc, rows int) {
	for i := 0; i < rows; i += 2 {
		from := a[i/tileRows*panelA+i%tileRows*rowA:]
		twoRows(k, alpha, from, from[rowA:], stepA, b, stepB, beta, c[i*ldc:], ldc)
	}
}

const tileRows, tileColumns = 4, 4

func twoRows[T float](k int, alpha T, first, second []T, stepA int, b []T, stepB int, beta T, c []T, ldc int) {
	var c00, c01, c02, c03, c10, c11, c12, c13 T
	for p := range k {
		row := b[p*stepB : p*stepB+tileColumns]
		a0, a1 := first[p*stepA], second[p*stepA]
		b0, b1, b2, b3 := row[0], row[1], row[2], row[3]
		c00 += T(a0 * b0)
		c01 += T(a0 * b1)
		c02 += T(a0 * b2)
		c03 += T(a0 * b3)
		c10 += T(a1 * b0)
		c11 += T(a1 * b1)
		c12 += T(a1 * b2)
		c13 += T(a1 * b3)
	}
	update(c, alpha, beta, &[4]T{c00, c01, c02, c03})
	update(c[ldc:], alpha, beta, &[4]T{c10, c11, c12, c13})
}

// update sets c = alpha s + beta c, without reading c if beta is 0.
func update[T float](c []T, alpha, beta T, s *[4]T) {
	c = c[:4]
	for j := range c {
		if v := T(alpha * s[j]); beta == 0 {
			c[j] = v
		} else {
			c[j] = v + T(beta*c[j])
		}
	}
}
