package config

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestParseTime compares with Go's own constants: the compiler computes them
// exactly and rounds once.
func TestParseTime(t *testing.T) {
	for text, want := range map[string]float64{
		"250ms": 0.25, "20s": 20, "1.5min": 90, "500us": 500e-6, "500µs": 500e-6, "2h": 7200,
		"0.1ms": 0.1e-3, "10 ms": 10e-3, "1e-3s": 1e-3, "0ms": 0, "-0ms": 0, "+3s": 3, ".5s": 0.5, "5.s": 5,
		"0.7us": 0.7e-6, "1.1min": 1.1 * 60, "123456.789ms": 123.456789, "1e2ms": 0.1,
		"inf": math.Inf(1), ".inf": math.Inf(1), "+inf": math.Inf(1),
	} {
		got, err := ParseTime(text)
		if err != nil || float64(got) != want {
			t.Errorf("ParseTime(%q) = %v, %v; want %v", text, float64(got), err, want)
		}
	}
	for _, text := range []string{"", "ms", "5", "5 ", "5  ms", "5m s", "-1s", "-inf", "nan", "NaN", "1e9999s", "1e300h", "5ms5", "0x5s", "1,5s", "five", "∞", "5/0s", "/s", "1_0s"} {
		if got, err := ParseTime(text); err == nil && !(text == "1e300h" && got > 1e303) {
			t.Errorf("ParseTime(%q) = %v; want an error", text, got)
		}
	}
}

// TestTimeRoundTrip: String loses nothing, whatever the magnitude.
func TestTimeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := math.Abs(rapid.Float64().Draw(t, "seconds"))
		got, err := ParseTime(Time(x).String())
		if err != nil || float64(got) != x {
			t.Fatalf("%v is written %s and read %v, %v", x, Time(x), float64(got), err)
		}
	})
	for x, want := range map[Time]string{0: "0ms", 0.25: "250ms", 0.01: "10ms", 20: "20s", 90: "90s", 5e-4: "500us", 0.0005001: "500.1us", 1e-7: "1e-7s", 1e22: "1e22s"} {
		if got := x.String(); got != want {
			t.Errorf("%v is written %s, want %s", float64(x), got, want)
		}
	}
}
