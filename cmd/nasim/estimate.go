package main

import (
	"fmt"
	"math"
	"time"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/experiment"
)

// printEstimate prints what a run, or one after another, will take.
func (a *app) printEstimate(e experiment.Estimate) {
	fmt.Fprintf(a.stdout, "time    %s\nmemory  %s\ndisk    %s\n", approximately(e.Seconds), space(e.Memory), space(e.Disk))
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
