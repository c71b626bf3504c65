package experiment

import (
	"context"
	"io/fs"
	"math"
	"path/filepath"
	"runtime"
	"testing"
)

const estimated = `nasim: 1
input: {synthetic: {tokens: 200, dim: 16, values: 24}}
transformer: {heads: [0, 1]}
network: {features: {neurons: 700}}
`

// kindsOfRun are configurations in which different arrays, rungs and ways of
// solving weigh most.
var kindsOfRun = [][]string{
	nil, {"record.attention=false"}, {"record.arrays=summary"}, {"record.features=false"}, {"record.variables=[]"},
	{"solver={method: none}"}, {"solver={method: exact}"}, {"schedule.order=causal", "record.variables=[]"},
	{"features.neurons=6000", "record.variables=[]"}, {"input.synthetic.tokens=600", "record.variables=[]"},
}

// The disk that is estimated is what a run takes, figures aside, to a third; the
// memory is enough for what a run holds when it is solved, and not many times that.
func TestEstimatedSpace(t *testing.T) {
	for _, sets := range kindsOfRun {
		p := plan(t, estimated, sets...)
		p.Options.NoFigures = true
		want := p.Estimate()
		held := func() float64 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return float64(m.HeapAlloc)
		}
		before := held()
		r, err := p.Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		memory := held() - before
		dir := t.TempDir()
		if err := r.Write(dir); err != nil {
			t.Fatal(err)
		}
		if memory > float64(want.Memory) || memory < float64(want.Memory)/20 {
			t.Errorf("%v: %d bytes estimated, %.0f held at the end", sets, want.Memory, memory)
		}
		var disk float64
		err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			disk += float64(info.Size())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// Text files of some 50 kB are not counted.
		if math.Abs(disk-float64(want.Disk)) > float64(want.Disk)/3+60e3 {
			t.Errorf("%v: %d bytes estimated, %.0f written", sets, want.Disk, disk)
		}
	}
}

// What costs more is estimated at more, in proportion where it is the most.
func TestEstimatedTime(t *testing.T) {
	seconds := func(sets ...string) float64 {
		p := plan(t, "nasim: 1\ninput: {synthetic: {tokens: 100}}\nrecord: {variables: []}\n", sets...)
		p.Options.Threads, p.Options.NoFigures = 1, true
		return p.Estimate().Seconds
	}
	for _, c := range []struct {
		less, more []string
		low, high  float64 // bounds of the ratio
	}{
		{[]string{"features.neurons=1e5"}, []string{"features.neurons=1e6"}, 9, 10.1},                                                                                                          // linear in m
		{[]string{"synthetic.tokens=2000", "record.attention=false", "solver={method: none}"}, []string{"synthetic.tokens=8000", "record.attention=false", "solver={method: none}"}, 12, 16.1}, // softmax is N²
		{[]string{"synthetic.tokens=4000"}, []string{"synthetic.tokens=8000"}, 3.5, 4.1},
		{[]string{"solver.state=full"}, []string{"solver.state=full", "features.neurons=2000"}, 1.9, 2.1},
		{[]string{"solver={method: rk4, step: 1ms}", "solver.state=full"}, []string{"solver={method: rk4, step: 0.1ms}", "solver.state=full"}, 9, 10.1},
		{[]string{"heads=[0]"}, []string{"heads=[0, 1, 2, 3]"}, 3.9, 4.1},
		{[]string{"solver={method: exact}"}, []string{"solver={method: exact}", "record.variables=[calcium]", "record.every=0.1ms"}, 5, 1e4},
		{[]string{"schedule.gap=0ms"}, []string{"schedule.gap=10ms"}, 1.01, 2.1},
		{[]string{"synthetic.tokens=3000", "solver={method: exact}"}, []string{"synthetic.tokens=3000", "solver={method: exact}", "schedule.order=causal"}, 1.2, 20},
	} {
		ratio := seconds(c.more...) / seconds(c.less...)
		if !(ratio >= c.low && ratio <= c.high) {
			t.Errorf("%v takes %.3g times as long as %v, expected %g to %g", c.more, ratio, c.less, c.low, c.high)
		}
	}
}
