package plotting

import "gonum.org/v1/plot/vg"

// narrow is the width below which panels stand one above the other.
const narrow = 130 * vg.Millimeter

// Figures are laid out from the upper edge downwards, since their height follows
// from what they hold; fromTop turns a rectangle so measured upside down.
func (f *Figure) fromTop(r vg.Rectangle) vg.Rectangle {
	return rect(r.Min.X, f.Height-r.Max.Y, r.Max.X, f.Height-r.Min.Y)
}

// header is the room that the subject takes at the upper edge.
func (f *Figure) header(subject string) vg.Length {
	if subject == "" {
		return figureInset
	}
	return figureInset + sizeTitle*lineSkip + 1
}

// subject is the line at the upper edge that says what is shown.
func (f *Figure) subject(text string) []element {
	if text == "" {
		return nil
	}
	text = clean(text)
	for r := []rune(text); titleFace.width(text) > f.Width-2*figureInset && len(r) > 1; {
		r = r[:len(r)-1]
		text = string(r) + "…"
	}
	return []element{&label{face: titleFace, text: text, at: vg.Point{X: figureInset, Y: f.Height - figureInset}, vy: 1}}
}
