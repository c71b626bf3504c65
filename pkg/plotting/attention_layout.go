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

// layMatrices puts the panels in rows of so many, as large as the width allows; it
// returns where they end and what is to be done once the height is known. The bars
// stand at the right, in a single row behind the last panel of each scale.
func layMatrices(f *Figure, m *matrices, y vg.Length, columns int) (vg.Length, []func()) {
	n, gap, last := vg.Length(columns), vg.Length(12), [2]int{columns - 1, 3}
	estimate := (f.Width - barRoom - gap) / (n + 0.4)
	if columns == 4 {
		gap, last[0], estimate = 7, 2, f.Width/6
	}
	m.nameAxes(estimate)
	for i, pl := range m.panels {
		pl.y.silent, pl.x.silent = i%columns > 0, i+columns < 4
	}
	left := m.panels[0].y.left() + figureInset
	var rooms [2]vg.Length
	side := (f.Width - left - (n-1)*gap - barRoom) / n
	for range 4 { // the shorter the bars, the more lines their labels may need, and the other ticks
		now := m.barRooms(side)
		rooms = [2]vg.Length{max(rooms[0], now[0]), max(rooms[1], now[1])}
		room := max(rooms[0], rooms[1])
		if columns == 4 {
			room = rooms[0] + rooms[1]
		}
		side = (f.Width - left - (n-1)*gap - room) / n
	}
	x := left
	y += sizeTitle + titleGap
	var boxes [4]vg.Rectangle
	for i := range boxes {
		if i > 0 && i%columns == 0 {
			x, y = left, y+side+gap+sizeTitle+titleGap
		}
		boxes[i] = rect(x, y, x+side, y+side)
		x += side + gap
		if columns == 4 && i == last[0] {
			x += rooms[0]
		}
	}
	place := func() {
		for i, pl := range m.panels {
			pl.area = f.fromTop(boxes[i])
			f.add(pl)
		}
		bars := m.bars(m.panels[last[0]].area, m.panels[last[1]].area)
		f.add(bars[0], bars[1])
	}
	return y + side + m.panels[3].x.below(), []func(){place}
}

// barBeside is the place of a colour bar at the right of a panel.
func barBeside(area vg.Rectangle) vg.Rectangle {
	high := area.Size().Y
	return rect(area.Max.X+barGap, area.Min.Y+high*0.12, area.Max.X+barGap+barWidth, area.Max.Y-high*0.05)
}
