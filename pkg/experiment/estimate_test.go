package experiment

import (
	"context"
	"io/fs"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
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
	{"features.neurons=6000", "record.variables=[]"}, {"features.neurons=25000"}, {"features.neurons=25000", "record.features=false"}, {"input.synthetic.tokens=600", "record.variables=[]"},
	{"circuit=replicator"}, {"circuit=emergent-division"}, {"circuit=replicator", "record.variables=[]", "input.synthetic.tokens=600"},
	{"compartments=20"}, {"compartments=4", "record.attention=false"}, {"compartments=10", "solver={method: exact}", "record.every=50ms"},
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
		if err := r.Write(context.Background(), dir); err != nil {
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
		{[]string{"synthetic.tokens=2000", "record.attention=false", "solver={method: none}"}, []string{"synthetic.tokens=8000", "record.attention=false", "solver={method: none}"}, 10, 16.1}, // softmax is N², features N
		{[]string{"synthetic.tokens=4000"}, []string{"synthetic.tokens=8000"}, 3.5, 8},                                                                                                         // features N, matrices of attention N², what reads recall of them N³
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

// Each term of an estimate is what is counted times its cost: two configurations
// that differ in one term alone differ by it.
func TestEstimatedTerms(t *testing.T) {
	const n, d, dv, m = 100, 64, 64, 1000 // the defaults of input.synthetic, tokens aside
	const base = "nasim: 1\ninput: {synthetic: {tokens: 100}}\n"
	head := func(sets ...string) (seconds, kept, used, disk float64, p *Prepared) {
		p = plan(t, base, sets...)
		kept, used, disk = p.headBytes(&p.first.heads[0])
		seconds = p.headSeconds(&p.first.heads[0])
		return seconds, kept, used, disk, p
	}
	product := productCost[kernel.Name()]
	samples := float64(n*(0.25+0.5+2*0.3)/0.005 + 1)
	const segments = 4 * n
	recorded := samples * (2*8 + 2 + 3) * 8
	width, square := float64(dv+n), float64(n*n)
	carried, recalled := segments*n*width*carryCost, 4*n*n*width*product
	stepped := float64(segments * segmentSteps * stages)
	for name, c := range map[string]struct {
		more, less []string
		want       float64
	}{
		"integration":       {[]string{"record.variables=[]"}, []string{"record.variables=[]", "solver={method: exact}"}, stepped*stageCost + recalled},
		"full state":        {[]string{"record.variables=[]", "solver.state=full"}, []string{"record.variables=[]", "solver={method: exact}"}, stepped * (2*m + width + width*m) * fullCost},
		"samples":           {nil, []string{"record.variables=[]"}, samples * sampleCost},
		"exact samples":     {[]string{"solver={method: exact}"}, []string{"solver={method: exact}", "record.variables=[]"}, samples * exactSample},
		"slow receptors":    {[]string{"solver={method: exact}", "record.variables=[]", "readout=receptor", "tau_receptor=1s"}, []string{"solver={method: exact}", "record.variables=[]", "readout=receptor"}, 5*segments*apartCost + followCost*n*0.5/0.01},
		"compartments":      {[]string{"solver={method: exact}", "record.variables=[]", "compartments=10"}, []string{"solver={method: exact}", "record.variables=[]"}, poolReads * n * (10*poolCost + 100*mixingCost)},
		"sampled pools":     {[]string{"solver={method: exact}", "compartments=10"}, []string{"solver={method: exact}", "record.variables=[]", "compartments=10"}, samples * (exactSample + 10*poolSample)},
		"stages of pools":   {[]string{"record.variables=[]", "compartments=10"}, []string{"record.variables=[]", "solver={method: exact}", "compartments=10"}, stepped*(stageCost+10*poolStage) + recalled},
		"causal":            {[]string{"record.variables=[]", "schedule.order=causal"}, []string{"record.variables=[]"}, carried - recalled + 4*n*n*n*product},
		"rungs":             {[]string{"solver={method: exact}", "record.variables=[]"}, []string{"solver={method: none}"}, 2 * square * entryCost},
		"neurons":           {[]string{"features.neurons=3000"}, nil, 2000 * (2*n*featureCost + d*(drawCost+writeCost) + (4*n*d+6*square)*product)},
		"outputs alone":     {[]string{"record.attention=false", "solver={method: exact}", "record.variables=[]"}, []string{"record.attention=false", "solver={method: none}"}, 3 * (4*n*m*dv*product + 12*n*m*streamCost)},
		"one cause alone":   {[]string{"record.attention=false", "tau_hebbian=20s"}, []string{"record.attention=false"}, 4*n*m*dv*product + 12*n*m*streamCost},
		"a prediction":      {nil, []string{"features.map=elu1"}, 8 * n * n * n * product},
		"softmax by width":  {[]string{"solver={method: none}", "synthetic.dim=164"}, []string{"solver={method: none}"}, 100 * ((4*n*m+4*square)*product + m*(drawCost+writeCost))},
		"softmax by values": {[]string{"solver={method: none}", "synthetic.values=164"}, []string{"solver={method: none}"}, 100 * 2 * square * product},
	} {
		more, _, _, _, _ := head(c.more...)
		less, _, _, _, _ := head(c.less...)
		if have := more - less; math.Abs(have-c.want) > 1e-9*more {
			t.Errorf("%s: %g s more, want %g", name, have, c.want)
		}
	}
	_, kept, used, disk, p := head()
	_, keptBare, usedBare, diskBare, _ := head("record.variables=[]", "record.features=false", "record.arrays=summary")
	const answer = n*dv + n // of a rung, besides its attention
	if want := (4*(square+answer)*8 + recorded + m*(d+1)*8) - 4*answer*8; math.Abs(disk-diskBare-want) > 1 {
		t.Errorf("disk: %g bytes more, want %g", disk-diskBare, want)
	}
	const tuning = m * (d + 1) * 8 // kept if it is written, else used
	if want := recorded + tuning; math.Abs(kept-keptBare-want) > 1 || usedBare-used != tuning {
		t.Errorf("memory: %g bytes more kept, want %g; %g less used", kept-keptBare, want, usedBare-used)
	}
	if want := tuning + 4*(square+answer)*8 + recorded + 4*square*8; kept != want {
		t.Errorf("memory: %g bytes kept, want %g", kept, want)
	}
	if want := float64(2*n*(m+d)*8 + 2*n*(dv+n)*8 + 4*n*n*8 + 6*n*n*8); used != want {
		t.Errorf("memory: %g bytes used, want %g", used, want)
	}
	// Many neurons are not held, and are drawn once more to be written.
	more, manyKept, manyUsed, _, _ := head("features.neurons=2000000")
	less, fewKept, fewUsed, _, _ := head("features.neurons=1000000")
	if manyUsed != fewUsed || manyKept != fewKept {
		t.Errorf("a million neurons more: %g bytes more used, %g more kept", manyUsed-fewUsed, manyKept-fewKept)
	}
	if want := 1e6 * (2*n*featureCost + d*(2*drawCost+writeCost) + (4*n*d+6*square)*product); math.Abs(more-less-want) > 1e-9*more {
		t.Errorf("a million neurons more: %g s more, want %g", more-less, want)
	}
	p.Options.Threads = 1
	e := p.Estimate()
	const inputs = n * (2*d + dv) * 8
	if want := int64(kept+used) + inputs + 80e6; e.Memory != want || e.Disk != int64(disk)+3e6 {
		t.Errorf("%+v; want %d bytes of memory, %d on disk", e, want, int64(disk)+3e6)
	}
}

// One run after another takes the time and the disk of both, and the memory of the
// larger; what there is no number for stays so.
func TestThen(t *testing.T) {
	a, b := Estimate{2, 7, 100}, Estimate{3, 5, math.MaxInt64}
	if got, want := a.Then(a).Then(b), (Estimate{7, 7, math.MaxInt64}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := a.Then(Estimate{1, 9, 10}), (Estimate{3, 9, 110}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Emergent division in full takes about as many steps as is estimated, and what is estimated
// is that many times its variables or, by the implicit method, its processes' matrix.
func TestEstimatedProcesses(t *testing.T) {
	const values, network = 3, "nasim: 1\ninput: {synthetic: {tokens: 6, dim: 4, values: 3}}\nnetwork: {circuit: emergent-division, emergent_division: {scale: neurons}}\nrecord: {variables: [], remedy: none}\n"
	for _, c := range []struct {
		sets    []string
		neurons float64
	}{
		{[]string{"network.features.neurons=40"}, 40}, {[]string{"network.features.neurons=200"}, 200}, {[]string{"network.features.neurons=100", "solver.method=tsit5"}, 100},
		{[]string{"network.features.neurons=100", "schedule.read=1s", "tau_exchange=200ms"}, 100}, {[]string{"network.features.neurons=30", "solver.method=rodas5p"}, 30},
		{[]string{"network.features.neurons=30", "solver={method: rk4, step: 0.5ms}"}, 30},
	} {
		p := plan(t, network, append(c.sets, "solver.state=full")...)
		r, err := p.Run(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		z := p.sizesOf(&p.first.heads[0])
		stats := r.heads[0].stats
		if ratio := p.processSteps(&z) / float64(stats.Steps); !(ratio > 1/1.5 && ratio < 1.5) {
			t.Errorf("%v: %.0f steps are estimated, and %d taken", c.sets, p.processSteps(&z), stats.Steps)
		}
		want := p.processSteps(&z) * stages * (2*values*c.neurons + (z.width-values)*c.neurons + z.width) * processCost
		if processes := values * c.neurons; p.Config.Solver.Method == "rodas5p" {
			want = p.processSteps(&z) * (processes*processes*exchangeCost + processes*processes*processes*solveCost)
		}
		changed := append([]string{"solver={method: exact}"}, c.sets[:1]...)
		for _, set := range c.sets[1:] {
			if !strings.HasPrefix(set, "solver") {
				changed = append(changed, set)
			}
		}
		bare := plan(t, network, changed...)
		if have := p.headSeconds(&p.first.heads[0]) - bare.headSeconds(&bare.first.heads[0]); math.Abs(have-want) > 1e-9*want {
			t.Errorf("%v: %g s are estimated, want %g", c.sets, have, want)
		}
	}
}
