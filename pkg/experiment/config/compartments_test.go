package config

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/nasim-sim/nasim/pkg/model"
)

// Compartments as they are written, and the exchange that follows.
func TestCompartmentsRoundTrip(t *testing.T) {
	for written, want := range map[string]float64{
		"compartments: 1": 0,
		"compartments: 4": 10,
		"compartments: 4, coupling: line, exchange: 3/s":                      3,
		"compartments: 4, coupling: all, exchange: 60/min":                    1,
		"compartments: 10, length: 10um":                                      20,
		"compartments: 10, length: 10µm, diffusion: 13 µm²/s":                 13,
		"compartments: 5, coupling: all, length: 2000 nm, diffusion: 65um2/s": 65 / 0.16,
		"compartments: 2, exchange: 0/s":                                      0,
	} {
		cfg, problems := Read(strings.NewReader(bare+"network: {astrocyte: {"+written+"}}\n"), "c.yaml", "", nil)
		if problems != nil {
			t.Fatal(problems)
		}
		got := cfg.Network.Parameters().Compartments
		if got.Count == 1 || math.Abs(got.Exchange-want) > 1e-12*want {
			t.Errorf("%s: %+v, want an exchange of %g/s", written, got, want)
		}
		again, problems := Read(bytes.NewReader(Marshal(cfg)), "again.yaml", "", nil)
		if problems != nil {
			t.Fatalf("%s: %v\n%s", written, problems, Marshal(cfg))
		}
		if diff := cmp.Diff(cfg, again, onlyValues); diff != "" {
			t.Errorf("%s: %s", written, diff)
		}
	}
}

// What is refused, where, and with what to write.
func TestCompartmentsRefused(t *testing.T) {
	for written, want := range map[string]string{
		"compartments: 3":                                        "c.yaml:3:37: network.astrocyte.compartments: 1000 hidden neurons do not fall into 3 compartments of as many; a number that divides 1000; write 2 or 4",
		"compartments: 2000":                                     "c.yaml:3:37: network.astrocyte.compartments: 2000 compartments are more than the 1000 hidden neurons",
		"compartments: 8}, features: {map: hyperbolic":           "c.yaml:3:37: network.astrocyte.compartments: 500 pairs of hidden neurons (map hyperbolic) do not fall into 8 compartments of as many; a number that divides 500; write 5 or 10",
		"compartments: 600}, features: {map: trig":               "network.astrocyte.compartments: 600 compartments are more than the 500 pairs of hidden neurons (map trig); a number that divides 500; write 500 or less",
		"compartments: 0":                                        "c.yaml:3:37: network.astrocyte.compartments: 0 is out of range",
		"compartments: 4, exchange: -1/s":                        "network.astrocyte.exchange: -1/s is negative",
		"compartments: 4, exchange: 10":                          "network.astrocyte.exchange: 10 has no unit; a rate 0/s or more; write 10/s",
		"compartments: 4, exchange: 10ms":                        "network.astrocyte.exchange: ms is not a unit of a rate",
		"compartments: 4, exchange: fast":                        "is not a rate",
		"compartments: 4, length: 10um, exchange: 10/s":          "c.yaml:3:64: network.astrocyte.exchange: exchange is allowed only without a network.astrocyte.length",
		"compartments: 4, diffusion: 20um2/s":                    "network.astrocyte.diffusion: diffusion is allowed only with a network.astrocyte.length",
		"compartments: 4, length: 10s":                           "network.astrocyte.length: s is not a unit of a length",
		"compartments: 4, length: 1um, diffusion: 20um":          "network.astrocyte.diffusion: um is not a unit of a diffusion coefficient",
		"compartments: 4, coupling: star":                        "network.astrocyte.coupling: \"star\" is not known; one of ring, line, all",
		"coupling: ring":                                         "network.astrocyte.coupling: coupling is allowed only with 2 or more network.astrocyte.compartments",
		"compartments: 1, exchange: 10/s":                        "network.astrocyte.exchange: exchange is allowed only with 2 or more network.astrocyte.compartments; remove it",
		"compartments: 4}, features: {map: ideal":                "network.astrocyte.compartments: the infinitely many hidden neurons of map ideal are known by their inner products alone",
		"readout: threshold":                                     "c.yaml:3:32: network.astrocyte.readout: a share of the compartments that is active is asked for, and there is one (compartments: 1); reciprocal, receptor, event; write compartments: 25, or readout: reciprocal",
		"readout: threshold}, features: {neurons: 24":            "write compartments: 24, or readout: reciprocal",
		"readout: threshold}, features: {neurons: 96":            "write compartments: 24, or readout: reciprocal",
		"readout: threshold}, features: {map: trig, neurons: 26": "write compartments: 13, or readout: reciprocal",
		"readout: threshold}, features: {neurons: 1":             "so few hidden neurons do not fall into several; write readout: reciprocal",
		"readout: threshold}, features: {map: learned":           "write compartments: 25, or readout: reciprocal",
		"compartments: 4, readout: threshold, half_effect: 1":    "network.astrocyte.half_effect: half_effect is allowed only with network.astrocyte.readout: receptor or event",
		"compartments: 4, readout: threshold, threshold: 0":      "network.astrocyte.threshold: 0 is",
		"compartments: 4, readout: reciprocal, threshold: 2":     "network.astrocyte.threshold: threshold is allowed only with network.astrocyte.readout: event or threshold",
	} {
		if got := refusal("network: {astrocyte: {" + written + "}}\n"); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", written, got, want)
		}
	}
	if got := refusal("network: {astrocyte: {compartments: 4, coupling_plasticity: false}}\nsolver: {state: full}\n"); got != "" {
		t.Errorf("with couplings at their mean and the full state: %s", got)
	}
	if got := refusal("network: {astrocyte: {compartments: 4, exchange: 100/s}}\nsolver: {method: euler, step: 10ms}\n"); !strings.Contains(got, "tau_calcium with the exchange") {
		t.Errorf("with steps that are too long for the exchange: %s", got)
	}
}

// refusal is what is said of a configuration; "" of one that is taken.
func refusal(written string) string {
	if _, problems := Read(strings.NewReader(bare+written), "c.yaml", "", nil); problems != nil {
		return problems.Error()
	}
	return ""
}

// The threshold of a read-out is its own: of the calcium where that releases, of what a
// compartment collects where it is to be active.
func TestThresholdsOfReadouts(t *testing.T) {
	for written, want := range map[string]float64{"readout: event": 4.3, "compartments: 5, readout: threshold": 1, "compartments: 5, readout: threshold, threshold: 2": 2, "compartments: 5": 0} {
		cfg, problems := Read(strings.NewReader(bare+"network: {astrocyte: {"+written+"}}\n"), "c.yaml", "", nil)
		if problems != nil {
			t.Fatal(problems)
		}
		if got := cfg.Network.Parameters().Division.Threshold; got != want {
			t.Errorf("%s: %g, not %g", written, got, want)
		}
	}
}

// Compartments go with every calcium and read-out.
func TestCompartmentsOfEach(t *testing.T) {
	for _, calcium := range model.Calciums() {
		for _, readout := range model.Readouts() {
			if got := refusal("network: {astrocyte: {compartments: 4, calcium: " + calcium + ", readout: " + readout + "}}\n"); got != "" {
				t.Errorf("%s, %s: %s", calcium, readout, got)
			}
		}
	}
}

// A --set of one alternative, or of one compartment, takes out what no longer applies.
func TestCompartmentsAreSet(t *testing.T) {
	file := bare + "network: {astrocyte: {compartments: 4, coupling: line, length: 10um, diffusion: 13um2/s}}\n"
	for set, want := range map[string]model.Compartments{
		"exchange=50/s": {Count: 4, Topology: model.Line, Exchange: 50}, "compartments=1": {}, "length=4um": {Count: 4, Topology: model.Line, Exchange: 13},
	} {
		cfg, problems := Read(strings.NewReader(file), "c.yaml", "", []string{set})
		if problems != nil {
			t.Errorf("%s: %v", set, problems)
		} else if got := cfg.Network.Parameters().Compartments; got != want {
			t.Errorf("%s: %+v, not %+v", set, got, want)
		}
	}
}
