package experiment

import (
	"math"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/fit"
)

func TestLimits(t *testing.T) {
	head := func(train, heldOut, floor float64, best, neurons int) *FittedHead {
		return &FittedHead{Trial: fit.Trial{Neurons: neurons, Steps: 100, BestStep: best, Train: train, HeldOut: heldOut}, Floor: fit.Floor{InSample: floor}, most: 10}
	}
	for _, c := range []struct {
		head      *FittedHead
		says, not string
	}{
		{head(0.05, 0.11, 0.03, 60, 5), "limited by data (train 0.05", "synapses"},
		{head(0.10, 0.11, 0.08, 60, 10), "floor is above the target: raise --synapses", "data"},
		{head(0.10, 0.11, 0.02, 60, 10), "all synapses that it may have are used", "data"},
		{head(0.10, 0.11, 0.02, 100, 5), "raise fit.steps", "synapses"},
		{head(0.10, 0.11, math.NaN(), 60, 5), "more neurons made it no better", "limited"},
	} {
		if got := c.head.Limits(0.05); !strings.Contains(got, c.says) || strings.Contains(got, c.not) {
			t.Errorf("%+v: %s", c.head, got)
		}
	}
}
