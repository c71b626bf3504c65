package plotting

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// KernelInput holds what [Kernel] draws.
type KernelInput struct {
	// Subject is written above the figure, such as "tiny-text, layer 0, head 1"; it may hold
	// [Subscripts].
	Subject string
	// Tokens is N, and Keys how many keys each query sees [N]; nil: all N.
	Tokens int
	Keys   []int
	// Exact is exp(q_t·k_s) and Score its estimate φ(q_t)·φ(k_s), both [N,N]; what a query does not see
	// is left out.
	Exact, Score []float64
	// Deviation is the standard deviation of each score over draws of the hidden layer, as it is
	// predicted, relative to Exact [N,N]; nil where there is no prediction.
	Deviation []float64
	// Map names the feature map, and Neurons is m; 0 names none.
	Map     string
	Neurons int
	// Matched says that each query's scores were multiplied by one factor, so that they add up to
	// those of Exact: of a map that is no estimate of exp(q·k) attention sees no more.
	Matched bool
	// Width is the figure's width; 0 is SingleColumn.
	Width vg.Length
}

// Kernel draws the network's scores against those of softmax attention, both on logarithmic axes, with
// the identity and, where it is known, the band of one predicted standard deviation about it. Up to
// 5 000 pairs of tokens are points; more are a density over hexagons. The axes cover exp(q·k) and all but
// the outermost half per cent of the scores, three decades beyond at most; what lies outside, or is not
// positive, is an arrow head, or in a density left out, and counted.
func Kernel(in KernelInput) (*Figure, error) {
	width, err := widthOr("kernel", in.Width, SingleColumn)
	if err != nil {
		return nil, err
	}
	pairs, err := in.pairs()
	if err != nil {
		return nil, err
	}
	f := &Figure{Name: "kernel", Width: width}
	pl, density := kernelPanel(in, pairs)
	right := vg.Length(0)
	if density != nil {
		right = barRoom + sizeText*lineSkip
	}
	f.laySingle(in.Subject, pl, kernelKeys(pl, pairs, density != nil), 1, right)
	if density != nil {
		density.bin(pl)
		f.add(&colourBar{area: barBeside(pl.area), scale: density.scale, label: "pairs per hexagon (count)", note: normNote(density.scale.norm)})
	}
	captionKernel(f, in, pl, pairs, density != nil)
	return f, nil
}

// kernelPairs are the pairs of a query and a key that it sees.
type kernelPairs struct {
	query, key              []int
	exact, score, deviation []float64
}

func (in *KernelInput) pairs() (kernelPairs, error) {
	var p kernelPairs
	n := in.Tokens
	square := fmt.Sprintf("%d × %d tokens", n, n)
	for _, a := range []struct {
		field string
		of    []float64
	}{{"Exact", in.Exact}, {"Score", in.Score}, {"Deviation", in.Deviation}} {
		if a.of == nil {
			continue
		}
		if err := shape("kernel", a.field, len(a.of), n*n, square); err != nil {
			return p, err
		}
	}
	if in.Keys != nil {
		if err := shape("kernel", "Keys", len(in.Keys), n, "one per token"); err != nil {
			return p, err
		}
	}
	if in.Exact == nil || in.Score == nil {
		return p, nil
	}
	for t := range n {
		seen := n
		if in.Keys != nil {
			seen = min(max(in.Keys[t], 0), n)
		}
		for s := range seen {
			p.query, p.key = append(p.query, t), append(p.key, s)
			p.exact, p.score = append(p.exact, in.Exact[t*n+s]), append(p.score, in.Score[t*n+s])
			if in.Deviation != nil {
				p.deviation = append(p.deviation, in.Deviation[t*n+s])
			}
		}
	}
	return p, nil
}

func kernelPanel(in KernelInput, pairs kernelPairs) (*panel, *hexagons) {
	x, y := kernelAxes(pairs)
	pl := &panel{x: x, y: y}
	pl.x.label, pl.y.label = "exp(q·k) (–)", "score φ(q)·φ(k) (–)"
	if in.Matched {
		pl.y.label = "score, rows matched (–)"
	}
	pl.x.mark(5)
	pl.y.mark(5)
	if spanOf(pairs.exact).count == 0 || spanOf(pairs.score).count == 0 {
		pl.empty = "no scores were recorded"
		return pl, nil
	}
	var density *hexagons
	if len(pairs.score) > densePoints {
		density = &hexagons{x: pairs.exact, y: pairs.score}
		pl.add(density)
	}
	if b := predictedBand(pairs, x); b != nil {
		if density == nil {
			pl.add(b)
		} else { // over the cells, two lines
			look := stroke{colour: bandEdge, width: 0.9, dashes: dashings[2]}
			pl.add(&curve{x: b.x, y: b.low, stroke: look}, &curve{x: b.x, y: b.high, stroke: look})
		}
	}
	if density == nil {
		pl.add(&points{x: pairs.exact, y: pairs.score, glyph: discGlyph, colour: fade(hue(0), 0.35), radius: 0.9})
	}
	pl.add(&guide{diagonal: true, stroke: diagonalLook})
	return pl, density
}

// Looks of the band of one predicted standard deviation.
var (
	bandFill = fade(okabeIto[4], 0.3)
	bandEdge = okabeIto[1]
)

// kernelAxes are those of exp(q·k), and of the bulk of the scores.
func kernelAxes(pairs kernelPairs) (x, y axis) {
	s := spanOf(pairs.exact)
	x, _ = s.logarithmic(0.03)
	positive := slices.DeleteFunc(finiteOf(pairs.score), func(v float64) bool { return v <= 0 })
	const beyond = 1e3
	for _, q := range []float64{0.005, 0.995} {
		if at := statistics.Quantile(positive, q); finite(at) {
			if s.count == 0 || !(s.hi > 0) {
				s.hi, s.positiveLo = at, at
			}
			s.hi, s.positiveLo = max(s.hi, min(at, s.hi*beyond)), min(s.positiveLo, max(at, s.positiveLo/beyond))
			s.count++
		}
	}
	y, _ = s.logarithmic(0.03)
	return x, y
}

// bandPieces is how many pieces the band is made of, at most.
const bandPieces = 32

// predictedBand goes from exp(q·k) less one standard deviation to that with one more: exp(q·k) is cut into
// pieces that are equal on its logarithmic axis, and of the pairs in each the root of the mean variance and
// the geometric mean of exp(q·k) are drawn. nil where nothing is predicted.
func predictedBand(pairs kernelPairs, x axis) *band {
	type piece struct{ count, log, largest, squares float64 }
	var pieces [bandPieces]piece
	visit := func(take func(p *piece, at, deviation float64)) {
		for i, exact := range pairs.exact {
			if pairs.deviation == nil || !finite(exact) || !(exact > 0) || !(pairs.deviation[i] >= 0) || !finite(pairs.deviation[i]) {
				continue
			}
			k := int(bandPieces * x.at(exact))
			take(&pieces[min(max(k, 0), bandPieces-1)], math.Log(exact), pairs.deviation[i])
		}
	}
	visit(func(p *piece, at, deviation float64) {
		p.count, p.log, p.largest = p.count+1, p.log+at, max(p.largest, deviation)
	})
	visit(func(p *piece, _, deviation float64) {
		if p.largest > 0 { // whose square may be more than float64 holds
			p.squares += deviation / p.largest * (deviation / p.largest)
		}
	})
	b := &band{colour: bandFill}
	for _, p := range pieces {
		if p.count > 0 {
			at, sd := math.Exp(p.log/p.count), p.largest*math.Sqrt(p.squares/p.count)
			b.x, b.low, b.high = append(b.x, at), append(b.low, at*(1-sd)), append(b.high, at*(1+sd))
		}
	}
	if len(b.x) == 0 {
		return nil
	}
	return b
}

func kernelKeys(pl *panel, pairs kernelPairs, density bool) []key {
	if pl.empty != "" {
		return nil
	}
	var keys []key
	if !density {
		keys = append(keys, key{line: stroke{colour: hue(0)}, glyph: discGlyph, text: "a query and a key"})
	}
	keys = append(keys, key{line: diagonalLook, text: "equal scores"})
	if pairs.deviation != nil {
		k := key{line: stroke{colour: bandFill}, area: true, text: "±1 standard deviation, predicted"}
		if density {
			k = key{line: stroke{colour: bandEdge, width: 0.9, dashes: dashings[2]}, text: k.text}
		}
		keys = append(keys, k)
	}
	negative := 0
	for _, x := range pairs.score {
		if x <= 0 {
			negative++
		}
	}
	off, missing := outside(pl, pairs.exact, pairs.score)
	if negative > 0 {
		keys = append(keys, key{text: fmt.Sprintf("scores of 0 or below: %s of %s", Thousands(negative), Thousands(len(pairs.score)))})
	}
	if off -= negative; off > 0 || missing > 0 {
		keys = append(keys, key{text: fmt.Sprintf("scores off the axes: %s, missing: %s", Thousands(max(off, 0)), Thousands(missing))})
	}
	return keys
}

func captionKernel(f *Figure, in KernelInput, pl *panel, pairs kernelPairs, density bool) {
	off, missing := outside(pl, pairs.exact, pairs.score)
	edge := "is an arrow head at the edge"
	if density {
		edge = "is left out"
	}
	f.setCaption(in.Subject,
		"The score φ(q_t)·φ(k_s) that the hidden neurons give a query and a key against exp(q_t·k_s), that of softmax attention (q and k each divided by d^¼), for all pairs of a token t and a token s that it sees, on logarithmic axes"+
			when(in.Map != "", "; feature map "+clean(in.Map)+when(in.Neurons > 0, ", m = "+Thousands(in.Neurons)+" hidden neurons"))+".",
		when(in.Matched, "Each query's scores are multiplied by one factor, such that they add up to what exp(q·k) does: this map is no estimate of exp(q·k), and attention does not see that factor."),
		when(density, "Colours count the pairs in each hexagon."),
		when(!density, "Each point is one pair."),
		"On the dashed line they are equal.",
		when(pairs.deviation != nil, "The band goes from exp(q·k) less one standard deviation over draws of the hidden layer to that with one more, from the map's own variance for independent rows (science.md, section 3): the root of its mean over pairs of like exp(q·k). All scores of a run share one draw, and go up and down together."),
		when(off+missing > 0, "What lies beyond the axes, or is not positive, "+edge+", and counted in the legend."))
	columns := []column{
		counts("query", func(row int) int { return pairs.query[row] }), counts("key", func(row int) int { return pairs.key[row] }),
		floats("exact", pairs.exact), floats("score", pairs.score),
	}
	if pairs.deviation != nil {
		columns = append(columns, floats("deviation", pairs.deviation))
	}
	f.setData(len(pairs.score), columns...)
}
