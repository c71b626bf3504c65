package plotting

import (
	"image/color"
	"math"
	"strings"
	"testing"
)

// captionCase is a figure with words that its caption has, and words that would be
// false in it.
type captionCase struct {
	name       string
	make       func() (*Figure, error)
	has, lacks []string
}

// A caption speaks of what is drawn, and of nothing else.
func TestCaptions(t *testing.T) {
	for _, cases := range [][]captionCase{budgetCaptions(), normalizerCaptions(), attentionCaptions(), tracesCaptions(), outputCaptions(), timescaleCaptions(), compartmentsCaptions(), astrocytesCaptions()} {
		for _, c := range cases {
			f, err := c.make()
			if err != nil {
				t.Fatal(err)
			}
			for _, words := range c.has {
				if !strings.Contains(f.Caption, words) {
					t.Errorf("%s lacks %q: %s", c.name, words, f.Caption)
				}
			}
			for _, words := range c.lacks {
				if strings.Contains(f.Caption, words) {
					t.Errorf("%s has %q: %s", c.name, words, f.Caption)
				}
			}
		}
	}
}

func budgetCaptions() []captionCase {
	of := func(change func(in *BudgetInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			in := BudgetInput{Heads: []string{"0:0", "0:1"}, Trivial: all(2, 0.8), Alignment: all(2, -0.5), Parts: []BudgetPart{
				{Name: "sampling", Meaning: "few neurons", Values: all(2, 0.1)}, {Name: "motion", Meaning: "slow neurons", Values: all(2, 0.2)},
				{Name: "lag", Meaning: "slow calcium", Values: all(2, 0.1), Inset: true}, {Name: "total", Meaning: "all of it", Values: all(2, 0.3), Total: true},
			}}
			change(&in)
			return Budget(in)
		}
	}
	return []captionCase{
		{
			"a whole budget", of(func(*BudgetInput) {}),
			[]string{"sampling: few neurons; motion: slow neurons; lag: slow calcium; total: all of it.", "paler", "may cancel", "cosine", "dots", "linear", "Dashed", "A₀V"},
			[]string{"kernel", "dynamics", "integration", "arrow head", "red"},
		},
		{
			"a kernel alone", of(func(in *BudgetInput) {
				in.Heads, in.Trivial, in.Alignment = in.Heads[:1], nil, all(1, math.NaN())
				in.Parts = []BudgetPart{{Name: "sampling", Meaning: "few neurons", Values: all(1, 0.1)}, {Name: "motion", Meaning: "slow neurons", Values: all(1, math.NaN())},
					{Name: "total", Meaning: "all of it", Values: all(1, 0.1), Total: true}}
			}),
			[]string{"sampling: few neurons; total: all of it."},
			[]string{"motion", "paler", "may cancel", "cosine", "dots", "Dashed", "arrow head", "red"},
		},
		{
			"a bad network without softmax", of(func(in *BudgetInput) {
				in.Reference, in.Parts[0].Values, in.Parts[3].Values = "sums", all(2, 1e-12), all(2, 0.9)
			}),
			[]string{"departs from that of sums attention", "logarithmic", "arrow head is a value below", "red from there on"},
			[]string{"A₀V", "transformer", "linear"},
		},
	}
}

func normalizerCaptions() []captionCase {
	z := []float64{1, 2, 4}
	static := NormalizerCurve{Neurons: 1000, Name: "sums", Static: true, P: z}
	moving := NormalizerCurve{Neurons: 1000, Name: "stepper", P: z}
	of := func(ordered bool, curves ...NormalizerCurve) func() (*Figure, error) {
		return func() (*Figure, error) { return Normalizer(NormalizerInput{Z: z, Curves: curves, Ordered: ordered}) }
	}
	ideal, pooled, far := moving, moving, moving
	ideal.Neurons = 0
	pooled.Seeds, pooled.Low, pooled.High = 3, z, z
	far.P = []float64{1, 2, 1e9}
	one, two := moving, moving
	one.Input, two.Input, two.Z = "seed 1", "seed 2", []float64{2, 3, 5}
	receptors := func() (*Figure, error) {
		return Normalizer(NormalizerInput{Z: z, Curves: []NormalizerCurve{moving}, Divisor: true})
	}
	return []captionCase{
		{"a whole run", of(false, static, moving), []string{"astrocyte's calcium p against", "Filled markers: p by stepper", "Open markers and dotted lines: p by sums", "m, the number", "|p/Z − 1|, its median", "broad grey line"},
			[]string{"seed", "Colours", "arrow head", "kernel", "solver"}},
		{"receptors", receptors, []string{"What the astrocyte divides by, 1/P in the place of its calcium, as p against", "Filled"}, nil},
		{"no dynamics", of(false, static), []string{"The kernel's sum p against", "Open markers"}, []string{"Filled", "calcium"}},
		{"infinitely many neurons", of(false, ideal), nil, []string{"m, the number", "Open markers"}},
		{"seeds of one input", of(true, static, pooled), []string{"median over seeds", "bands and bars", "dark to light"}, []string{"not pooled"}},
		{"seeds of several inputs", of(false, one, two), []string{"not pooled", "another Z", "grey band"}, []string{"quartile", "broad grey line"}},
		{"far off", of(false, far), []string{"arrow head at the edge"}, nil},
		{"nothing", of(false), nil, []string{"In the legend", "markers"}},
	}
}

func attentionCaptions() []captionCase {
	of := func(in AttentionInput, change func(in *AttentionInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			change(&in)
			return Attention(in)
		}
	}
	text := attentionInput(9)
	text.Neurons = 2000
	return []captionCase{
		{"a text", of(text, func(*AttentionInput) {}), []string{"(a) softmax", "(b) kernel", "a hidden layer of 2 000 neurons", "(c) network (solver)", "one scale", "(d) network (solver)"},
			[]string{"picture", "Below", "Grey", "White", "arrow head", "infinitely"}},
		{"no dynamics", of(text, func(in *AttentionInput) { in.Network, in.Neurons = nil, 0 }), []string{"(a)", "infinitely many hidden neurons"}, []string{"(c)", "(d)", "network"}},
		{"features", of(text, func(in *AttentionInput) { in.Softmax, in.Kernel = nil, nil }), []string{"(c)"}, []string{"(a)", "(b)", "(d)", "one scale"}},
		{"awkward", of(text, func(in *AttentionInput) { in.Network = spoilt(in.Network) }), []string{"Grey cells", "White cells", "arrow head"}, nil},
		{"a picture", of(imageInput(3, 3, 1, picture()), func(*AttentionInput) {}), []string{"the class token, then the patches", "Below", "largest of softmax and network", "class token: what"}, nil},
		{"patches alone", of(imageInput(3, 3, 0, nil), func(in *AttentionInput) { in.Network = nil }), []string{"keys s, patches of", "Below", "by its largest"}, []string{"class token", "network"}},
	}
}

func tracesCaptions() []captionCase {
	of := func(n int, causal bool, change func(in *TracesInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			in := tracesInput(n, causal)
			change(&in)
			return Traces(in)
		}
	}
	return []captionCase{
		{"a text", of(40, false, func(*TracesInput) {}), []string{"The whole run", "the last tokens written and the first read", "(a.u.)", "Blue"}, []string{"paler", "patches", "from 0", "middle"}},
		{"causal", of(40, true, func(in *TracesInput) { in.Segments[1].Blank = true }), []string{"tokens in the middle", "paler"}, []string{"last tokens written"}},
		{"a picture", of(2, false, func(in *TracesInput) {
			in.Tokens, in.Grid = nil, &PatchGrid{Rows: 1, Columns: 1, Front: []string{"class token"}}
		}), []string{"patches counted"}, []string{"(a) The whole run"}},
		{"tensors", of(3, false, func(in *TracesInput) { in.Tokens, in.Panels, in.Overview = nil, in.Panels[2:], 0 }), []string{"its token, counted from 0"}, []string{"patches", "(a.u.)"}},
		{"nothing", func() (*Figure, error) { return Traces(TracesInput{}) }, nil, []string{"Blue", "envelope"}},
	}
}

func outputCaptions() []captionCase {
	of := func(in OutputInput) func() (*Figure, error) {
		return func() (*Figure, error) { return Output(in) }
	}
	static, far := outputInput(1, 4), outputInput(1, 4)
	static.Static, static.Rung = true, "sums"
	far.Heads[0].Network[0] = math.Inf(1)
	return []captionCase{
		{"heads", of(outputInput(3, 10)), []string{"at the end of each read", "Each point", "markers are heads"}, []string{"hexagon", "beyond", "sums"}},
		{"no dynamics", of(static), []string{"by the sums, without dynamics"}, []string{"network", "read", "heads"}},
		{"a density", of(outputInput(9, 100)), []string{"hexagon"}, []string{"Each point", "Colours and markers"}},
		{"far off", of(far), []string{"beyond the axes are arrow heads"}, []string{"left out"}},
	}
}

func timescaleCaptions() []captionCase {
	of := func(change func(in *TimescaleInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			in := TimescaleInput{Heads: []string{"0:0", "0:1"}, Uniform: all(2, 0.8), Seeds: 3, Measured: []TimeRange{{"membranes", 0.0075, 0.0117, "one paper"}, {"calcium", 0.1, 4, "another"}, {"its latency", 11.1, 13.2, "another"}},
				Curves: []TimescaleCurve{{Label: "fast", Dwell: []float64{0.1, 1}, Errors: [][]float64{all(2, 0.1), all(2, 0.01)}}}}
			change(&in)
			return Timescale(in)
		}
	}
	return []captionCase{
		{
			"two heads", of(func(*TimescaleInput) {}),
			[]string{"reference output‖_F", "Panels are heads", "of up to 3", "Dashed", "membranes, 7.5–11.7 ms; calcium, 0.1–4 s; its latency, 11.1–13.2 s (one paper; another)."},
			[]string{"arrow head", "leaves a panel"},
		},
		{
			"a line that leaves", of(func(in *TimescaleInput) {
				in.Heads, in.Uniform, in.Seeds, in.Measured, in.Meaning = in.Heads[:1], nil, 1, nil, "The error is an error."
				in.Curves[0].Errors = [][]float64{{0.1}, {1e-9}}
			}),
			[]string{"The error is an error.", "leaves a panel goes on"},
			[]string{"arrow head", "Panels", "seed", "Dashed", "Shaded", "reference output"},
		},
		{"a line beyond", of(func(in *TimescaleInput) {
			in.Curves[0].Errors = [][]float64{all(2, 1e3), all(2, 1e4)}
			in.Curves = append(in.Curves, TimescaleCurve{Dwell: []float64{1}, Errors: [][]float64{all(2, 0.1)}})
		}), []string{"arrow head"}, []string{"leaves a panel"}},
	}
}

func compartmentsCaptions() []captionCase {
	of := func(change func(in *CompartmentsInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			in := CompartmentsInput{Heads: []string{"0:0", "0:1"}, Uniform: all(2, 0.8), WellMixed: all(2, 1e-9), Seeds: 3, Lengths: []float64{1, 10}, Least: 13, Usual: 20, Most: 65, Source: "a paper",
				Curves: []CompartmentsCurve{{Label: "C", Exchange: []float64{0, 1, 100}, Errors: [][]float64{all(2, 0.1), all(2, 0.1), all(2, 0.01)}, Diffusion: []ExchangeRange{{13, 20, 65}, {1.3, 2, 6.5}}}}}
			change(&in)
			return Compartments(in)
		}
	}
	return []captionCase{
		{
			"two heads", of(func(*CompartmentsInput) {}),
			[]string{"Left of the break", "20 µm²/s", "13–65 µm²/s (a paper)", "Panels are heads", "of up to 3", "single compartment, lies beyond", "Dashed"},
			[]string{"leaves a panel", "Dotted"},
		},
		{
			"one head, a line that leaves, no diffusion", of(func(in *CompartmentsInput) {
				in.Heads, in.Uniform, in.WellMixed, in.Seeds = in.Heads[:1], nil, all(1, 0.02), 1
				in.Curves[0].Exchange, in.Curves[0].Diffusion, in.Curves[0].Errors = []float64{1, 10, 100}, nil, [][]float64{{0.1}, {0.01}, {1e-9}}
			}),
			[]string{"leaves a panel", "Dotted"},
			[]string{"break", "diffuses", "Panels", "seed", "Dashed", "lies beyond"},
		},
	}
}

func astrocytesCaptions() []captionCase {
	of := func(change func(in *AstrocytesInput)) func() (*Figure, error) {
		return func() (*Figure, error) {
			in := AstrocytesInput{Heads: []string{"0:0", "0:1"}, Trivial: all(2, 0.8), Parts: []AstrocytePart{{"sampling", "few neurons"}, {"lag", "slow calcium"}},
				Bars: []AstrocyteBar{{Name: "fast", Total: all(2, 0.1), Values: [][]float64{all(2, 0.1), all(2, 1e-9)}}, {Name: "slow", Total: all(2, 0.7), Values: [][]float64{all(2, 0.1), all(2, 0.6)}}}}
			change(&in)
			return Astrocytes(in)
		}
	}
	return []captionCase{
		{"two heads", of(func(*AstrocytesInput) {}), []string{"A₀V", "sampling: few neurons; lag: slow calcium.", "may cancel", "Panels are heads", "Dashed"}, []string{"seed", "arrow head", "red"}},
		{
			"a part that is too small everywhere", of(func(in *AstrocytesInput) {
				in.Reference, in.Heads, in.Trivial, in.Seeds = "sums", in.Heads[:1], all(1, 0.05), 2
				in.Bars = []AstrocyteBar{{Name: "fast", Total: all(1, 0.1), Values: [][]float64{all(1, 0.1), all(1, 1e-9)}}, {Name: "none", Total: all(1, 1e-7), Values: [][]float64{all(1, math.NaN()), all(1, 1e-7)}}}
			}),
			[]string{"that of sums attention", "sampling: few neurons.", "of up to 2", "arrow head", "red from there on"},
			[]string{"lag", "may cancel", "Panels", "A₀V"},
		},
	}
}

// Steps of a budget have the colours of the palette, causes and the total their own.
func TestBudgetColours(t *testing.T) {
	f, err := Budget(BudgetInput{Heads: []string{"0:0"}, Parts: []BudgetPart{
		{Name: "a", Values: all(1, 1)}, {Name: "b", Values: all(1, 1), Hue: 1}, {Name: "c", Values: all(1, 1), Hue: 1, Inset: true}, {Name: "d", Values: all(1, 1), Total: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	at, pl := pixels(t, f), firstPanel(f)
	for i, want := range []color.NRGBA{okabeIto[0], okabeIto[1], detailColour, totalColour} {
		if got := at(pl.point(0.5, float64(i))); got != want {
			t.Errorf("bar %d is %v, want %v", i, got, want)
		}
	}
}

// A token is called the same in the traces and above the attention that it pays.
func TestTokenNames(t *testing.T) {
	grid := &PatchGrid{Rows: 2, Columns: 2, Front: []string{"class token"}}
	for _, c := range []struct {
		tokens []string
		grid   *PatchGrid
		i      int
		want   string
	}{{nil, grid, 0, "class token"}, {nil, grid, 3, "patch 2"}, {[]string{"to", "be"}, nil, 1, "be"}, {nil, nil, 7, "token 7"}, {[]string{"to"}, nil, 1, "token 1"}} {
		if got := tokenName(c.tokens, c.grid, c.i); got != c.want {
			t.Errorf("token %d of %q is called %q, want %q", c.i, c.tokens, got, c.want)
		}
	}
	in := tracesInput(5, false)
	in.Tokens, in.Grid = nil, grid
	traces, err := Traces(in)
	if err != nil {
		t.Fatal(err)
	}
	attention, err := Attention(imageInput(2, 2, 1, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*Figure{traces, attention} {
		svg := string(written(t, f, "svg"))
		for _, name := range []string{"class token<", "patch 0<", "patch 3<"} {
			if !strings.Contains(svg, name) {
				t.Errorf("%s does not name the %s", f.Name, strings.TrimSuffix(name, "<"))
			}
		}
	}
}

// Runs of one setting have one colour and one line in the legend, which has the
// medians, whatever their inputs; the several Z are a band.
func TestNormalizerOfSeveralInputs(t *testing.T) {
	in := NormalizerInput{Z: []float64{1, 2, 4}}
	for i, neurons := range []int{10, 10, 10, 90, 90, 90} {
		shift := float64(i % 3)
		z := []float64{1 + shift, 2 + shift, 4 + shift}
		in.Curves = append(in.Curves, NormalizerCurve{Neurons: neurons, Name: "solver", Input: "seed " + string(rune('1'+i%3)), P: z, Z: z, R: 0.5 + 0.1*shift, RLog10: 1, MedianError: 0.25})
	}
	f, err := Normalizer(in)
	if err != nil {
		t.Fatal(err)
	}
	got := legendOf(t, f)
	want := []string{"softmax normaliser Z, range over 3 inputs",
		"m\u00a0=\u00a010, solver, 3\u00a0inputs: r\u00a00.600 (log\u00a01), |p/Z\u00a0−\u00a01|\u00a00.250", "m\u00a0=\u00a090, solver, 3\u00a0inputs: r\u00a00.600 (log\u00a01), |p/Z\u00a0−\u00a01|\u00a00.250", "identity p = Z"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("legend %q, want %q", got, want)
	}
	colours := map[color.NRGBA]int{}
	for _, m := range firstPanel(f).marks {
		switch m := m.(type) {
		case *curve:
			colours[m.colour]++
		case *band:
			colours[m.colour]++
			if m.low[1] != 2 || m.high[1] != 4 {
				t.Errorf("Z of the second token is drawn from %g to %g", m.low[1], m.high[1])
			}
		}
	}
	if len(colours) != 3 || colours[okabeIto[0]] != 3 || colours[okabeIto[1]] != 3 {
		t.Errorf("lines of the colours %v", colours)
	}
	for _, row := range readTable(t, f) {
		if !strings.HasPrefix(row["run"], "seed ") {
			t.Fatalf("a row does not say which input it is of: %v", row)
		}
	}
}

// Of two runs with their read-outs and seeds, the legend stands in two columns of a
// page's width.
func TestNormalizerLegendIsShort(t *testing.T) {
	in := normalizerInput(50)
	for i := range in.Curves {
		in.Curves[i].Seeds, in.Curves[i].RLog10, in.Curves[i].MedianError = 3, 0.994, 0.0424
	}
	f, err := Normalizer(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range f.elements {
		if l, ok := e.(*legend); ok && l.columns != 2 {
			t.Errorf("the legend has %d columns", l.columns)
		}
	}
}

// The letter behind a _ is set lower, whatever its script.
func TestSubscripts(t *testing.T) {
	for text, want := range map[string]string{"p_t and Z_t": "p\x02t\x03 and Z\x02t\x03", "‖H‖_F": "‖H‖\x02F\x03", "τ_φ = 1": "τ\x02φ\x03 = 1", "none": "none", "end_": "end"} {
		if got := Subscripts(text); got != want {
			t.Errorf("Subscripts(%q) = %q, want %q", text, got, want)
		}
	}
}
