package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

func newPlot(a *app) *cobra.Command {
	var wanted wantedFigures
	cmd := &cobra.Command{
		Use:   "plot RUN|MAP.npz...",
		Short: "draw figures of runs and map files",
		Long: `Draw figures of a run into its figures/ directory, or into --out, and print the
files' paths on standard output. Beside every figure come its caption with the
conditions of the run, NAME.txt, and the numbers it draws, NAME.csv. Several runs
are drawn in one figure where that makes sense, in the order of what they differ
in, and need --out; those that differ in their seed alone are, on the same input, a
median and a band, and else share a colour.
A figure whose arrays the run did not record is left out of the standard set with
a note; one that is asked for by name is a failure. The standard set has heads of
runs of several heads, response of runs with swap, and not overlay, kernel, synapses,
timescale, compartments and astrocytes. Of a map file, as nasim fit writes it, there is
fit; of several, or with runs beside it, synapses. Without --out the figures of a map
file go to figures/ beside it. Tokens are counted from 0; before a picture's patches
stand a class token and, in some models, others, by which a figure names them. Of heads,
synapses, timescale and compartments --metric replaced_relative_error shows the error of
replaced heads, the mean over inputs. In timescale, compartments and astrocytes runs of
one astrocyte are a line or a bar, which is called by what its configuration has that
the well-mixed one has not.

The figures are:
` + figureList(),
		Example: `  nasim plot runs/text-1a2b3c4d --figure attention --format pdf --width 85mm
  nasim plot runs/image-1a2b3c4d --figure overlay --token 25
  nasim plot runs/image-1a2b3c4d --figure heads --metric kernel_error
  nasim plot runs/m1000-* runs/m100000-* --figure normalizer --out figures
  nasim plot runs/sweep-* --figure synapses --out figures
  nasim plot runs/rise-* runs/latency-* --figure timescale --out figures
  nasim plot maps.npz --figure fit`,
		Annotations: map[string]string{statusNote: `  0    done
  1    a run cannot be read or is damaged, or a figure cannot be drawn or written
  2    the command line makes no sense
  129  the terminal was closed (SIGHUP); the figures that are printed are complete
  130  interrupted (SIGINT); the same
  143  terminated (SIGTERM); the same`},
		Args:              someRuns,
		ValidArgsFunction: completeRuns,
		RunE:              func(cmd *cobra.Command, args []string) error { return wanted.draw(a, cmd, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringSliceVar(&wanted.set.Names, "figure", nil, "a figure's `NAME`; may be repeated; without it the standard set")
	f.StringVar(&wanted.format, "format", "png", "the `FORMAT`: png, svg or pdf")
	f.Var((*widthFlag)(&wanted.set.Width), "width", "the `WIDTH` on paper, as 85mm or 178mm; 60mm to 400mm")
	f.StringVar(&wanted.set.Metric, "metric", "", "what a figure of heads or of lines shows: a `NAME` of docs/metrics.md")
	f.IntVar(&wanted.token, "token", 0, "the token, `N`, whose attention is laid over a picture")
	f.StringVar(&wanted.out, "out", "", "the directory, `DIR`, for the figures")
	completeValues(cmd, "width", []string{"85mm", "178mm"})
	completeValues(cmd, "figure", plotting.Names())
	completeValues(cmd, "metric", experiment.HeadMetrics())
	completeValues(cmd, "format", plotting.Formats())
	return cmd
}

// wantedFigures are what a command line asks for.
type wantedFigures struct {
	set         experiment.FigureSet
	format, out string
	token       int
}

// check refuses what makes no sense.
func (wanted *wantedFigures) check(cmd *cobra.Command, args []string) error {
	for _, name := range wanted.set.Names {
		if err := oneOf(cmd, "figure", name, plotting.Names()); err != nil {
			return err
		}
	}
	if err := oneOf(cmd, "format", wanted.format, plotting.Formats()); err != nil {
		return err
	}
	if len(args) > 1 && wanted.out == "" {
		return usage(cmd, "figures of several runs or map files need a directory: --out DIR")
	}
	if wanted.set.Metric != "" {
		return oneOf(cmd, "metric", wanted.set.Metric, experiment.HeadMetrics())
	}
	return nil
}

// draw draws them of runs and map files.
func (wanted *wantedFigures) draw(a *app, cmd *cobra.Command, args []string) error {
	if err := wanted.check(cmd, args); err != nil {
		return err
	}
	set := wanted.set
	set.Formats = []string{wanted.format}
	if cmd.Flags().Changed("token") {
		set.Token = &wanted.token
	}
	var dirs []string
	for _, arg := range args {
		if isDir(arg) || !strings.EqualFold(filepath.Ext(arg), ".npz") {
			dirs = append(dirs, arg)
			continue
		}
		maps, err := experiment.OpenMaps(arg)
		if err != nil {
			return err
		}
		set.Maps = append(set.Maps, maps)
	}
	var runs []*experiment.Run
	if len(dirs) > 0 {
		var err error
		if runs, err = a.open(dirs); err != nil {
			return err
		}
	}
	out := wanted.out
	switch {
	case out != "":
	case len(runs) > 0:
		out = filepath.Join(runs[0].Dir, "figures")
	default:
		out = filepath.Join(filepath.Dir(set.Maps[0].Path), "figures")
	}
	files, notes, err := a.draw(cmd.Context(), runs, out, set)
	for _, file := range files {
		fmt.Fprintln(a.stdout, file)
	}
	for _, text := range notes {
		a.say("note: %s", text)
	}
	return err
}

// widthFlag is the width of figures.
type widthFlag plotting.Length

func (w *widthFlag) String() string { return "" }
func (w *widthFlag) Type() string   { return "width" }
func (w *widthFlag) Set(text string) error {
	width, err := plotting.ParseWidth(text)
	*w = widthFlag(width)
	return err
}

// figureList describes each figure on a line.
func figureList() string {
	var b strings.Builder
	for _, f := range plotting.Catalogue() {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Shows)
	}
	return b.String()
}

// draw draws into a directory. A signal waits until the figure that is half written is
// removed.
func (a *app) draw(ctx context.Context, runs []*experiment.Run, dir string, set experiment.FigureSet) (files, notes []string, err error) {
	a.writing.Store(true)
	defer a.writing.Store(false)
	if ctx.Err() != nil { // the signal came first, and nobody waits any more
		return nil, nil, context.Cause(ctx)
	}
	return set.Draw(ctx, runs, dir)
}
