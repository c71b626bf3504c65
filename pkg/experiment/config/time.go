package config

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Time is a duration in seconds; +Inf is "inf". It is a float and not a
// time.Duration because time constants may be infinite or below a nanosecond.
type Time float64

// timeText is a number, then a unit. The exponent's digits are limited so that
// no short text makes a huge number.
var timeText = regexp.MustCompile(`^([+-]?)([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})? ?([A-Za-zµμ]+)?$`)

// timeUnits are the accepted units, in seconds, as exact fractions.
var timeUnits = map[string]*big.Rat{
	"us": big.NewRat(1, 1_000_000), "µs": big.NewRat(1, 1_000_000), "μs": big.NewRat(1, 1_000_000),
	"ms": big.NewRat(1, 1_000), "s": big.NewRat(1, 1), "min": big.NewRat(60, 1), "h": big.NewRat(3600, 1),
}

// timeSlips are units that people write, and what nasim calls them.
var timeSlips = map[string]string{
	"sec": "s", "secs": "s", "second": "s", "seconds": "s", "S": "s",
	"msec": "ms", "msecs": "ms", "millisecond": "ms", "milliseconds": "ms", "MS": "ms", "Ms": "ms",
	"usec": "us", "microsecond": "us", "microseconds": "us",
	"m": "min", "mins": "min", "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "hr": "h",
}

const timeForms = "a time with its unit (us, ms, s, min, h)"

// ParseTime reads a time such as 250ms, 20s, 1.5min, 500us or inf. The nearest
// float64 is returned: the unit is applied before rounding. A bare number, a
// negative time and NaN are errors whose text holds the remedy.
func ParseTime(text string) (Time, error) {
	switch text {
	case "inf", "+inf", ".inf", "+.inf":
		return Time(math.Inf(1)), nil
	case "-inf", "-.inf":
		return 0, errors.New("-inf is negative; a time is 0 or more, or inf")
	case "nan", "NaN", ".nan", ".NaN":
		return 0, fmt.Errorf("%s is not a time; write %s", text, timeForms)
	case "infinity", "Infinity", "Inf", "INF", ".Inf", ".INF", "∞", "none", "never":
		return 0, fmt.Errorf("%s is not a time; write inf", text)
	}
	match := timeText.FindStringSubmatch(text)
	if match == nil {
		if number, per, ok := strings.Cut(text, "/"); ok {
			return 0, rateForTime(text, number, per)
		}
		return 0, fmt.Errorf("%q is not a time; write %s", text, timeForms)
	}
	sign, number, unit := match[1], match[2]+match[3], match[4]
	if unit == "" {
		return 0, fmt.Errorf("%s has no unit; write %sms or %ss", text, text, text)
	}
	scale, ok := timeUnits[unit]
	if !ok {
		if right := timeSlips[unit]; right != "" {
			return 0, fmt.Errorf("%s is not a unit of time; write %s%s", unit, number, right)
		}
		return 0, fmt.Errorf("%s is not a unit of time; write %s", unit, timeForms)
	}
	value, ok := new(big.Rat).SetString(strings.TrimSuffix(number, "."))
	if !ok {
		return 0, fmt.Errorf("%q is not a time; write %s", text, timeForms)
	}
	if sign == "-" && value.Sign() != 0 {
		return 0, fmt.Errorf("%s is negative; a time is 0 or more", text)
	}
	seconds, _ := value.Mul(value, scale).Float64()
	if math.IsInf(seconds, 0) {
		return 0, fmt.Errorf("%s is too large; write inf for no limit", text)
	}
	if value.Sign() != 0 && seconds < leastNumber {
		return 0, fmt.Errorf("%s is shorter than the shortest time, %.2gs", text, leastNumber)
	}
	return Time(seconds), nil
}

// leastNumber is the least that a float64 holds with all its digits: below it there
// are fewer and fewer, and then 0.
const leastNumber = 0x1p-1022

// rateForTime explains that 3/s is a rate, with the time it corresponds to.
func rateForTime(text, number, per string) error {
	rate, err := strconv.ParseFloat(number, 64)
	unit, ok := timeUnits[per]
	if err != nil || !ok || rate <= 0 {
		return fmt.Errorf("%q is not a time; write %s", text, timeForms)
	}
	seconds, _ := unit.Float64()
	return fmt.Errorf("%s is a rate and a time is wanted; write %.4gms for its inverse", text, 1e3*seconds/rate)
}

// String writes the time with the unit that leaves at least one digit before the
// point (us, ms or s), so that ParseTime gives the same float64 back.
func (t Time) String() string {
	seconds := float64(t)
	switch {
	case math.IsInf(seconds, 1):
		return "inf"
	case seconds == 0:
		return "0ms"
	case seconds >= 1 || seconds < 1e-6:
		return shifted(seconds, 0) + "s"
	case seconds >= 1e-3:
		return shifted(seconds, 3) + "ms"
	}
	return shifted(seconds, 6) + "us"
}

// shifted writes x·10^shift in the shortest decimals that give x back, moving
// the point in the text so that nothing is rounded.
func shifted(x float64, shift int) string {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(x, 'e', -1, 64), "e")
	power, _ := strconv.Atoi(exponent)
	power += shift
	sign := ""
	if strings.HasPrefix(mantissa, "-") {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.Replace(mantissa, ".", "", 1)
	switch {
	case power < -6 || power > 20:
		return fmt.Sprintf("%s%se%d", sign, mantissa, power)
	case power < 0:
		return sign + "0." + strings.Repeat("0", -power-1) + digits
	case len(digits) <= power+1:
		return sign + digits + strings.Repeat("0", power+1-len(digits))
	}
	return sign + digits[:power+1] + "." + digits[power+1:]
}
