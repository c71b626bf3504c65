// Package plotting draws the figures of a nasim run as PNG, SVG and PDF.
//
// It knows results, not solvers: every figure is made from a plain struct of
// row-major float64 arrays, with the names and the measured numbers that it is to
// show. Of the rest of nasim it imports internal/statistics alone. [Catalogue] lists the figures.
//
// # Contract
//
// A constructor never fails on the values themselves: NaN, ±Inf, zero and
// negative numbers are left out, drawn at the edge or counted in the legend, and
// a panel whose array is nil says so in its place. It fails, with a sentence that
// names the field, where shapes contradict each other.
//
// The same input gives the same bytes in every format: no times, no maps, no
// randomness; fonts (Liberation Sans) are embedded in the program.
//
// Sizes are those of a journal's columns, [SingleColumn] and [DoubleColumn], or
// any other from [Narrowest] to [Widest]; at that size text is 7 pt or more, super-
// and subscripts 6 pt or more. Line colours are those of Okabe and Ito,
// always joined by a dash pattern or a marker; matrices use viridis, differences
// a diverging map of Moreland. Legends stand outside the panels.
//
// # Example
//
//	f, err := plotting.Output(plotting.OutputInput{
//		Heads: []plotting.OutputHead{{Name: "0:1", Values: 32, Transformer: a0v, Network: f3, RelativeError: 0.2}},
//	})
//	if err != nil {
//		return err
//	}
//	return f.Write(w, "pdf")
//
// # References
//
// M. Okabe, K. Ito, Color Universal Design (2008). K. Moreland, Diverging Color
// Maps for Scientific Visualization, ISVC (2009). S. van der Walt, N. Smith,
// A Better Default Colormap for Matplotlib, SciPy (2015).
package plotting
