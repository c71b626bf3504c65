package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model"
)

// The paper's scale, and what is aimed at there.
const (
	paperNeurons  = 100_000
	exactGoal     = 1.0  // s
	dopri5Goal    = 60.0 // s
	memoryGoalGiB = 1.5e9 / (1 << 30)
)

// paperScale runs each solution in a process of its own, whose peak of memory
// is then its.
func paperScale(rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("One head at the paper's scale: m = %d, N = %d, d = d_v = %d\n\n", paperNeurons, tokens, dim)
	fmt.Println("| | feature map | solution, features given | peak memory | goal |\n|---|---|---|---|---|")
	for _, c := range []struct {
		name string
		goal float64
	}{{"exact", exactGoal}, {"dopri5", dopri5Goal}} {
		var maps, solutions, peaks []float64
		for range rounds {
			cmd := exec.Command(self, "-one", c.name)
			cmd.Stderr = os.Stderr
			text, err := cmd.Output()
			if err != nil {
				return err
			}
			var evaluated, solved, peak float64
			if _, err := fmt.Sscan(string(text), &evaluated, &solved, &peak); err != nil {
				return err
			}
			maps, solutions, peaks = append(maps, evaluated), append(solutions, solved), append(peaks, peak)
		}
		fmt.Printf("| %s | %.3g s | %.3g s | %.2f GiB | ≤ %g s, ≤ %.2f GiB |\n",
			c.name, turn.Median(maps), turn.Median(solutions), turn.Median(peaks), c.goal, memoryGoalGiB)
	}
	return nil
}

// runOne solves one head and prints the seconds of the feature map, those of
// the solution, and the peak of memory in GiB.
func runOne(name string) error {
	t, err := randomHead(tokens, dim, paperNeurons, 1)
	if err != nil {
		return err
	}
	runtime.GC()
	start := time.Now()
	a, err := t.activity()
	if err != nil {
		return err
	}
	evaluated := time.Since(start).Seconds()
	start = time.Now()
	h, err := t.head(a)
	if err != nil {
		return err
	}
	switch name {
	case "exact":
		_, err = h.Exact(context.Background(), parameters, model.Options{})
	case "dopri5":
		s := model.Solver{Method: integrator.Dopri5(), Rtol: 1e-6, Atol: 1e-9}
		_, _, err = h.Integrate(context.Background(), parameters, s, model.Options{})
	default:
		err = fmt.Errorf("-one %s: exact or dopri5", name)
	}
	if err != nil {
		return err
	}
	solved := time.Since(start).Seconds()
	peak, err := peakMemory()
	fmt.Println(evaluated, solved, peak)
	return err
}

// peakMemory returns the largest resident size of this process in GiB, as Linux
// reports it.
func peakMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			var kibibytes float64
			_, err := fmt.Sscan(value, &kibibytes)
			return kibibytes / (1 << 20), err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no VmHWM")
}
