package plotting

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// read turns a tick label back into a number.
func read(t interface{ Fatalf(string, ...any) }, label string) float64 {
	plain := strings.NewReplacer("−", "-", string(markPlain), "").Replace(label)
	mantissa, power, scientific := strings.Cut(plain, "10"+string(markUp))
	if !scientific {
		v, err := strconv.ParseFloat(plain, 64)
		if err != nil {
			t.Fatalf("label %q is no number", label)
		}
		return v
	}
	if mantissa = strings.TrimSuffix(mantissa, "×"); mantissa == "" {
		mantissa = "1"
	}
	v, err := strconv.ParseFloat(mantissa+"e"+power, 64)
	if err != nil {
		t.Fatalf("label %q is no number", label)
	}
	return v
}

// Whatever the range, labels say where their ticks stand, ticks lie in the range
// in even steps, and there are about as many as wanted.
func TestLinearTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-1e6, 1e6).Draw(t, "lo") * math.Pow(10, rapid.Float64Range(-12, 12).Draw(t, "power"))
		width := math.Abs(lo) * math.Pow(10, rapid.Float64Range(-8, 8).Draw(t, "relative width"))
		hi := lo + width
		if !(width > 1e-280) || !(hi > lo) { // below, digits are lost
			return
		}
		wanted := rapid.IntRange(2, 10).Draw(t, "wanted")
		ticks := linearTicks(lo, hi, wanted)
		if len(ticks) < (wanted-1)/2 || len(ticks) > 2*wanted+1 {
			t.Fatalf("%d ticks in [%g, %g], wanted %d", len(ticks), lo, hi, wanted)
		}
		for i, tick := range ticks {
			const rounding = 1e-9 // relative to the range: i·step against its printed digits
			if v := read(t, tick.label); math.Abs(v-tick.at) > rounding*(width+math.Abs(v)*1e-6) {
				t.Fatalf("tick at %.17g is labelled %q", tick.at, tick.label)
			}
			if tick.at < lo-rounding*width-math.Abs(lo)*1e-15 || tick.at > hi+rounding*width+math.Abs(hi)*1e-15 {
				t.Fatalf("tick %g outside [%g, %g]", tick.at, lo, hi)
			}
			if i > 1 {
				a, b := tick.at-ticks[i-1].at, ticks[i-1].at-ticks[i-2].at
				if math.Abs(a-b) > 1e-6*width+1e-15*math.Abs(tick.at)*4 {
					t.Fatalf("steps of %g and %g", a, b)
				}
			}
		}
	})
}

// The same of a log axis, whose labels are few and ascending.
func TestLogTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := math.Pow(10, rapid.Float64Range(-300, 290).Draw(t, "lo"))
		hi := lo * math.Pow(10, rapid.Float64Range(0.05, 17).Draw(t, "decades"))
		wanted := rapid.IntRange(3, 8).Draw(t, "wanted")
		labels := 0
		for _, tick := range logTicks(lo, hi, wanted) {
			if tick.label == "" {
				continue
			}
			labels++
			if v := read(t, tick.label); math.Abs(v/tick.at-1) > 1e-9 {
				t.Fatalf("tick at %g is labelled %q", tick.at, tick.label)
			}
		}
		if labels < 1 || labels > 2*wanted+1 {
			t.Fatalf("%d labels in [%g, %g], wanted %d", labels, lo, hi, wanted)
		}
	})
}

// An axis takes its ends to 0 and 1 and keeps order; a log axis equal ratios to
// equal steps.
func TestAxis(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64(), 1, 20).Draw(t, "values")
		s := spanOf(values)
		linear := s.linear(0.05)
		logarithmic, _ := s.logarithmic(0.05)
		for _, a := range []axis{linear, logarithmic} {
			if !(a.hi > a.lo) || math.Abs(a.at(a.lo)) > 1e-12 || math.Abs(a.at(a.hi)-1) > 1e-12 {
				t.Fatalf("axis %+v takes its ends to %g and %g", a, a.at(a.lo), a.at(a.hi))
			}
			a.mark(5)
		}
		for _, v := range values {
			if f := linear.at(v); math.Abs(v) < 1e307 && (f < -1e-9 || f > 1+1e-9) {
				t.Fatalf("%g lies at %g of its own axis", v, f)
			}
			if f := logarithmic.at(v); v > 1e-270 && v < 1e270 && (f < -1e-9 || f > 1+1e-9) {
				t.Fatalf("%g lies at %g of its own log axis", v, f)
			}
		}
	})
	a := axis{lo: 1, hi: 1e4, log: true}
	for i, x := range []float64{1, 10, 100, 1e3, 1e4} {
		if math.Abs(a.at(x)-float64(i)/4) > 1e-15 {
			t.Errorf("%g lies at %g", x, a.at(x))
		}
	}
	if !math.IsNaN(a.at(0)) || !math.IsNaN(a.at(-1)) {
		t.Error("0 and −1 have a place on a log axis")
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		got, want string
	}{
		{number(0), "0"}, {number(0.12345), "0.123"}, {number(12.345), "12.3"}, {number(1234.5), "1234"},
		{number(-2.5e-9), "−2.5×10" + sup("−9")}, {number(math.NaN()), "not a number"}, {number(math.Inf(-1)), "−∞"},
		{correlation(1), "1"}, {correlation(0.99997), "1\u00a0−\u00a03×10" + sup("−5")}, {correlation(0.5), "0.500"},
		{correlation(-1), "−1.000"}, {correlation(math.NaN()), "undefined"}, {correlation(math.Inf(-1)), "undefined"},
		{decade(-9, false), "10" + sup("−9")}, {decade(1, false), "10"}, {decade(-3, true), "0.001"}, {Thousands(1234567), "1\u00a0234\u00a0567"}, {Thousands(12), "12"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
