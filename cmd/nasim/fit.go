package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
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
}

func newFit(a *app) *cobra.Command {
	var o fitOptions
	cmd := &cobra.Command{
		Use:   "fit CONFIG.yaml",
		Short: "fit hidden layers to a model's heads",
		Long: `Fit the hidden layer of each selected head to what the head attends to, over a set
of texts or pictures (input.texts, input.images; the section fit), and write them
into a map file, which map: learned takes. The set is divided by document: most of
it makes the map, a part chooses among what the steps lead to, and a part is looked
at once, at the end. The error told is that of this last, held-out part: of the
head's output, relative to its norm. On standard output stands a row for each head.`,
		Example: `  nasim fit configs/image.yaml --set 'input={images: {dir: photos}}' --set layers=all --out maps.npz
  nasim run configs/image.yaml --set 'network.features={map: learned, file: maps.npz}'`,
		Annotations: map[string]string{statusNote: `  0    done
  2    the command line, the configuration, the set or the model is wrong; nothing
       was written
  1    any later failure; nothing was written
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
			if err := oneOf(cmd, "progress", o.progress, progressModes); err != nil {
				return err
			}
			return a.fit(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var((*setFlag)(&o.sets), "set", "set a key, as in fit.neurons=1000; may be repeated, the last wins")
	f.Var((*seedFlag)(&o.sets), "seed", "set the seed; the same as --set seed=N")
	f.StringVarP(&o.out, "out", "o", "", "the map `FILE`, which must not exist")
	f.BoolVar(&o.force, "force", false, "replace it")
	f.BoolVar(&o.check, "check", false, "report every problem and write nothing")
	f.IntVar(&o.threads, "threads", 0, "heads that are fitted at once, `N`; 0 is one for each processor")
	f.StringVar(&o.progress, "progress", "auto", "show progress as `MODE`: auto, plain (lines) or none")
	completeValues(cmd, "progress", progressModes)
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
		err = errors.Join(err, fmt.Errorf("--out %s: the file exists; name another, or add --force", o.out))
	}
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	a.say("%s", f.Summary())
	if o.check {
		return nil
	}
	shown := newProgress(o.progress, a.quiet, a.stderr)
	fitted, err := f.Run(ctx, o.out, rundir.ThisVersion().Version, func(done, total int) { shown.update(float64(done), float64(total)) })
	shown.finish()
	if err != nil {
		return err
	}
	return errors.Join(a.listFitted(fitted.Heads), a.listAnswers(fitted.Answers))
}

func (a *app) listFitted(fitted []experiment.FittedHead) error {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HEAD\tNEURONS\tSYNAPSES\tSTART\tTRAIN\tVALIDATION\tHELD OUT\tAFTER STEP")
	var errors []float64
	for _, h := range fitted {
		fmt.Fprintf(table, "%d:%d\t%d\t%d\t%s\t%s\t%s\t%s\t%d\n", h.Layer, h.Head, h.Neurons, h.Synapses,
			compare.Significant(h.Start), compare.Significant(h.Train), compare.Significant(h.Validation), compare.Significant(h.HeldOut), h.BestStep)
		errors = append(errors, h.HeldOut)
	}
	if len(fitted) > 1 {
		fmt.Fprintf(table, "median\t\t\t\t\t\t%s\t\nworst\t\t\t\t\t\t%s\t\n", compare.Significant(statistics.Quantile(errors, 0.5)), compare.Significant(statistics.Quantile(errors, 1)))
	}
	return table.Flush()
}
