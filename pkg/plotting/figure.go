package plotting

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/pkg/plotting/internal/pdf"
)

// Length is a length on paper, for those who import this package alone.
type Length = vg.Length

// Widths of a journal's columns. Every constructor takes one of them, or any
// other width from Narrowest to Widest; 0 means the figure's own default.
const (
	SingleColumn = 85 * vg.Millimeter
	DoubleColumn = 178 * vg.Millimeter
	Narrowest    = 60 * vg.Millimeter
	Widest       = 400 * vg.Millimeter
)

// Figure is a finished drawing, independent of the file format.
type Figure struct {
	// Name is the name of the figure's kind and of its file, without extension.
	// Callers that draw one figure per head append to it.
	Name string

	// Width and Height are the size on paper.
	Width, Height vg.Length

	// Caption says in plain text what is to be seen and what the symbols mean.
	Caption string

	// Data are the numbers that are drawn.
	Data Table

	elements []element
}

// element is a part of a figure that draws itself in absolute coordinates.
type element interface {
	draw(p *page)
}

// add appends parts; later ones are drawn over earlier ones.
func (f *Figure) add(parts ...element) {
	f.elements = append(f.elements, parts...)
}

// top returns the y coordinate that lies the given distance below the upper
// edge, from which figures are laid out.
func (f *Figure) top(below vg.Length) vg.Length { return f.Height - below }

// Formats lists the formats that [Figure.Write] knows.
func Formats() []string { return []string{"png", "svg", "pdf"} }

// Write encodes the figure as "png" (300 dpi), "svg" or "pdf". The same figure
// gives the same bytes each time. The error is that of w, or names an unknown
// format.
func (f *Figure) Write(w io.Writer, format string) error {
	switch format {
	case "png":
		return f.writePNG(w)
	case "svg":
		return f.writeSVG(w)
	case "pdf":
		c := pdf.New(f.Width, f.Height)
		f.drawOn(c)
		return f.failed(format, c.Write(w))
	}
	return fmt.Errorf("plotting: figure %s: unknown format %q; allowed are %s",
		f.Name, format, strings.Join(Formats(), ", "))
}

func (f *Figure) drawOn(c vg.Canvas) {
	p := &page{Canvas: c}
	if _, ok := c.(*pngCanvas); !ok { // which is white already
		p.fillRect(white, rect(0, 0, f.Width, f.Height)) // legible in a dark browser, too
	}
	for _, e := range f.elements {
		e.draw(p)
	}
}

func (f *Figure) failed(format string, err error) error {
	if err != nil {
		return fmt.Errorf("plotting: writing figure %s as %s: %w", f.Name, format, err)
	}
	return nil
}

// Entry describes one kind of figure.
type Entry struct {
	// Name is the name for `nasim plot --figure`, and of the file.
	Name string
	// Shows says in one line what is to be seen.
	Shows string
}

// Catalogue lists the kinds of figures in the order of the standard set.
func Catalogue() []Entry {
	return []Entry{
		{"normalizer", "calcium read-out p against the softmax normaliser Z over tokens"},
		{"attention", "softmax, kernel and network attention, and the difference"},
		{"overlay", "attention of one token over the picture, softmax beside the network"},
		{"traces", "hidden and output activity, Hebbian norm and calcium in time"},
		{"budget", "where the divergence comes from: the ladder as bars"},
		{"output", "network output against transformer output"},
		{"heads", "a metric of every head, layers × heads, in colour"},
		{"response", "whether the whole model answers the same with the network in its heads"},
		{"kernel", "scores of the network against exp(q·k), with the band that is predicted"},
		{"synapses", "error of the output against synapses m·d_v, a line for each map"},
		{"timescale", "error of the output against the time of a read, a line for each astrocyte"},
		{"compartments", "error of the output against the exchange between compartments, a line for each number"},
		{"astrocytes", "the error budget of several astrocytes in the same heads, a bar for each"},
		{"fit", "the error of hidden layers on their way to heads, of a map file"},
	}
}

// Names lists the names of [Catalogue].
func Names() []string {
	var names []string
	for _, e := range Catalogue() {
		names = append(names, e.Name)
	}
	return names
}

// Known returns an error that lists the allowed names unless name is one.
func Known(name string) error {
	if slices.Contains(Names(), name) {
		return nil
	}
	return fmt.Errorf("plotting: no figure is named %q; allowed are %s", name, strings.Join(Names(), ", "))
}

// widthOr returns the asked width or, where that is 0, the figure's own.
func widthOr(figure string, asked, own vg.Length) (vg.Length, error) {
	if asked == 0 {
		return own, nil
	}
	if math.IsNaN(float64(asked)) || asked < Narrowest || asked > Widest {
		return 0, fmt.Errorf("plotting: %s: Width is %.4g mm; allowed are %g mm to %g mm, or 0 for %.4g mm",
			figure, asked/vg.Millimeter, Narrowest/vg.Millimeter, Widest/vg.Millimeter, own/vg.Millimeter)
	}
	return asked, nil
}

// ParseWidth reads the width of a figure, a number and its unit: 85mm, 17.8cm, 7in.
// Its error says how to write one, and leaves it to the caller to quote the text.
func ParseWidth(text string) (vg.Length, error) {
	const how = "write 85mm (a column of a journal), 178mm (a page), or any width from 60mm to 400mm"
	number := strings.TrimRightFunc(text, unicode.IsLetter)
	units := map[string]vg.Length{"mm": vg.Millimeter, "cm": vg.Centimeter, "in": vg.Inch}
	unit, known := units[text[len(number):]]
	value, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch width := vg.Length(value) * unit; {
	case err != nil:
		return 0, fmt.Errorf("no width; %s", how)
	case text == number:
		return 0, fmt.Errorf("no unit; %s", how)
	case !known:
		return 0, fmt.Errorf("the unit is none of mm, cm and in; %s", how)
	default:
		// 400mm is 400 mm, whatever the rounding of points.
		const slack = 1e-9
		if !(width >= Narrowest*(1-slack) && width <= Widest*(1+slack)) {
			return 0, fmt.Errorf("%.4g mm; %s", width/vg.Millimeter, how)
		}
		return min(max(width, Narrowest), Widest), nil
	}
}

// shape returns an error that names the field unless n values are want.
func shape(figure, field string, n, want int, meaning string) error {
	if n == want {
		return nil
	}
	return fmt.Errorf("plotting: %s: %s has %d values, want %d (%s)", figure, field, n, want, meaning)
}
