package experiment

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// ofSet reports whether a run was asked a set of inputs.
func (r *Run) ofSet() bool { return r.Config.Input.Texts != nil || r.Config.Input.Images != nil }

// setTable are columns of responses.csv, of the inputs that have an answer; NaN is empty.
type setTable map[string][]float64

// readSet reads the numbers of responses.csv.
func (r *Run) readSet() (setTable, error) {
	path := filepath.Join(r.Dir, responsesFile)
	file, err := os.Open(path)
	if err != nil {
		return nil, rundir.Explain(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err == nil && len(lines) == 0 {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	failed := slices.Index(lines[0], "failed")
	table := setTable{}
	for _, line := range lines[1:] {
		if failed >= 0 && line[failed] != "" {
			continue
		}
		for i, cell := range line {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				x = math.NaN() // empty, or words
			}
			table[lines[0][i]] = append(table[lines[0][i]], x)
		}
	}
	return table, nil
}

// known reports whether a column has a number.
func (t setTable) known(column string) bool { return slices.ContainsFunc(t[column], statistics.Finite) }

// setResponse draws a set: what agrees against the error within, and what everyone's
// answers are worth.
func (d *drawing) setResponse(in *plotting.ResponseInput) error {
	table, err := d.runs[0].readSet()
	if err != nil {
		return err
	}
	seed := d.runs[0].Config.Seed
	errorOf, agreement := "heads_relative_error", "top1_agreement"
	in.ErrorLabel, in.AgreementLabel, in.SharesLabel = "mean relative error of the replaced heads (–)", "share with the same answer (–)", "share of answers (–)"
	if !table.known(errorOf) {
		errorOf, in.ErrorLabel = "hidden_relative_error", "relative error of the last hidden states (–)"
	}
	if !table.known(agreement + "_" + compare.Network) {
		agreement, in.AgreementLabel, in.SharesLabel = "embedding_cosine", "cosine of the embeddings (–)", "cosine with the transformer's embedding (–)"
		in.Near = true
	}
	in.Uniform = statistics.Mean(finiteOf(table[agreement+"_"+compare.Uniform]))
	if y := agreement + "_" + compare.Network; table.known(y) && table.known(errorOf) {
		in.Bins, in.Counts = binned(table[errorOf], table[y], seed, !in.Near), counted(table[errorOf])
		in.Intervals = intervalsSaid(!in.Near)
	}
	for _, quantity := range []struct{ column, name string }{{agreement, map[bool]string{true: "same answer", false: ""}[agreement == "top1_agreement"]}, {"accuracy", "accuracy"}} {
		for _, a := range answerers {
			if x := finiteOf(table[quantity.column+"_"+a.name]); len(x) > 0 {
				low, high := statistics.MeanInterval(x, seed)
				in.Shares = append(in.Shares, plotting.AnswerShare{Who: a.who, Quantity: quantity.name, Value: statistics.Mean(x), Low: low, High: high})
			}
		}
	}
	return nil
}

func finiteOf(x []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(x), func(v float64) bool { return !statistics.Finite(v) })
}

// intervalsSaid says how the intervals were made.
func intervalsSaid(shares bool) string {
	const resampled = "resample the inputs (percentile bootstrap), as those in metrics.json"
	if shares {
		return "Intervals of groups are binomial (Wilson 1927), of an input with several questions too, which makes them rather too wide; those of means over the set " + resampled + "."
	}
	return "Intervals " + resampled + "."
}

// Groups of inputs: at most so many, of so many inputs at least.
const (
	mostGroups  = 10
	leastGroup  = 20
	mostColumns = 30 // of the histogram
)

// binned puts the inputs in the order of x into groups of equal size. Of shares y, within
// 0 and 1, none varies more from input to input than one that is 0 or 1, so that the
// binomial interval of their mean is wide enough; others are resampled.
func binned(x, y []float64, seed uint64, shares bool) []plotting.AgreementBin {
	type pair struct{ x, y float64 }
	var all []pair
	for i := range x {
		if statistics.Finite(x[i]) && statistics.Finite(y[i]) {
			all = append(all, pair{x[i], y[i]})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int {
		switch {
		case a.x < b.x:
			return -1
		case a.x > b.x:
			return 1
		}
		return 0
	})
	groups := min(mostGroups, max(1, len(all)/leastGroup))
	var bins []plotting.AgreementBin
	for g := range groups {
		part := all[g*len(all)/groups : (g+1)*len(all)/groups]
		if len(part) == 0 {
			continue
		}
		var xs, ys []float64
		for _, p := range part {
			xs, ys = append(xs, p.x), append(ys, p.y)
		}
		bin := plotting.AgreementBin{From: xs[0], Middle: statistics.Quantile(xs, 0.5), To: xs[len(xs)-1], Share: statistics.Mean(ys), Inputs: len(part)}
		if shares {
			bin.Low, bin.High = statistics.Wilson(bin.Share, len(part))
		} else {
			bin.Low, bin.High = statistics.MeanInterval(ys, seed)
		}
		bins = append(bins, bin)
	}
	return bins
}

// counted is the histogram of x, of bars as wide as each other: as many as the square root
// of the numbers.
func counted(x []float64) []plotting.ErrorCount {
	x = finiteOf(x)
	if len(x) == 0 {
		return nil
	}
	low, high := slices.Min(x), slices.Max(x)
	n := min(mostColumns, max(1, int(math.Round(math.Sqrt(float64(len(x)))))))
	if !(high > low) {
		return []plotting.ErrorCount{{From: low, To: high, Count: float64(len(x))}}
	}
	edge := func(i int) float64 { return low + float64(float64(high-low)*float64(i)/float64(n)) }
	bars := make([]plotting.ErrorCount, n)
	for i := range bars {
		bars[i].From, bars[i].To = edge(i), edge(i+1)
	}
	bars[n-1].To = high
	for _, v := range x {
		i := min(int(float64(n)*(v-low)/(high-low)), n-1)
		bars[i].Count++
	}
	return bars
}
