// Command dynamics measures what the dynamics of infinitely many hidden neurons
// (map ideal) cost on all heads of a model, from the first equations to the
// defaults, a setting at a time; which blank and read the heads need that are not
// there; and draws the cost against both, for each drive of the calcium. It prints
// the tables (Markdown) and writes them into a page between the lines of its
// blocks steps, drives and needs.
//
//	go run ./bench/dynamics -page docs/dynamics.md -figures docs/images -model ./all-MiniLM-L6-v2
//
// Heads are those of the embedded models on the inputs of configs/ and, with -model, of that
// one on the text of the first.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

const stepsBlock, drivesBlock, needsBlock = "steps", "drives", "needs"

func main() {
	directory := flag.String("model", "", "a checkpoint besides, of a model that reads text")
	file := flag.String("page", "", "Markdown page whose blocks are replaced; none: standard output alone")
	figures := flag.String("figures", "", "directory for dynamics-gap.png and dynamics-read.png; none: no figures")
	flag.Parse()
	if err := run(*directory, *file, *figures); err != nil {
		fmt.Fprintln(os.Stderr, "dynamics:", err)
		os.Exit(1)
	}
}

func run(directory, file, figures string) error {
	if err := page.Check(file, stepsBlock, drivesBlock, needsBlock); err != nil {
		return err
	}
	models := []model{{"tiny-text", "configs/text.yaml", nil}, {"tiny-vision", "configs/image.yaml", nil}}
	if directory != "" {
		models = append(models, model{filepath.Base(directory), "configs/text.yaml", []string{"transformer.model=" + directory}})
	}
	var texts []string
	for _, block := range []func([]model) (string, error){
		func(m []model) (string, error) { return table(m, steps()) },
		func(m []model) (string, error) { return table(m, drives()) },
		needs,
	} {
		text, err := block(models)
		if err != nil {
			return err
		}
		fmt.Println(text)
		texts = append(texts, text)
	}
	if figures != "" {
		if err := drawFigures(models, figures); err != nil {
			return err
		}
	}
	return page.Write(file, page.Block{Name: stepsBlock, Text: texts[0]}, page.Block{Name: drivesBlock, Text: texts[1]}, page.Block{Name: needsBlock, Text: texts[2]})
}

// model is one whose heads are looked at, by a configuration and what is set in it.
type model struct {
	name, config string
	sets         []string
}

// step is a row of a table: what is set beside that of the rows before.
type step struct {
	name string
	sets []string
}

// firstEquations are the settings of configs/first-equations.yaml.
var firstEquations = []string{
	"network.features.query_gain=none", "network.synapses.learning_rate=1", "network.astrocyte.drive=ungated", "network.astrocyte.baseline=1",
	"network.schedule.read=250ms", "network.schedule.gap=0ms",
}

// steps lead from the first equations to the defaults.
func steps() []step {
	all := []step{
		{"first equations", firstEquations},
		{"`drive: hold`", []string{"network.astrocyte.drive=hold"}},
		{"`gap: 300ms`", []string{"network.schedule.gap=300ms"}},
		{"`learning_rate: calibrated`", []string{"network.synapses.learning_rate=calibrated"}},
		{"`baseline: median`", []string{"network.astrocyte.baseline=median"}},
		{"`query_gain: balanced`", []string{"network.features.query_gain=balanced"}},
		{"`read: 500ms`: the defaults", []string{"network.schedule.read=500ms"}},
	}
	for i := range all[1:] {
		all[i+1].sets = slices.Concat(all[i].sets, all[i+1].sets)
	}
	return all
}

// drives are other ways than the defaults.
func drives() []step {
	return []step{
		{"the defaults", nil},
		{"`invariances: center`", []string{"network.features.invariances=center"}},
		{"`invariances: both`", []string{"network.features.invariances=both"}},
		{"`baseline: 1`", []string{"network.astrocyte.baseline=1"}},
		{"`drive: reading`", []string{"network.astrocyte.drive=reading"}},
		{"`drive: ungated`", []string{"network.astrocyte.drive=ungated"}},
		{"`query_gain: none`", []string{"network.features.query_gain=none"}},
		{"`query_gain: norm`", []string{"network.features.query_gain=norm"}},
		{"`gap: 100ms`", []string{"network.schedule.gap=100ms"}},
		{"`gap: 100ms`, `query_gain: none`", []string{"network.schedule.gap=100ms", "network.features.query_gain=none"}},
		{"`gap: 0ms`", []string{"network.schedule.gap=0ms"}},
		{"`gap: 0ms`, `query_gain: none`", []string{"network.schedule.gap=0ms", "network.features.query_gain=none"}},
		{"`gap: 1s`, `read: 1s`", []string{"network.schedule.gap=1s", "network.schedule.read=1s"}},
		{"`gap: 2s`, `read: 2s`", []string{"network.schedule.gap=2s", "network.schedule.read=2s"}},
	}
}

// orders of tokens.
var orders = []string{"causal", "bidirectional"}

// table is what every step costs, a table for each model.
func table(models []model, rows []step) (string, error) {
	var out strings.Builder
	for _, m := range models {
		fmt.Fprintf(&out, "| %s |", m.name)
		for _, order := range orders {
			fmt.Fprintf(&out, " %s | ≤ %v | over the read | peak |", order, compare.Needed)
		}
		fmt.Fprintf(&out, "\n|---|%s\n", strings.Repeat("---|", 4*len(orders)))
		for _, row := range rows {
			fmt.Fprintf(&out, "| %s |", row.name)
			for _, order := range orders {
				heads, err := m.heads(append([]string{"network.schedule.order=" + order}, row.sets...)...)
				if err != nil {
					return "", err
				}
				size, there := column(heads, compare.OnLadder, "dynamics_error"), 0
				for _, x := range size {
					if x <= compare.Needed {
						there++
					}
				}
				fmt.Fprintf(&out, " %s (%s) | %d of %d | %s | %s |", median(size), short(slices.Max(size)), there, len(size),
					median(column(heads, compare.Exact, compare.ErrorDwell)), short(slices.Max(column(heads, compare.Exact, compare.PeakRatio))))
			}
			out.WriteString("\n")
		}
		out.WriteString("\n")
	}
	return strings.TrimSpace(out.String()), nil
}

// needs lists the heads that are not there with the defaults, and what brings them there, tried, or why nothing does.
func needs(models []model) (string, error) {
	var out strings.Builder
	out.WriteString("| model | order | head | error | gap | read | error then |\n|---|---|---|---|---|---|---|\n")
	for _, m := range models {
		for _, order := range orders {
			sets := []string{"network.schedule.order=" + order}
			heads, err := m.heads(sets...)
			if err != nil {
				return "", err
			}
			for _, h := range heads {
				size := float64(h.Value(compare.OnLadder, "dynamics_error"))
				if size <= compare.Needed {
					continue
				}
				only := append(slices.Clone(sets), fmt.Sprintf("transformer.select=[%d:%d]", h.Layer, h.Head))
				asked, err := m.heads(append(slices.Clone(only), "record.remedy=brief")...)
				if err != nil {
					return "", err
				}
				fmt.Fprintf(&out, "| %s | %s | %d:%d | %s |", m.name, order, h.Layer, h.Head, short(size))
				gap, read := asked[0].Value(compare.OnLadder, compare.GapNeeded), asked[0].Value(compare.OnLadder, compare.ReadNeeded)
				if !read.Known() {
					for _, w := range asked[0].Warnings {
						if w.Code == "dynamics-unreached" {
							fmt.Fprintf(&out, " %s | | |\n", w.Text)
						}
					}
					continue
				}
				then, err := m.heads(append(only, fmt.Sprintf("network.schedule.gap=%vs", float64(gap)), fmt.Sprintf("network.schedule.read=%vs", float64(read)))...)
				if err != nil {
					return "", err
				}
				fmt.Fprintf(&out, " %v s | %v s | %s |\n", float64(gap), float64(read), short(float64(then[0].Value(compare.OnLadder, "dynamics_error"))))
			}
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// heads runs the model's heads, all unless the settings select some.
func (m model) heads(sets ...string) ([]compare.HeadReport, error) {
	all := slices.Concat(m.sets, []string{"network.features.map=ideal", "solver={method: exact}", "record.variables=[]", "record.remedy=none"}, sets)
	if !slices.ContainsFunc(sets, func(s string) bool { return strings.HasPrefix(s, "transformer.select=") }) {
		all = append(all, "transformer.layers=all", "transformer.heads=all")
	}
	cfg, problems := config.Load(m.config, all)
	if len(problems) > 0 {
		return nil, problems
	}
	p, err := experiment.Plan(context.Background(), cfg, experiment.Options{Name: "dynamics"})
	if err != nil {
		return nil, err
	}
	r, err := p.Run(context.Background(), nil)
	if err != nil {
		return nil, err
	}
	return r.Report.Heads, nil
}

// column is a metric of all heads.
func column(heads []compare.HeadReport, rung, metric string) []float64 {
	x := make([]float64, len(heads))
	for i, h := range heads {
		x[i] = float64(h.Value(rung, metric))
	}
	return x
}

// short writes a number in two digits.
func short(x float64) string {
	if x < 0.00005 {
		return "0.0000"
	}
	return page.Decimal(x, 2)
}

func median(x []float64) string { return short(statistics.Quantile(x, 0.5)) }
