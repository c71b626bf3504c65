package page

import (
	"math"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// Decimal writes a number to so many significant digits without an exponent,
// thousands apart from 10 000 on: 0.0123, 1.30, 11 200; "–" of none, NaN.
func Decimal(x float64, digits int) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case x == 0 || math.IsInf(x, 0):
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	// Rounded first: its leading digit may move.
	rounded := statistics.RoundTo(x, digits)
	places := digits - 1 - int(math.Floor(math.Log10(math.Abs(rounded))))
	return thousands(strconv.FormatFloat(rounded, 'f', max(places, 0), 64))
}

// Whole writes a whole number, thousands apart from 10 000 on.
func Whole(n int) string { return thousands(strconv.Itoa(n)) }

// thousands sets groups of three digits apart by a space that does not break, as
// SI writes them, where there are more than four before the point.
func thousands(digits string) string {
	const noBreakSpace = "\u00a0"
	whole, fraction, _ := strings.Cut(digits, ".")
	unsigned := strings.TrimPrefix(whole, "-")
	if len(unsigned) < 5 {
		return digits
	}
	var groups []string
	for len(unsigned) > 3 {
		groups = append([]string{unsigned[len(unsigned)-3:]}, groups...)
		unsigned = unsigned[:len(unsigned)-3]
	}
	out := strings.Join(append([]string{unsigned}, groups...), noBreakSpace)
	if strings.HasPrefix(whole, "-") {
		out = "-" + out
	}
	if fraction != "" {
		out += "." + fraction
	}
	return out
}

// Scientific writes a number with an exponent, to so many significant digits:
// 1.41e-6, 9.0e-6, 3.0; "–" of none, NaN.
func Scientific(x float64, digits int) string {
	if math.IsNaN(x) {
		return "–"
	}
	mantissa, exponent, found := strings.Cut(strconv.FormatFloat(x, 'e', digits-1, 64), "e")
	if !found { // infinite
		return mantissa
	}
	sign := ""
	if exponent[0] == '-' {
		sign = "-"
	}
	exponent = strings.TrimLeft(exponent[1:], "0")
	if exponent == "" {
		return mantissa
	}
	return mantissa + "e" + sign + exponent
}

// Seconds writes a time to three digits: 34.8 µs, 16.3 ms, 0.240 s.
func Seconds(s float64) string {
	switch {
	case s < 1e-4:
		return Decimal(1e6*s, 3) + " µs"
	case s < 0.1:
		return Decimal(1e3*s, 3) + " ms"
	}
	return Decimal(s, 3) + " s"
}
