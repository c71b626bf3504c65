package plotting

import "gonum.org/v1/plot/vg"

// bars are the colour bars at the right of two panels.
func (m *matrices) bars(shared, diff vg.Rectangle) [2]*colourBar {
	return [2]*colourBar{
		{area: barBeside(shared), scale: m.shared, label: "attention (–)", note: normNote(m.shared.norm)},
		{area: barBeside(diff), scale: m.diff, label: "difference (–)", note: normNote(m.diff.norm)},
	}
}

// barRooms is what the bars take beside panels of about the given side.
func (m *matrices) barRooms(side vg.Length) [2]vg.Length {
	b := m.bars(rect(0, 0, side, side), rect(0, 0, side, side))
	return [2]vg.Length{b[0].room(), b[1].room()}
}

// layMatrixSquare puts the panels two by two, as large as the width allows; it
// returns where they end and what is to be done once the height is known.
func layMatrixSquare(f *Figure, m *matrices, y vg.Length) (vg.Length, []func()) {
	const gap = 12
	estimate := (f.Width - barRoom - gap) / 2.4
	m.nameAxes(estimate)
	for _, i := range []int{0, 2} {
		m.panels[i].y.silent = false
	}
	left := m.panels[0].y.left() + figureInset
	rooms := m.barRooms((f.Width - left - gap - barRoom) / 2)
	side := (f.Width - left - gap - max(rooms[0], rooms[1])) / 2
	m.panels[2].x.silent, m.panels[3].x.silent = false, false
	y += sizeTitle + titleGap
	x1 := left + side + gap
	rows := [2]vg.Length{y, y + side + gap + sizeTitle + titleGap}
	boxes := [4]vg.Rectangle{
		rect(left, rows[0], left+side, rows[0]+side), rect(x1, rows[0], x1+side, rows[0]+side),
		rect(left, rows[1], left+side, rows[1]+side), rect(x1, rows[1], x1+side, rows[1]+side),
	}
	place := func() {
		for i, pl := range m.panels {
			pl.area = f.fromTop(boxes[i])
			f.add(pl)
		}
		bars := m.bars(m.panels[1].area, m.panels[3].area)
		f.add(bars[0], bars[1])
	}
	return rows[1] + side + m.panels[2].x.below(), []func(){place}
}

// barBeside is the place of a colour bar at the right of a panel.
func barBeside(area vg.Rectangle) vg.Rectangle {
	high := area.Size().Y
	return rect(area.Max.X+barGap, area.Min.Y+high*0.12, area.Max.X+barGap+barWidth, area.Max.Y-high*0.05)
}

// layMatrixRow puts the panels in one row, the bars at the right of the last one
// of each scale.
func layMatrixRow(f *Figure, m *matrices, y vg.Length) (vg.Length, []func()) {
	const gap = 7
	m.nameAxes(f.Width / 6)
	m.panels[0].y.silent = false
	left := m.panels[0].y.left() + figureInset
	rooms := m.barRooms((f.Width - left - 2*gap - 2*barRoom) / 4)
	side := (f.Width - left - 3*gap - rooms[0] - rooms[1]) / 4
	y += sizeTitle + titleGap
	x := left
	var boxes [4]vg.Rectangle
	for i, pl := range m.panels {
		pl.x.silent = false
		boxes[i] = rect(x, y, x+side, y+side)
		x += side + gap
		if i == 2 {
			x += rooms[0]
		}
	}
	place := func() {
		for i, pl := range m.panels {
			pl.area = f.fromTop(boxes[i])
			f.add(pl)
		}
		bars := m.bars(m.panels[2].area, m.panels[3].area)
		f.add(bars[0], bars[1])
	}
	return y + side + m.panels[0].x.below(), []func(){place}
}
