package main

import (
	"fmt"
	"time"

	"github.com/nasim-sim/nasim/pkg/experiment"
)

// printEstimate prints what a run will take.
func (a *app) printEstimate(prepared *experiment.Prepared) {
	e := prepared.Estimate()
	a.warnOfMemory(prepared, e.Memory)
	fmt.Fprintf(a.stdout, "time    %s\nmemory  %s\ndisk    %s\n", approximately(e.Seconds), megabytes(e.Memory), megabytes(e.Disk))
}

// warnOfMemory tells that a run needs more memory than there is, where that can be
// known, and whether it would do without its attention.
func (a *app) warnOfMemory(prepared *experiment.Prepared, needed int64) {
	has, ok := machineMemory()
	if !ok || needed <= has {
		return
	}
	remedy := ""
	lean, cfg := *prepared, *prepared.Config
	lean.Config, cfg.Record.Attention = &cfg, false
	if least := lean.Estimate().Memory; least <= has {
		remedy = fmt.Sprintf("; with record.attention: false it needs about %s", megabytes(least))
	}
	a.say("warning: the run needs about %s of memory, and this machine has %s%s", megabytes(needed), megabytes(has), remedy)
}

// approximately writes a time to be expected.
func approximately(seconds float64) string {
	if seconds < 1 {
		return "under 1 s"
	}
	return "about " + inWords(time.Duration(seconds*float64(time.Second)))
}

// megabytes writes a size, in units of 10⁶ bytes or more.
func megabytes(bytes int64) string {
	switch {
	case bytes < 1e6:
		return "under 1 MB"
	case bytes < 1e9:
		return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
}
