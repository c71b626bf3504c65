package page

import (
	"math"
	"testing"
)

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{0, 3, "0"}, {1, 3, "1.00"}, {0.45, 2, "0.45"}, {0.01234, 3, "0.0123"}, {1.304, 3, "1.30"},
		{9.996, 3, "10.0"}, {0.09996, 3, "0.100"}, {99.96, 3, "100"}, {1337, 3, "1340"}, {9996, 3, "10\u00a0000"},
		{10900, 3, "10\u00a0900"}, {1234567.8, 9, "1\u00a0234\u00a0567.80"}, {-12345.6, 6, "-12\u00a0345.6"},
		{math.NaN(), 3, "–"}, {math.Inf(1), 3, "+Inf"}, {1000, 1, "1000"}, {0.001, 1, "0.001"},
	} {
		if got := Decimal(c.x, c.digits); got != c.want {
			t.Errorf("Decimal(%v, %d) = %q, want %q", c.x, c.digits, got, c.want)
		}
	}
}

func TestScientific(t *testing.T) {
	for _, c := range []struct {
		x      float64
		digits int
		want   string
	}{
		{1e-5, 1, "1e-5"}, {9e-6, 2, "9.0e-6"}, {9.96e-6, 2, "1.0e-5"}, {1.414e-6, 3, "1.41e-6"}, {4.9e-6, 2, "4.9e-6"}, {2.06e-13, 2, "2.1e-13"}, {5.62e-8, 3, "5.62e-8"},
		{12, 2, "1.2e1"}, {3, 2, "3.0"}, {10, 1, "1e1"}, {0, 2, "0.0"}, {math.NaN(), 2, "–"}, {math.Inf(1), 2, "+Inf"}, {2.3e120, 2, "2.3e120"},
	} {
		if got := Scientific(c.x, c.digits); got != c.want {
			t.Errorf("Scientific(%v, %d) = %q, want %q", c.x, c.digits, got, c.want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for s, want := range map[float64]string{3.48e-5: "34.8 µs", 0.000111: "0.111 ms", 0.0163: "16.3 ms", 0.24: "0.240 s", 4.4: "4.40 s"} {
		if got := Seconds(s); got != want {
			t.Errorf("Seconds(%g) = %q, want %q", s, got, want)
		}
	}
}

func TestWhole(t *testing.T) {
	for n, want := range map[int]string{0: "0", 9838: "9838", 17596: "17\u00a0596", 100000: "100\u00a0000"} {
		if got := Whole(n); got != want {
			t.Errorf("Whole(%d) = %q, want %q", n, got, want)
		}
	}
}
