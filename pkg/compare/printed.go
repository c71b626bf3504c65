package compare

// Significant prints a number as tables do: three significant digits, with an exponent only
// outside [0.001, 100 000).
func Significant(v float64) string { return significant(v) }

// Count prints a whole number as tables do: with its thousands apart, in millions from 10⁷ on,
// and with an exponent from 10¹⁵ on.
func Count(v float64) string { return count(v) }
