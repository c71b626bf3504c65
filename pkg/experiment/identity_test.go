package experiment

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

const smallest = `nasim: 1
input: {synthetic: {tokens: 3, dim: 2, values: 2}}
network: {features: {neurons: 4}}
solver: {method: none}
`

func prepared(t *testing.T, path string, sets ...string) *Prepared {
	t.Helper()
	cfg, problems := config.Read(strings.NewReader(smallest), "test.yaml", "", sets)
	if problems != nil {
		t.Fatal(problems)
	}
	p, err := Prepare(context.Background(), cfg, Options{Name: "test", NoFigures: true, Target: rundir.Target{Path: path}})
	if err != nil {
		t.Fatal(err)
	}
	p.Options.Target.Path = path
	return p
}

// TestIdentityCoversTheComputation: what computes is a part of a run's hash, which
// the manifest holds in full; where the run goes, and how many threads, are not.
func TestIdentityCoversTheComputation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	p := prepared(t, path)
	if want := rundir.Hash(fmt.Appendf(nil, "numerics %d", Numerics), []byte("kernels "+kernel.Name()), config.Identity(p.resolved)); p.Hash() != want || len(want) != 64 {
		t.Errorf("hash %s, want %s", p.Hash(), want)
	}
	if other := prepared(t, path, "seed=3"); other.Hash() == p.Hash() {
		t.Error("the seed makes no other run")
	}
	if done, err := p.Execute(context.Background(), Watch{}); err != nil || done.Found {
		t.Fatalf("%+v, %v", done, err)
	}
	m, err := rundir.ReadManifest(path)
	if err != nil || m.SHA256.Run != p.Hash() || m.Numerics != Numerics || m.Kernel != kernel.Name() || len(m.Contents) != len(m.Files)-2 { // the manifest itself, and inputs/, which is empty
		t.Errorf("%+v, %v", m, err)
	}
	if done, err := prepared(t, path).Execute(context.Background(), Watch{}); err != nil || !done.Found {
		t.Errorf("again: %+v, %v", done, err)
	}
}

// TestCollision: two configurations whose names have the same 8 digits are told
// apart by the rest of the hash.
func TestCollision(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	first := prepared(t, path)
	if _, err := first.Execute(context.Background(), Watch{}); err != nil {
		t.Fatal(err)
	}
	second := prepared(t, path, "seed=3")
	second.Options.Target.Identity = first.Options.Target.Identity // as though their hashes began alike
	done, err := second.Execute(context.Background(), Watch{})
	if err == nil || done.Found || !strings.Contains(err.Error(), "is another run, whose name has the same 8 digits") {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestOpenNowhere: what is no run is named for what it is.
func TestOpenNowhere(t *testing.T) {
	if _, err := OpenRun(filepath.Join(t.TempDir(), "gone")); err == nil || !strings.Contains(err.Error(), "there is no such file or directory") {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRun(file); err == nil || !strings.Contains(err.Error(), "is a file, and holds no nasim manifest.json") {
		t.Error(err)
	}
}
