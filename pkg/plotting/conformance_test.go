package plotting

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"
)

// numbers gives arrays of a size, or nil whatever the size.
type numbers func(size int) []float64

// sized are as many numbers, NaN where there are none.
func sized(of numbers, size int) []float64 {
	if x := of(size); len(x) == size {
		return x
	}
	return all(size, math.NaN())
}

// one is a single number; NaN where there are none.
func (of numbers) one() float64 {
	if x := of(1); len(x) == 1 {
		return x[0]
	}
	return math.NaN()
}

// examples are what TestFigures draws: for each figure of the catalogue an input
// of about n tokens, samples or heads, all of whose values are given.
var examples = map[string]func(n int, width vg.Length, of numbers) (*Figure, error){
	"normalizer": func(n int, width vg.Length, of numbers) (*Figure, error) {
		return Normalizer(NormalizerInput{Subject: "tiny-text, layer 0, head 1", Width: width, Z: of(n), Curves: []NormalizerCurve{
			{Neurons: 1000, Name: "kernel", Static: true, P: of(n), R: of.one(), RLog10: of.one(), MedianError: of.one()},
			{Label: Subscripts("τ_p\u00a0=\u00a050\u00a0ms"), Neurons: 100000, Name: "solver", P: of(n), Z: of(n), R: of.one(), RLog10: of.one(), MedianError: of.one()},
			{Label: "seed 3", Neurons: 100000, Name: "solver", P: of(n), Low: of(n), High: of(n), Seeds: 5, R: of.one(), RLog10: of.one(), MedianError: of.one()},
		}})
	},
	"attention": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := AttentionInput{Subject: "tiny-vision, layer 0, head 1", Width: width, N: n, Softmax: of(n * n), Kernel: of(n * n), Network: of(n * n)}
		if side := int(math.Sqrt(float64(n - 1))); n > 1 && side*side == n-1 {
			in.Grid = &PatchGrid{Picture: picture(), Rows: side, Columns: side, Front: []string{"class token"}}
		} else {
			in.Tokens, in.NetworkRung, in.Norm = tokenStrings(n), "solver", NormLog
		}
		return Attention(in)
	},
	"overlay": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := AttentionInput{Subject: "tiny-vision, layer 0, head 1", Width: width, N: n, Softmax: of(n * n), Network: of(n * n)}
		switch side := int(math.Sqrt(float64(n - 1))); {
		case n > 1 && side*side == n-1:
			in.Grid = &PatchGrid{Picture: picture(), Rows: side, Columns: side, Front: []string{"[CLS]"}, Queries: []int{n - 1}}
		case n > 3:
			in.Grid = &PatchGrid{Rows: 1, Columns: n - 2, Front: []string{"[CLS]", "[DIST]"}}
		case n == 1:
			in.Grid = &PatchGrid{Rows: 1, Columns: 1}
		}
		return Overlay(in)
	},
	"response": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := ResponseInput{Subject: "tiny-text, N\u00a0=\u00a017", Width: width}
		if n%2 == 0 { // a set
			errors, shares := sized(of, n), sized(of, 3*n)
			in.ErrorLabel, in.AgreementLabel, in.SharesLabel, in.Intervals = "mean error of heads (–)", "same answer (–)", "share of inputs (–)", "Intervals are binomial."
			in.Uniform, in.Near = sized(of, 1)[0], n == 50
			for i := range n / 2 {
				in.Bins = append(in.Bins, AgreementBin{From: errors[i], Middle: errors[i], To: errors[n-1], Share: shares[i], Low: shares[i+n], High: shares[i+2*n], Inputs: n})
				in.Counts = append(in.Counts, ErrorCount{errors[0], errors[i], shares[i]})
			}
			for i := range min(n, 8) {
				in.Shares = append(in.Shares, AnswerShare{Who: Answerer(i % 4), Quantity: "accuracy", Value: shares[i], Low: shares[i+n], High: shares[i+2*n]})
			}
			return Response(in)
		}
		for i := range min(n/4, 4) {
			q := Question{Title: "[MASK], token " + strconv.Itoa(i), Transformers: 5, Answers: tokenStrings(5 + i)}
			for who := range 4 {
				q.By = append(q.By, AnswerBars{Who: Answerer(who), Probability: sized(of, 5+i), Likeliest: who})
			}
			in.Questions = append(in.Questions, q)
		}
		if n == 1 || n == 5 {
			in.LayerErrors = of(n)
		}
		return Response(in)
	},
	"traces": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := TracesInput{Subject: "tiny-text, layer 0, head 1", Width: width, Time: index(n), Panels: []TracePanel{
			{Label: "hidden h (a.u.)", Kind: "neuron", Columns: []int{7, 600000}, Values: of(2 * n)},
			{Label: Subscripts("‖H‖_F (–)"), Values: of(n), Missing: "the norm was not recorded"},
		}}
		for i := range n {
			in.Segments = append(in.Segments, Segment{Start: float64(i), End: float64(i + 1), Token: i / 2, Reading: i%2 == 1})
		}
		return Traces(in)
	},
	"budget": func(n int, width vg.Length, of numbers) (*Figure, error) {
		return Budget(BudgetInput{Subject: "tiny-text", Width: width, Heads: make([]string, n), Parts: []BudgetPart{
			{Name: "dynamics", Meaning: "the network", Values: of(n), Hue: 1}, {Name: "calcium lag", Values: of(n), Inset: true}, {Name: "total", Values: of(n), Total: true},
		}, Trivial: of(n), Alignment: of(n)})
	},
	"output": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := OutputInput{Subject: "tiny-text", Width: width, Rung: "solver"}
		for i := range n {
			in.Heads = append(in.Heads, OutputHead{Name: fmt.Sprintf("0:%d", i), Values: 2, Transformer: of(2 * n), Network: of(2 * n),
				RelativeError: of.one(), CosineMean: of.one(), CosineWorst: of.one()})
		}
		return Output(in)
	},
	"kernel": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := KernelInput{Subject: "tiny-text, layer 0, head 1", Width: width, Tokens: n, Exact: of(n * n), Score: of(n * n), Map: "positive", Neurons: 1000}
		if n == 1 || n == 13 || n == 50 {
			in.Deviation = of(n * n)
		}
		for t := range n {
			if n == 13 {
				in.Keys = append(in.Keys, t+1)
			}
		}
		if in.Matched = n == 5; n == 50 { // more pairs than are drawn as points
			in.Tokens = 75
			in.Exact, in.Score, in.Deviation = of(75*75), of(75*75), of(75*75)
		}
		return Kernel(in)
	},
	"synapses": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := SynapsesInput{Subject: "tiny-vision, 16 heads", Width: width, Uniform: of(3), AstrocytesFrom: "a paper",
			Astrocytes: []SynapsesRange{{"one rodent astrocyte", 20e3, 120e3}, {"one human astrocyte", 0.27e6, 2e6}}}
		curve := func(label string) SynapsesCurve {
			c := SynapsesCurve{Label: label, Synapses: sized(of, n), Seeds: n}
			for range n {
				c.Errors = append(c.Errors, of(3))
			}
			return c
		}
		for _, label := range []string{"positive, rows = orthogonal", "learned", "trig", "elu1", "oprf", "gauss", "dense"}[:min(n, 7)] {
			in.Curves = append(in.Curves, curve(label))
		}
		if n == 5 {
			floor := curve("")
			in.Floor = &floor
		}
		return Synapses(in)
	},
	"timescale": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := TimescaleInput{Subject: "tiny-vision, N\u00a0=\u00a050", Width: width, Uniform: sized(of, n), Seeds: n,
			Measured: []TimeRange{{"membranes", 7.5e-3, 11.7e-3, "a paper"}, {"calcium of astrocyte processes, rise and decay", 0.1, 4, "another"}, {"of astrocyte bodies", 2, 25, "another"}}}
		for h := range n {
			in.Heads = append(in.Heads, fmt.Sprintf("layer\u00a0%d, head\u00a0%d", h/4, h%4))
		}
		for i := range min(n, 14) {
			c := TimescaleCurve{Label: Subscripts(fmt.Sprintf("emergent division, τ_s = %d ms, τ_x = 50 ms, scale neurons", i)), Dwell: sized(of, 6)}
			for range 6 {
				c.Errors = append(c.Errors, sized(of, n))
			}
			in.Curves = append(in.Curves, c)
		}
		return Timescale(in)
	},
	"compartments": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := CompartmentsInput{Subject: "tiny-vision, N\u00a0=\u00a050", Width: width, Uniform: sized(of, n), WellMixed: sized(of, n), Seeds: n,
			Lengths: []float64{1, 10}, Least: 13, Usual: 20, Most: 65, Source: "a paper"}
		for h := range n {
			in.Heads = append(in.Heads, fmt.Sprintf("layer\u00a0%d, head\u00a0%d", h/4, h%4))
		}
		for i := range min(n, 14) {
			c := CompartmentsCurve{Label: fmt.Sprintf("compartments %d", i), Exchange: append([]float64{0}, sized(of, 6)...), Diffusion: []ExchangeRange{{3, 5, 16}, {of.one(), of.one(), of.one()}}}
			for range c.Exchange {
				c.Errors = append(c.Errors, sized(of, n))
			}
			in.Curves = append(in.Curves, c)
		}
		return Compartments(in)
	},
	"astrocytes": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := AstrocytesInput{Subject: "tiny-vision, N\u00a0=\u00a050", Width: width, Trivial: sized(of, n), Seeds: n}
		for h := range n {
			in.Heads = append(in.Heads, fmt.Sprintf("layer\u00a0%d, head\u00a0%d", h/4, h%4))
		}
		for _, part := range []string{"kernel", "carry-over", "calcium lag", "rise", "read-out", "biophysics", "interaction"} {
			in.Parts = append(in.Parts, AstrocytePart{part, "what it is"})
		}
		for i := range min(n, 14) {
			b := AstrocyteBar{Name: Subscripts(fmt.Sprintf("compartments %d, coupling line, length 10 um, diffusion 20 um2/s, τ_p = 50 ms", i)), Total: sized(of, n)}
			for range in.Parts {
				b.Values = append(b.Values, sized(of, n))
			}
			in.Bars = append(in.Bars, b)
		}
		return Astrocytes(in)
	},
	"fit": func(n int, width vg.Length, of numbers) (*Figure, error) {
		in := FitInput{Subject: "tiny-vision, 16 heads", Width: width}
		for i := range n {
			in.Heads = append(in.Heads, FitHead{Layer: i / 4, Head: i % 4, Neurons: 625 + i/4, Steps: index(4), Errors: sized(of, 4), BestStep: 3, HeldOut: of.one()})
		}
		return Fit(in)
	},
	"heads": func(n int, width vg.Length, of numbers) (*Figure, error) {
		return Heads(HeadsInput{Subject: "tiny-text, N\u00a0=\u00a050", Width: width, Layers: 3, Heads: n, Values: of(3 * n), Log: n != 5,
			Label: "neurons for 5\u00a0% error (–)", Meaning: "The number of hidden neurons at which the expected relative error of a head's output is 0.05, with the best of the maps."})
	},
}

// failer is a test, of package testing or of rapid.
type failer interface{ Fatal(...any) }

// drawer draws the example of a figure.
type drawer func(t failer, n int, width vg.Length, of numbers) *Figure

// contract is what every figure of the catalogue keeps.
var contract = []struct {
	says  string
	check func(t *testing.T, e Entry, draw drawer)
}{
	{"is documented", documented},
	{"fits every width", fitsEveryWidth},
	{"takes any values", takesAnyValues},
	{"tells what it shows", tellsWhatItShows},
	{"gives its numbers", givesItsNumbers},
	{"is the same each time", isTheSameEachTime},
}

// Every figure of the catalogue keeps the package's contract.
func TestFigures(t *testing.T) {
	for _, e := range Catalogue() {
		example := examples[e.Name]
		if example == nil {
			t.Errorf("the table of examples has no row for %s", e.Name)
			continue
		}
		draw := func(t failer, n int, width vg.Length, of numbers) *Figure {
			f, err := example(n, width, of)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		for _, clause := range contract {
			t.Run(e.Name+"/"+clause.says, func(t *testing.T) { clause.check(t, e, draw) })
		}
	}
}

func documented(t *testing.T, e Entry, _ drawer) {
	if e.Shows == "" || Known(e.Name) != nil {
		t.Error("the catalogue does not say what it shows")
	}
	for _, file := range []string{"../../README.md", "../../docs/run-directory.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "`"+e.Name+"`") {
			t.Errorf("%s does not name it", file)
		}
	}
}

func fitsEveryWidth(t *testing.T, e Entry, draw drawer) {
	for _, width := range []vg.Length{Narrowest, SingleColumn, 120 * vg.Millimeter, DoubleColumn, Widest, 0} {
		for _, n := range []int{0, 1, 5, 13, 50} {
			r := newRand()
			f := draw(t, n, width, func(size int) []float64 { return lognormals(r, size, 0.1, 1) })
			if f.Name != e.Name || width > 0 && f.Width != width {
				t.Errorf("it is named %s and %v wide", f.Name, f.Width)
			}
			checkLayout(t, fmt.Sprintf("%.0f mm, n = %d", width/vg.Millimeter, n), f)
		}
	}
}

func takesAnyValues(t *testing.T, _ Entry, draw drawer) {
	anyValues(t, func(t failer, n int, of numbers) {
		f := draw(t, n, Narrowest, of)
		c := &typesetter{texts: new([]setText)}
		if f.drawOn(c); c.far > 0 {
			t.Fatal(c.far, "places off the page")
		}
	})
}

func tellsWhatItShows(t *testing.T, _ Entry, draw drawer) {
	r := newRand()
	f := draw(t, 5, 0, func(size int) []float64 { return lognormals(r, size, 0.1, 1) })
	subject, text, _ := strings.Cut(f.Caption, ".\n\n")
	if !strings.HasPrefix(subject, "tiny-") || len(text) < 200 || !strings.HasSuffix(text, ".") || strings.ContainsAny(f.Caption, "\x01\x02\x03\u00a0") {
		t.Errorf("caption %q", f.Caption)
	}
}

func givesItsNumbers(t *testing.T, e Entry, draw drawer) {
	anyValues(t, func(t failer, n int, of numbers) {
		given := map[float64]bool{}
		f := draw(t, n, Narrowest, func(size int) []float64 {
			x := of(size)
			for _, v := range x {
				given[v] = true
			}
			return x
		})
		for _, row := range readTable(t, f) {
			v, err := strconv.ParseFloat(cmp.Or(row[e.Name], "NaN"), 64)
			if err != nil || !math.IsNaN(v) && !given[v] {
				t.Fatal("the table has a number that was not given: ", row)
			}
		}
	})
}

func isTheSameEachTime(t *testing.T, _ Entry, draw drawer) {
	fresh := func() *Figure {
		r := newRand()
		return draw(t, 17, Narrowest, func(size int) []float64 { return spoilt(lognormals(r, size, 0.1, 1)) })
	}
	f, again := fresh(), fresh()
	textsOf(again) // that it was drawn before makes no difference
	for _, format := range Formats() {
		file := written(t, f, format)
		checkFile(t, f, format, file)
		if !bytes.Equal(file, written(t, again, format)) {
			t.Errorf("%s: two files", format)
		}
	}
	if fmt.Sprint(readTable(t, f)) != fmt.Sprint(readTable(t, again)) || f.Caption != again.Caption {
		t.Error("two tables, or two captions")
	}
}

// tabled is for each figure a column of its table that holds numbers as they were
// given.
var tabled = map[string]string{"normalizer": "p", "attention": "kernel", "response": "value", "overlay": "network", "traces": "value", "budget": "value", "output": "network", "heads": "value", "kernel": "score", "synapses": "error", "timescale": "error", "compartments": "error", "astrocytes": "error", "fit": "error"}

// readTable reads a figure's table back: for each row the cells by their column's
// name, that of the tabled column by the figure's. Means are left out.
func readTable(t failer, f *Figure) []map[string]string {
	if f.Data.Empty() {
		return nil
	}
	var b bytes.Buffer
	if err := f.Data.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) < 2 || !slices.Contains(lines[0], tabled[f.Name]) {
		t.Fatal("no table: ", err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, cell := range line {
			row[lines[0][i]] = cell
			if lines[0][i] == tabled[f.Name] {
				row[f.Name] = cell
			}
		}
		if row["head"] != "mean" {
			rows = append(rows, row)
		}
	}
	return rows
}

// anyValues calls draw with arrays of ordinary and of awkward values, of one value
// alone, and with none.
func anyValues(t *testing.T, draw func(t failer, n int, of numbers)) {
	special := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e-300, 1e300}
	for _, n := range []int{0, 1, 5} {
		draw(t, n, func(int) []float64 { return nil })
		for _, v := range special {
			draw(t, n, func(size int) []float64 { return all(size, v) })
		}
	}
	value := rapid.OneOf(rapid.SampledFrom(special), rapid.Float64(), rapid.Float64Range(0.1, 10))
	rapid.Check(t, func(t *rapid.T) {
		draw(t, rapid.IntRange(0, 7).Draw(t, "n"), func(size int) []float64 { return rapid.SliceOfN(value, size, size).Draw(t, "values") })
	})
}
