package plotting

import (
	"fmt"

	"gonum.org/v1/plot/vg"
)

// Overlay draws the attention of one token, Grid.Queries[0] or the first token before the
// patches, over the picture: softmax and network in one colour scale, beside the picture
// where the figure is wide enough. Norm, Kernel and Tokens are as in [Attention].
func Overlay(in AttentionInput) (*Figure, error) {
	f, err := attentionFigure("overlay", &in)
	if err != nil {
		return nil, err
	}
	if in.Grid == nil {
		layEmpty(f, in.Subject, "the input is no picture")
		return f, nil
	}
	o := overlayOf(in)
	o.lay(f)
	o.caption(f)
	return f, nil
}

// queryOverlay is the attention of one token over the picture.
type queryOverlay struct {
	in     AttentionInput
	query  int
	panels []*panel // the picture, softmax, network
	scale  *colourScale
}

func overlayOf(in AttentionInput) *queryOverlay {
	o := &queryOverlay{in: in}
	if len(in.Grid.Queries) > 0 {
		o.query = in.Grid.Queries[0]
	}
	row := func(m []float64) []float64 {
		if m == nil {
			return nil
		}
		return m[o.query*in.N+in.Grid.front() : (o.query+1)*in.N]
	}
	o.scale = sharedScale(in.Norm, row(in.Softmax), row(in.Network))
	pair := overlayPair(in, o.query, o.scale)
	picture := picturePanel(vg.Rectangle{}, in.Grid, nil)
	if o.query >= in.Grid.front() && picture.empty == "" {
		picture.add(&patchOutline{grid: in.Grid, token: o.query})
	}
	o.panels = []*panel{picture, pair[0], pair[1]}
	o.panels[1].title, o.panels[2].title = "softmax", "network"
	for i, letter := range []string{"a", "b", "c"} {
		o.panels[i].letter = letter
	}
	return o
}

// leastBar is how long the colour bar is at least: with some ticks.
const leastBar = 62

// lay puts the panels beside each other, or in a narrow figure the two with attention
// below the picture.
func (o *queryOverlay) lay(f *Figure) {
	g := o.in.Grid
	columns := 3
	if f.Width < SingleColumn {
		columns = 2
	}
	bar := &colourBar{area: rect(0, 0, 1, leastBar), scale: o.scale, label: "attention (–)", note: normNote(o.in.Norm)}
	subject := o.subject()
	y := f.header(subject) + sizeTitle + titleGap
	side := min((f.Width-2*figureInset-bar.room()-vg.Length(columns-1)*overlayGap)/vg.Length(columns), 60*vg.Millimeter)
	high := min(side*vg.Length(g.Rows)/vg.Length(g.Columns), 2*side)
	wide := min(side, high*vg.Length(g.Columns)/vg.Length(g.Rows))
	high = max(high, 14) // where there are many more columns than rows
	block := high + o.noteRoom(side) + 3
	boxes := make([]vg.Rectangle, 3)
	for i := range boxes {
		at, row := i, 0
		if columns == 2 && i > 0 {
			at, row = i-1, 1
		}
		x, top := figureInset+vg.Length(at)*(side+overlayGap)+(side-wide)/2, y+vg.Length(row)*(block+sizeTitle+titleGap)
		boxes[i] = rect(x, top, x+wide, top+high)
	}
	bottom := y + vg.Length(4-columns)*block
	if columns == 2 {
		bottom += sizeTitle + titleGap
	}
	legend := greyFace.wrap(o.legend(), f.Width-2*figureInset)
	f.Height = max(bottom, boxes[2].Min.Y+leastBar+26) + vg.Length(len(legend))*sizeText*lineSkip + figureInset
	f.add(f.subject(subject)...)
	for i, pl := range o.panels {
		pl.area = f.fromTop(boxes[i])
		f.add(pl)
		if i > 0 {
			f.add(overlayNote(o.in, [][]float64{o.in.Softmax, o.in.Network}[i-1], o.query, pl.area)...)
		}
	}
	last := o.panels[2].area
	box := rect(figureInset+vg.Length(columns)*side+vg.Length(columns-1)*overlayGap, last.Max.Y-max(high, leastBar), 0, last.Max.Y)
	bar.area = rect(box.Min.X+barGap, box.Min.Y, box.Min.X+barGap+barWidth, box.Max.Y)
	f.add(bar)
	for i, line := range legend {
		f.add(&label{face: greyFace, text: line, at: vg.Point{X: figureInset, Y: figureInset + vg.Length(len(legend)-i)*sizeText*lineSkip}, vy: 1})
	}
}

func (o *queryOverlay) noteRoom(side vg.Length) vg.Length {
	lines := 2
	if o.in.Grid.front() > 0 && !frontFits(o.in.Grid, side) {
		lines = 3
	}
	return vg.Length(lines)*sizeText*lineSkip + 2
}

// subject names the token whose attention is shown, behind what the figure is of.
func (o *queryOverlay) subject() string {
	of := "attention of " + tokenName(nil, o.in.Grid, o.query)
	if o.in.Subject == "" {
		return of
	}
	return o.in.Subject + ": " + of
}

func (o *queryOverlay) legend() string {
	text := "Squares: attention to each patch"
	if o.in.Grid.Picture != nil {
		text += ", around them the picture in grey"
	}
	text += ". Max: the largest over the patches."
	if o.in.Grid.front() > 0 {
		text += " " + o.in.Grid.frontNote()
	}
	if o.query >= o.in.Grid.front() {
		text += " Outlined: the token whose attention it is."
	}
	return text
}

func (o *queryOverlay) caption(f *Figure) {
	in, g := o.in, o.in.Grid
	f.setCaption(in.Subject,
		"Attention A[t, s] of the token t, "+tokenName(nil, g, o.query)+", to each patch s of the picture, as squares over it.",
		when(g.Picture != nil, "(a) The picture as the transformer sees it."),
		when(in.Softmax != nil, "(b) softmax: the transformer's."),
		when(in.Network != nil, "(c) network: the effective attention of the dynamics at the end of the token's read, whose entries may be negative."),
		when(in.Softmax != nil && in.Network != nil, "Both are in one scale, "+normNote(in.Norm)+"."),
		"Max: the largest over the patches.",
		when(g.front() > 0, "What goes to "+g.others()+" is written below, and has no place on the picture."),
		when(o.query >= g.front(), "The outlined patch is the token whose attention is shown."),
		when(o.scale.under > 0, "Grey squares are below 0."),
		when(o.scale.missing > 0, "White squares are missing."),
		when(o.scale.clipped > 0, "Where the bar ends in an arrow head, larger values have its last colour."))
	front := g.front()
	columns := []column{
		texts("key", func(row int) string { return tokenName(nil, g, row) }),
		counts("row", func(row int) int {
			if row < front {
				return -1
			}
			return (row - front) / g.Columns
		}),
		counts("column", func(row int) int {
			if row < front {
				return -1
			}
			return (row - front) % g.Columns
		}),
	}
	rows := 0
	for _, x := range []struct {
		name   string
		values []float64
	}{{"softmax", in.Softmax}, {"network", in.Network}} {
		if x.values != nil {
			rows = in.N
			columns = append(columns, floats(x.name, x.values[o.query*in.N:(o.query+1)*in.N]))
		}
	}
	f.setData(rows, columns...)
}

// layEmpty is a figure that says why there is nothing to see.
func layEmpty(f *Figure, subject, why string) {
	y := f.header(subject)
	f.Height = y + 60 + figureInset
	f.add(f.subject(subject)...)
	f.add(&panel{area: f.fromTop(rect(figureInset, y, f.Width-figureInset, y+60)), empty: why, bare: true})
	f.setCaption(subject, fmt.Sprintf("There is nothing to see: %s.", why))
}
