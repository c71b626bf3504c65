package main

import (
	"errors"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
)

func newCompare(a *app) *cobra.Command {
	var by []string
	var perHead bool
	var format string
	cmd := &cobra.Command{
		Use:   "compare RUN...",
		Short: "show a run's divergences, or several runs side by side",
		Long: `Show where a run's network diverges from its transformer, and why: the error
budget, and every metric of every rung. Several runs are set side by side, one
row for each setting in which they differ; runs that differ only in their seed
are pooled to the median, its quartiles and their number.

csv is long: the configuration in columns, then run, seed, layer, head, rung,
metric, value.`,
		Example: `  nasim compare runs/text-1a2b3c4d
  nasim compare runs/sweep-* --by network.astrocyte.tau_calcium
  nasim compare runs/* --format csv > all.csv`,
		Annotations: map[string]string{statusNote: `  0    done; runs that are not complete, that are damaged, or that repeat
       another's configuration and seed, were left out with a warning
  1    no run was left, or another failure
  2    the command line makes no sense`},
		Args:              someRuns,
		ValidArgsFunction: completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf(cmd, "format", format, compare.Formats()); err != nil {
				return err
			}
			paths, err := keyPaths(cmd, by)
			if err != nil {
				return err
			}
			runs, err := a.open(args)
			if err != nil {
				return err
			}
			var compared []compare.Run
			for _, r := range runs {
				compared = append(compared, r.Comparison())
			}
			compared = a.leaveOutRepeats(compared)
			return compare.Write(a.stdout, compared, compare.Options{By: paths, PerHead: perHead, Width: a.width()}, format)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&by, "by", nil, "the keys (`path`,…) whose values make the rows; without it those that differ")
	f.BoolVar(&perHead, "per-head", false, "one row for each head, not mean and worst over heads")
	f.StringVar(&format, "format", "text", "the `FORMAT`: text, csv or json")
	completeValues(cmd, "format", compare.Formats())
	completeKeys(cmd, "by", "")
	return cmd
}

// open reads runs. One that cannot be read is left out with a warning; none left
// is an error.
func (a *app) open(dirs []string) ([]*experiment.Run, error) {
	var runs []*experiment.Run
	var failures error
	for _, dir := range dirs {
		r, err := experiment.OpenRun(dir)
		if err != nil {
			failures = errors.Join(failures, err)
			continue
		}
		runs = append(runs, r)
	}
	if len(runs) == 0 {
		return nil, failures
	}
	if failures != nil {
		for _, text := range problems(failures) {
			a.say("warning: left out: %s", text)
		}
	}
	for _, text := range experiment.Mixed(runs) {
		a.say("warning: %s", text)
	}
	return runs, nil
}

// leaveOutRepeats leaves out runs whose configuration, the seed included, is that
// of one before: pooled as if they were of different seeds they would make a
// spread look smaller than it is.
func (a *app) leaveOutRepeats(runs []compare.Run) []compare.Run {
	var kept []compare.Run
	for _, r := range runs {
		first := slices.IndexFunc(kept, func(k compare.Run) bool { return maps.Equal(k.Settings, r.Settings) })
		if first >= 0 {
			a.say("warning: left out: %s has the configuration and the seed of %s; only other seeds are other samples", r.Name, kept[first].Name)
			continue
		}
		kept = append(kept, r)
	}
	return kept
}

// width is how wide a table may be: the terminal's width, or 0 for compare's own.
func (a *app) width() int {
	to, ok := a.stdout.(*pipe)
	if !ok {
		return 0
	}
	f, ok := to.to.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
