package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

func newExport(a *app) *cobra.Command {
	var format, rung, out string
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "write a run's attention for BertViz, CircuitsVis or other programs",
		Long: `Write the attention of a run's heads, the transformer's and the network's, with
the tokens as JSON on standard output, or into a file. The object attention has
softmax and the rung that is asked for, every number to the last digit. A network's
effective attention may have entries below 0, and rows that do not sum to 1: they
are written as they are, and notes say so.

  json         attention[RUNG] is [heads, N, N]; heads are [layer, head]
  bertviz      attention[RUNG] is what head_view and model_view of BertViz take,
               a list over layers of [1, heads, N, N], as tensors; layers and heads
               say which these are
  circuitsvis  attention[RUNG], tokens, attention_head_names and mask_upper_tri are
               what attention_heads of CircuitsVis takes

The run must have recorded its attention: record.attention true and record.arrays
all, as is the default.`,
		Example: `  nasim export runs/text-1a2b3c4d --format bertviz -o attention.json
  nasim export runs/image-1a2b3c4d --format circuitsvis --rung kernel -o attention.json
  nasim export runs/text-1a2b3c4d | jq '.attention.solver[0]'`,
		Annotations: map[string]string{statusNote: `  0    done
  1    the run cannot be read or is damaged, has not recorded its attention, or the
       file cannot be written; then no part of it is left
  2    the command line makes no sense`},
		Args:              exactly("RUN"),
		ValidArgsFunction: completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf(cmd, "format", format, experiment.ExportFormats()); err != nil {
				return err
			}
			if rung != "" {
				if err := oneOf(cmd, "rung", rung, compare.RungNames()); err != nil {
					return err
				}
			}
			runs, err := a.open(args)
			if err != nil {
				return err
			}
			x, err := runs[0].Export(format, rung)
			if err != nil {
				return err
			}
			for _, text := range x.Notes() {
				a.say("note: %s", text)
			}
			if out == "" {
				return x.Write(a.stdout)
			}
			return a.exportTo(cmd.Context(), x, out)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&format, "format", "json", "the `FORMAT`: json, bertviz or circuitsvis")
	f.StringVar(&rung, "rung", "", "the `RUNG` beside softmax: kernel, exact or solver, or softmax alone")
	f.StringVarP(&out, "out", "o", "", "the `FILE` that is written, or replaced; without it standard output")
	completeValues(cmd, "format", experiment.ExportFormats())
	completeValues(cmd, "rung", compare.RungNames())
	return cmd
}

// exportTo writes a file, whole or not at all. A signal waits until what is half written is
// removed.
func (a *app) exportTo(ctx context.Context, x *experiment.Export, path string) error {
	a.writing.Store(true)
	defer a.writing.Store(false)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return rundir.ReplaceFile(path, x.Write)
}
