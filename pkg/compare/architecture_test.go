package compare_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model"
)

const withHighFloor = `nasim: 1
input: {synthetic: {tokens: 10, dim: 4, values: 3, norm: 1.2}}
network: {features: {neurons: 30}, astrocyte: {floor: 0.9}}
solver: {method: exact}
record: {variables: []}
`

// run executes a configuration into a directory of the test's.
func run(t *testing.T, text string, sets ...string) (dir string, estimate experiment.Estimate) {
	t.Helper()
	cfg, problems := config.Read(strings.NewReader(text), "test.yaml", "", sets)
	if problems != nil {
		t.Fatal(problems)
	}
	opt := experiment.Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: filepath.Join(t.TempDir(), "run"), Named: true}}
	p, err := experiment.Prepare(context.Background(), cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	done, err := p.Execute(context.Background(), experiment.Watch{})
	if err != nil {
		t.Fatal(err)
	}
	return done.Dir, p.Estimate()
}

// A cause is one row: with a toy row alone it is solved, measured, written,
// compared, drawn and estimated (docs/architecture.md).
func TestAddingACause(t *testing.T) {
	_, without := run(t, withHighFloor, "record.attention=false")
	compare.WithCause(t, compare.Cause{
		Part:  compare.Part{Name: "toy floor", Metric: "toy_floor", Step: "p_min", Meaning: "the floor p_min on", Inset: true},
		Limit: func(p *model.Parameters) { p.Division.Floor = 0 },
	})
	dir, _ := run(t, withHighFloor)
	opened, err := experiment.OpenRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	head := opened.Report.Heads[0]
	if x := head.Value(compare.OnLadder, "toy_floor_error"); !(x > 1e-3) {
		t.Errorf("its size is %v: the floor is above half of what the queries read", x)
	}
	// The shares of what the dynamics are split into add to theirs, the new one's too.
	var shares float64
	for _, part := range compare.Parts() {
		if share := head.Value(compare.OnLadder, part.Share()); part.Inset && share.Known() {
			shares += float64(share)
		}
	}
	if whole := float64(head.Value(compare.OnLadder, "dynamics_share")); !(shares-whole < 1e-9 && whole-shares < 1e-9) {
		t.Errorf("shares add to %v of %v", shares, whole)
	}
	rows, err := os.ReadFile(filepath.Join(dir, "metrics.csv"))
	if err != nil || !bytes.Contains(rows, []byte("ladder,toy_floor_error,")) || !bytes.Contains(rows, []byte("ladder,toy_floor_share,")) {
		t.Errorf("metrics.csv lacks it: %v", err)
	}
	for _, runs := range [][]compare.Run{{opened.Comparison()}, {opened.Comparison(), other(opened.Comparison())}} {
		var table strings.Builder
		if err := compare.WriteText(&table, runs, compare.Options{}); err != nil || !strings.Contains(table.String(), "toy floor") {
			t.Errorf("%v in\n%s", err, table.String())
		}
	}
	figures := t.TempDir()
	if _, _, err := (experiment.FigureSet{Names: []string{"budget"}, Formats: []string{"svg"}}).Draw(t.Context(), []*experiment.Run{opened}, figures); err != nil {
		t.Fatal(err)
	}
	if drawn, err := os.ReadFile(filepath.Join(figures, "budget.svg")); err != nil || !bytes.Contains(drawn, []byte("toy floor")) {
		t.Errorf("the budget's figure lacks it: %v", err)
	}
	if _, with := run(t, withHighFloor, "record.attention=false"); with.Seconds <= without.Seconds {
		t.Errorf("estimated are %v s with it, %v s without", with.Seconds, without.Seconds)
	}
}

// other is a run that differs in a setting.
func other(r compare.Run) compare.Run {
	settings := map[string]compare.Setting{}
	for path, s := range r.Settings {
		settings[path] = s
	}
	settings["network.features.neurons"] = compare.Setting{Text: "31", Size: 31, Sized: true}
	r.Name, r.Settings = "other", settings
	return r
}
