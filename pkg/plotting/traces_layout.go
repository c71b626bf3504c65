package plotting

import "gonum.org/v1/plot/vg"

// Sizes of the figure of traces, in points.
const (
	traceHeight = 52.0
	traceGap    = 14.0
	phaseRoom   = sizeText*lineSkip + 2 // for the words above a panel
)

// layTraces stacks the panels; their left and right edges agree. The legend of a
// panel stands at its right.
func layTraces(f *Figure, in TracesInput, rows []*traceRow, zoom bool) {
	left, right := vg.Length(0), vg.Length(figureInset+4)
	for _, r := range rows {
		left = max(left, r.panel.y.left())
		if len(r.keys) > 0 {
			right = max(right, newLegend(r.keys, 1).column-columnGap+legendGap+figureInset+2)
		}
	}
	left += figureInset
	y := f.header(in.Subject) + titleGap
	tops := make([]vg.Length, len(rows))
	for i, r := range rows {
		switch {
		case i == 0 && zoom:
			y += phaseRoom
		case i == 0 || i == 1 && zoom:
			y += 2*phaseRoom - 6 // phases, and the tokens below them
		}
		r.panel.x.mark(6)
		tops[i] = y
		y += traceHeight
		if !r.panel.x.silent {
			y += r.panel.x.below() + 2
		}
		y += traceGap
	}
	f.Height = y - traceGap + figureInset
	f.add(f.subject(in.Subject)...)
	for i, r := range rows {
		r.panel.area = f.fromTop(rect(left, tops[i], f.Width-right, tops[i]+traceHeight))
		f.add(r.panel)
		if len(r.keys) > 0 {
			l := newLegend(r.keys, 1)
			l.at = vg.Point{X: r.panel.area.Max.X + legendGap + 2, Y: r.panel.area.Max.Y}
			f.add(l)
		}
		if i == 0 || i == 1 && zoom {
			f.add(phaseNames(r.panel, in, i > 0 || !zoom)...)
		}
	}
}

// phaseNames writes "writing" and "reading" above the stretches of a phase, and
// on request each token above its segment, where there is room.
func phaseNames(pl *panel, in TracesInput, tokens bool) []element {
	var out []element
	y := pl.area.Max.Y + titleGap
	write := func(from, to float64, face typeface, text string, y vg.Length) {
		a, b := pl.x.at(max(from, pl.x.lo)), pl.x.at(min(to, pl.x.hi))
		x0, width := pl.area.Min.X, pl.area.Size().X
		half := face.width(text) / 2
		at := vg.Point{X: x0 + vg.Length((a+b)/2)*width, Y: y}
		if vg.Length(b-a)*width >= 2*half+2 && at.X-half >= x0+boldFace.width("m") { // clear of the panel's letter
			out = append(out, &label{face: face, text: text, at: at, hx: 0.5})
		}
	}
	if tokens {
		for i, s := range in.Segments {
			if s.Blank {
				continue
			}
			end := s.End
			if i+1 < len(in.Segments) && in.Segments[i+1].Blank { // which is the token's, too
				end = in.Segments[i+1].End
			}
			write(s.Start, end, textFace, tokenName(in.Tokens, in.Grid, s.Token), y)
		}
		y += phaseRoom
	}
	for i := 0; i < len(in.Segments); {
		j := i
		for j < len(in.Segments) && in.Segments[j].Reading == in.Segments[i].Reading {
			j++
		}
		name := "writing"
		if in.Segments[i].Reading {
			name = "reading"
		}
		write(in.Segments[i].Start, in.Segments[j-1].End, textFace, name, y)
		i = j
	}
	return out
}
