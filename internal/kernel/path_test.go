package kernel

import (
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	fast := &path{name: "avx2"}
	paths := []*path{fast, pathGo}
	for asked, want := range map[string]*path{"": fast, "avx2": fast, "generic": pathGo} {
		if got, err := choose(asked, paths); got != want || err != nil {
			t.Errorf("choose(%q) = %v, %v", asked, got.name, err)
		}
	}
	for _, asked := range []string{"avx512", "AVX2", "fast"} {
		got, err := choose(asked, paths)
		if err == nil || got != pathGo {
			t.Fatalf("choose(%q) = %v, %v; want the generic path and an error", asked, got.name, err)
		}
		for _, part := range []string{"NASIM_KERNEL", asked, "avx2, generic"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("choose(%q): %q does not tell %q", asked, err, part)
			}
		}
	}
}

// TestEngines: what block and pack take for granted.
func TestEngines(t *testing.T) {
	for _, p := range available() {
		for _, e := range [][5]int{
			{p.engine64.mr, p.engine64.nr, p.engine64.mc, p.engine64.nc, p.engine64.kc},
			{p.engine32.mr, p.engine32.nr, p.engine32.mc, p.engine32.nc, p.engine32.kc},
		} {
			if e[2]%e[0] != 0 || e[3]%e[1] != 0 || e[0]%4 != 0 || e[1]%4 != 0 || e[4] != kcMost {
				t.Errorf("%s: mr, nr, mc, nc, kc = %v", p.name, e)
			}
		}
	}
}
