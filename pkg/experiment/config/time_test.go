package config

import (
	"math"
	"strings"
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
		x := math.Abs(rapid.Float64().Filter(func(x float64) bool { return x == 0 || math.Abs(x) >= leastNumber }).Draw(t, "seconds"))
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

// TestUnderflow: what a number cannot hold is refused, not taken for 0 or for less
// than its digits.
func TestUnderflow(t *testing.T) {
	for _, text := range []string{"1e-320s", "1e-400s", "5e-324s", "2.2e-308s", "1e-312h", "0.0001e-320s"} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%s is read as %v", text, float64(got))
		}
	}
	for text, want := range map[string]float64{"0s": 0, "0e-999s": 0, "2.3e-308s": 2.3e-308, "1e-300s": 1e-300} {
		if got, err := ParseTime(text); err != nil || float64(got) != want {
			t.Errorf("%s is read as %v, %v", text, float64(got), err)
		}
	}
	for set, want := range map[string]string{
		"tau_calcium=1e-320s": "shorter than the shortest time", "schedule.write=1e-320s": "shorter than the shortest time",
		"solver.rtol=1e-400": "too small for a number", "floor=1e-310": "too small for a number", "norm=1e-999": "too small for a number",
		"norm=0e-999": "", "norm=0.0": "", "seed=0": "",
	} {
		_, problems := Read(strings.NewReader(bare), "c.yaml", "", []string{set})
		if (want == "") != (problems == nil) || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: %v; want %q", set, problems, want)
		}
	}
}
