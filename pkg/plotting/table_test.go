package plotting

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is read from a table is what was written, to the last bit; words keep their
// commas and quotes.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64(), 1, 30).Draw(t, "x")
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zé",; \n]{0,9}x`), len(x), len(x)).Draw(t, "words")
		table := newTable(len(x), texts("word", func(i int) string { return words[i] }), counts("i", func(i int) int { return i - 1 }), floats("x", x))
		var b bytes.Buffer
		if err := table.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != len(x)+1 || strings.Join(rows[0], " ") != "word i x" {
			t.Fatalf("%v, rows %q", err, rows)
		}
		for i, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[2], 64)
			index := strconv.Itoa(i - 1)
			if i == 0 {
				index = ""
			}
			if err != nil || math.Float64bits(v) != math.Float64bits(x[i]) || row[0] != words[i] || row[1] != index {
				t.Fatalf("row %d is %q, want %q and %g", i, row, words[i], x[i])
			}
		}
	})
}

// A number that is missing is an empty cell; a table that is too long is none, and
// the caption says so.
func TestTableLimits(t *testing.T) {
	table := newTable(2, floats("x", []float64{math.NaN(), math.Inf(-1)}))
	var b bytes.Buffer
	if err := table.WriteCSV(&b); err != nil || b.String() != "x\n\n-Inf\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
	if err := table.WriteCSV(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("a full disk is %v", err)
	}
	few, many := int(math.Sqrt(mostRows)), int(math.Sqrt(mostRows))+1
	for n, empty := range map[int]bool{0: true, few: false, many: true} {
		f, err := Attention(AttentionInput{N: n, Softmax: all(n*n, 0.5)})
		if err != nil {
			t.Fatal(err)
		}
		if f.Data.Empty() != empty || strings.Contains(f.Caption, "too many for a table") != (n == many) {
			t.Errorf("%d tokens: no table is %v; %s", n, f.Data.Empty(), f.Caption)
		}
	}
}
