package main

import (
	"context"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/inspect"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// inspectOptions are the flags of inspect.
type inspectOptions struct {
	text, image, format, sort string
	figure, metric            string
	width                     plotting.Length
}

func newInspect(a *app) *cobra.Command {
	var o inspectOptions
	cmd := &cobra.Command{
		Use:   "inspect MODEL",
		Short: "list a model's heads, and how many hidden neurons each needs",
		Long: `List every head of a transformer on one input, the easiest for the network first:
how long its queries and keys are, how sharp its attention is, how far its
normaliser spreads, and, for each feature map that is drawn and unbiased, how many
hidden neurons bring the error of the output to 5 %. Nothing is simulated, and
nothing drawn: the numbers are predicted (docs/inspect.md), in one pass of the model.

MODEL is what transformer.model takes: a name of nasim models, a directory in
Hugging Face layout, or an entry of its cache. Without --text or --image a paragraph
or a drawing of nasim's own is read, and standard error says so.

csv and json have a row for each head with all maps: layer, head, dim, tokens,
norm2_mean, entropy_nats, z_decades, and sd_MAP and m05_MAP of each map.`,
		Example: `  nasim inspect tiny-text
  nasim inspect ./all-MiniLM-L6-v2 --text mine.txt --format csv > heads.csv
  nasim inspect tiny-vision --figure heads.pdf --width 85mm`,
		Annotations: map[string]string{statusNote: `  0    done
  1    the table or the figure cannot be written, or another failure
  2    the command line makes no sense, or the model or the input cannot be read
  129  the terminal was closed (SIGHUP)
  130  interrupted (SIGINT)
  143  terminated (SIGTERM)`},
		Args: exactly("MODEL"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return checkpoint.Embedded, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return a.inspect(cmd.Context(), args[0], o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&o.text, "text", "", "the text `FILE`; - is standard input; too long a text is cut off")
	f.StringVar(&o.image, "image", "", "the picture `FILE`; - is standard input")
	f.StringVar(&o.format, "format", "text", "the `FORMAT`: text, csv or json")
	f.StringVar(&o.sort, "sort", inspect.Easy, "the `ORDER`: easy, layer or entropy")
	f.StringVar(&o.figure, "figure", "", "also draw layers × heads into `FILE`.png, .svg or .pdf")
	f.StringVar(&o.metric, "metric", inspect.BestNeurons, "the `COLUMN` that it shows; m05: of each best map")
	f.Var((*widthFlag)(&o.width), "width", "the figure's `WIDTH` on paper, as 85mm or 178mm; 60mm to 400mm")
	completeValues(cmd, "format", inspect.Formats())
	completeValues(cmd, "sort", inspect.Orders())
	completeValues(cmd, "metric", inspect.Metrics())
	completeValues(cmd, "width", []string{"85mm", "178mm"})
	return cmd
}

// check refuses a command line that makes no sense, before the model is read.
func (o *inspectOptions) check(cmd *cobra.Command) error {
	for _, c := range []struct {
		flag, value string
		allowed     []string
	}{{"format", o.format, inspect.Formats()}, {"sort", o.sort, inspect.Orders()}, {"metric", o.metric, inspect.Metrics()}} {
		if err := oneOf(cmd, c.flag, c.value, c.allowed); err != nil {
			return err
		}
	}
	switch given := cmd.Flags().Changed; {
	case given("text") && given("image"):
		return usage(cmd, "--text and --image are both given; a model reads one of them")
	case (given("metric") || given("width")) && !given("figure"):
		return usage(cmd, "--metric and --width are of the figure; name its file: --figure FILE.png")
	case given("figure") && !slices.Contains(plotting.Formats(), o.drawnAs()):
		return usage(cmd, "--figure %s: the name must end in .png, .svg or .pdf", o.figure)
	}
	return nil
}

// drawnAs is the format of the figure.
func (o *inspectOptions) drawnAs() string {
	return strings.TrimPrefix(strings.ToLower(filepath.Ext(o.figure)), ".")
}

func (a *app) inspect(ctx context.Context, name string, o inspectOptions) error {
	model, err := transformer.Open(name)
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	in, err := a.inspected(model, o)
	if err != nil {
		return experiment.Refusal{Err: err}
	}
	report, err := inspect.Run(ctx, model, in, runtime.GOMAXPROCS(0))
	if err != nil {
		return err
	}
	for _, w := range report.Warnings() {
		a.say("warning: %s", w.Text)
	}
	if err := report.Sort(o.sort); err != nil {
		return err
	}
	if err := report.Write(a.stdout, o.format, a.width()); err != nil || o.figure == "" {
		return err
	}
	return a.drawHeads(ctx, report, o)
}

// inspected reads the input.
func (a *app) inspected(model *transformer.Model, o inspectOptions) (inspect.Input, error) {
	switch {
	case o.text != "":
		return inspect.Text(model, o.text, a.stdin)
	case o.image != "":
		return inspect.Image(model, o.image, a.stdin)
	}
	in, err := inspect.Ours(model)
	if err == nil {
		a.say("the input is %s; --text or --image gives another", in.Name)
	}
	return in, err
}

// drawHeads writes the figure. A signal waits until one that is half written is removed.
func (a *app) drawHeads(ctx context.Context, report *inspect.Report, o inspectOptions) error {
	figure, err := report.Figure(o.metric, o.width)
	if err != nil {
		return err
	}
	a.writing.Store(true)
	defer a.writing.Store(false)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return rundir.ReplaceFile(o.figure, func(w io.Writer) error { return figure.Write(w, o.drawnAs()) })
}
