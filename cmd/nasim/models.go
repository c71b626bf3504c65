package main

import (
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

func newModels(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "models [DIR]",
		Short: "list the embedded models, or those in a directory",
		Long: `List the transformers that are embedded in nasim or, with a directory, those that
it holds: a model in Hugging Face layout, a directory of such models or of
directories of them, or ~/.cache/huggingface/hub. Each is opened: what is listed
works as transformer.model. Of what looks like a model and cannot be used it is
said why, and what to do.`,
		Example: `  nasim models
  nasim models ~/.cache/huggingface/hub`,
		Annotations: map[string]string{statusNote: `  0    done
  1    the directory holds no model that can be used
  2    the command line makes no sense, or the directory cannot be read`},
		Args: atMost(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := ""
			if len(args) == 1 {
				dir = args[0]
				if dir == "" {
					dir = "."
				}
			}
			found, err := transformer.Models(dir)
			if err != nil {
				return experiment.Refusal{Err: err}
			}
			return a.listModels(dir, found)
		},
	}
}

func (a *app) listModels(dir string, found []transformer.Info) error {
	usable := 0
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for _, m := range found {
		if m.Err != nil {
			a.say("%s cannot be used: %v", m.Name, m.Err)
			continue
		}
		if usable++; usable == 1 {
			fmt.Fprintln(table, "NAME\tINPUT\tARCHITECTURE\tLAYERS\tHEADS\tHEAD SIZE\tTOKENS\tWEIGHTS (SHA-256)")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%.16s\n", m.Name, m.Kind, m.Architecture, m.Layers, m.Heads, m.HeadDim, strconv.Itoa(m.MaxTokens), m.SHA256)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if usable == 0 {
		where := dir
		if where == "" {
			where = "this build of nasim"
		}
		return fmt.Errorf("%s holds no model that can be used", where)
	}
	return nil
}
