package experiment

import (
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
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
