package machine

import (
	"runtime"
	"strings"
	"testing"
)

// Two cores for 10 s: this program took 5 s, its children 3 s, and others 4 s.
func TestOthers(t *testing.T) {
	at := func(stat, self string) usage {
		t.Helper()
		u, err := parseUsage(stat, self)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	before := at("cpu  100 20 30 4000 50 6 7 80 9 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n",
		"12 (go (run) x) R 1 12 12 0 -1 4194304 100 0 0 0 10 20 30 40 20 0 1 0 99\n")
	after := at("cpu  900 120 230 4750 80 56 57 100 9 0\n",
		"12 (go (run) x) R 1 12 12 0 -1 4194304 100 0 0 0 410 120 280 90 20 0 1 0 99\n")
	if after.all-before.all != 2000 {
		t.Errorf("%d ticks in all", after.all-before.all)
	}
	if busy, ok := others(before, after, 2); !ok || busy != 0.4 {
		t.Errorf("others kept %g cores busy, %v; want 400 of 1000 ticks", busy, ok)
	}
	if _, ok := others(before, before, 2); ok {
		t.Error("a figure for no time at all")
	}
}

func TestUsageOfWhatIsNone(t *testing.T) {
	const self = "12 (x) R 1 12 12 0 -1 4194304 100 0 0 0 10 20 30 40 20"
	for _, c := range [][2]string{{"", self}, {"cpu 1 2 3\n", self}, {"cpu 1 2 3 4 5 6 7 8 9\n", "12 (x) R 1"}, {"cpu a 2 3 4 5 6 7 8\n", self}} {
		if u, err := parseUsage(c[0], c[1]); err == nil {
			t.Errorf("%q, %q: %v and no error", c[0], c[1], u)
		}
	}
}

func TestDescribe(t *testing.T) {
	text := Watch().Describe(3, "", "SciPy 9.9")
	for _, part := range []string{"Go 1.", " cores", ", SciPy 9.9; 3 rounds", "kernels "} {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
	if runtime.GOARCH == "amd64" && !strings.Contains(text, "AVX-512") {
		t.Errorf("%q does not say whether there is AVX-512", text)
	}
	if strings.Contains(text, ", ,") {
		t.Errorf("%q names an empty library", text)
	}
}
