package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// activation is a kernel that replaces each number of a slice, what it should
// give, and how far off it may be: relatively to the result in units of 2⁻²⁴, and
// beside that absolutely, beside half of the smallest subnormal number.
type activation struct {
	name  string
	apply func(p *path, x []float32)
	want  func(x float64) float64
	units func(x float64) float64
	least float64
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

func activations() []activation {
	product := func(name string, linear, cubic float64) activation {
		z := func(x float64) float64 { return float64(linear*x) + float64(float64(cubic*x)*float64(x*x)) }
		return activation{name, func(p *path, x []float32) { p.sigmoidProduct32(x, float32(linear), float32(cubic)) },
			func(x float64) float64 {
				switch {
				case math.IsInf(x, -1):
					return 0
				case math.IsInf(x, 1):
					return x
				}
				return x * sigmoid(z(x))
			},
			func(x float64) float64 {
				return 8 + 4*math.Abs(z(min(max(x, -1e3), 1e3))) // no further: the result is 0 or x
			}, 0x1p-121}
	}
	return []activation{
		{"exp", func(p *path, x []float32) { p.expSum32(x, x, 0) }, math.Exp, func(float64) float64 { return 2 }, 0},
		{"gelu", func(p *path, x []float32) { p.gelu32(x) }, func(x float64) float64 {
			if math.IsInf(x, -1) {
				return 0
			}
			return 0.5 * x * math.Erfc(-x/math.Sqrt2)
		}, func(float64) float64 { return 8 }, math.SmallestNonzeroFloat32 / 2},
		product("geluTanh", geluLinear, geluCubic),
		product("silu", 1, 0),
		product("quickGelu", 1.702, 0),
	}
}

// floats are float32 from all over the line, subnormal ones and NaN among them,
// many where the kernels do something.
func floats() []float32 {
	var x []float32
	for bits := uint64(0); bits < 1<<32; bits += 16411 {
		x = append(x, math.Float32frombits(uint32(bits)))
	}
	for v := -130.0; v < 130; v += 0.00371 {
		x = append(x, float32(v), float32(v/10))
	}
	inf := float32(math.Inf(1))
	return append(x, 0, float32(math.Copysign(0, -1)), inf, -inf, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32,
		88.72283, 88.72284, -87.33654, -103.97207, -103.97208, -103.9721)
}

func TestActivations(t *testing.T) {
	const subnormal = math.SmallestNonzeroFloat32
	x := floats()
	for _, a := range activations() {
		var fused []float32
		for _, p := range available() {
			got := slices.Clone(x)
			a.apply(p, got)
			worst, wrong := 0.0, 0
			for i, v := range x {
				want := a.want(float64(v))
				bound := a.units(float64(v))*0x1p-24*math.Abs(want) + a.least + subnormal/2
				off := math.Abs(float64(got[i]) - want)
				switch {
				case math.IsNaN(want):
					if !math.IsNaN(float64(got[i])) {
						t.Fatalf("%s: %s(%v) = %v", p.name, a.name, v, got[i])
					}
				case math.Abs(want) >= math.MaxFloat32*(1+0x1p-25):
					if float64(got[i]) != math.Inf(1) {
						t.Fatalf("%s: %s(%v) = %v, want Inf", p.name, a.name, v, got[i])
					}
				case !(off <= bound*1.000001):
					if wrong++; wrong < 5 {
						t.Errorf("%s: %s(%v) = %v, want %v: %.3g off, more than %.3g", p.name, a.name, v, got[i], want, off, bound)
					}
				case math.Abs(want) > 0x1p-100:
					worst = max(worst, off/math.Abs(want)*0x1p24/a.units(float64(v)))
				}
				if a.name != "exp" && v <= 0 && got[i] != float32(math.Inf(1)) && !math.Signbit(float64(got[i])) && (v < 0 || math.Signbit(float64(v))) {
					t.Fatalf("%s: %s(%v) = %v is not negative", p.name, a.name, v, got[i])
				}
			}
			t.Logf("%s: %s: at most %.2f of the bound", p.name, a.name, worst)
			switch {
			case p == pathGo:
			case fused == nil:
				fused = got
			default:
				for i := range got {
					if math.Float32bits(got[i]) != math.Float32bits(fused[i]) {
						t.Fatalf("%s(%v): avx512 gives %v, %s %v", a.name, x[i], fused[i], p.name, got[i])
					}
				}
			}
		}
	}
}

// TestActivationElement: a number's result does not depend on its place or on the
// length of its slice, and nothing beside the slice is written.
func TestActivationElement(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 20))
	x := make([]float32, 101)
	for i := range x {
		x[i] = float32(30 * r.NormFloat64())
	}
	for _, a := range activations() {
		for _, p := range available() {
			whole := slices.Clone(x)
			a.apply(p, whole)
			for n := range 71 {
				from := r.IntN(len(x) - n)
				part := slices.Clone(x)
				a.apply(p, part[from:from+n])
				if !sameBits(part[from:from+n], whole[from:from+n]) || !sameBits(part[:from], x[:from]) || !sameBits(part[from+n:], x[from+n:]) {
					t.Fatalf("%s: %s of %d elements from %d on differs or wrote beside them", p.name, a.name, n, from)
				}
			}
		}
	}
}

// agreed fails unless avx2 and avx512 give the same bits.
func agreed[T float](t *testing.T, name string, results map[string][]T) {
	t.Helper()
	if a, both := results["avx512"]; both && !sameBits(a, results["avx2"]) {
		t.Fatalf("%s: avx512 gives %v, avx2 %v", name, a, results["avx2"])
	}
}

func normal32(r *rand.Rand, n int, scale, offset float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(scale*r.NormFloat64() + offset)
	}
	return x
}

// use makes a path the one in use until the test ends.
func use(t *testing.T, p *path) {
	before := active
	active = p
	t.Cleanup(func() { active = before })
}

func TestSoftmaxRow32(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 21))
	for _, n := range vectorLengths() {
		x := normal32(r, n, 10, 100)
		if n > 3 {
			x[r.IntN(n-1)+1] = float32(math.Inf(-1))
		}
		most, sum := math.Inf(-1), 0.0
		for _, v := range x {
			most = max(most, float64(v))
		}
		for _, v := range x {
			sum += math.Exp(float64(v) - most)
		}
		results := map[string][]float32{}
		for _, p := range available() {
			use(t, p)
			got := append(slices.Clone(x), 77)
			greatest, total := SoftmaxRow32(got[:n])
			if got[n] != 77 {
				t.Fatalf("%s: wrote beyond %d elements", p.name, n)
			}
			if float64(greatest) != most || !(math.Abs(float64(total)-sum) <= gamma[float32](9+float64(n)/16)*sum) {
				t.Fatalf("%s: row of %d: greatest %v, sum %v; want %v, %v", p.name, n, greatest, total, most, sum)
			}
			for i, v := range x {
				want := math.Exp(float64(v)-most) / sum
				if !(math.Abs(float64(got[i])-want) <= gamma[float32](10+float64(n)/16)*want+2*math.SmallestNonzeroFloat32) {
					t.Fatalf("%s: row of %d: element %d is %v, want %v", p.name, n, i, got[i], want)
				}
			}
			results[p.name] = append(got, greatest, total)
		}
		agreed(t, "softmax", results)
	}
}

// TestSoftmaxRowSpecial: rows without a softmax become NaN.
func TestSoftmaxRowSpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, p := range available() {
		use(t, p)
		for at := range 40 {
			for _, v := range []float32{inf, nan} {
				row := make([]float32, 40)
				row[at] = v
				SoftmaxRow32(row)
				double := make([]float64, 40)
				double[at] = float64(v)
				SoftmaxRow(double)
				for i := range row {
					if row[i] == row[i] || double[i] == double[i] {
						t.Fatalf("%s: %v at %d: element %d is %v, in float64 %v", p.name, v, at, i, row[i], double[i])
					}
				}
			}
		}
		row := []float32{-inf, -inf}
		if _, sum := SoftmaxRow32(row); sum == sum || row[0] == row[0] {
			t.Errorf("%s: −Inf alone: %v, sum %v", p.name, row, sum)
		}
		if greatest, sum := SoftmaxRow32(nil); greatest != -inf || sum != 0 {
			t.Errorf("%s: of nothing: %v, %v", p.name, greatest, sum)
		}
	}
}

// TestSoftmaxRow: the bits are those of the plain loops around Exp.
func TestSoftmaxRow(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 22))
	for _, n := range vectorLengths() {
		x := normal(r, n)
		for i := range x {
			x[i] = 10*x[i] + 500
		}
		for _, p := range available() {
			use(t, p)
			want := slices.Clone(x)
			most, total := math.Inf(-1), 0.0
			for _, v := range x {
				most = max(most, v)
			}
			p.exp(want, want, -most)
			for _, e := range want {
				total += e
			}
			for i := range want {
				want[i] /= total
			}
			got := slices.Clone(x)
			greatest, sum := SoftmaxRow(got)
			if greatest != most || sum != total || !sameBits(got, want) {
				t.Fatalf("%s: row of %d: not the bits of the loops", p.name, n)
			}
		}
	}
}

// TestLayerNorm32 has rows whose mean is a thousand times their spread.
func TestLayerNorm32(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 23))
	const eps = 1e-5
	for _, n := range vectorLengths() {
		for _, offset := range []float64{0, 1000, -1e-3} {
			x, scale, shift := normal32(r, n, 1, offset), normal32(r, n, 1, 1), normal32(r, n, 1, 0)
			mean, variance := 0.0, 0.0
			for _, v := range x {
				mean += float64(v) / float64(n)
			}
			for _, v := range x {
				variance += (float64(v) - mean) * (float64(v) - mean) / float64(n)
			}
			results := map[string][]float32{}
			for _, p := range available() {
				use(t, p)
				got := append(slices.Clone(x), 77)
				LayerNorm32(got[:n], got[:n], scale, shift, eps)
				if got[n] != 77 {
					t.Fatalf("%s: wrote beyond %d elements", p.name, n)
				}
				for i, v := range x {
					part := (float64(v) - mean) / math.Sqrt(variance+float64(float32(eps))) * float64(scale[i])
					want := part + float64(shift[i])
					bound := 0x1p-24*(5*math.Abs(part)+math.Abs(want)) + 1e-12*math.Abs(offset)*math.Abs(float64(scale[i]))
					if !(math.Abs(float64(got[i])-want) <= bound) {
						t.Fatalf("%s: row of %d around %v: element %d is %v, want %v within %.2g", p.name, n, offset, i, got[i], want, bound)
					}
				}
				results[p.name] = got
			}
			agreed(t, "layer normalisation", results)
		}
	}
}

func TestAdd32(t *testing.T) {
	r := rand.New(rand.NewPCG(16, 24))
	for _, n := range vectorLengths() {
		m := r.IntN(4)
		a, row := normal32(r, m*n+1, 1, 0), normal32(r, n, 1, 0)
		want := slices.Clone(a)
		for at := range m * n {
			want[at] += row[at%n]
		}
		for _, p := range available() {
			use(t, p)
			got := slices.Clone(a)
			AddRow32(got[:m*n], row)
			if !sameBits(got, want) {
				t.Fatalf("%s: %d rows of %d", p.name, m, n)
			}
			if most := Max32(a); most != slices.Max(a) {
				t.Fatalf("%s: the largest of %d is %v, not %v", p.name, len(a), most, slices.Max(a))
			}
			got = slices.Clone(a)
			Add32(got, want)
			for i := range got {
				if got[i] != a[i]+want[i] {
					t.Fatalf("%s: sum %d of %d is %v", p.name, i, len(got), got[i])
				}
			}
		}
	}
}

func TestMultiply32(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 25))
	for _, n := range vectorLengths() {
		x, by, sum := normal32(r, n+1, 1, 0), normal32(r, n+1, 1, 0), normal32(r, n+1, 1, 0)
		wantX, wantSum, total := slices.Clone(x), slices.Clone(sum), 0.0
		for i := range n {
			wantX[i] = float32(x[i] * by[i])
			wantSum[i] += wantX[i]
			total += float64(wantX[i])
		}
		for _, p := range available() {
			use(t, p)
			gotX, gotSum := slices.Clone(x), slices.Clone(sum)
			Multiply32(gotX[:n], by[:n], gotSum[:n])
			if !sameBits(gotX, wantX) || !sameBits(gotSum, wantSum) {
				t.Fatalf("%s: products of %d", p.name, n)
			}
			if got := Sum32(gotX[:n]); math.Abs(got-total) > 1e-13*float64(n) {
				t.Fatalf("%s: the sum of %d is %v, not %v", p.name, n, got, total)
			}
		}
	}
}

func TestSingleAllocatesNothing(t *testing.T) {
	perRun := testing.AllocsPerRun(100, func() {
		var x, y [20]float32
		Exp32(x[:], y[:], 1)
		SoftmaxRow32(x[:])
		Gelu32(x[:])
		GeluTanh32(x[:])
		LayerNorm32(x[:], x[:], y[:], y[:], 1)
		AddRow32(x[:], y[:10])
		Add32(x[:], y[:])
		Multiply32(x[:], y[:], y[:])
		Max32(x[:])
	})
	if perRun != 0 {
		t.Errorf("%v allocations a run", perRun)
	}
}
