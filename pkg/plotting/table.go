package plotting

import (
	"bufio"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Table holds the numbers that a figure draws, as they were given or, where the
// figure draws a mean or a difference, as it draws them.
type Table struct {
	rows    int
	columns []column
}

// column is a column of a table; cell appends what stands in a row.
type column struct {
	name string
	cell func(b []byte, row int) []byte
}

// mostRows is how many rows a table may have: a file of some 10 MB.
const mostRows = 100_000

func newTable(rows int, columns ...column) Table {
	if rows == 0 || rows > mostRows {
		return Table{}
	}
	return Table{rows, columns}
}

// Empty is true of a figure that draws nothing, or so many numbers that only the
// arrays they come from are of use; its caption says so.
func (t *Table) Empty() bool { return t.rows == 0 }

// WriteCSV writes a line of names and then a line a row. A number has as many digits
// as give it back exactly; one that is missing is empty, as in metrics.csv.
func (t *Table) WriteCSV(w io.Writer) error {
	out := bufio.NewWriter(w)
	var line []byte
	for i, c := range t.columns {
		line = append(separated(line, i), c.name...)
	}
	for row := 0; ; row++ {
		out.Write(append(line, '\n')) // an error comes back from Flush
		if row == t.rows {
			return out.Flush()
		}
		line = line[:0]
		for i, c := range t.columns {
			line = c.cell(separated(line, i), row)
		}
	}
}

func separated(line []byte, i int) []byte {
	if i > 0 {
		line = append(line, ',')
	}
	return line
}

// floats is a column of values.
func floats(name string, x []float64) column {
	return column{name, func(b []byte, row int) []byte {
		if math.IsNaN(x[row]) {
			return b
		}
		return strconv.AppendFloat(b, x[row], 'g', -1, 64)
	}}
}

// counts is a column of indices; one below 0 is left empty.
func counts(name string, of func(row int) int) column {
	return column{name, func(b []byte, row int) []byte {
		if of(row) < 0 {
			return b
		}
		return strconv.AppendInt(b, int64(of(row)), 10)
	}}
}

// texts is a column of words.
func texts(name string, of func(row int) string) column {
	return column{name, func(b []byte, row int) []byte {
		text := plain(of(row))
		if strings.ContainsAny(text, "\",\r\n") {
			text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		return append(b, text...)
	}}
}

// plain writes a label's super- and subscripts on the line: 10^−8, τ_p; and spaces
// that do not break as any other.
func plain(s string) string { return plainly.Replace(s) }

var plainly = strings.NewReplacer(string(markUp), "^", string(markDown), "_", string(markPlain), "", "\u00a0", " ")

// place is where a value stands among several arrays: in which, and where in it.
type place struct{ array, at int }

// places lists the places of so many arrays, one array after another.
func places(arrays int, length func(array int) int) []place {
	var all []place
	for a := range arrays {
		for i := range length(a) {
			all = append(all, place{a, i})
		}
	}
	return all
}

// joined is a column of what several arrays hold at these places; of one that is nil
// it is missing.
func joined(name string, where []place, array func(i int) []float64) column {
	x := make([]float64, len(where))
	for row, p := range where {
		x[row] = math.NaN()
		if values := array(p.array); values != nil {
			x[row] = values[p.at]
		}
	}
	return floats(name, x)
}

// when is a sentence of a caption that holds under a condition alone.
func when(holds bool, sentence string) string {
	if holds {
		return sentence
	}
	return ""
}

// setCaption says what is shown, then in sentences how to read it; empty ones are
// left out.
func (f *Figure) setCaption(subject string, sentences ...string) {
	text := strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
	if subject != "" {
		text = cleanMarked(subject) + ".\n\n" + text
	}
	f.Caption = plain(text)
}

// setData sets the figure's numbers, and adds to the caption where there are too many.
func (f *Figure) setData(rows int, columns ...column) {
	f.Data = newTable(rows, columns...)
	if rows > mostRows {
		f.Caption += " The numbers are too many for a table beside the figure (" + plain(Thousands(rows)) + " rows); they are in the run's arrays."
	}
}
