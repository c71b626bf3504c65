package experiment

import (
	"slices"
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Every method and every map has a source, and every source an entry.
func TestEverythingIsCited(t *testing.T) {
	for _, m := range integrator.Methods() {
		if len(methodSources[m.Name()]) == 0 {
			t.Errorf("method %s has no source", m.Name())
		}
	}
	departures := [][]string{{"tau_rise=10ms"}, {"latency=10ms"}, {"circuit=emergent-division"}, {"circuit=replicator"}}
	for _, name := range model.Calciums()[1:] {
		departures = append(departures, []string{"calcium=" + name})
	}
	for _, name := range model.Readouts()[1:] {
		departures = append(departures, []string{"readout=" + name, "compartments=4"})
	}
	paper := model.Parameters{}.Sources()
	for _, sets := range departures {
		sources := plan(t, sentence, sets...).Config.Network.Parameters().Sources()
		if !slices.ContainsFunc(sources, func(key string) bool { return !slices.Contains(paper, key) }) {
			t.Errorf("%v cites %v, as the paper's astrocyte does", sets, sources)
		}
		for _, source := range sources {
			if reference(source) == "" {
				t.Errorf("%v cites %s, which has no entry", sets, source)
			}
		}
	}
	gathering := plan(t, sentence, "readout=threshold", "compartments=4").Config.Network.Parameters().Sources()
	if want := []string{"kozachkov2023", "lines2024"}; !slices.Equal(gathering, want) {
		t.Errorf("a threshold of activity cites %v, want %v", gathering, want)
	}
	p := plan(t, sentence, "network.features.rows=orthogonal")
	for _, name := range features.Names() {
		for _, m := range integrator.Methods() {
			p.Config.Network.Features.Map, p.Config.Solver.Method = name, m.Name()
			r := &Result{Prepared: p}
			cited := r.cited()
			if len(cited) < 6 {
				t.Errorf("%s by %s cites only %v", name, m.Name(), cited)
			}
			for _, key := range cited {
				if reference(key) == "" {
					t.Errorf("%s has no entry", key)
				}
			}
		}
	}
}
