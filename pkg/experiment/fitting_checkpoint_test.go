package experiment

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// fitInto fits into a file, and is interrupted after so many steps, the passes of the transformer being such; what is kept of a fit on
// its way is kept after every step.
func fitInto(t *testing.T, steps int, out string, sets ...string) error {
	t.Helper()
	f, err := PrepareFit(fitConfig(t, sentences(30), sets...), 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Check(out); err != nil {
		return Refusal{err}
	}
	f.every = 0
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var done atomic.Int64
	_, err = f.Run(ctx, out, "0", func(float64, float64) {
		if done.Add(1) == int64(steps) {
			stop()
		}
	})
	return err
}

const uninterrupted = -1

// A fit that is interrupted at any moment and gone on with, again and again, writes the bytes of one that goes through, and leaves
// nothing beside them.
func TestFitGoesOn(t *testing.T) {
	for _, sets := range [][]string{{"fit.neurons=10"}, {"fit.neurons=625", "fit.synapses=200"}, {"fit.neurons=625", "fit.synapses=200", "fit.target=0.3"}, {"fit.neurons=10", "fit.objective=responses", "fit.steps=12"}} {
		dir := t.TempDir()
		whole := filepath.Join(dir, "whole.npz")
		if err := fitInto(t, uninterrupted, whole, sets...); err != nil {
			t.Fatal(err)
		}
		seed := rand.Uint64()
		rng := rand.New(rand.NewPCG(seed, 1))
		out, cut := filepath.Join(dir, "maps.npz"), 0
		for {
			steps := uninterrupted
			if cut < 6 {
				steps = 1 + rng.IntN(60)
			}
			err := fitInto(t, steps, out, sets...)
			if err == nil {
				break
			}
			cut++
			if kept := (Kept{}); !errors.As(err, &kept) || kept.Note() != "what has been fitted is kept, and the same command goes on from there" {
				t.Fatal(err)
			}
		}
		a, err := os.ReadFile(out)
		b, errWhole := os.ReadFile(whole)
		if err != nil || errWhole != nil || !bytes.Equal(a, b) {
			t.Errorf("%v, seed %d: after %d interruptions the file is another", sets, seed, cut)
		}
		if cut == 0 {
			t.Errorf("%v, seed %d: it was never interrupted", sets, seed)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
			t.Errorf("there is %v (%v)", entries, err)
		}
	}
}

// A fit of other settings, another model or other inputs is not gone on with, and what differs is named; without fit.resume it is
// begun anew. What is damaged is fitted again.
func TestFitDoesNotGoOnWithAnother(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "maps.npz")
	if err := fitInto(t, 110, out); err == nil {
		t.Fatal("it was not interrupted")
	}
	for want, sets := range map[string][]string{
		"fit.steps is 60 there and 61 here":             {"fit.steps=61"},
		"seed is 16 there and 3 here":                   {"seed=3"},
		"transformer.select is [0:1, 2:0] there and":    {"transformer.select=[\"0:1\"]"},
		"network.schedule.order is bidirectional there": {"network.schedule.order=causal"},
	} {
		err := fitInto(t, uninterrupted, out, sets...)
		if refused := (Refusal{}); !errors.As(err, &refused) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ",") && strings.Count(err.Error(), " there") > 1 {
			t.Errorf("%v, not %q alone", err, want)
		}
	}
	other := fitConfig(t, sentences(31))
	g, err := PrepareFit(other, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Check(out); err == nil || !strings.Contains(err.Error(), "the input corpus.txt is ") {
		t.Error(err)
	}
	// The same again while another has it.
	lock, err := lockedFile(filepath.Join(checkpointOf(out), "lock"), os.O_CREATE)
	if err != nil || lock == nil {
		t.Fatal(err)
	}
	if err := fitInto(t, uninterrupted, out); err == nil || !strings.Contains(err.Error(), "another nasim is fitting into it") {
		t.Error(err)
	}
	lock.Close()
	// Damaged files are as none.
	files, err := filepath.Glob(filepath.Join(checkpointOf(out), "*.npz"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v (%v)", files, err)
	}
	for _, name := range files {
		if err := os.WriteFile(name, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := fitInto(t, uninterrupted, out); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "whole.npz")
	if err := fitInto(t, uninterrupted, whole, "fit.resume=true"); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(out)
	if b, errWhole := os.ReadFile(whole); err != nil || errWhole != nil || !bytes.Equal(a, b) {
		t.Error("damaged files lead to another file")
	}
	// Begun anew, whatever is there.
	if err := os.MkdirAll(checkpointOf(out), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(checkpointOf(out), ofFit), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fitInto(t, uninterrupted, out); err == nil {
		t.Error("an empty identity is taken for its own")
	}
	if err := fitInto(t, uninterrupted, out, "fit.resume=false"); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("there is %v (%v)", entries, err)
	}
}

// What a process that was killed at the end has left is removed, and what is newer is not.
func TestDropCheckpoint(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "maps.npz")
	if err := errors.Join(os.WriteFile(out, nil, 0o600), os.Mkdir(checkpointOf(out), 0o700), os.WriteFile(filepath.Join(checkpointOf(out), ofFit), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(checkpointOf(out), ofFit), later, later); err != nil {
		t.Fatal(err)
	}
	DropCheckpoint(out)
	if _, err := os.Stat(checkpointOf(out)); err != nil {
		t.Error(err)
	}
	if err := os.Chtimes(out, later, later); err != nil {
		t.Fatal(err)
	}
	DropCheckpoint(out)
	if _, err := os.Stat(checkpointOf(out)); err == nil {
		t.Error("it is still there")
	}
}
