// Command workprecision solves the reference problem of bench/peers by every
// method of nasim and by the peers that bench/peers has built, over tolerances
// and steps, all in turn over several rounds. It prints a table of measured
// errors and median seconds (Markdown), then the ratios of times at equal
// measured error, and draws the work–precision plot.
//
//	make -C bench/peers all
//	go run ./bench/workprecision -python /usr/bin/python3 -figure docs/images/work-precision.png
//
// nasim's time is all from the features given to the outputs: a new head each
// time, outputs alone. A peer's is what it reports itself, without reading its
// input. Everything runs on one thread.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"github.com/nasim-sim/nasim/bench/internal/turn"
	"github.com/nasim-sim/nasim/internal/kernel"
)

type options struct {
	peers, python, figure string
	rounds                int
}

func main() {
	var opt options
	flag.StringVar(&opt.peers, "peers", "bench/peers", "folder of the reference problem and the peers' programs")
	flag.StringVar(&opt.python, "python", "", "Python with SciPy; none: SciPy is left out")
	flag.StringVar(&opt.figure, "figure", "", "PNG file to draw; none: no figure")
	flag.IntVar(&opt.rounds, "rounds", 5, "rounds; of each point the median counts")
	flag.Parse()
	if err := run(opt); err != nil {
		fmt.Fprintln(os.Stderr, "workprecision:", err)
		os.Exit(1)
	}
}

func run(opt options) error {
	runtime.GOMAXPROCS(1)
	if opt.rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", opt.rounds)
	}
	reference, err := readProblem(opt.peers)
	if err != nil {
		return err
	}
	foreign, err := peers(opt.peers, opt.python, reference)
	if err != nil {
		return err
	}
	defer foreign.close()
	curves := append(ownCurves(reference), foreign.curves...)
	tuned, err := tune(reference, foreign)
	if err != nil {
		return err
	}
	if err := measure(curves, tuned, opt.rounds); err != nil {
		return err
	}
	fmt.Printf("kernels %s, %d rounds\n\n", kernel.Name(), opt.rounds)
	printTable(curves)
	printRatios(curves, foreign.boost)
	met := printGoals(curves, tuned, foreign.boost)
	if opt.figure != "" {
		if err := drawFigure(curves, opt.figure); err != nil {
			return err
		}
	}
	if !met {
		fmt.Println("\nnot every goal is met")
	}
	return nil
}

// measure takes the rounds. Points of like tolerance follow each other, so
// that those that are compared run within a short time.
func measure(curves []*curve, tuned []*match, rounds int) error {
	var order []*point
	for i := 0; ; i++ {
		before := len(order)
		for _, c := range curves {
			if i < len(c.points) {
				order = append(order, c.points[i])
			}
		}
		if len(order) == before {
			break
		}
	}
	for _, t := range tuned {
		order = append(order, t.usual, t.boost, t.structured, t.full, t.exact)
	}
	candidates := make([]turn.Candidate, len(order))
	for i, p := range order {
		candidates[i] = turn.Candidate{Name: p.curve.name + " " + p.setting(), Run: p.measure}
	}
	seconds, err := turn.Rounds(rounds, candidates, func(round int) {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	})
	if err != nil {
		return err
	}
	for i, p := range order {
		p.seconds = seconds[i]
	}
	return nil
}
