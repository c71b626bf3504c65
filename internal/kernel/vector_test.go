package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func normal(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// vectorLengths are all small ones, and some around the blocks of 32.
func vectorLengths() []int {
	lengths := []int{127, 128, 129, 1000, 1023}
	for n := range 101 {
		lengths = append(lengths, n)
	}
	return lengths
}

func TestDot(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 7))
	for _, n := range vectorLengths() {
		x, y := normal(r, n), normal(r, n)
		var s twice
		size := 0.0
		for i := range x {
			s.add(x[i], y[i])
			size += math.Abs(x[i] * y[i])
		}
		bound := gamma[float64](float64(n)+1) * size
		sums := map[string]float64{}
		for _, p := range available() {
			sums[p.name] = p.dot(x, y)
			if !(math.Abs(sums[p.name]-(s.high+s.low)) <= bound) {
				t.Errorf("%s: dot of %d: %v, want %v within %.1e", p.name, n, sums[p.name], s.high+s.low, bound)
			}
		}
		if a, both := sums["avx512"]; both && a != sums["avx2"] {
			t.Errorf("dot of %d: avx512 gives %v, avx2 %v", n, a, sums["avx2"])
		}
	}
}

// TestDots holds each row's sum against the one in twice the precision. It does not depend on the
// rows beside it, which need not be there.
func TestDots(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 19))
	for _, n := range vectorLengths() {
		const most = 9
		stride := n + 3
		x, all, old := normal(r, n), normal(r, most*stride), normal(r, most+1)
		var wants, bounds [most]float64
		for i := range wants {
			row := all[i*stride:]
			var s twice
			size := math.Abs(old[i])
			for j := range x {
				s.add(x[j], row[j])
				size += math.Abs(x[j] * row[j])
			}
			wants[i], bounds[i] = s.high+(s.low+old[i]), gamma[float64](float64(n)+3)*size
		}
		var fused []float64
		for _, p := range available() {
			for count := range most + 1 {
				got, rows := slices.Clone(old), all[:max(0, (count-1)*stride+n)]
				p.dots(x, rows, stride, got[:count])
				for i := range count {
					if !(math.Abs(got[i]-wants[i]) <= bounds[i]) {
						t.Fatalf("%s: row %d of %d, of %d: %v, want %v within %.1e", p.name, i, count, n, got[i], wants[i], bounds[i])
					}
					alone := []float64{old[i]}
					if p.dots(x, all[i*stride:], stride, alone); alone[0] != got[i] {
						t.Fatalf("%s: row %d of %d, of %d: %v, alone %v", p.name, i, count, n, got[i], alone[0])
					}
				}
				if !slices.Equal(got[count:], old[count:]) {
					t.Fatalf("%s: wrote beside %d sums", p.name, count)
				}
				switch {
				case count < most || p == pathGo:
				case fused == nil:
					fused = got
				case !sameBits(fused, got):
					t.Errorf("dots of %d: %s gives %v, and the path before it %v", n, p.name, got, fused)
				}
			}
		}
	}
}

// TestAxpy and TestDecayRank1 compare with the sum in twice the precision:
// three roundings at most. A slice's neighbours must stay as they are.
func TestAxpy(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 8))
	for _, n := range vectorLengths() {
		x, y, alpha := normal(r, n), normal(r, n+1), r.NormFloat64()
		for _, p := range available() {
			got := slices.Clone(y)
			p.axpy(alpha, x, got[:n])
			for i := range x {
				s := twice{high: y[i]}
				s.add(alpha, x[i])
				bound := gamma[float64](3) * (math.Abs(alpha*x[i]) + math.Abs(y[i]))
				if !(math.Abs(got[i]-s.high-s.low) <= bound) {
					t.Fatalf("%s: axpy of %d: y[%d] = %v, want %v", p.name, n, i, got[i], s.high)
				}
			}
			if got[n] != y[n] {
				t.Fatalf("%s: axpy of %d wrote one more", p.name, n)
			}
		}
	}
}

// TestScale: one rounding, which every path takes alike.
func TestScale(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 10))
	for _, n := range vectorLengths() {
		x, alpha := normal(r, n+1), r.NormFloat64()
		for _, p := range available() {
			got := slices.Clone(x)
			p.scale(alpha, got[:n])
			for i := range n {
				if got[i] != alpha*x[i] {
					t.Fatalf("%s: scale of %d: x[%d] = %v, want %v", p.name, n, i, got[i], alpha*x[i])
				}
			}
			if got[n] != x[n] {
				t.Fatalf("%s: scale of %d wrote one more", p.name, n)
			}
		}
	}
}

func TestDecayRank1(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 9))
	for _, n := range vectorLengths() {
		m := r.IntN(7)
		x, y, a, decay := normal(r, m), normal(r, n), normal(r, m*n+1), r.Float64()
		for _, p := range available() {
			got := slices.Clone(a)
			p.decayRank1(decay, x, y, got[:m*n])
			for at := range m * n {
				i, j := at/n, at%n
				var s twice
				s.add(decay, a[at])
				s.add(x[i], y[j])
				bound := gamma[float64](3) * (math.Abs(decay*a[at]) + math.Abs(x[i]*y[j]))
				if !(math.Abs(got[at]-s.high-s.low) <= bound) {
					t.Fatalf("%s: rank-1 update of %d×%d: a[%d,%d] = %v, want %v", p.name, m, n, i, j, got[at], s.high)
				}
			}
			if got[m*n] != a[m*n] {
				t.Fatalf("%s: rank-1 update of %d×%d wrote one more", p.name, m, n)
			}
		}
	}
}

func TestMax(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 13))
	for _, n := range vectorLengths() {
		for _, at := range []int{0, n / 2, n - 1} {
			x, want := normal(r, n), math.Inf(-1)
			for i := range x {
				x[i] -= 10 // below zero, which a mask might bring in
			}
			if n > 0 {
				want = -1
				x[at] = want
			}
			for _, p := range available() {
				if got := p.max(x); got != want {
					t.Fatalf("%s: the largest of %d, at %d, is %v, not %v", p.name, n, at, got, want)
				}
			}
		}
	}
}

// TestExtremes puts the extremes in all places, of numbers that are all above or all below zero, which a
// mask might bring in.
func TestExtremes(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 14))
	for _, n := range vectorLengths() {
		for at := range max(n, 1) {
			for _, offset := range []float64{-10, 10} {
				x := normal(r, n)
				least, greatest := math.Inf(1), math.Inf(-1)
				for i := range x {
					x[i] = offset + math.Tanh(x[i])
				}
				if n > 0 {
					x[at], x[(at+n/2)%n] = offset-2, offset+2
					least, greatest = slices.Min(x), slices.Max(x)
				}
				for _, p := range available() {
					if low, high := p.extremes(x); low != least || high != greatest {
						t.Fatalf("%s: the extremes of %d, at %d, are %v and %v, not %v and %v", p.name, n, at, low, high, least, greatest)
					}
				}
			}
		}
	}
}

// TestCarry holds the sums against those of Dot and what is written against the
// sum in twice the precision: four roundings at most.
func TestCarry(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 10))
	for _, n := range vectorLengths() {
		x, y, z, f := normal(r, n), normal(r, n+1), normal(r, n+1), normal(r, 5)
		var sums [3]float64
		for _, p := range available() {
			gotY, gotZ := slices.Clone(y), slices.Clone(z)
			var dots [3]float64
			dots[0], dots[1], dots[2] = p.carry(x, gotY[:n], gotZ[:n], f[0], f[1], f[2], f[3], f[4])
			for k, with := range [][]float64{x, y, z} {
				size := 0.0
				for i := range x {
					size += math.Abs(x[i] * with[i])
				}
				if bound := 2 * gamma[float64](float64(n)+1) * size; !(math.Abs(dots[k]-pathGo.dot(x, with[:n])) <= bound) {
					t.Errorf("%s: product %d of %d: %v", p.name, k, n, dots[k])
				}
			}
			for i := range x {
				for _, c := range []struct {
					name  string
					got   float64
					terms []float64
				}{
					{"y", gotY[i], []float64{f[0], y[i], f[1], x[i]}},
					{"z", gotZ[i], []float64{f[2], z[i], f[3], x[i], f[4], y[i]}},
				} {
					var s twice
					size := 0.0
					for k := 0; k < len(c.terms); k += 2 {
						s.add(c.terms[k], c.terms[k+1])
						size += math.Abs(c.terms[k] * c.terms[k+1])
					}
					if bound := gamma[float64](4) * size; !(math.Abs(c.got-s.high-s.low) <= bound) {
						t.Fatalf("%s: %s[%d] of %d = %v, want %v", p.name, c.name, i, n, c.got, s.high)
					}
				}
			}
			if gotY[n] != y[n] || gotZ[n] != z[n] {
				t.Fatalf("%s: carry of %d wrote one more", p.name, n)
			}
			switch p.name {
			case "avx512":
				sums = dots
			case "avx2":
				if sums != [3]float64{} && sums != dots {
					t.Errorf("carry of %d: avx512 gives %v, avx2 %v", n, sums, dots)
				}
			}
		}
	}
}

// TestQuotients compares with the quotients one by one. Denominators are
// positive sums, so that a term is wrong by a few roundings.
func TestQuotients(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 11))
	absolute := func(n int) []float64 {
		x := normal(r, n)
		for i := range x {
			x[i] = math.Abs(x[i])
		}
		return x
	}
	for n := 0; n <= 256; n += 4 {
		x, y, z, w, u := absolute(n), absolute(n), absolute(n), normal(r, n), normal(r, n)
		a := absolute(3)
		least := a[0] // met by some, not by others
		var wantW, wantU, sizeW, sizeU float64
		for i := range x {
			d := max(a[0]*x[i]+a[1]*y[i]+a[2]*z[i], least)
			wantW, wantU = wantW+w[i]/d, wantU+u[i]/d
			sizeW, sizeU = sizeW+math.Abs(w[i]/d), sizeU+math.Abs(u[i]/d)
		}
		var first [2]float64
		for _, p := range available() {
			gotW, gotU := p.quotients(a[0], a[1], a[2], least, x, y, z, w, u)
			bound := 2 * gamma[float64](float64(n)+6)
			if !(math.Abs(gotW-wantW) <= bound*sizeW && math.Abs(gotU-wantU) <= bound*sizeU) {
				t.Errorf("%s: quotients of %d: %v and %v, want %v and %v", p.name, n, gotW, gotU, wantW, wantU)
			}
			switch got := [2]float64{gotW, gotU}; p.name {
			case "avx512":
				first = got
			case "avx2":
				if first != [2]float64{} && first != got {
					t.Errorf("quotients of %d: avx512 gives %v, avx2 %v", n, first, got)
				}
			}
		}
	}
}

// A denominator that is not a number is not mistaken for one below the least.
func TestQuotientsOfNaN(t *testing.T) {
	one := slices.Repeat([]float64{1}, 12)
	for i := range one {
		x := slices.Clone(one)
		x[i] = math.NaN()
		for _, p := range available() {
			if w, u := p.quotients(1, 1, 1, 5, x, one, one, one, one); !math.IsNaN(w) || !math.IsNaN(u) {
				t.Errorf("%s: NaN at %d: %v and %v", p.name, i, w, u)
			}
		}
	}
}

// TestVectorsAllocateNothing: also for slices on the stack.
func TestVectorsAllocateNothing(t *testing.T) {
	perRun := testing.AllocsPerRun(100, func() {
		var x, y [20]float64
		var a [400]float64
		Exp(y[:], x[:], 1)
		Axpy(Dot(x[:], y[:]), x[:], y[:])
		Scale(2, x[:])
		DecayRank1(0.5, x[:], y[:], a[:])
		Carry(x[:], y[:], a[:20], [2]float64{1, 2}, [3]float64{1, 2, 3})
		Quotients([3]float64{1, 2, 3}, x[:], y[:], a[:20], 1, a[:20], a[20:40])
	})
	if perRun != 0 {
		t.Errorf("%v allocations a run", perRun)
	}
}
