package main

import (
	"fmt"
	"math"
	"time"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// printEstimate prints what a run, or one after another, will take.
func (a *app) printEstimate(e experiment.Estimate) {
	fmt.Fprintf(a.stdout, "time    %s\nmemory  %s\ndisk    %s\n", approximately(e.Seconds), space(e.Memory), space(e.Disk))
}

// printPrediction prints what the kernel part of a run's error will be, if that can be told.
func (a *app) printPrediction(of string, heads []experiment.HeadPrediction, why string) {
	if text := prediction(heads); text != "" {
		fmt.Fprintf(a.stdout, "error   %skernel part %s\n", of, text)
	} else if why != "" {
		fmt.Fprintf(a.stdout, "error   %snot predicted: %s\n", of, why)
	}
}

// prediction says in a line how large the kernel part is expected to be, how far that is to be believed,
// and what it cannot exceed.
func prediction(heads []experiment.HeadPrediction) string {
	if len(heads) == 0 {
		return ""
	}
	var sizes []float64
	worst, farthest, held := heads[0], heads[0], 0
	for _, h := range heads {
		sizes = append(sizes, h.Error)
		if h.Error > worst.Error {
			worst = h
		}
		if h.Bound > farthest.Bound {
			farthest = h
		}
		if h.Holds() {
			held++
		}
	}
	label := func(h experiment.HeadPrediction) string { return fmt.Sprintf("head %d:%d", h.Layer, h.Head) }
	text := fmt.Sprintf("%s (%s)", compare.Significant(worst.Error), label(worst))
	if len(heads) > 1 {
		text = fmt.Sprintf("median %s, worst %s of %d heads", compare.Significant(statistics.Quantile(sizes, 0.5)), text, len(heads))
	}
	switch {
	case held == len(heads):
		return text + ", to 20 % in the root mean square over draws"
	case held > 0:
		text += fmt.Sprintf(", to 20 %% in %d of them", held)
	case worst.Deviation > features.MostDeviation:
		text += fmt.Sprintf(", which need not be met: scores deviate by %s of themselves", compare.Significant(worst.Deviation))
	default:
		text += ", an upper bound for most draws"
	}
	if math.IsInf(farthest.Bound, 1) {
		return text + "; nothing bounds it, as scores of the map may be negative"
	}
	return text + fmt.Sprintf("; no draw exceeds %s", compare.Significant(farthest.Bound))
}

// approximately writes a time to be expected.
func approximately(seconds float64) string {
	const year = 365.25 * 24 * 3600
	switch {
	case seconds < 1:
		return "under 1 s"
	case seconds < 2*year:
		return "about " + inWords(time.Duration(seconds*float64(time.Second)))
	}
	if math.IsInf(seconds, 1) {
		return "more years than there is a number for"
	}
	return fmt.Sprintf("about %.2g years", seconds/year)
}

// space writes a number of bytes, of which the largest stands for all beyond.
func space(n int64) string {
	if n == math.MaxInt64 {
		return "over " + memory.Text(float64(n))
	}
	return memory.Text(float64(n))
}
