package compare

import (
	"encoding/json"
	"math"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// Number is a float64 that may be unknown. NaN and ±Inf are the null number:
// they marshal to JSON null, and null unmarshals to NaN.
type Number float64

// Null returns the number of a quantity that cannot be computed.
func Null() Number { return Number(math.NaN()) }

// Known reports whether n is finite.
func (n Number) Known() bool { return finite(float64(n)) }

// MarshalJSON writes the shortest decimal that reads back to the same float64,
// or null.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(n))
}

// UnmarshalJSON reads a JSON number or null.
func (n *Number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = Null()
		return nil
	}
	var x float64
	if err := json.Unmarshal(text, &x); err != nil {
		return err
	}
	*n = Number(x)
	return nil
}

// Values maps a metric's name to its value. JSON writes the keys in
// alphabetical order, so the bytes are repeatable.
type Values map[string]Number

// Get returns the value under name, or the null number where it is absent.
func (v Values) Get(name string) Number {
	if x, ok := v[name]; ok {
		return x
	}
	return Null()
}

func finite(x float64) bool { return statistics.Finite(x) }

// Statistics of nothing, or of what has none, are null.
func mean(x []float64) Number                { return Number(statistics.Mean(x)) }
func quantile(x []float64, q float64) Number { return Number(statistics.Quantile(x, q)) }
func pearson(x, y []float64) Number          { return Number(statistics.Pearson(x, y)) }

// ratio returns a/b, or null where b is at or below NormFloor.
func ratio(a, b float64) Number {
	if !(math.Abs(b) > NormFloor) || !finite(a) || !finite(b) {
		return Null()
	}
	return Number(a / b)
}
