package plotting

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
)

// AttentionInput holds what [Attention] draws.
type AttentionInput struct {
	// Subject is written above the figure, such as "tiny-text, layer 0, head 1"; it
	// may hold [Subscripts].
	Subject string
	// N is the number of tokens.
	N int
	// Softmax, Kernel and Network are attention matrices [N,N], row = query,
	// dimensionless; nil where there is none. Network is the effective attention
	// of the last rung; its entries may be negative.
	Softmax, Kernel, Network []float64
	// NetworkRung names the rung of Network; may be "".
	NetworkRung string
	// Neurons is m, the number of hidden neurons; 0 is infinitely many.
	Neurons int
	// Tokens are the tokens' strings [N]; nil numbers them. With a Grid they are not
	// shown.
	Tokens []string
	// Norm is NormSqrt, NormLinear or NormLog; "" is NormSqrt.
	Norm string
	// Grid says that the tokens are patches of a picture; nil for a text.
	Grid *PatchGrid
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Attention draws the matrices of softmax, kernel and network attention in one
// colour scale, and network − softmax in a diverging one. A matrix that is nil
// leaves a panel that says so. Cells below 0 by more than 0.1 % of the scale are
// grey, missing ones white, and where the scale is clipped its bar ends in an arrow
// head. Labels are thinned to what stays legible. With a Grid, a second block shows
// for a few queries the attention over the picture.
func Attention(in AttentionInput) (*Figure, error) {
	f, err := attentionFigure("attention", &in)
	if err != nil {
		return nil, err
	}
	m := attentionPanels(in)
	y := f.header(in.Subject)
	columns := 4
	switch {
	case f.Width < SingleColumn:
		columns = 1
	case in.Grid == nil || f.Width < narrow:
		columns = 2
	}
	y, late := layMatrices(f, m, y, columns)
	if in.Grid != nil {
		var more []func()
		y, more = layOverlays(f, in, y)
		late = append(late, more...)
	}
	f.Height = y + figureInset
	f.add(f.subject(in.Subject)...)
	for _, place := range late {
		place()
	}
	captionAttention(f, in, m, len(late) > 1)
	return f, nil
}

func captionAttention(f *Figure, in AttentionInput, m *matrices, overlaid bool) {
	order := ""
	if in.Grid != nil {
		order = ", patches of the picture in the order of reading"
		if in.Grid.front() > 0 {
			order = ": " + in.Grid.others() + ", then the patches of the picture in the order of reading"
		}
	}
	below := ""
	if overlaid {
		below = overlayCaption(in)
	}
	scales := []*colourScale{m.shared, m.diff}
	some := func(of func(*colourScale) int) bool {
		return slices.ContainsFunc(scales, func(s *colourScale) bool { return of(s) > 0 })
	}
	present := slices.DeleteFunc([][]float64{in.Softmax, in.Kernel, in.Network}, func(x []float64) bool { return x == nil })
	f.setCaption(in.Subject,
		"Attention A[t, s], the weight of token s in the output for token t.",
		"Rows are queries t, columns keys s"+order+".",
		when(in.Softmax != nil, "(a) softmax: the transformer's, exp(q_t·k_s)/Z_t."),
		when(in.Kernel != nil, "(b) kernel: φ(q_t)·φ(k_s)/Σ_s φ(q_t)·φ(k_s), "+layer(in.Neurons)+" without dynamics."),
		when(in.Network != nil, "(c) "+m.network+": the effective attention of the dynamics at the end of each read, whose entries may be negative."),
		when(len(present) > 1, "These are in one scale, "+normNote(m.shared.norm)+"."),
		when(m.difference != nil, "(d) "+m.network+" − softmax, in a scale of its own."),
		when(some(func(s *colourScale) int { return s.under }), "Grey cells are below 0 on a scale that begins there."),
		when(some(func(s *colourScale) int { return s.missing }), "White cells are missing."),
		when(some(func(s *colourScale) int { return s.clipped }), "Where a bar ends in an arrow head, larger values have its last colour."),
		below)
	columns := []column{counts("query", func(row int) int { return row / in.N }), counts("key", func(row int) int { return row % in.N })}
	for _, x := range []struct {
		name   string
		values []float64
	}{{"softmax", in.Softmax}, {"kernel", in.Kernel}, {"network", in.Network}} {
		if x.values != nil {
			columns = append(columns, floats(x.name, x.values))
		}
	}
	rows := in.N * in.N
	if len(present) == 0 {
		rows = 0
	}
	f.setData(rows, columns...)
}

// layer says what a kernel is made by.
func layer(neurons int) string {
	if neurons == 0 {
		return "infinitely many hidden neurons"
	}
	return "a hidden layer of " + Thousands(neurons) + " neurons"
}

// overlayCaption says how to read the attention over the picture.
func overlayCaption(in AttentionInput) string {
	largest := "by its largest"
	if in.Softmax != nil && in.Network != nil {
		largest = "by the largest of softmax and network for that query"
	}
	text := "Below: the attention of a few queries (outlined) to each patch, as squares, divided " + largest + " (at most 1); max: the largest over the patches"
	switch in.Grid.front() {
	case 0:
	case 1:
		text += "; " + in.Grid.frontSum() + ": what goes to it"
	default:
		text += "; " + in.Grid.frontSum() + ": what goes to " + in.Grid.others() + " together"
	}
	return text + "."
}

// attentionFigure is an empty figure of attention, whose input is complete.
func attentionFigure(name string, in *AttentionInput) (*Figure, error) {
	width, err := widthOr(name, in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	if in.Norm == "" {
		in.Norm = NormSqrt
	}
	return &Figure{Name: name, Width: width}, checkAttention(*in)
}

func checkAttention(in AttentionInput) error {
	const who = "attention"
	if in.N < 0 {
		return fmt.Errorf("plotting: attention: N is %d, want the number of tokens", in.N)
	}
	named := []struct {
		field string
		x     []float64
	}{{"Softmax", in.Softmax}, {"Kernel", in.Kernel}, {"Network", in.Network}}
	for _, m := range named {
		if m.x == nil {
			continue
		}
		if err := shape(who, m.field, len(m.x), in.N*in.N, fmt.Sprintf("%d × %d tokens", in.N, in.N)); err != nil {
			return err
		}
	}
	if in.Tokens != nil {
		if err := shape(who, "Tokens", len(in.Tokens), in.N, "one per token"); err != nil {
			return err
		}
	}
	if !slices.Contains([]string{NormSqrt, NormLinear, NormLog}, in.Norm) {
		return fmt.Errorf("plotting: attention: Norm is %q; allowed are sqrt, linear, log", in.Norm)
	}
	g := in.Grid
	if g == nil {
		return nil
	}
	if g.Rows < 1 || g.Columns < 1 || g.front()+g.Rows*g.Columns != in.N {
		return fmt.Errorf("plotting: attention: Grid has %d tokens of Front and %d × %d patches, which are not the %d tokens",
			g.front(), g.Rows, g.Columns, in.N)
	}
	for _, q := range g.Queries {
		if q < 0 || q >= in.N {
			return fmt.Errorf("plotting: attention: Grid.Queries names token %d; allowed are 0 to %d", q, in.N-1)
		}
	}
	return nil
}

// matrices are the four panels and their two scales.
type matrices struct {
	in           AttentionInput
	panels       [4]*panel
	shared, diff *colourScale
	difference   []float64 // network − softmax; nil without either
	network      string    // what the network's attention is called
}

func attentionPanels(in AttentionInput) *matrices {
	network := "network"
	if in.NetworkRung != "" {
		network += " (" + clean(in.NetworkRung) + ")"
	}
	m := &matrices{in: in, network: network, shared: sharedScale(in.Norm, in.Softmax, in.Kernel, in.Network)}
	var difference []float64
	if in.Softmax != nil && in.Network != nil {
		difference = make([]float64, len(in.Softmax))
		for i := range difference {
			difference[i] = in.Network[i] - in.Softmax[i]
		}
	}
	m.difference = difference
	m.diff = signedScale(in.Norm, difference, m.shared.top)
	parts := []struct {
		title, why string
		x          []float64
		scale      *colourScale
	}{
		{"softmax", "no softmax attention: the input gives features, not q and k", in.Softmax, m.shared},
		{"kernel", "kernel attention was not recorded", in.Kernel, m.shared},
		{network, "network attention was not computed", in.Network, m.shared},
		{"network − softmax", "needs both network and softmax attention", difference, m.diff},
	}
	for i, part := range parts {
		pl := &panel{title: part.title, letter: string(rune('a' + i))}
		pl.x = axis{lo: -0.5, hi: float64(in.N) - 0.5}
		pl.y = axis{lo: float64(in.N) - 0.5, hi: -0.5} // row 0 on top
		switch {
		case in.N == 0:
			pl.empty = "no tokens"
		case part.x == nil:
			pl.empty = part.why
		default:
			pl.add(&raster{matrixImage(part.scale, part.x, in.N, in.N)})
		}
		m.panels[i] = pl
	}
	return m
}

// nameAxes sets ticks and axis labels for panels of the given side.
func (m *matrices) nameAxes(side vg.Length) {
	kind := "token"
	if m.in.Grid != nil {
		kind = "patch"
	}
	if m.in.Tokens == nil || m.in.Grid != nil {
		kind += " index"
	}
	for _, pl := range m.panels {
		pl.x.ticks, pl.y.ticks = tokenTicks(m.in, side), tokenTicks(m.in, side)
		pl.x.turned = m.in.Grid == nil && m.in.Tokens != nil || m.in.N > 20
		pl.x.label, pl.y.label = "key "+kind+" s (–)", "query "+kind+" t (–)"
	}
}
