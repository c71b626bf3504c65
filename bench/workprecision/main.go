// Command workprecision solves the reference problem of bench/peers by every
// method of nasim and by the peers that bench/peers has built, over tolerances
// and steps, all in turn over several rounds. It prints the ratios of times at
// equal measured error (Markdown), and a table of the measured errors and median
// seconds of every point; writes them into a page between the lines of its
// blocks; and draws the work–precision plot.
//
//	make -C bench/peers all
//	go run ./bench/workprecision -python python3 -page docs/performance.md -figure docs/images/work-precision.png
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

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

// Blocks of the page.
const equalBlock, methodsBlock, pointsBlock = "equal-error", "methods", "points"

type options struct {
	peers, python, figure, page string
	rounds                      int
}

func main() {
	var opt options
	flag.StringVar(&opt.peers, "peers", "bench/peers", "folder of the reference problem and the peers' programs")
	flag.StringVar(&opt.python, "python", "", "Python with SciPy; none: SciPy is left out")
	flag.StringVar(&opt.figure, "figure", "", "PNG file to draw; none: no figure")
	flag.StringVar(&opt.page, "page", "", "Markdown page whose blocks are replaced; none: standard output alone")
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
	if err := page.Check(opt.page, equalBlock, methodsBlock, pointsBlock); err != nil {
		return err
	}
	watch := machine.Watch()
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
	ran := watch.Describe(opt.rounds, foreign.versions...) + "\n\n"
	blocks := []page.Block{
		{Name: equalBlock, Text: ran + equalTable(tuned)},
		{Name: methodsBlock, Text: ran + ratioTable(curves, foreign.boost)},
		{Name: pointsBlock, Text: ran + pointTable(curves)},
	}
	for _, b := range blocks {
		fmt.Println(b.Text)
	}
	if !printGoals(curves, tuned) {
		fmt.Println("\nnot every goal is met")
	}
	if opt.figure != "" {
		if err := drawFigure(curves, opt.figure); err != nil {
			return err
		}
	}
	return page.Write(opt.page, blocks...)
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
