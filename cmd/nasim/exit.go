package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// Exit statuses, as on every help page. 128 + n stands for signal n.
const (
	statusDone    = 0
	statusFailed  = 1 // after the work had begun
	statusRefused = 2 // before: nothing was written
)

// usageError is a command line that does not make sense.
type usageError struct {
	error
	command string // for "see … --help"
}

func usage(cmd *cobra.Command, format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...), cmd.CommandPath()}
}

// exit reports an error and gives its status.
func (a *app) exit(ctx context.Context, err error) int {
	var wrong usageError
	var refused experiment.Refusal
	var undrawn experiment.Undrawn
	var cut unfinished
	var kept experiment.Kept
	var signal interruption
	switch {
	case err == nil:
		return statusDone
	case errors.As(context.Cause(ctx), &signal):
		what := ""
		switch {
		case errors.As(err, &undrawn):
			what = fmt.Sprintf("; %s is complete, but for its figures", undrawn.Dir)
		case errors.As(err, &kept):
			what = "; " + kept.Note()
		case a.writing.Load() && !errors.As(err, &cut): // of a run; plot keeps the figures that are complete
			what = "; nothing was left"
		}
		if errors.As(err, &cut) {
			what += "; " + cut.Error()
		}
		fmt.Fprintf(a.stderr, "nasim: %s%s\n", signal, what)
		return 128 + int(signal.signal)
	case errors.As(err, &wrong):
		fmt.Fprintf(a.stderr, "nasim: %s\nsee %s --help\n", brief(wrong.Error()), wrong.command)
		return statusRefused
	case errors.As(err, &refused):
		a.report(err)
		return statusRefused
	}
	a.report(err)
	return statusFailed
}

// mostTold is how many problems are printed: hundreds of configurations can have them.
const mostTold = 100

// report prints an error: one line, or a count and then one line for each of
// several problems, so that an editor finds file:line:column at its start.
func (a *app) report(err error) {
	lines := problems(err)
	for i, line := range lines {
		lines[i] = brief(line)
	}
	if len(lines) == 1 {
		fmt.Fprintf(a.stderr, "nasim: %s\n", lines[0])
		return
	}
	fmt.Fprintf(a.stderr, "nasim: %d problems\n%s\n", len(lines), strings.Join(lines[:min(len(lines), mostTold)], "\n"))
	if more := len(lines) - mostTold; more > 0 {
		fmt.Fprintf(a.stderr, "and %d more problems\n", more)
	}
}

// problems splits an error that is several.
func problems(err error) []string {
	var joined interface{ Unwrap() []error }
	var found config.Problems
	var lines []string
	switch {
	case err == nil:
	case errors.As(err, &joined):
		for _, one := range joined.Unwrap() {
			lines = append(lines, problems(one)...)
		}
	case errors.As(err, &found):
		for _, one := range found {
			lines = append(lines, one.String())
		}
	default:
		lines = append(lines, err.Error())
	}
	return lines
}
