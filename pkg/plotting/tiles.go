package plotting

import "gonum.org/v1/plot/vg"

// layTiles lays out panels that share their axes, side by side in pairs where the figure is wide enough
// and else one above the other: the subject, the legend, then the panels, each so many times as high as
// it is wide.
func (f *Figure) layTiles(subject string, panels []*panel, keys []key, aspect float64) {
	columns := 1
	if f.Width >= narrow {
		columns = min(2, len(panels))
	}
	if columns == 1 {
		aspect = min(aspect, 0.62)
	}
	room := f.Width - 2*figureInset
	if f.Width >= narrow {
		room = (room - columnGap) / 2 // a long entry is broken, so that the others stand in two columns
	}
	l := newLegend(wrapKeys(keys, room), f.Width-2*figureInset)
	y := f.header(subject)
	legendTop := y
	if len(keys) > 0 {
		y += l.height() + legendGap + 3
	}
	const apart = 8
	first := panels[0]
	left, right := first.y.left()+figureInset, max(first.x.beyond(), figureInset+6)
	wide := (f.Width - left - right - vg.Length(columns-1)*(tickLength+apart)) / vg.Length(columns)
	high := min(vg.Length(aspect)*wide, 90*vg.Millimeter)
	head := vg.Length(0)
	if len(panels) > 1 || first.title != "" {
		head = titleGap + sizeTitle*lineSkip
	}
	areas := make([]vg.Rectangle, len(panels))
	for i, pl := range panels {
		row, column := i/columns, i%columns
		if pl.x.silent = i+columns < len(panels); column > 0 {
			pl.y.silent = true
		}
		if len(panels) > 1 && i < 26 {
			pl.letter = string(rune('a' + i))
		}
		x := left + vg.Length(column)*(wide+tickLength+apart)
		top := y + head + vg.Length(row)*(high+head+tickLength+apart)
		areas[i] = rect(x, top, x+wide, top+high)
	}
	f.Height = areas[len(areas)-1].Max.Y + panels[len(panels)-1].x.below() + figureInset
	for i, pl := range panels {
		pl.area = f.fromTop(areas[i])
	}
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(subject)...)
	f.add(l)
	for _, pl := range panels {
		f.add(pl)
	}
}
