package plotting

import "gonum.org/v1/plot/vg"

// Distances within a response, in points.
const (
	besideGap = 14.0 // between two columns of panels
	belowGap  = 8.0  // between two panels one above the other
)

// layResponse puts the panels in two columns where the figure is wide, and below each
// other where it is not. The distribution of errors stands on what it shares its axis
// with.
func layResponse(f *Figure, in ResponseInput, panels []*responsePanel) {
	columns := 1
	if f.Width >= narrow && blocks(panels) > 1 {
		columns = 2
	}
	keys := responseKeys(in)
	l := newLegend(keys, f.Width-2*figureInset)
	legendTop := f.header(in.Subject)
	top := legendTop
	if len(keys) > 0 {
		top += l.height() + legendGap
	}
	wide := (f.Width - 2*figureInset - vg.Length(columns-1)*besideGap) / vg.Length(columns)
	lefts, rights := rooms(panels)
	boxes := make([]vg.Rectangle, len(panels))
	y, bottom, column := top, top, 0
	rowBottom := top
	for i := 0; i < len(panels); {
		if column == columns {
			column, y = 0, rowBottom+belowGap
		}
		x, end := figureInset+vg.Length(column)*(wide+besideGap), y
		for first := true; first || i < len(panels) && panels[i-1].kind == kindCounts; first = false {
			p := panels[i]
			end += sizeTitle + titleGap
			boxes[i] = rect(x+lefts[p.kind], end, x+wide-rights[p.kind], end+p.high)
			p.panel.x.mark(max(2, int(boxes[i].Size().X/34)))
			if p.kind == kindLayers {
				p.panel.x.ticks = indexTicks(len(in.LayerErrors), boxes[i].Size().X, 2.2)
			}
			if p.rows == nil {
				p.panel.y.mark(max(2, int(p.high/18)))
			}
			end += p.high + p.panel.x.below()
			i++
		}
		rowBottom = max(rowBottom, end)
		bottom = max(bottom, end)
		column++
	}
	f.Height = bottom + figureInset
	f.add(f.subject(in.Subject)...)
	if len(keys) > 0 {
		l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
		f.add(l)
	}
	for i, p := range panels {
		p.panel.area = f.fromTop(boxes[i])
		f.add(p.panel)
		if p.panel.empty == "" {
			f.add(rowNames(in, p)...)
		}
	}
}

// blocks counts the places that panels take.
func blocks(panels []*responsePanel) int {
	n := len(panels)
	for _, p := range panels {
		if p.kind == kindCounts {
			n--
		}
	}
	return n
}

// rooms are what the panels of a kind need at their left and right; those on one axis
// have the same.
func rooms(panels []*responsePanel) (lefts, rights map[string]vg.Length) {
	lefts, rights = map[string]vg.Length{}, map[string]vg.Length{}
	for _, p := range panels {
		left, right := vg.Length(0), vg.Length(6)
		if p.rows != nil {
			left = textFace.widest(p.rows) + tickGap + 4
			p.panel.y.silent = true
		} else {
			p.panel.y.mark(max(2, int(p.high/18)))
			left = p.panel.y.left()
		}
		if p.kind == kindShares {
			right += textFace.width("−0.0000")
		}
		lefts[p.kind], rights[p.kind] = max(lefts[p.kind], left), max(rights[p.kind], right)
	}
	shared := max(lefts[kindCounts], lefts[kindBins])
	lefts[kindCounts], lefts[kindBins] = shared, shared
	return lefts, rights
}

// rowNames are the names at the left of rows, and the numbers at their right.
func rowNames(in ResponseInput, p *responsePanel) []element {
	var out []element
	for i, name := range p.rows {
		y := p.panel.point(p.panel.x.lo, float64(i)).Y
		out = append(out, &label{face: textFace, text: name, at: vg.Point{X: p.panel.area.Min.X - tickGap - 2, Y: y}, hx: 1, vy: 0.5})
		if p.kind == kindShares {
			x := p.panel.area.Max.X + 4 + textFace.width("−0.0000")
			out = append(out, &label{face: textFace, text: shareText(in.Shares[i].Value, in.digits()), at: vg.Point{X: x, Y: y}, hx: 1, vy: 0.5})
		}
	}
	return out
}

// responseKeys name who answers, where no row does.
func responseKeys(in ResponseInput) []key {
	var keys []key
	seen := map[Answerer]bool{}
	for _, q := range in.Questions {
		for _, by := range q.By {
			if !seen[by.Who] {
				seen[by.Who] = true
				keys = append(keys, key{line: stroke{colour: answererLooks[by.Who].colour}, area: true, text: by.Who.String()})
			}
		}
	}
	if len(in.Bins) > 0 {
		look := answererLooks[ByNetwork]
		keys = append(keys, key{line: stroke{colour: look.colour, width: 0.7}, glyph: look.glyph, text: "network, a group of inputs"})
		if finite(in.Uniform) {
			keys = append(keys, key{line: uniformLook, text: "uniform attention, all inputs"})
		}
	}
	if len(seen) > 0 {
		keys = append(keys, key{line: stroke{colour: ink}, glyph: discGlyph, text: "its likeliest answer"})
	}
	return keys
}
