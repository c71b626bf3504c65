package plotting

import "gonum.org/v1/plot/vg"

// laySingle lays out a figure of one panel: the subject, the legend, the panel, so many times as high
// as it is wide. right is the room beside the panel; 0 is what the last tick's label needs.
func (f *Figure) laySingle(subject string, pl *panel, keys []key, aspect float64, right vg.Length) {
	l := newLegend(wrapKeys(keys, f.Width-2*figureInset), f.Width-2*figureInset)
	y := f.header(subject)
	legendTop := y
	if len(keys) > 0 {
		y += l.height() + legendGap + 3
	}
	left := pl.y.left() + figureInset
	if right == 0 {
		right = max(pl.x.beyond(), figureInset+6)
	}
	wide := f.Width - left - right
	high := min(vg.Length(aspect)*wide, 90*vg.Millimeter)
	f.Height = y + high + pl.x.below() + figureInset
	pl.area = f.fromTop(rect(left, y, left+wide, y+high))
	l.at = vg.Point{X: figureInset, Y: f.Height - legendTop}
	f.add(f.subject(subject)...)
	f.add(l, pl)
}
