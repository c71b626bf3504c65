package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// What compartments ask of the rest of a configuration.

// unequalCompartments refuses compartments into which the hidden neurons do not fall, where
// their number is known from the configuration; elsewhere a run does, once it is.
func unequalCompartments(c *Config) *complaint {
	f := c.Network.Features
	switch {
	case c.Network.Astrocyte.Compartments < 2:
		return nil
	case f.Map == features.Ideal:
		return &complaint{found: "the infinitely many hidden neurons of map ideal are known by their inner products alone, and there are none to share out among compartments", fix: "write compartments: 1, or a map of drawn neurons"}
	case slices.Contains(drawnMaps, f.Map) && c.Input.Tensors == nil:
		return c.unequal(f.Neurons)
	}
	return nil
}

// CompartmentsProblem says what is wrong where so many hidden neurons do not fall into the
// compartments; nil otherwise.
func (c *Config) CompartmentsProblem(neurons int) error {
	complaint := c.unequal(neurons)
	if complaint == nil {
		return nil
	}
	return Problems{c.Problem("network.astrocyte.compartments", complaint.found, complaint.allowed, complaint.fix)}
}

func (c *Config) unequal(neurons int) *complaint {
	count, whole, of := c.Network.Astrocyte.Compartments, neurons, "hidden neurons"
	if f := c.Network.Features; features.Pairwise(f.Map) && c.Input.Tensors == nil { // neighbours, which stay together
		whole, of = neurons/2, "pairs of hidden neurons (map "+f.Map+")"
	}
	switch {
	case count < 2 || whole%count == 0:
		return nil
	case count > whole:
		return &complaint{
			found:   fmt.Sprintf("%d compartments are more than the %d %s", count, whole, of),
			allowed: fmt.Sprintf("a number that divides %d", whole), fix: fmt.Sprintf("write %d or less", whole),
		}
	}
	below, over := count, count
	for ; whole%below != 0; below-- {
	}
	for ; whole%over != 0; over++ {
	}
	return &complaint{
		found:   fmt.Sprintf("%d %s do not fall into %d compartments of as many", whole, of, count),
		allowed: fmt.Sprintf("a number that divides %d", whole), fix: fmt.Sprintf("write %d or %d", below, over),
	}
}

// shareOfOne refuses a read-out that asks what share of the compartments is active where
// there is one.
func shareOfOne(c *Config) *complaint {
	a := c.Network.Astrocyte
	if a.Readout != model.Threshold.String() || a.Compartments > 1 {
		return nil
	}
	advised := 25
	if f := c.Network.Features; slices.Contains(drawnMaps, f.Map) && c.Input.Tensors == nil {
		whole := f.Neurons
		if features.Pairwise(f.Map) {
			whole /= 2
		}
		advised = min(advised, whole)
		for whole%advised != 0 {
			advised--
		}
	}
	if advised < 2 {
		return &complaint{found: "a share of the compartments that is active is asked for, and so few hidden neurons do not fall into several", fix: "write readout: " + model.Reciprocal.String()}
	}
	return &complaint{
		found:   "a share of the compartments that is active is asked for, and there is one (compartments: 1)",
		allowed: strings.Join(slices.DeleteFunc(model.Readouts(), func(name string) bool { return name == a.Readout }), ", "),
		fix:     fmt.Sprintf("write compartments: %d, or readout: %s", advised, model.Reciprocal),
	}
}
