package statistics

import "strconv"

// RoundTo keeps the leading digits of x, as they are written; x itself where what is
// kept is beyond float64.
func RoundTo(x float64, digits int) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64)
	if err != nil {
		return x
	}
	return rounded
}
