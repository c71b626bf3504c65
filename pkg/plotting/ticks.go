package plotting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// tick is a labelled mark (major) or a bare one (label "").
type tick struct {
	at    float64
	label string
}

// linearTicks marks [lo, hi] at steps of 1, 2 or 5 times a power of ten, with
// about `wanted` labels.
func linearTicks(lo, hi float64, wanted int) []tick {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil
	}
	raw := (hi - lo) / float64(max(1, wanted))
	power := int(math.Floor(math.Log10(raw)))
	unit := math.Pow(10, float64(power))
	// The nearest of 1, 2, 5 and 10 on a logarithmic scale.
	var factor float64
	switch m := raw / unit; {
	case m < math.Sqrt2:
		factor = 1
	case m < math.Sqrt(10):
		factor = 2
	case m < math.Sqrt(50):
		factor = 5
	default:
		factor, power, unit = 1, power+1, unit*10
	}
	step := factor * unit
	var ticks []tick
	const slack = 1e-9 // of a step: an end that is a multiple of the step is marked
	first, last := math.Ceil(lo/step-slack), math.Floor(hi/step+slack)
	for i := range int(min(last-first, float64(4*wanted))) + 1 { // more only where rounding spoils the range
		n := first + float64(i)
		ticks = append(ticks, tick{at: n * step, label: fixed(n, factor, power)})
	}
	return ticks
}

// fixed writes i·factor·10^power without the rounding of the product.
func fixed(i, factor float64, power int) string {
	mantissa := i * factor
	switch {
	case mantissa == 0:
		return "0"
	case power < -4 || power > 4:
		// One power for all the ticks of an axis would need a second label.
		digits := int(math.Floor(math.Log10(math.Abs(mantissa)) + 1e-9))
		m := strconv.FormatFloat(mantissa/math.Pow(10, float64(digits)), 'f', -1, 64)
		return minus(m) + "×10" + sup(minus(strconv.Itoa(power+digits)))
	}
	return minus(strconv.FormatFloat(mantissa*math.Pow(10, float64(power)), 'f', max(0, -power), 64))
}

// minus replaces the hyphen of a negative number by the sign for it.
func minus(s string) string { return strings.Replace(s, "-", "−", 1) }

// decade writes a power of ten, in full where its axis goes no further than
// thousands and thousandths.
func decade(power int, full bool) string {
	if full || power == 0 || power == 1 {
		return strconv.FormatFloat(math.Pow(10, float64(power)), 'f', -1, 64)
	}
	return "10" + sup(minus(strconv.Itoa(power)))
}

// logTicks marks the decades of [lo, hi], lo > 0, with about `wanted` labels at
// most and minor ticks between them. A range of less than a decade and a half is
// marked as on a linear axis.
func logTicks(lo, hi float64, wanted int) []tick {
	if !(lo > 0) || !(hi > lo) || math.IsInf(hi, 0) {
		return nil
	}
	first, last := math.Ceil(math.Log10(lo)-1e-9), math.Floor(math.Log10(hi)+1e-9)
	if last-first < 1 {
		return thinned(oneTwoFive(lo, hi), wanted)
	}
	every := math.Ceil((last - first + 1) / float64(max(1, wanted)))
	var ticks []tick
	for d := first - 1; d <= last; d++ {
		base := math.Pow(10, d)
		labelled := math.Mod(d-first, every) == 0
		if d >= first && labelled {
			ticks = append(ticks, tick{at: base, label: decade(int(d), first >= -3 && last <= 3)})
		} else if d >= first && last-first <= 40 {
			ticks = append(ticks, tick{at: base})
		}
		if last-first > 8 {
			continue
		}
		for m := 2.0; m <= 9; m++ {
			if v := m * base; v >= lo && v <= hi {
				ticks = append(ticks, tick{at: v})
			}
		}
	}
	return ticks
}

// oneTwoFive labels 1, 2 and 5 times the powers of ten, and marks the other
// multiples; where fewer than two of the three fall in the range, linear steps.
func oneTwoFive(lo, hi float64) []tick {
	var ticks []tick
	labels := 0
	for d := math.Floor(math.Log10(lo)); d <= math.Log10(hi); d++ {
		for m := 1.0; m <= 9; m++ {
			v := m * math.Pow(10, d)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			t := tick{at: v}
			if m == 1 || m == 2 || m == 5 {
				t.label = fixed(1, m, int(d))
				labels++
			}
			ticks = append(ticks, t)
		}
	}
	if labels < 2 {
		return linearTicks(lo, hi, 3)
	}
	return ticks
}

// thinned takes labels away, evenly, until at most `wanted` are left; their marks
// stay.
func thinned(ticks []tick, wanted int) []tick {
	labels := 0
	for _, t := range ticks {
		if t.label != "" {
			labels++
		}
	}
	every := (labels + max(1, wanted) - 1) / max(1, wanted)
	seen := 0
	for i := range ticks {
		if ticks[i].label == "" {
			continue
		}
		if seen%max(1, every) != 0 {
			ticks[i].label = ""
		}
		seen++
	}
	return ticks
}

// number writes a value for a legend with three significant digits.
func number(x float64) string {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return "not a number"
	case math.IsInf(x, 0):
		return minus(strings.Replace(fmt.Sprint(x), "Inf", "∞", 1))
	case x == 0:
		return "0"
	case a >= 1e-3 && a < 1e5:
		digits := max(0, 2-int(math.Floor(math.Log10(a))))
		return minus(strconv.FormatFloat(x, 'f', digits, 64))
	}
	s := strconv.FormatFloat(x, 'e', 1, 64)
	m, e, _ := strings.Cut(s, "e")
	power, _ := strconv.Atoi(e) // FormatFloat wrote it
	return minus(m) + "×10" + sup(minus(strconv.Itoa(power)))
}

// correlation writes a correlation or cosine so that one close to 1 does not
// look perfect.
func correlation(r float64) string {
	switch miss := 1 - r; {
	case !finite(r):
		return "undefined"
	case miss <= 1e-15:
		return "1"
	case miss < 1e-3:
		return "1\u00a0−\u00a0" + oneDigit(miss)
	}
	return minus(strconv.FormatFloat(r, 'f', 3, 64))
}

func oneDigit(x float64) string {
	m, e, _ := strings.Cut(strconv.FormatFloat(x, 'e', 0, 64), "e")
	power, _ := strconv.Atoi(e) // FormatFloat wrote it
	return m + "×10" + sup(minus(strconv.Itoa(power)))
}
