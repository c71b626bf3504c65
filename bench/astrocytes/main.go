// Command astrocytes writes the numbers of the figures timescale, astrocytes and compartments, as
// configs/astrocytes/timescale.sh and compartments.sh draw them, into a page: of every astrocyte and two
// heads the error at some reads, and from which read on it is small; the error budget of the
// configurations as they are; and the error of compartments at some rates of exchange.
//
//	go run ./bench/astrocytes -page docs/astrocytes.md build/astrocytes/figures
package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

const timescaleBlock, budgetBlock, compartmentsBlock = "timescale", "astrocytes", "compartments"

func main() {
	file := flag.String("page", "", "Markdown page whose blocks are replaced; none: standard output alone")
	flag.Parse()
	if err := run(*file, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "astrocytes:", err)
		os.Exit(1)
	}
}

func run(file, figures string) error {
	if err := page.Check(file, timescaleBlock, budgetBlock, compartmentsBlock); err != nil {
		return err
	}
	var blocks []page.Block
	for _, of := range []struct {
		name  string
		table func([]row) string
	}{{timescaleBlock, timescale}, {budgetBlock, budget}, {compartmentsBlock, compartments}} {
		rows, err := read(filepath.Join(figures, of.name+".csv"))
		if err != nil {
			return err
		}
		blocks = append(blocks, page.Block{Name: of.name, Text: of.table(rows)})
		fmt.Println(of.table(rows))
	}
	return page.Write(file, blocks...)
}

// row is a line of a figure's table; numbers are NaN where it has none.
type row struct {
	astrocyte, part, head string
	read, error           float64
	length, exchange      float64 // of compartments, in µm and 1/s; where there is a length the error is interpolated
}

func read(path string) ([]row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) < 2 {
		return nil, fmt.Errorf("%s has no numbers", path)
	}
	var rows []row
	for _, line := range lines[1:] {
		r := row{read: math.NaN(), error: math.NaN(), length: math.NaN(), exchange: math.NaN()}
		for i, cell := range line {
			number, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				number = math.NaN() // empty, or words
			}
			switch lines[0][i] {
			case "astrocyte":
				r.astrocyte = cell
			case "part":
				r.part = cell
			case "head":
				r.head = cell
			case "read_s":
				r.read = number
			case "length_um":
				r.length = number
			case "exchange_per_s":
				r.exchange = number
			case "error":
				r.error = number
			case "interpolated":
				if cell != "" {
					r.error = number
				}
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// names are the different values of a column, in order.
func names(rows []row, of func(row) string) (all []string) {
	for _, r := range rows {
		if !slices.Contains(all, of(r)) {
			all = append(all, of(r))
		}
	}
	return all
}

func astrocyte(r row) string { return r.astrocyte }
func head(r row) string      { return r.head }

// uniform is what the tables call the trivial answer.
const uniform, wellMixed = "uniform attention", "well-mixed"

// shown are the reads, in s, that have a column; an error of enough is small.
var shown = []float64{0.01, 0.1, 0.5, 1, 10, 100}

const enough = 0.05

// timescale is the error at some reads, of all heads in a cell, and the shortest read from which on
// it is small.
func timescale(rows []row) string {
	var out strings.Builder
	out.WriteString("| astrocyte |")
	for _, s := range shown {
		fmt.Fprintf(&out, " read %s |", seconds(s))
	}
	fmt.Fprintf(&out, " ≤ %v from |\n|---|%s---|\n", enough, strings.Repeat("---|", len(shown)))
	for _, name := range names(rows, astrocyte) {
		if name == uniform {
			continue
		}
		fmt.Fprintf(&out, "| %s |", name)
		for _, s := range shown {
			var cells []string
			for _, h := range names(rows, head) {
				x := math.NaN()
				for _, r := range rows {
					if r.astrocyte == name && r.head == h && r.read == s {
						x = r.error
					}
				}
				cells = append(cells, short(x))
			}
			fmt.Fprintf(&out, " %s |", strings.Join(cells, ", "))
		}
		var from []string
		for _, h := range names(rows, head) {
			from = append(from, settled(rows, name, h))
		}
		fmt.Fprintf(&out, " %s |\n", strings.Join(from, ", "))
	}
	return strings.TrimRight(out.String(), "\n")
}

// settled is the shortest of the reads from which on the error is small; "–" where the last is not.
func settled(rows []row, name, head string) string {
	from := "–"
	for _, r := range rows { // in the order of reads
		switch {
		case r.astrocyte != name || r.head != head:
		case !(r.error <= enough):
			from = "–"
		case from == "–":
			from = seconds(r.read)
		}
	}
	return from
}

// budget is the whole error and the largest part of it, a column for each head.
func budget(rows []row) string {
	heads := names(rows, head)
	var out strings.Builder
	out.WriteString("| astrocyte |")
	for _, h := range heads {
		fmt.Fprintf(&out, " %s | largest part |", h)
	}
	fmt.Fprintf(&out, "\n|---|%s\n", strings.Repeat("---|---|", len(heads)))
	for _, name := range names(rows, astrocyte) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, h := range heads {
			whole, largest, part := math.NaN(), 0.0, ""
			for _, r := range rows {
				switch {
				case r.astrocyte != name || r.head != h:
				case r.part == "total":
					whole = r.error
				case r.error > largest:
					largest, part = r.error, r.part
				}
			}
			if part != "" {
				part += " " + short(largest)
			}
			fmt.Fprintf(&out, " %s | %s |", short(whole), part)
		}
		out.WriteString("\n")
	}
	return strings.TrimRight(out.String(), "\n")
}

// exchanged are the rates of exchange, in 1/s, that have a column.
var exchanged = []float64{0, 10, 100, 1000}

// compartments is the error at some rates of exchange, and with the usual diffusion over each length, of
// all heads in a cell.
func compartments(rows []row) string {
	var lengths []float64
	for _, r := range rows {
		if !math.IsNaN(r.length) && !slices.Contains(lengths, r.length) {
			lengths = append(lengths, r.length)
		}
	}
	slices.Sort(lengths)
	slices.Reverse(lengths)
	var out strings.Builder
	out.WriteString("| astrocyte |")
	for _, d := range exchanged {
		fmt.Fprintf(&out, " D = %v/s |", d)
	}
	for _, l := range lengths {
		fmt.Fprintf(&out, " diffusion over %v µm |", l)
	}
	fmt.Fprintf(&out, "\n|---|%s\n", strings.Repeat("---|", len(exchanged)+len(lengths)))
	for _, name := range names(rows, astrocyte) {
		if name == uniform || name == wellMixed {
			continue
		}
		fmt.Fprintf(&out, "| %s |", name)
		cell := func(of func(row) bool) {
			var cells []string
			for _, h := range names(rows, head) {
				var found []float64
				for _, r := range rows {
					if r.astrocyte == name && r.head == h && of(r) {
						found = append(found, r.error)
					}
				}
				x := math.NaN()
				if len(found) > 0 {
					x = found[len(found)/2] // of diffusion the slowest, the usual and the fastest
				}
				cells = append(cells, short(x))
			}
			fmt.Fprintf(&out, " %s |", strings.Join(cells, ", "))
		}
		for _, d := range exchanged {
			cell(func(r row) bool { return math.IsNaN(r.length) && r.exchange == d })
		}
		for _, l := range lengths {
			cell(func(r row) bool { return r.length == l })
		}
		out.WriteString("\n")
	}
	return strings.TrimRight(out.String(), "\n")
}

// short writes an error in two digits, with an exponent where it is huge, or that it is tiny.
func short(x float64) string {
	switch {
	case x < 0.00005:
		return "0.0000"
	case x >= 1000:
		return page.Scientific(x, 2)
	}
	return page.Decimal(x, 2)
}

// seconds writes a read as a configuration does.
func seconds(s float64) string {
	if s < 1 {
		return strconv.FormatFloat(math.Round(1e6*s)/1e3, 'g', -1, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'g', -1, 64) + " s"
}
