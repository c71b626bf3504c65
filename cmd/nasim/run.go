package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
)

// runOptions are the flags of nasim run.
type runOptions struct {
	sets      []string
	out       string
	named     bool // --out was given
	force     bool
	check     bool
	estimate  bool
	threads   int
	noFigures bool
	progress  string
}

func newRun(a *app) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run CONFIG.yaml…",
		Short: "run an experiment, or several",
		Long: `Run the experiment that a configuration describes, and print the path of the
run's directory on standard output. CONFIG.yaml may be - for standard input.

Without --out the directory is runs/NAME-HASH, where NAME is the
configuration's and HASH stands for all that the numbers depend on. If that run
is there already it is not done again, so that a sweep resumes by being started
again. The directory appears when its numbers are complete: a run that fails or
is interrupted before leaves nothing, but that of a set of inputs keeps the
replies so far in a hidden file, from which the same command goes on. Then figures
are drawn into it; if that fails, or is interrupted, the run is there all the
same, and its path is printed.

Several configurations, in files of their own or in one with lines --- between
them, are run one after another, each as if it were alone. All are checked before
the first is run: where one is refused, nothing is written. A run that fails later
is told, and the others are done; an interruption leaves those that are finished.
The same run twice is done once. --set and --seed go into each; --estimate adds up
times and disk, and takes the largest memory.

The keys of a configuration are in docs/configuration.md and nasim schema.`,
		Example: `  nasim run configs/text.yaml
  nasim run configs/text.yaml --set tau_calcium=150ms --set 'heads=[0,1]'
  nasim run configs/text.yaml --check --estimate
  for s in 1 2 3; do nasim run configs/text.yaml --seed $s; done
  nasim run configs/leak-*.yaml configs/causal.yaml
  generate-config | nasim run - --out runs/generated`,
		Annotations: map[string]string{statusNote: `  0    done, or the run is there already
  2    found before the first integration step (usage, configuration, weights,
       input, output directory); nothing was written
  1    any later failure; nothing was left, unless only figures are missing, as
       the message then says. Of several runs: of any of them
  129  the terminal was closed (SIGHUP); the same
  130  interrupted (SIGINT); the same
  143  terminated (SIGTERM); the same`},
		Args:              someConfigs,
		ValidArgsFunction: completeConfigs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.named = cmd.Flags().Changed("out")
			if err := oneOf(cmd, "progress", o.progress, progressModes); err != nil {
				return err
			}
			if o.threads < 0 {
				return usage(cmd, "--threads %d: negative; 0 is one for each processor", o.threads)
			}
			return a.run(cmd.Context(), o, args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var((*setFlag)(&o.sets), "set", "set a key, as in tau_calcium=150ms; may be repeated, the last wins")
	f.Var((*seedFlag)(&o.sets), "seed", "set the seed; the same as --set seed=N")
	f.StringVar(&o.out, "out", "", "the run's directory, `DIR`, which must not exist; of a single run")
	f.BoolVar(&o.force, "force", false, "replace the run's directory, if it holds a nasim run")
	f.BoolVar(&o.check, "check", false, "report every problem and write nothing")
	f.BoolVar(&o.estimate, "estimate", false, "print time, memory, disk and the error to be expected, and write nothing")
	f.IntVar(&o.threads, "threads", 0, "heads that are solved at once, `N`; 0 is one for each processor")
	f.BoolVar(&o.noFigures, "no-figures", false, "draw no figures")
	f.StringVar(&o.progress, "progress", "auto", "show progress as `MODE`: auto, plain (lines) or none")
	completeRunFlags(cmd)
	return cmd
}

// run checks everything, then solves and writes.
func (a *app) run(ctx context.Context, o runOptions, files []string) error {
	jobs, err := a.plan(ctx, o, files)
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	for _, text := range each(jobs, func(j *job) []string { return j.doubts }) {
		a.say("warning: %s", text)
	}
	switch {
	case o.check || o.estimate:
		return a.preview(o, jobs)
	case len(jobs) == 1:
		return a.execute(ctx, o, jobs[0])
	}
	return a.sweep(ctx, o, jobs)
}

// execute does a run, prints where it is, and says what there is to say of it.
func (a *app) execute(ctx context.Context, o runOptions, j *job) error {
	done, err := j.execute(ctx, o, a.watch(o.progress))
	var undrawn experiment.Undrawn
	if err != nil && !errors.As(err, &undrawn) {
		return err
	}
	switch {
	case done.Found && !o.noFigures && !isDir(filepath.Join(done.Dir, "figures")):
		a.say("already complete, without figures; nasim plot %s draws them", done.Dir)
	case done.Found:
		a.say("already complete")
	case done.Raced:
		a.say("already complete: another process was first")
	}
	for _, text := range done.Warnings {
		a.say("warning: %s", text)
	}
	for _, text := range done.Notes {
		a.say("note: %s", text)
	}
	fmt.Fprintln(a.stdout, done.Dir)
	return err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// preview tells what the runs would be, and writes nothing.
func (a *app) preview(o runOptions, jobs []*job) error {
	of := func(j *job) string {
		if len(jobs) == 1 {
			return ""
		}
		return j.Name + ": "
	}
	var whole experiment.Estimate
	for _, j := range jobs {
		if j.unplaced != nil { // nothing is written now, and later may be elsewhere
			a.say("warning: %s%v", of(j), j.unplaced)
		}
		whole = whole.Then(j.estimate)
	}
	if o.estimate {
		a.printEstimate(whole)
		for _, j := range jobs {
			a.printPrediction(of(j), j.predicted, j.unpredicted)
		}
	}
	for _, j := range jobs {
		if o.check {
			j.wrong = j.short
		} else if j.short != nil {
			a.say("warning: %s%v", of(j), j.short)
		}
	}
	if err := together(jobs); err != nil {
		return experiment.Refusal{Err: err}
	}
	for _, j := range jobs {
		if o.check {
			a.say("%sno problems; %s", of(j), j.summary)
		}
		if j.complete {
			a.say("%sthis run is already complete: %s", of(j), j.target.Path)
		}
	}
	return nil
}

// watch shows how a run comes along. From its first write on a signal waits until
// what was begun is removed.
func (a *app) watch(mode string) experiment.Watch {
	shown := newProgress(mode, a.quiet, a.stderr)
	return experiment.Watch{
		Begin:    func() { a.writing.Store(true) },
		Solving:  func(what string) { a.say("%s", what) },
		Progress: func(done, total int) { shown.update(float64(done), float64(total)) },
		Solved:   shown.finish,
	}
}

// setFlag collects --set, and seedFlag --seed into the same list, so that the
// last of both wins.
type setFlag []string

func (s *setFlag) String() string     { return "" }
func (s *setFlag) Type() string       { return "path=value" }
func (s *setFlag) Set(v string) error { *s = append(*s, v); return nil }

type seedFlag []string

func (s *seedFlag) String() string     { return "" }
func (s *seedFlag) Type() string       { return "N" }
func (s *seedFlag) Set(v string) error { *s = append(*s, "seed="+v); return nil }

// keyFlag collects a key's flag of its own into the list of --set.
type keyFlag struct {
	sets *[]string
	path string
	kind string
}

func (k *keyFlag) String() string { return "" }
func (k *keyFlag) Type() string   { return k.kind }

// Set adds a value.
func (k *keyFlag) Set(value string) error {
	*k.sets = append(*k.sets, k.path+"="+value)
	return nil
}
