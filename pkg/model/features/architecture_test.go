package features_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// A feature map is one row: the toy one, which only this package's tests have, is
// a configuration's choice, is drawn, solved and written, and what is said of it
// follows from its row (docs/architecture.md).
func TestAddingAMap(t *testing.T) {
	const text = `nasim: 1
input: {synthetic: {tokens: 8, dim: 4, values: 3}}
network: {features: {map: toy_sigmoid, neurons: 300, query_gain: rate}}
solver: {method: exact}
`
	if !slices.Contains(config.Choices("features.map"), "toy_sigmoid") || !bytes.Contains(config.Schema(), []byte(`"toy_sigmoid"`)) {
		t.Error("it is no choice of a configuration, or not in its schema")
	}
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", nil)
	if problems != nil {
		t.Fatal(problems)
	}
	_, problems = config.Read(strings.NewReader(strings.Replace(text, "rate", "norm", 1)), "test.yaml", "", nil)
	if len(problems) != 1 || !strings.Contains(problems[0].Found, "has no factor in |q|²") {
		t.Errorf("a gain without meaning for it: %v", problems)
	}
	dir := filepath.Join(t.TempDir(), "run")
	done, err := experiment.Execute(context.Background(), cfg, experiment.Options{Name: "toy", Target: rundir.Target{Path: dir, Named: true}}, experiment.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := experiment.OpenRun(done.Dir)
	if err != nil {
		t.Fatal(err)
	}
	// Its row says that it is biased, so more neurons are no remedy.
	if dominant := run.Report.Heads[0].Dominant; dominant != "kernel" {
		t.Fatalf("%s dominates, not the choice of the map", dominant)
	}
	var table strings.Builder
	if err := compare.WriteText(&table, []compare.Run{run.Comparison()}, compare.Options{Width: 300}); err != nil ||
		!strings.Contains(table.String(), "toy_sigmoid is not an unbiased estimate") ||
		!strings.Contains(table.String(), "Scores of the map toy_sigmoid") {
		t.Errorf("%v in\n%s", err, table.String())
	}
	for _, name := range []string{"features.npz", "outputs.npz", "trajectory.npz", "figures/normalizer.png"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if cited, err := os.ReadFile(filepath.Join(dir, "references.bib")); err != nil || !bytes.Contains(cited, []byte("{katharopoulos2020,")) {
		t.Errorf("its source is not cited: %v", err)
	}
}
