package main

import (
	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

func newSchema(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the configuration's JSON schema",
		Long: `Print the JSON schema of the configuration, for editors that check and complete
YAML while it is written.`,
		Example: `  nasim schema > nasim.schema.json
  # then, as the first line of a configuration:
  # yaml-language-server: $schema=nasim.schema.json`,
		Annotations: map[string]string{statusNote: simpleStatuses},
		Args:        exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(config.Schema())
			return err
		},
	}
}
