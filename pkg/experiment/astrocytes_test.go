package experiment

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// What the configurations of docs/astrocytes.md are there to show: the cause that makes
// most of their dynamics beside those that all networks have, and what is said to mend it.
func TestAstrocyteConfigurations(t *testing.T) {
	shows := map[string]struct{ cause, cure string }{
		"well-mixed": {"calcium lag", ""}, "rise": {"rise", ""}, "compartments": {"compartments", "network.astrocyte.exchange"}, "latency": {"latency", "network.astrocyte.latency"}, "receptor": {"read-out", "network.astrocyte.half_effect"},
		"li-rinzel": {"biophysics", "network.schedule.read"}, "de-pitta": {"biophysics", "network.schedule.read"},
		"slow-receptor": {"read-out", "network.astrocyte.half_effect"}, "threshold": {"threshold", ""}, "event": {"read-out", "network.astrocyte.readout"}, "no-astrocyte": {"no astrocyte", "network.circuit"},
		"emergent-division": {"settling", "network.emergent_division.tau_synapse"}, "replicator": {"gain lag", "network.replicator.tau_gain"}, "frozen-coupling": {"coupling", "network.astrocyte.coupling_plasticity"},
	}
	files, err := filepath.Glob("../../configs/astrocytes/*.yaml")
	if err != nil || len(files) != len(shows) {
		t.Fatalf("%d configurations, not %d: %v", len(files), len(shows), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			sets := []string{"record.every=50ms"}
			if name == "well-mixed" {
				sets = append(sets, "network.schedule.read=100ms") // by default there is next to nothing to see
			}
			switch name { // which take less time
			case "li-rinzel", "de-pitta":
				sets = append(sets, `transformer.select=["0:3"]`)
			case "slow-receptor":
				sets = append(sets, `transformer.select=["0:3"]`, "tau_receptor=200ms")
			}
			run := openedFile(t, file, sets)
			want := shows[name]
			if trials := run.Report.Remedy; want.cure != "" && (trials == nil || trials.Part != want.cause || len(trials.Trials) == 0 || trials.Trials[0].Settings[0].Path != want.cure) {
				t.Errorf("the run names %+v to be changed, not %s", trials, want.cure)
			}
			for _, h := range run.Report.Heads {
				of := compare.PartCalled(want.cause)
				if size := h.Value(compare.OnLadder, of.Size()); !(size > 1e-5) {
					t.Errorf("head %d:%d: %s costs %v", h.Layer, h.Head, want.cause, size)
				}
			}
		})
	}
}

// openedFile opens the run of a configuration.
func openedFile(t *testing.T, file string, sets []string) *Run {
	t.Helper()
	cfg, problems := config.Load(file, sets)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, err := Plan(t.Context(), cfg, Options{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := OpenRun(written(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// A latency by which no calcium comes before the run ends is refused where it is set, once
// the number of tokens is known.
func TestLaterThanTheSchedule(t *testing.T) {
	const text = "nasim: 1\ninput: {text: {string: a b c}}\nnetwork:\n  astrocyte: {latency: 5min}\n"
	_, err := tryPlan(text)
	if want := "test.yaml:4:24: network.astrocyte.latency: with a latency of 300s no calcium comes before the last of 5 tokens has been read, after 6.45s"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, not %s", err, want)
	}
	if _, err := tryPlan(text, "latency=6s"); err != nil {
		t.Error(err)
	}
}

// Without an astrocyte nothing is compared with the normaliser, and nothing written of it.
func TestNoNormalizerWithoutAstrocyte(t *testing.T) {
	run := opened(t, "circuit=none")
	for _, h := range run.Report.Heads {
		for _, rung := range []string{compare.Exact, compare.Solver} {
			if x := h.Value(rung, compare.NormalizerMedian); x.Known() {
				t.Errorf("%s: %v", rung, x)
			}
		}
		if x := h.Value(compare.Kernel, compare.NormalizerMedian); !x.Known() {
			t.Error("the kernel's sums are there, and not compared")
		}
	}
}

// Latency may end at a sample's time but for rounding, when calcium has all but gone.
func TestLatencyEndsAtASample(t *testing.T) {
	for _, readout := range []string{"{readout: receptor, tau_receptor: 2s, half_effect: 0.1", "{readout: event", "{compartments: 4, readout: event"} {
		for _, latency := range []string{"100ms", "120ms"} {
			run := opened(t, "record.variables=[calcium]", "features.neurons=24", "record.every=5ms", "network.astrocyte="+readout+", drive: reading, latency: "+latency+"}")
			if x := run.Report.Heads[0].Value(compare.Exact, compare.RelativeError); !x.Known() {
				t.Errorf("%s late by %s: the error is %v", readout, latency, x)
			}
		}
	}
}
