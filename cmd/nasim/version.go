package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print version, commit and kernels",
		Long: `Print what a run's manifest would say of this program: version, commit, Go
version, system, the kernels in use (NASIM_KERNEL chooses others), and the version of the
numerics. The same as nasim --version.`,
		Example:     `  nasim version`,
		Annotations: map[string]string{statusNote: simpleStatuses},
		Args:        exactly(),
		RunE:        func(*cobra.Command, []string) error { return a.printVersion() },
	}
}

func (a *app) printVersion() error {
	v := rundir.ThisVersion()
	fmt.Fprintf(a.stdout, "nasim %s\ncommit %s\n%s %s/%s\n", v.Version, v.Commit, v.Go, runtime.GOOS, runtime.GOARCH)
	if err := kernel.Check(); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "kernels %s\nnumerics %d\n", kernel.Name(), experiment.Numerics)
	return nil
}
