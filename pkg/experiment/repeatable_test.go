package experiment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

// numbers are the files that are the same for the same configuration and seed.
var numbers = []string{"metrics.json", "metrics.csv", "outputs.npz", "features.npz", "trajectory.npz", "config.yaml", "references.bib"}

func TestSameBytesWhateverTheParallelism(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for _, procs := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(procs)
		dir := written(t, plan(t, sentence))
		if first == "" {
			first = dir
			continue
		}
		for _, name := range numbers {
			if !bytes.Equal(read(t, dir, name), read(t, first, name)) {
				t.Errorf("%s differs at GOMAXPROCS %d", name, procs)
			}
		}
	}
}

func TestSameBytesFromTheWrittenConfiguration(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.txt")
	if err := os.WriteFile(text, []byte("A star of calcium."), 0o666); err != nil {
		t.Fatal(err)
	}
	p := plan(t, strings.Replace(sentence, `{string: "A star of calcium can add up what many neurons say."}`, "{file: "+text+"}", 1))
	dir := written(t, p)
	cfg, problems := config.Load(filepath.Join(dir, "config.yaml"), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, err := Plan(context.Background(), cfg, Options{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if again.Identity() != p.Identity() {
		t.Errorf("the identity is %s, and %s from the written configuration", p.Identity(), again.Identity())
	}
	for _, name := range numbers {
		if !bytes.Equal(read(t, written(t, again), name), read(t, dir, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

// Another choice of heads leaves the shared ones as they were.
func TestOtherHeadsShiftNothing(t *testing.T) {
	all := written(t, plan(t, sentence))
	some := written(t, plan(t, sentence, "transformer.layers=[2]", "transformer.heads=[3, 0]"))
	load := func(dir string) compare.Report {
		r, err := compare.ReadReport(read(t, dir, "metrics.json"))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	a, b := load(all), load(some)
	for i, want := range []int{3, 5} { // 2:0 and 2:3 among 0:0 0:1 0:3 2:0 2:1 2:3
		x, _ := json.Marshal(a.Heads[want])
		y, _ := json.Marshal(b.Heads[i])
		if !bytes.Equal(x, y) {
			t.Errorf("head %d:%d differs when others are chosen", b.Heads[i].Layer, b.Heads[i].Head)
		}
	}
	x, y := arraysOf(t, all, "attention_solver"), arraysOf(t, some, "attention_solver")
	size := len(y) / 2
	if !equal(x[3*size:4*size], y[:size]) || !equal(x[5*size:], y[size:]) {
		t.Error("attention_solver differs when other heads are chosen")
	}
}

func arraysOf(t testing.TB, dir, name string) []float64 {
	t.Helper()
	f, err := npz.Open(filepath.Join(dir, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, _, err := f.Float64(name)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func equal(x, y []float64) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if math.Float64bits(x[i]) != math.Float64bits(y[i]) {
			return false
		}
	}
	return true
}

func TestAnotherSeedIsAnotherRun(t *testing.T) {
	a, b := plan(t, sentence), plan(t, sentence, "seed=17")
	if a.Identity() == b.Identity() {
		t.Error("two seeds have one identity")
	}
	x, y := written(t, a), written(t, b)
	if equal(arraysOf(t, x, "output_kernel"), arraysOf(t, y, "output_kernel")) {
		t.Error("two seeds have one kernel")
	}
	if !equal(arraysOf(t, x, "output_softmax"), arraysOf(t, y, "output_softmax")) {
		t.Error("the transformer depends on the seed")
	}
}

func TestStreamsAreIndependent(t *testing.T) {
	seen := map[uint64]string{}
	for _, purpose := range []string{streamFeatures, streamSynthetic} {
		for layer := range 3 {
			for head := range 3 {
				x := stream(16, purpose, layer, head).Uint64()
				name := fmt.Sprint(purpose, layer, head)
				if other, taken := seen[x]; taken {
					t.Errorf("%s and %s share a stream", name, other)
				}
				seen[x] = name
			}
		}
	}
}
