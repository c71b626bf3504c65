package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// TestPlansAreNotHeld: however many runs are to be done, of their inputs no more is
// held than a bound.
func TestPlansAreNotHeld(t *testing.T) {
	const runs, input = 30, 3 * 8 * 4000 * 64 // bytes of the queries, keys and values of each
	var files strings.Builder
	for seed := range runs {
		fmt.Fprintf(&files, "nasim: 1\nseed: %d\ninput: {synthetic: {tokens: 4000}}\nrecord: {attention: false}\n---\n", seed)
	}
	t.Chdir(t.TempDir())
	held := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	a := &app{stdin: strings.NewReader(files.String()), stderr: new(bytes.Buffer)}
	before := held()
	jobs, err := a.plan(context.Background(), runOptions{}, []string{"-"})
	if err != nil || len(jobs) != runs {
		t.Fatalf("%d jobs, %v", len(jobs), err)
	}
	if after := held(); after > before+mostHeld+input || after < before+input {
		t.Errorf("%d runs of %d bytes take %d", runs, input, after-before)
	}
	runtime.KeepAlive(jobs)
}

// TestSameName: two runs whose names are the same by chance are not taken for one,
// nor does --force replace one by the other.
func TestSameName(t *testing.T) {
	var said bytes.Buffer
	a := &app{stderr: &said}
	of := func(name, path, hash string) *job {
		return &job{Document: config.Document{Name: name}, target: rundir.Target{Path: path, Hash: hash}}
	}
	different, err := a.distinct([]*job{of("a", "runs/x", "1"), of("b", "runs/y", "2"), of("c", "runs/x", "1")})
	if err != nil || strings.Join(names(different), " ") != "a b" || said.String() != "nasim: c is the same run as a, which is done once\n" {
		t.Errorf("%v, %v; it says %s", names(different), err, &said)
	}
	if _, err := a.distinct([]*job{of("a", "runs/x", "1"), of("b", "runs/x", "2")}); err == nil || !strings.HasPrefix(err.Error(), "a and b are different runs of the same name, runs/x") {
		t.Errorf("different runs of one name: %v", err)
	}
}

// TestManyProblems: of hundreds of configurations that are wrong some are told.
func TestManyProblems(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "many.yaml")
	if err := os.WriteFile(file, []byte(strings.Repeat("nasim: 1\n---\n", 300)), 0o666); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	if status := run(context.Background(), []string{"run", file}, strings.NewReader(""), &stdout, &stderr); status != statusRefused {
		t.Errorf("status %d", status)
	}
	if lines := strings.Split(stderr.String(), "\n"); lines[0] != "nasim: 300 problems" || len(lines) != mostTold+3 || lines[mostTold+1] != "and 200 more problems" {
		t.Errorf("%d lines: %s", len(lines), &stderr)
	}
}
