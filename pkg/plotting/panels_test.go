package plotting

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func legendOf(t *testing.T, f *Figure) []string {
	t.Helper()
	var texts []string
	for _, e := range f.elements {
		if l, ok := e.(*legend); ok {
			for _, k := range l.keys {
				texts = append(texts, k.text)
			}
		}
	}
	return texts
}

// The figure of the paper has one entry per curve, with the numbers that it was
// given.
func TestNormalizerLegend(t *testing.T) {
	z := []float64{1, 2, 4, 8}
	f, err := Normalizer(NormalizerInput{Z: z, Curves: []NormalizerCurve{
		{Neurons: 1000, Name: "kernel", Static: true, P: []float64{1.5, 3, 6, 12}, R: 1, RLog10: 1, MedianError: 0.5},
		{Label: "seed 3", P: []float64{-1, 2, 4, math.NaN()}, R: 0.95384, RLog10: math.NaN(), MedianError: math.NaN()},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := legendOf(t, f)
	want := []string{
		"softmax normaliser Z",
		"m\u00a0=\u00a01\u00a0000, kernel: r\u00a01 (log\u00a01), |p/Z\u00a0−\u00a01|\u00a00.500",
		"seed 3: r\u00a00.954 (log\u00a0undefined), |p/Z\u00a0−\u00a01|\u00a0not a number; 2 off the axis",
		"identity p = Z",
	}
	if len(got) != len(want) {
		t.Fatalf("legend %q", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d is %q, want %q", i, got[i], want[i])
		}
	}
}

// An axis holds Z and every read-out within three decades of it.
func TestNormalizerRange(t *testing.T) {
	z := [][]float64{{10, 100}}
	for _, c := range []struct {
		p      []float64
		lo, hi float64 // what must lie on the axis
	}{
		{[]float64{5, 500}, 5, 500},
		{[]float64{1e-9, 1e12}, 1e-2, 1e5},
		{[]float64{-3, 0, math.NaN()}, 10, 100},
	} {
		a := normalizerRange(z, [][]float64{c.p})
		if a.at(c.lo) < 0 || a.at(c.hi) > 1 || a.at(c.lo/30) >= 0 || a.at(c.hi*30) <= 1 {
			t.Errorf("p = %v: the axis runs from %g to %g", c.p, a.lo, a.hi)
		}
	}
}

// Panels without values say why.
func TestEmptyPanels(t *testing.T) {
	for _, c := range []struct {
		f    func() (*Figure, error)
		want []string
	}{
		{func() (*Figure, error) { return Normalizer(NormalizerInput{}) }, []string{"no softmax normaliser", "no softmax normaliser"}},
		{func() (*Figure, error) { return Normalizer(NormalizerInput{Z: all(2, 1)}) }, []string{"", "no read-out"}},
		{func() (*Figure, error) { return Attention(AttentionInput{N: 1, Softmax: all(1, 1)}) }, []string{"", "kernel", "network", "needs both"}},
		{func() (*Figure, error) { return Traces(TracesInput{}) }, []string{"no variable"}},
		{func() (*Figure, error) { return Traces(TracesInput{Panels: []TracePanel{{Missing: "no p"}, {}}}) }, []string{"no p", "not recorded"}},
		{func() (*Figure, error) { return Budget(BudgetInput{}) }, []string{"no head"}},
		{func() (*Figure, error) { return Output(OutputInput{}) }, []string{"no outputs"}},
	} {
		f, err := c.f()
		if err != nil {
			t.Fatal(err)
		}
		i := 0
		for _, e := range f.elements {
			pl, ok := e.(*panel)
			if !ok {
				continue
			}
			if i >= len(c.want) || (pl.empty == "") != (c.want[i] == "") || !strings.Contains(pl.empty, c.want[min(i, len(c.want)-1)]) {
				t.Errorf("%s: panel %d says %q", f.Name, i, pl.empty)
			}
			i++
		}
		if i != len(c.want) {
			t.Errorf("%s has %d panels, want %d", f.Name, i, len(c.want))
		}
	}
}

// Labels of 200 tokens are thinned to what fits, and say which token they are.
func TestTokenTicks(t *testing.T) {
	in := attentionInput(200)
	const length = 190
	ticks := tokenTicks(in, length)
	if len(ticks) < 8 || float64(len(ticks))*labelPitch > length+labelPitch {
		t.Errorf("%d labels on %d points", len(ticks), length)
	}
	if got := ticks[1]; got.at != 10 || got.label != "astro 10" && !strings.HasSuffix(got.label, " 10") {
		t.Errorf("second label %+v", got)
	}
	if got := len(tokenTicks(attentionInput(12), length)); got != 12 {
		t.Errorf("%d labels for 12 tokens", got)
	}
	image := tokenTicks(imageInput(7, 7, 1, nil), 80)
	if image[0].label != "class token" || image[1].label == "0" {
		t.Errorf("labels of patches start with %+v", image[:2])
	}
}

// The budget's axis is linear within two decades and logarithmic beyond; zero is
// no value of it.
func TestBudgetAxis(t *testing.T) {
	one := func(values ...float64) axis {
		return budgetAxis(BudgetInput{Parts: []BudgetPart{{Values: values}}})
	}
	if a := one(0.01, 0.5, 0); a.log || a.lo != 0 || a.at(0.5) > 1 {
		t.Errorf("two decades: %+v", a)
	}
	if a := one(1e-5, 0.5, 0); !a.log || a.at(1e-5) < 0 || a.at(0.5) > 1 {
		t.Errorf("five decades: %+v", a)
	}
	for _, least := range []float64{1e-9, 1e-30} {
		if a := one(least, 0.5); !a.log || a.hi/a.lo < 1e5 || a.hi/a.lo > 1e7 || a.at(least) >= 0 {
			t.Errorf("from %g: %+v", least, a)
		}
	}
	for _, a := range []axis{one(0), one(math.NaN()), one()} {
		if !(a.hi > a.lo) || a.log {
			t.Errorf("nothing: %+v", a)
		}
	}
}

// Points beyond the axes become arrow heads at the edge; NaN is left out.
func TestPlaces(t *testing.T) {
	pl := &panel{area: rect(0, 0, 10, 10), x: axis{lo: 0, hi: 1}, y: axis{lo: 1, hi: 100, log: true}}
	s := points{glyph: discGlyph}
	for _, c := range []struct {
		x, y float64
		want glyph
		ok   bool
	}{
		{0.5, 10, discGlyph, true}, {0.5, 0, downGlyph, true}, {0.5, -7, downGlyph, true}, {0.5, 1e9, upGlyph, true},
		{0.5, math.Inf(1), upGlyph, true}, {2, 10, rightGlyph, true}, {-2, 10, leftGlyph, true},
		{math.NaN(), 10, noGlyph, false}, {0.5, math.NaN(), noGlyph, false},
	} {
		at, g, ok := s.place(pl, c.x, c.y)
		if g != c.want || ok != c.ok || ok && !pl.holds(at) {
			t.Errorf("(%g, %g) is glyph %d at %v, %v", c.x, c.y, g, at, ok)
		}
	}
}

// What a user's text holds is never markup and always printable.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "▁the": "_the", "a\x01b\x02\x03": "a b  ", "中": "□", "τ": "τ", "😀!": "□!", "\xff": "□",
	} {
		if got := clean(in); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := shorten("incomprehensibilities", 8); got != "incompr…" {
		t.Errorf("shortened to %q", got)
	}
}

// A budget says what lies below its axis and, in words and colour, that the total is
// worse than uniform attention, where it is.
func TestBudgetKeys(t *testing.T) {
	const exceeded, below = "what the total exceeds it by", "value below the axis"
	for _, c := range []struct {
		total, integration, trivial float64
		want                        []string
	}{
		{0.5, 0.1, 0.8, nil}, {0.9, 0.1, 0.8, []string{exceeded}}, {0.5, 1e-9, 0.8, []string{below}}, {0.9, 0, 0.8, []string{exceeded}},
		{0.9, 0.1, math.NaN(), nil}, {math.NaN(), 0.1, 0.8, nil}, {90, 1e-9, 0.8, []string{exceeded, below}},
	} {
		f, err := Budget(BudgetInput{Heads: []string{"0:0"}, Trivial: []float64{c.trivial}, Parts: []BudgetPart{
			{Name: "integration", Values: []float64{c.integration}, Hue: 2},
			{Name: "total", Values: []float64{c.total}, Total: true},
		}})
		if err != nil {
			t.Fatal(err)
		}
		svg := string(written(t, f, "svg"))
		for _, text := range []string{exceeded, below} {
			if got := strings.Contains(svg, text); got != slices.Contains(c.want, text) {
				t.Errorf("%+v: %q is said: %v", c, text, got)
			}
		}
		// The colour is in the key and the bar.
		if got := strings.Count(svg, "fill:#B2182B"); got != 0 && got != 2 || (got == 2) != slices.Contains(c.want, exceeded) {
			t.Errorf("%+v: %d areas beyond uniform attention", c, got)
		}
		if !strings.Contains(svg, ">V: output of softmax attention<") {
			t.Error("A₀V is not explained")
		}
	}
}
