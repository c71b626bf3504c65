package experiment

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/disk"
	"github.com/nasim-sim/nasim/internal/memory"
)

const vast = `nasim: 1
input: {synthetic: {tokens: 50, dim: 4, values: 4}}
network: {features: {neurons: 20}}
`

// TestShortOfMemory: a run that there is no memory for is refused before any of it is
// taken, with what is needed, what is there, and a way out that is true.
func TestShortOfMemory(t *testing.T) {
	if _, known := memory.There(); !known {
		t.Skip("it is not known how much memory there is")
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for set, want := range map[string]string{
		"input.synthetic.tokens=1000000000": "take fewer tokens", "input.synthetic.dim=1000000000": "take fewer tokens",
		"input.synthetic.values=1000000000": "take fewer tokens", "features.neurons=1000000000 solver.state=full": "take fewer tokens",
		"input.synthetic.tokens=400000": "with record.attention: false it needs", "record.every=1e-300s": "with fewer points of the trajectory (record.variables: []) it needs",
	} {
		_, err := tryPlan(vast, strings.Fields(set)...)
		var short *ShortOfMemory
		if !errors.As(err, &short) || !(short.Needed > short.There) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 64e6 {
		t.Errorf("planning took %d bytes", taken)
	}
	for _, sets := range [][]string{{"input.synthetic.tokens=400000", "record.attention=false", "record.every=1e-300s", "record.variables=[]"}, {"features.neurons=1000000000", "record.features=false"}} {
		if p := plan(t, vast, sets...); p.Short() != nil {
			t.Errorf("%v: the remedy does not do: %v", sets, p.Short())
		}
	}
}

// TestShortOfDisk: a run that there is no room for is refused with what it writes, what
// there is, and a way out that is true.
func TestShortOfDisk(t *testing.T) {
	if _, known := disk.Free("."); !known {
		t.Skip("it is not known how much room there is")
	}
	wide := []string{"features.neurons=2000000000", "input.synthetic.dim=100000"} // some petabytes of features.npz
	_, err := tryPlan(vast, wide...)
	var short *ShortOfDisk
	if !errors.As(err, &short) || !(short.Needed > short.There) || !strings.Contains(err.Error(), "with record.features: false it is ") {
		t.Errorf("%v", err)
	}
	if _, err := tryPlan(vast, append(wide, "record.features=false")...); err != nil {
		t.Errorf("the remedy does not do: %v", err)
	}
}

// TestSurvey: what cannot be run can be estimated.
func TestSurvey(t *testing.T) {
	cfg := plan(t, vast).Config
	cfg.Input.Synthetic.Tokens = 1e9
	p, err := Plan(t.Context(), cfg, Options{Name: "test", Survey: true})
	if err != nil || p.Short() == nil || !(p.Estimate().Memory > 1e18) || !(p.Estimate().Disk > 1e18) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestSizesFirst: the sizes that a run is planned by are those of its heads.
func TestSizesFirst(t *testing.T) {
	for _, text := range []string{sentence, twoHeads, vast} {
		p := plan(t, text)
		if len(p.source.sizes) != len(p.first.heads) {
			t.Fatalf("%d sizes of %d heads", len(p.source.sizes), len(p.first.heads))
		}
		for i, h := range p.first.heads {
			s := p.source.sizes[i]
			if s.layer != h.layer || s.head != h.head || s.n != h.n || s.d != h.d || s.dv != h.dv || s.m != h.m || s.given() != h.given() {
				t.Errorf("head %d: %+v", i, s)
			}
		}
	}
}

// TestManyHeads: more heads than any model has are not taken.
func TestManyHeads(t *testing.T) {
	var list []string
	for i := range 400 {
		list = append(list, strconv.Itoa(i))
	}
	all := "[" + strings.Join(list, ", ") + "]"
	_, err := tryPlan(vast, "layers="+all, "heads="+all)
	if err == nil || !strings.Contains(err.Error(), "more than 131072 heads are selected") {
		t.Error(err)
	}
}

// TestManyNames: an archive of many arrays is named by some of them.
func TestManyNames(t *testing.T) {
	names := strings.Split(strings.Repeat("x,", 5000)+"x", ",")
	if text := few(names, 10); len(text) > 200 || !strings.HasSuffix(text, "and 4991 more") {
		t.Error(text)
	}
}
