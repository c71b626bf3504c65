package model

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// At its floor the calcium still divides, by what it is; a read stops there, but
// not one step of a float64 above.
func TestDivisionAtItsFloor(t *testing.T) {
	const floor = 0.25
	above := math.Nextafter(floor, 1)
	below := math.Nextafter(floor, 0)
	by := Division{Floor: floor, StopAtFloor: true}
	for _, c := range []struct{ calcium, divisor float64 }{{2, 2}, {above, above}, {floor, floor}, {below, floor}, {0, floor}, {-3, floor}} {
		if have := (&Parameters{Division: by}).astrocyte().divisor(c.calcium, nil); have != c.divisor {
			t.Errorf("at p = %g the divisor is %g, not %g", c.calcium, have, c.divisor)
		}
	}
	if n := by.atFloor([]float64{1, above, floor, below, -1}); n != 3 {
		t.Errorf("%d of the reads at or below the floor, not 3", n)
	}
	read := Segment{Phase: Reading, Token: 3, Start: 1.5, Duration: 0.25}
	for _, calcium := range []float64{floor, below, -1} {
		var met *FloorError
		if err := by.check(read, calcium); !errors.As(err, &met) || met.Segment != read || met.Calcium != calcium || met.Floor != floor {
			t.Errorf("p = %g: %v", calcium, err)
		}
	}
	blank, write, writeBlank := read, read, read
	blank.Blank, write.Phase, writeBlank.Phase, writeBlank.Blank = true, Writing, Writing, true
	for _, seg := range []Segment{blank, write, writeBlank} {
		if err := by.check(seg, -1); err != nil {
			t.Errorf("%+v stops: %v", seg, err)
		}
	}
	if err := by.check(read, above); err != nil {
		t.Errorf("just above the floor: %v", err)
	}
	by.StopAtFloor = false
	if err := by.check(read, -1); err != nil {
		t.Errorf("stops unasked: %v", err)
	}
	if message := (&FloorError{Segment: read, Calcium: -0.5, Floor: floor}).Error(); !strings.Contains(message, "token 3 at 1.5 s") ||
		!strings.Contains(message, "p = -0.5 is not above its floor 0.25") {
		t.Error(message)
	}
}

// fine is a solver whose errors are below what the tests compare by.
func fine() Solver { return Solver{Method: integrator.Dopri5(), Rtol: 1e-11, Atol: 1e-14} }

// Every way of solving counts the same reads at the floor: those that end with
// less calcium than it, whatever it is.
func TestReadsAtTheFloorAreCounted(t *testing.T) {
	const n = 6
	for _, causal := range []bool{false, true} {
		h := drawHead(t, "positive", n, 12, 3, 2, 8)
		p := Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.03, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.08, Gap: 0.02,
			Baseline: 1, Causal: causal,
		}
		free, err := h.Exact(context.Background(), p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		met := slices.Sorted(slices.Values(free.Normalizer))
		for count := range n + 1 {
			p.Division.Floor = 2 * met[n-1]
			if count < n {
				p.Division.Floor = met[count] * (1 - 1e-6)
			}
			for _, w := range everyWay() {
				r, _, err := w.solve(h, p, fine(), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if r.AtFloor != count {
					t.Errorf("causal %v, %s: %d reads at the floor, not %d", causal, w.name, r.AtFloor, count)
				}
			}
			// The discrete network's calcium is that of a read without lags.
			sums := h.KernelSums(causal)
			below := 0
			for _, p0 := range sums {
				if p0 <= p.Division.Floor {
					below++
				}
			}
			if d := h.Discrete(causal, p.Division, Options{}); d.AtFloor != below {
				t.Errorf("discrete: %d reads at the floor, not %d", d.AtFloor, below)
			}
		}
	}
}

// In the blank after a read the calcium may fall through the floor: nothing is
// read there, and nothing stops. It does stop where the read itself comes so low.
func TestBlanksDoNotStop(t *testing.T) {
	h, err := NewHead([]float64{0.1}, []float64{1}, []float64{2}, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := Parameters{
		TauHidden: 0.001, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1),
		Write: 0.5, Read: 0.5, Gap: 0.05, Baseline: 1, Division: Division{StopAtFloor: true},
	}
	// Reading begins with p about g·φ(k)/e = 0.4 and ends with g·φ(q) = 0.1; the
	// blank leaves 0.04.
	for _, c := range []struct {
		floor float64
		stops bool
	}{{0.05, false}, {0.09, false}, {0.12, true}, {0.6, true}} {
		p.Division.Floor = c.floor
		for _, tau := range []float64{0, 0.01} {
			p.TauOutput = tau
			for _, w := range everyWay() {
				if _, _, err := w.solve(h, p, fine(), Options{}); (token(err) == 0) != c.stops || (err != nil) != c.stops {
					t.Errorf("floor %g, τ_f %g, %s: %v", c.floor, tau, w.name, err)
				}
			}
		}
	}
}

// A floor above all calcium that a read meets makes it a constant divisor: then
// the answer is inversely proportional to it.
func TestFloorDivides(t *testing.T) {
	h := drawHead(t, "positive", 3, 8, 3, 2, 12)
	p := Parameters{
		TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.03, TauHebbian: 2, TauPresynaptic: math.Inf(1), Write: 0.1, Read: 0.08, Baseline: 1,
	}
	// What writing leaves of f is not divided: the last token has no value, and the
	// blanks are long.
	clear(h.V[2*h.Values:])
	p.Gap = 0.8
	for _, tau := range []float64{0, 0.02} {
		p.TauOutput = tau
		for _, w := range everyWay() {
			at := func(floor float64) []float64 {
				p.Division.Floor = floor
				r, _, err := w.solve(h, p, fine(), Options{})
				if err != nil {
					t.Fatal(err)
				}
				return r.Output
			}
			if d := difference(at(2e6), scaled(at(1e6), 0.5)); d > 1e-9 {
				t.Errorf("τ_f %g, %s: differs by %.2g", tau, w.name, d)
			}
		}
	}
}
