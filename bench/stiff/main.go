// Command stiff solves the stiff problems of pkg/integrator/problems by rodas5p and radau9,
// by SUNDIALS CVODE's BDF methods, which bench/peers has built, and by dopri5
// where it can, over tolerances, all in turn over several rounds. It prints who
// is faster at equal error and every point (Markdown), writes both into a page
// between the lines of its blocks, and draws time and steps against error.
//
//	make -C bench/peers all
//	go run ./bench/stiff -page docs/performance.md -figure docs/images/stiff.png
//
// With -own it compares rodas5p and radau9 alone, for which no peer is needed.
// A solution is timed from nothing: the solver is made, used and freed.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

// Blocks of the page.
const equalBlock, pointsBlock, ownBlock = "stiff", "stiff-points", "stiff-own"

func main() {
	peers := flag.String("peers", "bench/peers", "folder of the peers' programs")
	figure := flag.String("figure", "", "PNG file to draw; none: no figure")
	file := flag.String("page", "", "Markdown page whose blocks are replaced; none: standard output alone")
	own := flag.Bool("own", false, "compare our own methods alone")
	rounds := flag.Int("rounds", 5, "rounds; of each point the shortest time counts")
	flag.Parse()
	if err := run(*peers, *figure, *file, *own, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "stiff:", err)
		os.Exit(1)
	}
}

func run(peers, figure, file string, own bool, rounds int) error {
	runtime.GOMAXPROCS(1)
	if rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", rounds)
	}
	if err := page.Check(file, equalBlock, pointsBlock, ownBlock); err != nil {
		return err
	}
	watch := machine.Watch()
	var cases []*kase
	var version string
	var err error
	if own {
		cases, err = ownCases()
	} else {
		cases, version, err = allCases(peers)
	}
	if err != nil {
		return err
	}
	var points []*point
	var candidates []turn.Candidate
	for _, c := range cases {
		for _, s := range c.curves {
			for _, p := range s.points {
				points = append(points, p)
				candidates = append(candidates, turn.Candidate{Name: fmt.Sprintf("%s, %s, rtol %g", c.problem.Name, s.name, p.rtol), Run: p.measure})
			}
		}
	}
	seconds, err := turn.Rounds(rounds, candidates, func(round int) {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	})
	if err != nil {
		return err
	}
	for i, p := range points {
		p.seconds = slices.Min(seconds[i])
	}
	ran := watch.Describe(rounds, version) + "\n\n"
	blocks := []page.Block{{Name: ownBlock, Text: ran + ownTable(cases)}}
	if !own {
		blocks = append(blocks, page.Block{Name: equalBlock, Text: ran + equalTable(cases)}, page.Block{Name: pointsBlock, Text: ran + pointTable(cases)})
	}
	for _, b := range blocks {
		fmt.Println(b.Text)
	}
	if figure != "" && !own {
		if err := drawFigure(cases, figure); err != nil {
			return err
		}
	}
	return page.Write(file, blocks...)
}
