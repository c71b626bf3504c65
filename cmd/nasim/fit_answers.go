package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// listAnswers tells what a joint tuning has brought; nil: there was none.
func (a *app) listAnswers(answers *experiment.FittedAnswers) error {
	if answers == nil {
		return nil
	}
	fmt.Fprintln(a.stdout)
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODEL WITH ALL MAPS\tVALIDATION\tTUNED\tHELD OUT\tTUNED")
	row := func(name string, of func(fit.Agreement) string) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", name, of(answers.Begun), of(answers.Validation), of(answers.Before), of(answers.HeldOut))
	}
	if answers.Embeds {
		row("cosine of the embeddings", func(g fit.Agreement) string { return fmt.Sprintf("%.4f", g.Cosine()) })
	} else {
		row("same likeliest answer", func(g fit.Agreement) string { return fmt.Sprintf("%.2f %%", 100*g.Same) })
		row("KL(transformer‖network), nats", func(g fit.Agreement) string { return compare.Significant(g.Loss) })
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if answers.BestStep == 0 {
		_, err := fmt.Fprintln(a.stdout, "No step of the tuning was better on the validation inputs: the maps are as they were fitted.")
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "tuned: after step %d\n", answers.BestStep)
	return err
}
