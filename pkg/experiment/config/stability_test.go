package config

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// TestStableSteps: every method of fixed steps has a limit, and it is that of its
// tableau: one step of ẏ = −y of that length gives |y| = 1, and a slightly longer
// one more.
func TestStableSteps(t *testing.T) {
	const digits = 1e-3 // the limits are written with four digits; the slope there is about 1
	for _, name := range fixed {
		limit, known := stableSteps[name]
		if !known {
			t.Errorf("%s has no limit", name)
			continue
		}
		var growth float64
		switch name {
		case "euler":
			growth = 1 - limit
		case "rk4":
			growth = 1 - limit + math.Pow(limit, 2)/2 - math.Pow(limit, 3)/6 + math.Pow(limit, 4)/24
		}
		if math.Abs(math.Abs(growth)-1) > digits {
			t.Errorf("%s multiplies by %v at its limit", name, growth)
		}
	}
	if len(stableSteps) != len(fixed) || len(fixed) == len(integrator.Methods()) {
		t.Errorf("limits for %v, methods of fixed steps %v", stableSteps, fixed)
	}
}

// TestUnstableStep: a step is refused where the steps that would be taken are too
// long, and the remedy is accepted.
func TestUnstableStep(t *testing.T) {
	const file = "nasim: 1\ninput: {synthetic: {}}\nnetwork: {neurons: {tau_hidden: %s, tau_output: %s}, astrocyte: {tau_calcium: %s}, synapses: {tau_hebbian: %s}}\nsolver: {method: %s, step: %s}\n"
	for _, c := range []struct {
		hidden, output, calcium, hebbian, method, step string
		remedy                                         string // "" for accepted
	}{
		{"10ms", "10ms", "50ms", "inf", "rk4", "27.8ms", ""},
		{"10ms", "10ms", "50ms", "inf", "rk4", "28ms", ""}, // 9 steps of 27.78ms in 250ms, 18 in 500ms
		{"10ms", "10ms", "50ms", "inf", "rk4", "32ms", "27.8ms"},
		{"10ms", "10ms", "50ms", "inf", "euler", "20ms", ""}, // 13 steps of 19.2ms
		{"10ms", "10ms", "50ms", "inf", "euler", "25ms", "20ms"},
		{"0ms", "0ms", "50ms", "inf", "euler", "90ms", ""}, // 0ms is not integrated
		{"0ms", "0ms", "50ms", "3ms", "euler", "90ms", "6ms"},
		{"0ms", "0ms", "0ms", "inf", "rk4", "1h", ""},
		{"0ms", "0ms", "10s", "inf", "rk4", "1h", ""}, // a step ends with its segment
	} {
		written := fmt.Sprintf(file, c.hidden, c.output, c.calcium, c.hebbian, c.method, c.step)
		_, problems := Read(strings.NewReader(written), "c.yaml", "", nil)
		switch {
		case c.remedy == "" && problems != nil:
			t.Errorf("%+v: %v", c, problems)
		case c.remedy != "" && (len(problems) != 1 || !strings.HasSuffix(problems[0].Fix, "write "+c.remedy+" or less")):
			t.Errorf("%+v: %v", c, problems)
		case c.remedy != "":
			if _, problems := Read(strings.NewReader(written), "c.yaml", "", []string{"solver.step=" + c.remedy}); problems != nil {
				t.Errorf("%+v: the remedy is refused: %v", c, problems)
			}
		}
	}
}
