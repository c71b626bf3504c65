package config

import (
	"slices"
	"strings"
	"testing"
)

// What departs is what was set, and what that brings with it; a default that depends on another key, as
// the drive of a cell's calcium, departs from nothing, and what is 0 and does nothing is not told.
func TestDepartures(t *testing.T) {
	const text = "nasim: 1\ninput: {synthetic: {}}\n"
	for sets, want := range map[string]string{
		"":                                    "",
		"tau_calcium=50ms":                    "",
		"tau_calcium=70ms":                    "network.astrocyte.tau_calcium",
		"calcium=li-rinzel":                   "network.astrocyte.calcium network.astrocyte.ip3_max",
		"calcium=li-rinzel drive=ungated":     "network.astrocyte.calcium network.astrocyte.ip3_max network.astrocyte.drive",
		"readout=receptor":                    "network.astrocyte.readout network.astrocyte.half_effect",
		"readout=receptor tau_receptor=1s":    "network.astrocyte.readout network.astrocyte.half_effect network.astrocyte.tau_receptor",
		"circuit=replicator":                  "network.circuit network.replicator.tau_gain",
		"compartments=5 features.neurons=500": "network.features.neurons network.astrocyte.compartments network.astrocyte.coupling network.astrocyte.exchange",
	} {
		cfg, problems := Read(strings.NewReader(text), "test.yaml", ".", strings.Fields(sets))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := Departures(cfg, "network"); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %v, want %v", sets, got, want)
		}
	}
}
