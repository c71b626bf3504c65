package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

// figureCase is a figure that a user could ask for, ordinary or not.
type figureCase struct {
	name string
	make func() (*Figure, error)
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(3, 14)) }

func normals(r *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = scale * r.NormFloat64()
	}
	return x
}

func lognormals(r *rand.Rand, n int, scale, spread float64) []float64 {
	x := normals(r, n, spread)
	for i := range x {
		x[i] = scale * math.Exp(x[i])
	}
	return x
}

// rowsOfOne is an n × n matrix of positive entries with rows that sum to 1.
func rowsOfOne(r *rand.Rand, n int) []float64 {
	a := lognormals(r, n*n, 1, 1.5)
	for t := range n {
		row := a[t*n : (t+1)*n]
		var sum float64
		for _, v := range row {
			sum += v
		}
		for s := range row {
			row[s] /= sum
		}
	}
	return a
}

// spoilt replaces some values by those that make trouble.
func spoilt(x []float64) []float64 {
	y := append([]float64{}, x...)
	for i, bad := range []float64{0, -1, math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 5e-324, math.MaxFloat64} {
		if i*3 < len(y) {
			y[i*3] = bad
		}
	}
	return y
}

func all(n int, v float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = v
	}
	return x
}

var vocabulary = []string{"[CLS]", "astro", "##cytes", "listen", "to", "▁synapses", "Ġand", "naïve", "Ω≤φ", "中文", "\x01\n\t", "😀", "", "incomprehensibilities", "<text>&amp;", "|"}

func tokenStrings(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = vocabulary[i%len(vocabulary)]
	}
	return out
}

func cases() []figureCase {
	var out []figureCase
	add := func(name string, make func() (*Figure, error)) { out = append(out, figureCase{name, make}) }
	addNormalizer(add)
	addAttention(add)
	addTraces(add)
	addBudget(add)
	addOutput(add)
	return out
}

type adder func(name string, make func() (*Figure, error))

func normalizerInput(n int) NormalizerInput {
	r := newRand()
	in := NormalizerInput{Subject: "tiny-text, layer 0, head 1", Z: lognormals(r, n, 200, 1.2)}
	for _, m := range []int{1000, 100000} {
		for _, rung := range []string{"kernel", "solver"} {
			p := lognormals(r, n, 1, 10/math.Sqrt(float64(m)))
			for i := range p {
				p[i] *= in.Z[i]
			}
			in.Curves = append(in.Curves, NormalizerCurve{Neurons: m, Name: rung, Static: rung == "kernel", P: p, R: 0.98, RLog10: math.NaN(), MedianError: 0.1})
		}
	}
	return in
}

func addNormalizer(add adder) {
	for _, n := range []int{1, 2, 40, 200} {
		add(fmt.Sprintf("normalizer/%d", n), func() (*Figure, error) { return Normalizer(normalizerInput(n)) })
	}
	add("normalizer/single", func() (*Figure, error) {
		in := normalizerInput(64)
		in.Width = SingleColumn
		return Normalizer(in)
	})
	add("normalizer/spoilt", func() (*Figure, error) {
		in := normalizerInput(64)
		in.Z = spoilt(in.Z)
		in.Curves[0].P = spoilt(in.Curves[0].P)
		in.Curves[1].P, in.Curves[2].P = all(64, -1), all(64, math.NaN())
		return Normalizer(in)
	})
	add("normalizer/nothing", func() (*Figure, error) { return Normalizer(NormalizerInput{}) })
	add("normalizer/no curves", func() (*Figure, error) { return Normalizer(NormalizerInput{Z: []float64{1, 2}}) })
	add("normalizer/all zero", func() (*Figure, error) {
		return Normalizer(NormalizerInput{Z: all(3, 0), Curves: []NormalizerCurve{{Name: "exact", P: all(3, 0)}}})
	})
}

func attentionInput(n int) AttentionInput {
	r := newRand()
	in := AttentionInput{Subject: "tiny-text, layer 0, head 1", N: n, NetworkRung: "solver", Tokens: tokenStrings(n)}
	in.Softmax, in.Kernel, in.Network = rowsOfOne(r, n), rowsOfOne(r, n), rowsOfOne(r, n)
	return in
}

// frontTokens are what stands before the patches of a model with registers.
var frontTokens = []string{"class token", "[REG1]", "[REG2]", "[REG3]", "[REG4]"}

func imageInput(rows, columns, leading int, picture image.Image) AttentionInput {
	in := attentionInput(rows*columns + leading)
	in.Tokens = nil
	in.Grid = &PatchGrid{Picture: picture, Rows: rows, Columns: columns, Front: frontTokens[:leading]}
	return in
}

func picture() image.Image {
	img := image.NewGray(image.Rect(5, 5, 33, 33)) // bounds need not start at 0
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
	}
	return img
}

func addAttention(add adder) {
	for _, n := range []int{0, 1, 2, 12, 40, 200} {
		add(fmt.Sprintf("attention/%d", n), func() (*Figure, error) {
			in := attentionInput(n)
			if n != 40 {
				in.Width = SingleColumn // which takes less time
			}
			return Attention(in)
		})
	}
	for _, norm := range []string{NormLinear, NormLog, NormSqrt} {
		add("attention/spoilt "+norm, func() (*Figure, error) {
			in := attentionInput(30)
			in.Norm, in.Network, in.Width = norm, spoilt(in.Network), SingleColumn
			return Attention(in)
		})
	}
	add("attention/missing", func() (*Figure, error) {
		in := attentionInput(30)
		in.Kernel, in.Network, in.Tokens = nil, nil, nil
		return Attention(in)
	})
	add("attention/zero", func() (*Figure, error) {
		return Attention(AttentionInput{N: 2, Softmax: all(4, 0), Kernel: all(4, math.NaN()), Network: all(4, -1)})
	})
	add("attention/image", func() (*Figure, error) { return Attention(imageInput(7, 7, 1, picture())) })
	add("attention/image 14×14", func() (*Figure, error) {
		in := imageInput(14, 14, 1, nil)
		in.Width = SingleColumn
		return Attention(in)
	})
	add("attention/image registers", func() (*Figure, error) { return Attention(imageInput(4, 4, 5, picture())) })
	add("attention/image registers, single", func() (*Figure, error) {
		in := imageInput(14, 14, 5, picture())
		in.Width = SingleColumn
		return Attention(in)
	})
	add("attention/image wide", func() (*Figure, error) { return Attention(imageInput(2, 5, 0, image.NewUniform(color.White))) })
	add("attention/image single", func() (*Figure, error) {
		in := imageInput(7, 7, 1, picture())
		in.Width, in.Network = SingleColumn, spoilt(in.Network)
		in.Grid.Queries = []int{0, 17}
		return Attention(in)
	})
}

// tracesInput is a made-up run of n tokens with the default schedule.
func tracesInput(n int, causal bool) TracesInput {
	r := newRand()
	in := TracesInput{Subject: "tiny-text, layer 0, head 1", Tokens: tokenStrings(n), Overview: 3, Panels: []TracePanel{
		{Label: "hidden h (a.u.)", Kind: "neuron", Columns: []int{1, 20, 300, 4000, 50000, 600000}, Missing: "hidden activity was not recorded"},
		{Label: "output f (a.u.)", Kind: "neuron"},
		{Label: Subscripts("‖H‖_F (–)")},
		{Label: "calcium p (–)", Kind: "compartment"},
	}}
	const dwell, samples = 0.25, 20
	present := func(token int, reading bool) {
		start := float64(len(in.Segments)) * dwell
		in.Segments = append(in.Segments, Segment{Start: start, End: start + dwell, Token: token, Reading: reading})
		h, f, p := lognormals(r, 6, 0.03, 1.3), normals(r, 3, 1), lognormals(r, 1, 100, 1)
		for i := range samples {
			in.Time = append(in.Time, start+dwell*float64(i+1)/samples)
			for j, x := range [][]float64{h, f, {math.Sqrt(start)}, p} {
				in.Panels[j].Values = append(in.Panels[j].Values, x...)
			}
		}
	}
	if causal {
		for i := range 2 * n {
			present(i/2, i%2 == 1)
		}
	} else {
		for i := range 2 * n {
			present(i%n, i >= n)
		}
	}
	return in
}

func addTraces(add adder) {
	for _, n := range []int{1, 3, 40, 200} {
		add(fmt.Sprintf("traces/%d", n), func() (*Figure, error) { return Traces(tracesInput(n, false)) })
	}
	add("traces/causal", func() (*Figure, error) { return Traces(tracesInput(30, true)) })
	add("traces/whole", func() (*Figure, error) {
		in := tracesInput(200, false)
		in.Whole = true
		return Traces(in)
	})
	add("traces/single spoilt", func() (*Figure, error) {
		in := tracesInput(4, false)
		in.Width = SingleColumn
		for i, x := range [][]float64{spoilt(in.Panels[0].Values), nil, all(len(in.Time), 2), all(len(in.Time), math.NaN())} {
			in.Panels[i].Values = x
		}
		return Traces(in)
	})
	add("traces/compartments", func() (*Figure, error) {
		in := tracesInput(4, false)
		in.Panels[3].Values = in.Panels[1].Values // three columns
		in.Segments, in.Tokens = nil, nil
		return Traces(in)
	})
	add("traces/over compartments", func() (*Figure, error) {
		in := tracesInput(4, false)
		in.Panels[3].Values, in.Panels[3].Names = in.Panels[1].Values, []string{"mean", "least", "most"}
		in.Panels[3].Note = "Of p, the mean and the extremes."
		return Traces(in)
	})
	add("traces/nothing", func() (*Figure, error) { return Traces(TracesInput{}) })
	add("traces/one sample", func() (*Figure, error) {
		return Traces(TracesInput{Time: []float64{0}, Panels: []TracePanel{{Label: "calcium p (–)", Values: []float64{1}}}, Segments: []Segment{{Token: 0}}})
	})
}

func budgetInput(n int) BudgetInput {
	r := newRand()
	in := BudgetInput{Subject: "tiny-text", Heads: make([]string, n), Trivial: all(n, .9), Alignment: all(n, -.2)}
	for _, p := range []struct {
		BudgetPart
		scale, spread float64
	}{
		{BudgetPart{Name: "kernel", Meaning: "finite m"}, .12, .4}, {BudgetPart{Name: "dynamics", Hue: 1}, .05, .4},
		{BudgetPart{Name: "carry-over", Meaning: "slow membranes", Inset: true}, .03, .4}, {BudgetPart{Name: "calcium lag", Inset: true}, .04, .4},
		{BudgetPart{Name: "leak", Inset: true}, .2, .4}, {BudgetPart{Name: "compartments", Inset: true}, .01, .4},
		{BudgetPart{Name: "integration", Meaning: "the solver", Hue: 2}, 3e-9, 1}, {BudgetPart{Name: "total", Meaning: "the whole", Total: true}, .14, .4},
	} {
		p.Values = lognormals(r, n, p.scale, p.spread)
		in.Parts = append(in.Parts, p.BudgetPart)
	}
	return in
}

func addBudget(add adder) {
	for _, n := range []int{0, 1, 16, 144} {
		add(fmt.Sprintf("budget/%d", n), func() (*Figure, error) { return Budget(budgetInput(n)) })
	}
	add("budget/double", func() (*Figure, error) {
		in := budgetInput(16)
		in.Width, in.Parts[6].Values = DoubleColumn, nil
		return Budget(in)
	})
	add("budget/spoilt", func() (*Figure, error) {
		in := budgetInput(16)
		in.Parts[0].Values, in.Parts[6].Values, in.Parts[7].Values = spoilt(in.Parts[0].Values), all(16, 0), all(16, math.NaN())
		return Budget(in)
	})
	add("budget/zero", func() (*Figure, error) {
		return Budget(BudgetInput{Heads: []string{"0:0"}, Parts: []BudgetPart{{Values: []float64{0}}, {Values: []float64{0}}}})
	})
}

func outputHead(name string, tokens int, noise float64) OutputHead {
	r := newRand()
	h := OutputHead{Name: name, Values: 16, Transformer: normals(r, tokens*16, 1), RelativeError: noise, CosineMean: 1 - noise, CosineWorst: -noise}
	h.Network = normals(r, tokens*16, noise)
	for i, v := range h.Transformer {
		h.Network[i] += v
	}
	return h
}

// outputInput is of so many heads and tokens.
func outputInput(count, tokens int) OutputInput {
	in := OutputInput{Subject: "tiny-text", Rung: "solver"}
	for i := range count {
		in.Heads = append(in.Heads, outputHead(fmt.Sprintf("0:%d", i), tokens, 0.1*float64(i%10)))
	}
	return in
}

func addOutput(add adder) {
	for _, n := range []int{0, 1, 6, 7, 144} {
		add(fmt.Sprintf("output/%d heads", n), func() (*Figure, error) { return Output(outputInput(n, 10)) })
	}
	add("output/dense", func() (*Figure, error) { return Output(outputInput(2, 400)) })
	add("output/spoilt", func() (*Figure, error) {
		in := outputInput(2, 20)
		in.Heads[0].Network, in.Heads[1].Transformer = spoilt(in.Heads[0].Network), spoilt(in.Heads[1].Transformer)
		return Output(in)
	})
	add("output/dense spoilt", func() (*Figure, error) {
		in := outputInput(2, 400)
		in.Heads[0].Network, in.Heads[1].Transformer = spoilt(in.Heads[0].Network), spoilt(in.Heads[1].Transformer)
		return Output(in)
	})
	add("output/constant", func() (*Figure, error) {
		return Output(OutputInput{Heads: []OutputHead{{Values: 2, Transformer: all(4, 0), Network: all(4, 0)}}})
	})
	add("output/missing", func() (*Figure, error) {
		return Output(OutputInput{Heads: []OutputHead{{Values: 2, Transformer: all(4, math.NaN()), Network: all(4, 1)}}})
	})
}

// mustMake fails the test on an error.
func mustMake(t *testing.T, c figureCase) *Figure {
	t.Helper()
	f, err := c.make()
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return f
}
