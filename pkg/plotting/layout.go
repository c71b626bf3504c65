package plotting

import "gonum.org/v1/plot/vg"

// narrow is the width below which panels stand one above the other.
const narrow = 130 * vg.Millimeter

// Figures are laid out from the upper edge downwards, since their height follows
// from what they hold; fromTop turns a rectangle so measured upside down.
func (f *Figure) fromTop(r vg.Rectangle) vg.Rectangle {
	return rect(r.Min.X, f.Height-r.Max.Y, r.Max.X, f.Height-r.Min.Y)
}

// mostSubjectLines is how many lines the subject may take.
const mostSubjectLines = 3

// subjectLines breaks what is shown into lines, and cuts a word that is too long.
func (f *Figure) subjectLines(text string) []string {
	most := f.Width - 2*figureInset
	lines := titleFace.wrap(cleanMarked(text), most)
	if len(lines) > mostSubjectLines {
		lines = append(lines[:mostSubjectLines-1], lines[mostSubjectLines-1]+" …")
	}
	for i, line := range lines {
		for r := []rune(line); titleFace.width(line) > most && len(r) > 1; {
			r = r[:len(r)-1]
			line = string(r) + "…"
		}
		lines[i] = line
	}
	return lines
}

// header is the room that the subject takes at the upper edge.
func (f *Figure) header(subject string) vg.Length {
	lines := len(f.subjectLines(subject))
	if lines == 0 {
		return figureInset
	}
	return figureInset + vg.Length(lines)*sizeTitle*lineSkip + 1
}

// subject are the lines at the upper edge that say what is shown.
func (f *Figure) subject(text string) []element {
	var out []element
	for i, line := range f.subjectLines(text) {
		y := f.Height - figureInset - vg.Length(i)*sizeTitle*lineSkip
		out = append(out, &label{face: titleFace, text: line, at: vg.Point{X: figureInset, Y: y}, vy: 1})
	}
	return out
}
