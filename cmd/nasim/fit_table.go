package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// fitFormats are the values of fit's --format.
var fitFormats = []string{"text", "csv"}

// listFitted prints a row for each head.
func (a *app) listFitted(cfg *config.Config, fitted []experiment.FittedHead) error {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HEAD\tNEURONS\tSYNAPSES\tSTART\tTRAIN\tVALIDATION\tHELD OUT\tFLOOR\tHELD OUT\tBEST STEP")
	var errors []float64
	for _, h := range fitted {
		fmt.Fprintf(table, "%d:%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%d of %d\n", h.Layer, h.Head, h.Neurons, h.Synapses(),
			compare.Significant(h.Start), compare.Significant(h.Train), compare.Significant(h.Validation), compare.Significant(h.HeldOut),
			floorText(h.Floor.InSample), floorText(h.Floor.HeldOut), h.BestStep, h.Steps)
		errors = append(errors, h.HeldOut)
	}
	if len(fitted) > 1 {
		fmt.Fprintf(table, "median\t\t\t\t\t\t%s\t\t\t\nworst\t\t\t\t\t\t%s\t\t\t\n", compare.Significant(statistics.Quantile(errors, 0.5)), compare.Significant(statistics.Quantile(errors, 1)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if cfg.Fit.Target > 0 {
		if err := a.listSizes(fitted); err != nil {
			return err
		}
	}
	for _, h := range fitted {
		if cfg.Fit.Target > 0 && !h.Reached {
			if _, err := fmt.Fprintf(a.stdout, "%d:%d: %g not reached: best %s, held out %s, floor %s (held out %s); %s\n", h.Layer, h.Head, cfg.Fit.Target,
				compare.Significant(h.Validation), compare.Significant(h.HeldOut), floorText(h.Floor.InSample), floorText(h.Floor.HeldOut), h.Limits(cfg.Fit.Target)); err != nil {
				return err
			}
		}
	}
	return nil
}

// listSizes prints the held-out error of each head over the sizes that a search has tried, the fewest synapses first.
func (a *app) listSizes(fitted []experiment.FittedHead) error {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nHEAD\tHELD OUT, BY SYNAPSES")
	for _, h := range fitted {
		trials := slices.Clone(h.Trials)
		slices.SortFunc(trials, func(a, b fit.Trial) int { return a.Neurons - b.Neurons })
		fmt.Fprintf(table, "%d:%d", h.Layer, h.Head)
		for _, t := range trials {
			fmt.Fprintf(table, "\t%d: %s", t.Neurons*h.Values, compare.Significant(t.HeldOut))
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

// floorText is a floor as a table has it.
func floorText(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return compare.Significant(x)
}

// listTrials prints a row for each fit that was made.
func (a *app) listTrials(fitted []experiment.FittedHead) error {
	rows := csv.NewWriter(a.stdout)
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	rows.Write([]string{"layer", "head", "neurons", "synapses", "steps", "best_step", "start_error", "train_error", "validation_error", "held_out_error", "kept", "floor", "floor_held_out"})
	row := func(h *experiment.FittedHead, t fit.Trial) {
		floors := []string{"", ""} // they are of the fit that is kept
		if t == h.Trial && !math.IsNaN(h.Floor.InSample) {
			floors = []string{number(h.Floor.InSample), number(h.Floor.HeldOut)}
		}
		rows.Write(append([]string{
			strconv.Itoa(h.Layer), strconv.Itoa(h.Head), strconv.Itoa(t.Neurons), strconv.Itoa(t.Neurons * h.Values), strconv.Itoa(t.Steps), strconv.Itoa(t.BestStep),
			number(t.Start), number(t.Train), number(t.Validation), number(t.HeldOut), strconv.FormatBool(t == h.Trial),
		}, floors...))
	}
	for i := range fitted {
		for _, t := range fitted[i].Trials {
			row(&fitted[i], t)
		}
	}
	rows.Flush()
	return rows.Error()
}
