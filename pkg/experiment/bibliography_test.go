package experiment

import (
	"testing"

	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Every method and every map has a source, and every source an entry.
func TestEverythingIsCited(t *testing.T) {
	for _, m := range integrator.Methods() {
		if len(methodSources[m.Name()]) == 0 {
			t.Errorf("method %s has no source", m.Name())
		}
	}
	for _, sets := range [][]string{{"tau_rise=10ms"}, {"latency=10ms"}, {"readout=receptor"}, {"calcium=li-rinzel"}, {"calcium=de-pitta"}} {
		p := plan(t, sentence, sets...)
		sources := astrocyteSources(p.Config.Network.Parameters())
		if len(sources) == 0 {
			t.Errorf("%v cites nothing", sets)
		}
		for _, source := range sources {
			if reference(source) == "" {
				t.Errorf("%v cites %s, which has no entry", sets, source)
			}
		}
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
