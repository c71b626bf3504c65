package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
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
		Use:   "run CONFIG.yaml",
		Short: "run an experiment",
		Long: `Run the experiment that a configuration describes, and print the path of the
run's directory on standard output. CONFIG.yaml may be - for standard input.

Without --out the directory is runs/NAME-HASH, where NAME is the
configuration's and HASH stands for all that the numbers depend on. If that run
is there already it is not done again, so that a sweep resumes by being started
again. The directory appears when its numbers are complete: a run that fails or
is interrupted before leaves nothing. Then figures are drawn into it; if that
fails, or is interrupted, the run is there all the same, and its path is printed.

The keys of a configuration are in docs/configuration.md and nasim schema.`,
		Example: `  nasim run configs/text.yaml
  nasim run configs/text.yaml --set tau_calcium=150ms --set 'heads=[0,1]'
  nasim run configs/text.yaml --check --estimate
  for s in 1 2 3; do nasim run configs/text.yaml --seed $s; done
  generate-config | nasim run - --out runs/generated`,
		Annotations: map[string]string{statusNote: `  0    done, or the run is there already
  2    found before the first integration step (usage, configuration, weights,
       input, output directory); nothing was written
  1    any later failure; nothing was left, unless only figures are missing, as
       the message then says
  129  the terminal was closed (SIGHUP); the same
  130  interrupted (SIGINT); the same
  143  terminated (SIGTERM); the same`},
		Args:              exactly("CONFIG.yaml"),
		ValidArgsFunction: completeConfigs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.named = cmd.Flags().Changed("out")
			if err := oneOf(cmd, "progress", o.progress, progressModes); err != nil {
				return err
			}
			if o.threads < 0 {
				return usage(cmd, "--threads %d: negative; 0 is one for each processor", o.threads)
			}
			return a.run(cmd.Context(), o, args[0])
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var((*setFlag)(&o.sets), "set", "set a key, as in tau_calcium=150ms; may be repeated, the last wins")
	f.Var((*seedFlag)(&o.sets), "seed", "set the seed; the same as --set seed=N")
	f.StringVar(&o.out, "out", "", "the run's directory, `DIR`, which must not exist")
	f.BoolVar(&o.force, "force", false, "replace the run's directory, if it holds a nasim run")
	f.BoolVar(&o.check, "check", false, "report every problem and write nothing")
	f.BoolVar(&o.estimate, "estimate", false, "print time, memory and disk and write nothing")
	f.IntVar(&o.threads, "threads", 0, "heads that are solved at once, `N`; 0 is one for each processor")
	f.BoolVar(&o.noFigures, "no-figures", false, "draw no figures")
	f.StringVar(&o.progress, "progress", "auto", "show progress as `MODE`: auto, plain (lines) or none")
	completeRunFlags(cmd)
	return cmd
}

// run checks everything, then solves and writes.
func (a *app) run(ctx context.Context, o runOptions, file string) error {
	target := rundir.Target{Path: o.out, Named: o.named, Force: o.force}
	cfg, found := a.load(file, o.sets)
	if found != nil { // a bad output directory is reported along with a bad configuration
		if o.named {
			found = errors.Join(found, experiment.CheckTarget(target))
		}
		return experiment.Refusal{Err: found}
	}
	prepared, err := experiment.Prepare(ctx, cfg, experiment.Options{
		Name: rundir.ConfigName(file), Threads: o.threads, Target: target, NoFigures: o.noFigures, Survey: o.estimate,
	})
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	for _, text := range prepared.Warnings() {
		a.say("warning: %s", text)
	}
	if o.check || o.estimate {
		return a.preview(o, prepared)
	}
	done, err := prepared.Execute(ctx, a.watch(o.progress))
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

// preview tells what a run would be, and writes nothing.
func (a *app) preview(o runOptions, prepared *experiment.Prepared) error {
	done, err := prepared.Complete()
	if err != nil { // nothing is written now, and later may be elsewhere
		a.say("warning: %v", err)
	}
	if o.estimate {
		a.printEstimate(prepared)
	}
	switch short := prepared.Short(); {
	case short != nil && o.check:
		return experiment.Refusal{Err: short}
	case short != nil:
		a.say("warning: %v", short)
	}
	if o.check {
		a.say("no problems; %s", prepared.Summary())
	}
	if done {
		a.say("this run is already complete: %s", prepared.Options.Target.Path)
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

// load reads a configuration file, or standard input for "-".
func (a *app) load(file string, sets []string) (*config.Config, error) {
	var cfg *config.Config
	var found config.Problems
	if file == "-" {
		cfg, found = config.Read(a.stdin, "standard input", "", sets)
	} else {
		cfg, found = config.Load(file, sets)
	}
	if found != nil {
		return nil, found
	}
	return cfg, nil
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
