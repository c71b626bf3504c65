package experiment

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// features.npz has every tuning of the hidden layer: one where queries and keys share
// it, and both where they are tuned apart.
func TestFeaturesHoldEveryTuning(t *testing.T) {
	r, err := plan(t, sentence, "features.map=cosine").Run(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	holds := func(present, gone []string) *npz.File {
		t.Helper()
		dir := t.TempDir()
		if err := r.writeFeatures(context.Background(), dir); err != nil {
			t.Fatal(err)
		}
		f, err := npz.Open(filepath.Join(dir, featuresFile))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		for _, name := range present {
			if !contains(f, name) {
				t.Errorf("%s is missing", name)
			}
		}
		for _, name := range gone {
			if contains(f, name) {
				t.Errorf("%s is there", name)
			}
		}
		return f
	}
	shared, apart := []string{"W", "b"}, []string{"W_q", "b_q", "W_k", "b_k"}
	holds(shared, apart)
	for _, h := range r.heads {
		tuning := *h.circuit.tuning
		tuning.Queries = &features.Tuning{W: make([]float64, len(tuning.Keys.W)), B: make([]float64, len(tuning.Keys.B))}
		h.circuit.tuning = &tuning
	}
	f := holds(apart, shared)
	for name, zero := range map[string]bool{"W_q": true, "W_k": false} {
		x, _, err := f.Float64(name)
		if err != nil {
			t.Fatal(err)
		}
		if (x[0] == 0) != zero {
			t.Errorf("%s begins with %g", name, x[0])
		}
	}
}
