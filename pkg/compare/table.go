package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/internal/statistics"
)

// DefaultWidth is the width in characters beyond which a table is broken.
const DefaultWidth = 100

// Table is an aligned text table. The first Keys columns are left-aligned and
// repeated when the others do not fit the width; the others are right-aligned.
type Table struct {
	Title     string
	Keys      int
	Header    []string
	Rows      [][]string // each as long as Header
	Footnotes []string
}

// WriteText prints the table in blocks at most width characters wide, where
// its widest column allows; width 0 means DefaultWidth.
func (t Table) WriteText(w io.Writer, width int) error {
	if width <= 0 {
		width = DefaultWidth
	}
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintln(&b, t.Title)
	}
	if t.crowded(width) {
		settings, numbered := t.split()
		settings.block(&b, settings.widths(), settings.Keys, settings.Keys)
		b.WriteByte('\n')
		t = numbered
	}
	widths := t.widths()
	for from := t.Keys; from < len(t.Header) || from == t.Keys; {
		to, used := from, 0
		for _, k := range widths[:t.Keys] {
			used += k + 2
		}
		for to < len(widths) && (to == from || used+widths[to] <= width) {
			used += widths[to] + 2
			to++
		}
		if from > t.Keys {
			b.WriteByte('\n')
		}
		t.block(&b, widths, from, to)
		if to == from {
			break
		}
		from = to
	}
	for _, note := range t.Footnotes {
		b.WriteString(wrapped(note, width))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// crowded reports whether the key columns leave too little room to repeat them.
func (t Table) crowded(width int) bool {
	keys, all := 0, 0
	for i, w := range t.widths() {
		if all += w + 2; i < t.Keys {
			keys += w + 2
		}
	}
	return t.Keys > 1 && keys > width/2 && all > width
}

// split numbers the rows: one table says what the numbers stand for, the other
// has them in place of the key columns.
func (t Table) split() (settings, numbered Table) {
	settings = Table{Keys: t.Keys + 1, Header: append([]string{"row"}, t.Header[:t.Keys]...)}
	numbered = Table{Keys: 1, Header: append([]string{"row"}, t.Header[t.Keys:]...), Footnotes: t.Footnotes}
	for i, row := range t.Rows {
		number := strconv.Itoa(i + 1)
		settings.Rows = append(settings.Rows, append([]string{number}, row[:t.Keys]...))
		numbered.Rows = append(numbered.Rows, append([]string{number}, row[t.Keys:]...))
	}
	return settings, numbered
}

// without returns the table less the columns of those indices.
func (t Table) without(columns ...int) Table {
	drop := func(line []string) []string {
		var kept []string
		for i, cell := range line {
			if !slices.Contains(columns, i) {
				kept = append(kept, cell)
			}
		}
		return kept
	}
	out := t
	out.Header, out.Rows = drop(t.Header), nil
	for _, row := range t.Rows {
		out.Rows = append(out.Rows, drop(row))
	}
	return out
}

func (t Table) widths() []int {
	widths := make([]int, len(t.Header))
	for i, h := range t.Header {
		widths[i] = utf8.RuneCountInString(h)
		for _, row := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	return widths
}

// block prints the key columns and columns from … to−1.
func (t Table) block(b *strings.Builder, widths []int, from, to int) {
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		var line strings.Builder
		for i := range t.Header {
			if i >= t.Keys && (i < from || i >= to) {
				continue
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(row[i]))
			if i < t.Keys {
				line.WriteString(row[i] + pad + "  ")
			} else {
				line.WriteString(pad + row[i] + "  ")
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// wrapped breaks text at spaces into lines of at most width characters.
func wrapped(text string, width int) string {
	var b strings.Builder
	used := 0
	for _, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
		case used+1+n > width:
			b.WriteByte('\n')
			used = 0
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += n
	}
	return b.String() + "\n"
}

// text prints a value of the metric for a table: three significant digits,
// four decimals for correlations and cosines, whole numbers whole, a dash for
// null.
func (m Metric) text(x Number) string {
	v := float64(x)
	switch {
	case !x.Known():
		return "–"
	case m.Name == Neurons || m.Name == Synapses:
		return count(v)
	case m.Unit == "tokens" || m.Name == CosineWorstToken:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case m.Better == HighBetter || m.Name == CosineDynamicsKernel:
		return strconv.FormatFloat(v, 'f', 4, 64)
	}
	return significant(v)
}

// significant prints three significant digits, with an exponent only outside
// [0.001, 100 000).
func significant(v float64) string {
	if v == 0 {
		return "0"
	}
	size := math.Abs(statistics.RoundTo(v, 3)) // so that 0.9999 counts its places as 1.00
	if size < 1e-3 || size >= 1e5 {
		return strconv.FormatFloat(v, 'e', 2, 64)
	}
	places := max(0, 2-int(math.Floor(math.Log10(size))))
	return strconv.FormatFloat(v, 'f', places, 64)
}

// count prints a whole number with its thousands apart, or in millions.
func count(v float64) string {
	if !(math.Abs(v) < 1e7) {
		if !(math.Abs(v) < 1e15) {
			return significant(v)
		}
		return significant(v/1e6) + " million"
	}
	digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + " " + digits[i:]
	}
	return digits
}

// cell prints a pooled quantity: the value, and quartiles over seeds.
func (m Metric) cell(c Cell) string {
	text := m.text(c.Median)
	if c.N > 1 {
		text = fmt.Sprintf("%s [%s, %s]", text, m.text(c.Q1), m.text(c.Q3))
	}
	if c.Verdict != Differs && c.N > 0 {
		text += " " + c.Verdict
	}
	return text
}

// shortName returns the last element of a configuration path, or the whole
// path where another key ends alike.
func shortName(key string, among []string) string {
	short := key[strings.LastIndexByte(key, '.')+1:]
	for _, other := range among {
		if other != key && other[strings.LastIndexByte(other, '.')+1:] == short {
			return key
		}
	}
	return short
}
