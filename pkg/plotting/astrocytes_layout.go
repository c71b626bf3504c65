package plotting

import "gonum.org/v1/plot/vg"

// astrocyteRows is what stands beside the bars: their names, broken into lines, and at the right of each
// panel their errors.
type astrocyteRows struct {
	names         [][]string // [rows][lines]
	totals        [][]string // [panels][rows]
	left, numbers vg.Length  // room for names and for errors
	height        vg.Length  // of each row, as many lines as the longest name takes
}

func newAstrocyteRows(in AstrocytesInput, panels []*panel, mostWide vg.Length) *astrocyteRows {
	const mostLines = 3
	rows := &astrocyteRows{names: make([][]string, len(in.Bars)), totals: make([][]string, len(panels)), left: figureInset}
	lines := 1
	if panels[0].empty == "" {
		for i, b := range in.Bars {
			name := textFace.wrap(cleanMarked(b.Name), mostWide)
			if len(name) > mostLines {
				name = name[:mostLines]
				name[mostLines-1] += " …"
			}
			rows.names[i], lines, rows.left = name, max(lines, len(name)), max(rows.left, figureInset+textFace.widest(name)+tickGap+3)
		}
		for h := range panels {
			for _, b := range in.Bars {
				rows.totals[h] = append(rows.totals[h], figureOf(finiteOf(b.Total[h:h+1]), b.Total[h]))
			}
			rows.numbers = max(rows.numbers, textFace.widest(rows.totals[h]))
		}
	}
	rows.height = max(12.5, vg.Length(lines)*sizeText*lineSkip+3.5)
	return rows
}

// write writes beside panel i the errors and, where no panel at its left has them, the names.
func (rows *astrocyteRows) write(f *Figure, pl *panel, i int, named bool) {
	for row, total := range rows.totals[i] {
		middle := pl.area.Max.Y - (vg.Length(row)+0.5)*rows.height
		f.add(&label{face: textFace, text: total, at: vg.Point{X: pl.area.Max.X + 5 + rows.numbers, Y: middle}, hx: 1, vy: 0.5})
		if !named {
			continue
		}
		name := rows.names[row]
		for k, line := range name {
			at := middle + (vg.Length(len(name)-1)/2-vg.Length(k))*sizeText*lineSkip
			f.add(&label{face: textFace, text: line, at: vg.Point{X: rows.left - tickGap - 2, Y: at}, hx: 1, vy: 0.5})
		}
	}
}

// layAstrocytes lays out the panels, in pairs where the figure is wide enough, below subject and legend.
func layAstrocytes(f *Figure, in AstrocytesInput, panels []*panel, shown []shownPart) {
	columns, mostWide := 1, f.Width*0.36
	if f.Width >= narrow && len(panels) > 1 {
		columns, mostWide = 2, f.Width*0.27
	}
	rows := newAstrocyteRows(in, panels, mostWide)
	l := newLegend(wrapKeys(astrocyteKeys(in, panels, shown), f.Width-2*figureInset), f.Width-2*figureInset)
	legendTop := f.header(in.Subject)
	y := legendTop + l.height() + legendGap + 3
	const apart = 10
	right := 5 + rows.numbers + figureInset
	wide := (f.Width-rows.left-vg.Length(columns-1)*apart)/vg.Length(columns) - right
	high := vg.Length(len(in.Bars)) * rows.height
	if panels[0].empty != "" {
		high = 3 * 12.5
	}
	head := vg.Length(titleGap + sizeTitle*lineSkip)
	below := panels[0].x.below()
	areas := make([]vg.Rectangle, len(panels))
	for i, pl := range panels {
		pl.x.mark(min(6, int(wide/26)))
		if len(panels) > 1 && i < 26 {
			pl.letter = string(rune('a' + i))
		}
		row, column := i/columns, i%columns
		x := rows.left + vg.Length(column)*(wide+right+apart)
		top := y + head + vg.Length(row)*(high+head+below+apart)
		areas[i] = rect(x, top, x+wide, top+high)
	}
	f.Height = areas[len(areas)-1].Max.Y + below + figureInset
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(in.Subject)...)
	f.add(l)
	for i, pl := range panels {
		pl.area = f.fromTop(areas[i])
		f.add(pl)
		rows.write(f, pl, i, i%columns == 0)
	}
}
