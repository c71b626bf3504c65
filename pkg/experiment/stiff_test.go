package experiment

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/integrator"
)

// A calcium a thousand times as fast as by default is stiff: the run says so and names
// a method, which then takes at most a tenth of the steps and has nothing to say.
func TestStiffRunNamesTheMethod(t *testing.T) {
	steps := map[string]int{}
	for _, method := range []string{"dopri5", "rodas5p"} {
		run, err := OpenRun(written(t, plan(t, "nasim: 1\ninput: {synthetic: {tokens: 6}}\n",
			"solver.method="+method, "network.astrocyte.tau_calcium=0.05ms", "network.features.neurons=100", "record.remedy=none")))
		if err != nil {
			t.Fatal(err)
		}
		warnings := run.Report.Heads[0].Warnings
		found := slices.IndexFunc(warnings, func(w compare.Warning) bool { return w.Code == "stiff" })
		if (found >= 0) != (method == "dopri5") || found >= 0 && !strings.Contains(warnings[found].Text, "solver.method: rodas5p") {
			t.Errorf("%s: warnings %v", method, warnings)
		}
		steps[method] = run.Manifest.Solver[0].Steps
	}
	if 10*steps["rodas5p"] > steps["dopri5"] {
		t.Errorf("steps %v", steps)
	}
}

// Where steps do not suffice the keys that are named are those of the rung that took them.
func TestStepsThatDoNotSuffice(t *testing.T) {
	stopped := fmt.Errorf("reading token 3: %w", (&integrator.Status{Reason: integrator.TooManySteps, Limit: 1e6}).Err())
	for _, c := range []struct {
		rung, astrocyte, method string
		want, never             []string
	}{
		{compare.Solver, "{}", "dopri5", []string{"set solver.method: exact, which takes no steps"}, []string{"readout", "floor"}},
		{compare.Solver, "{calcium: de-pitta}", "dopri5", []string{"set solver.method: exact, which integrates little more than the astrocyte"}, []string{"no steps", "readout"}},
		{compare.Exact, "{calcium: de-pitta, floor: 1e-8}", "dopri5", []string{"network.astrocyte.readout: receptor", "network.astrocyte.floor (now 1e-08)", "solver.method: none"}, []string{"method: exact"}},
		{compare.Solver, "{calcium: li-rinzel}", "exact", []string{"network.astrocyte.readout: receptor", "solver.method: none"}, []string{"method: exact"}},
	} {
		cfg := plan(t, "nasim: 1\ninput: {synthetic: {}}\nnetwork: {astrocyte: "+c.astrocyte+"}\n", "solver.method="+c.method).Config
		text := (&circuit{}).inConfigurationTerms(stopped, cfg, c.rung).Error()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%+v: %s", c, text)
			}
		}
		for _, never := range c.never {
			if strings.Contains(text, never) {
				t.Errorf("%+v: %s", c, text)
			}
		}
	}
}
