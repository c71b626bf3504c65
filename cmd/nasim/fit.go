package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// fitOptions are the flags of fit.
type fitOptions struct {
	sets         []string
	out          string
	force, check bool
	threads      int
	progress     string
	format       string
}

func newFit(a *app) *cobra.Command {
	var o fitOptions
	cmd := &cobra.Command{
		Use:   "fit CONFIG.yaml",
		Short: "fit hidden layers to a model's heads",
		Long: `Fit the hidden layer of each selected head to what the head attends to, over a set
of texts or pictures (input.texts, input.images; the section fit), and write them
into a map file, which map: learned takes. The set is divided by document: most of
it makes the map, a part chooses among what the steps lead to and how many neurons
a head has, and a part is told by. The error told is that of this last, held-out
part: of the head's output, relative to its norm. Beside it stands the floor: the
error if the neurons' signs were free, of the inputs fitted to and of those held out.

Each head has fit.neurons. With --synapses the heads share out a total: short fits
tell which are hard. With --target each has the fewest neurons that bring its error
there, by a search over sizes, with --synapses at most; where none does, a line
says what was best, what limits it and what would help. With --set
fit.objective=responses all maps are then tuned together, by what the model answers.

What has been fitted is kept in a hidden folder beside the map file until that is
whole: after an interruption, or kill -9, the same command goes on from there and
ends with the same bytes (fit.resume). They do not depend on --threads.

On standard output stands a row for each head and, with --target, one with its
held-out error by the synapses that were tried; with --format csv one for each fit
that was made. A target out of reach, as --target 1e-6, shows the error for all sizes
from a 32nd of --synapses to all of them, and nasim plot MAP.npz --figure synapses
draws it.`,
		Example: `  nasim fit configs/image.yaml --set 'input={images: {dir: photos}}' --set layers=all --out maps.npz
  nasim fit text.yaml --target 0.05 --synapses 100000 --out maps.npz
  nasim plot maps.npz --figure synapses
  nasim run configs/image.yaml --set 'network.features={map: learned, file: maps.npz}'`,
		Annotations: map[string]string{statusNote: `  0    done
  2    the command line, the configuration, the set or the model is wrong; nothing
       was written
  1    any later failure; no map was written, and what has been fitted is kept
  129  the terminal was closed (SIGHUP); the same
  130  interrupted (SIGINT); the same
  143  terminated (SIGTERM); the same`},
		Args:              exactly("CONFIG.yaml"),
		ValidArgsFunction: completeConfigs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case o.threads < 0:
				return usage(cmd, "--threads %d: negative; 0 is one for each processor", o.threads)
			case o.out == "" && !o.check:
				return usage(cmd, "--out is missing; name the map file, as in --out maps.npz")
			}
			if err := errors.Join(oneOf(cmd, "progress", o.progress, progressModes), oneOf(cmd, "format", o.format, fitFormats)); err != nil {
				return err
			}
			return a.fit(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var((*setFlag)(&o.sets), "set", "set a key, as in fit.neurons=1000; may be repeated, the last wins")
	f.Var((*seedFlag)(&o.sets), "seed", "set the seed; the same as --set seed=N")
	f.Var(&keyFlag{&o.sets, "fit.synapses", "N"}, "synapses", "synapses of a head: on average or, with --target, at most")
	f.Var(&keyFlag{&o.sets, "fit.target", "E"}, "target", "the error that each head is to have with few neurons")
	f.StringVarP(&o.out, "out", "o", "", "the map `FILE`, which must not exist")
	f.BoolVar(&o.force, "force", false, "replace it")
	f.BoolVar(&o.check, "check", false, "report every problem and write nothing")
	f.IntVar(&o.threads, "threads", 0, "heads that are fitted at once, `N`; 0 is one for each processor")
	f.StringVar(&o.progress, "progress", "auto", "show progress as `MODE`: auto, plain (lines) or none")
	f.StringVar(&o.format, "format", "text", "the `FORMAT`: text, or csv with a row for each fit")
	completeValues(cmd, "progress", progressModes)
	completeValues(cmd, "format", fitFormats)
	completeKeys(cmd, "set", "=")
	return cmd
}

// fit checks everything, fits, writes the map file, and prints what came out.
func (a *app) fit(ctx context.Context, path string, o fitOptions) error {
	cfg, problems := config.Load(path, o.sets)
	if len(problems) > 0 {
		return experiment.Refusal{Err: problems}
	}
	threads := o.threads
	if threads == 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	f, err := experiment.PrepareFit(cfg, threads)
	if _, exists := os.Lstat(o.out); exists == nil && !o.force && o.out != "" {
		experiment.DropCheckpoint(o.out)
		err = errors.Join(err, fmt.Errorf("--out %s: the file exists; name another, or add --force", o.out))
	}
	if err == nil && o.out != "" {
		err = f.Check(o.out)
	}
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	a.say("%s", f.Summary())
	if o.check {
		return nil
	}
	shown := newProgress(o.progress, a.quiet, a.stderr)
	a.writing.Store(true) // from here on a signal waits until the state of what is fitted is kept
	fitted, err := f.Run(ctx, o.out, rundir.ThisVersion().Version, shown.update)
	shown.finish()
	if err != nil {
		return err
	}
	if o.format == "csv" {
		return a.listTrials(fitted.Heads)
	}
	return errors.Join(a.listFitted(cfg, fitted.Heads), a.listAnswers(fitted.Answers))
}
