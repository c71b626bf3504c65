package model

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
)

// testdata/epsilon_reference.json holds ε(a,b) and ε(a,b,c) by mpmath at 30
// digits, coinciding and nearly coinciding rates included. Each row is the
// rates, T and the value.
func TestConvolutionsAgreeWithMpmath(t *testing.T) {
	raw, err := os.ReadFile("testdata/epsilon_reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Pairs, Triples [][]json.RawMessage }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	number := func(r json.RawMessage) float64 {
		text := string(r)
		if unquoted, err := strconv.Unquote(text); err == nil {
			text = unquoted
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	check := func(name string, row []json.RawMessage, have float64) {
		want := number(row[len(row)-1])
		// Rounding of the exponents, e^{−x(1+ε)}, costs x ε; the differences of
		// the third function another factor.
		T := number(row[len(row)-2])
		tolerance := 1e-14
		for _, r := range row[:len(row)-2] {
			tolerance += 4e-16 * number(r) * T
		}
		if d := math.Abs(have - want); d > tolerance*math.Abs(want)+1e-300 {
			t.Errorf("%s of %s = %.17g, not %.17g", name, row[:len(row)-1], have, want)
		}
	}
	for _, r := range file.Pairs {
		check("ε(a,b)", r, epsilon2(number(r[0]), number(r[1]), number(r[2])))
	}
	for _, r := range file.Triples {
		a, b, c, T := number(r[0]), number(r[1]), number(r[2]), number(r[3])
		check("ε(a,b,c)", r, epsilon3(a, b, c, T))
		check("ε(c,a,b)", r, epsilon3(c, a, b, T))
	}
	if len(file.Pairs) < 20 || len(file.Triples) < 20 {
		t.Fatalf("only %d pairs and %d triples", len(file.Pairs), len(file.Triples))
	}
}
