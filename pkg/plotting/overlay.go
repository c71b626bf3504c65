package plotting

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot/vg"
)

// defaultQueries are the first token before the patches and the four patches at the thirds
// of the picture.
func defaultQueries(g *PatchGrid) []int {
	var queries []int
	if g.front() > 0 {
		queries = append(queries, 0)
	}
	seen := map[int]bool{}
	for _, r := range []int{g.Rows / 3, 2 * g.Rows / 3} {
		for _, c := range []int{g.Columns / 3, 2 * g.Columns / 3} {
			if q := g.front() + r*g.Columns + c; !seen[q] {
				seen[q] = true
				queries = append(queries, q)
			}
		}
	}
	return queries
}

// maxQueries is the number of overlays that stay legible in a wide figure.
const maxQueries = 6

// overlays is where the block of overlays lies, measured from the upper edge: a
// column for the picture and one per query, softmax above network.
type overlays struct {
	in         AttentionInput
	queries    []int
	side, high vg.Length    // of one overlay
	rows       [2]vg.Length // upper edges
	note       []string     // what the marks mean
	noteTop    vg.Length
}

// Distances within the block, in points; the rows' names stand behind the picture.
const (
	overlayLeft   = figureInset + 6
	overlayGap    = 7
	behindPicture = 10
)

// layOverlays places the block; it returns where it ends and what is to be done
// once the figure's height is known.
func layOverlays(f *Figure, in AttentionInput, y vg.Length) (vg.Length, []func()) {
	g := in.Grid
	o := overlays{in: in, queries: g.Queries}
	if o.queries == nil {
		o.queries = defaultQueries(g)
	}
	most := maxQueries
	switch {
	case f.Width < SingleColumn:
		most = 1
	case f.Width < narrow:
		most = 2
	}
	o.queries = o.queries[:min(len(o.queries), most)]
	if len(o.queries) == 0 || in.Softmax == nil && in.Network == nil {
		return y, nil
	}
	columns := vg.Length(len(o.queries) + 1)
	bar := overlayBar(in.Norm, rect(0, 0, 1, 1), rect(0, 0, 1, DoubleColumn/4)) // a tall one, whose ticks need most
	o.side = min((f.Width-overlayLeft-bar.room()-behindPicture-overlayGap*(columns-1))/columns, 110)
	o.high = o.side * vg.Length(g.Rows) / vg.Length(g.Columns)
	o.rows[0] = y + 10 + sizeTitle + titleGap
	o.rows[1] = o.rows[0] + o.high + o.noteRoom() + 3
	o.note = greyFace.wrap(overlayLegend(in), f.Width-overlayLeft-figureInset)
	o.noteTop = o.rows[1] + o.high + o.noteRoom() + 3
	return o.noteTop + vg.Length(len(o.note))*sizeText*lineSkip, []func(){func() { o.place(f) }}
}

// noteRoom is what the notes under an overlay take.
func (o *overlays) noteRoom() vg.Length {
	lines := 2
	if o.in.Grid.front() > 0 && !frontFits(o.in.Grid, o.side) {
		lines = 3
	}
	return vg.Length(lines)*sizeText*lineSkip + 2
}

// frontFits tells whether what goes to the tokens before the patches has room for one
// line under an overlay.
func frontFits(g *PatchGrid, side vg.Length) bool {
	return textFace.width(g.frontSum()+" 0.000000") <= side+overlayGap-3
}

// box is the place of an overlay; column 0 is the picture's.
func (o *overlays) box(f *Figure, column, row int) vg.Rectangle {
	x := overlayLeft + vg.Length(column)*(o.side+overlayGap)
	if column > 0 {
		x += behindPicture
	}
	return f.fromTop(rect(x, o.rows[row], x+o.side, o.rows[row]+o.high))
}

func (o *overlays) place(f *Figure) {
	f.add(picturePanel(o.box(f, 0, 0), o.in.Grid, o.queries))
	for i, q := range o.queries {
		pair := overlayPair(o.in, q, nil)
		pair[0].title = queryName(o.in.Grid, i, q)
		for row, m := range [][]float64{o.in.Softmax, o.in.Network} {
			pair[row].area = o.box(f, i+1, row)
			f.add(pair[row])
			f.add(overlayNote(o.in, m, q, pair[row].area)...)
		}
	}
	for row, name := range []string{"softmax", "network"} {
		r := o.box(f, 1, row)
		f.add(&label{face: titleFace, text: name, at: vg.Point{X: r.Min.X - 3.5, Y: (r.Min.Y + r.Max.Y) / 2}, hx: 0.5, angle: quarter})
	}
	last := len(o.queries)
	f.add(overlayBar(o.in.Norm, o.box(f, last, 1), o.box(f, last, 0)))
	for i, line := range o.note {
		f.add(&label{face: greyFace, text: line, at: vg.Point{X: overlayLeft, Y: f.top(o.noteTop + vg.Length(i)*sizeText*lineSkip)}, vy: 1})
	}
}

// overlayLegend says what the marks mean.
func overlayLegend(in AttentionInput) string {
	text := "Outlined: the query. Squares: its attention to each patch"
	if in.Grid.Picture != nil {
		text += ", around them the picture in grey"
	}
	text += ". Max: the largest over the patches."
	if in.Grid.front() > 0 {
		text += " " + in.Grid.frontNote()
	}
	if spanOf(in.Softmax, in.Network).lo < 0 {
		text += " Grey: below 0."
	}
	return text
}

// frontNote says what the sum over the tokens before the patches is.
func (g *PatchGrid) frontNote() string {
	if g.front() == 1 {
		return upperFirst(g.frontSum()) + ": what goes to it."
	}
	return g.frontSum() + ": what goes to " + g.others() + "."
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

func queryName(g *PatchGrid, i, q int) string {
	return strconv.Itoa(i+1) + ": " + tokenName(nil, g, q)
}

// picturePanel shows the picture with the numbered query patches.
func picturePanel(area vg.Rectangle, g *PatchGrid, queries []int) *panel {
	pl := &panel{area: area, bare: true, title: "picture"}
	pl.x, pl.y = axis{lo: 0, hi: float64(g.Columns)}, axis{lo: float64(g.Rows), hi: 0}
	if g.Picture == nil || g.Picture.Bounds().Empty() {
		pl.empty = "no picture was recorded"
		return pl
	}
	pl.add(&raster{veiled(g, nil, nil)})
	for i, q := range queries {
		if q >= g.front() {
			pl.add(&patchOutline{grid: g, token: q, text: strconv.Itoa(i + 1)})
		}
	}
	return pl
}

// overlayPair shows the attention of one query over the picture, softmax and
// network in one scale; nil is a scale of its own.
func overlayPair(in AttentionInput, q int, scale *colourScale) [2]*panel {
	row := func(m []float64) []float64 {
		if m == nil {
			return nil
		}
		return m[q*in.N+in.Grid.front() : (q+1)*in.N]
	}
	softmax, network := row(in.Softmax), row(in.Network)
	if scale == nil {
		scale = sharedScale(in.Norm, softmax, network)
	}
	var pair [2]*panel
	for i, x := range [][]float64{softmax, network} {
		pl := &panel{bare: true}
		pl.x, pl.y = axis{lo: 0, hi: float64(in.Grid.Columns)}, axis{lo: float64(in.Grid.Rows), hi: 0}
		if x == nil {
			pl.empty = "not computed"
		} else {
			pl.add(&raster{veiled(in.Grid, x, scale)})
			if q >= in.Grid.front() {
				pl.add(&patchOutline{grid: in.Grid, token: q})
			}
		}
		pair[i] = pl
	}
	return pair
}

// overlayNote gives, under an overlay, the largest attention to a patch, and what
// goes to the tokens before them.
func overlayNote(in AttentionInput, m []float64, q int, area vg.Rectangle) []element {
	if m == nil {
		return nil
	}
	at := vg.Point{X: (area.Min.X + area.Max.X) / 2, Y: area.Min.Y - 3}
	row := m[q*in.N : (q+1)*in.N]
	note := []element{&label{face: textFace, text: "max " + number(spanOf(row[in.Grid.front():]).hi), at: at, hx: 0.5, vy: 1}}
	if in.Grid.front() > 0 {
		var sum float64
		for _, a := range row[:in.Grid.front()] {
			sum += a
		}
		lines := []string{in.Grid.frontSum() + " " + number(sum)}
		if !frontFits(in.Grid, area.Size().X) {
			lines = []string{in.Grid.frontSum(), number(sum)}
		}
		for _, line := range lines {
			at.Y -= sizeText * lineSkip
			note = append(note, &label{face: textFace, text: line, at: at, hx: 0.5, vy: 1})
		}
	}
	return note
}

func overlayBar(norm string, low, high vg.Rectangle) *colourBar {
	bar := barBeside(vg.Rectangle{Min: low.Min, Max: high.Max})
	return &colourBar{area: bar, scale: &colourScale{norm: norm, top: 1, colour: viridis},
		label: "attention / largest of its column (–)", note: normNote(norm)}
}

// patchOutline frames one patch.
type patchOutline struct {
	grid  *PatchGrid
	token int
	text  string
}

func (o *patchOutline) draw(p *page, pl *panel) {
	i := o.token - o.grid.front()
	r, c := float64(i/o.grid.Columns), float64(i%o.grid.Columns)
	a, b := pl.point(c, r+1), pl.point(c+1, r)
	box := vg.Rectangle{Min: a, Max: b}
	p.frame(stroke{colour: ink, width: 1.8}, box)
	p.frame(stroke{colour: white, width: 0.8}, box)
	if o.text == "" {
		return
	}
	// On a disc of its own, so that it is legible on any picture.
	at := vg.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2}
	p.disc(fade(white, 0.85), at, sizeText*0.6)
	p.text(textFace, o.text, at, 0.5, 0.5, 0)
}
