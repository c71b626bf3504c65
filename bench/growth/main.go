// Command growth times the exact solution against the sizes of a head, over a
// 16-fold range each: outputs alone against tokens N, hidden neurons m and
// values d_v, and causal ones against N and m, where they should grow linearly;
// and with A_eff against N, where it should grow as N². It prints the times
// (Markdown) with the fitted exponents, writes them into a page between the lines
// of its block growth, and draws them.
//
//	go run ./bench/growth -page docs/performance.md -figure docs/images/growth.png
//
// All sizes of all series run in turn, on one thread; the medians over the
// rounds are fitted. The exponents hold where the series are taken: see
// docs/performance.md for what happens at smaller sizes.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

const blockName = "growth"

func main() {
	figure := flag.String("figure", "", "PNG file to draw; none: no figure")
	file := flag.String("page", "", "Markdown page whose block growth is replaced; none: standard output alone")
	rounds := flag.Int("rounds", 5, "rounds; of each size the median counts")
	flag.Parse()
	if err := run(*rounds, *figure, *file); err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(rounds int, figure, file string) error {
	runtime.GOMAXPROCS(1)
	if rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", rounds)
	}
	if err := page.Check(file, blockName); err != nil {
		return err
	}
	watch := machine.Watch()
	all := allSeries()
	if err := measure(all, rounds); err != nil {
		return err
	}
	text := watch.Describe(rounds) + "\n\n" + table(all)
	fmt.Print(text)
	printGoals(all)
	if figure != "" {
		if err := drawFigure(all, figure); err != nil {
			return err
		}
	}
	return page.Write(file, page.Block{Name: blockName, Text: text})
}

// measure takes the rounds.
func measure(all []*series, rounds int) error {
	var candidates []turn.Candidate
	for _, s := range all {
		for _, at := range s.sizes {
			candidates = append(candidates, turn.Candidate{
				Name: fmt.Sprintf("%s at %+v", s.name, at),
				Run:  func() (float64, error) { return at.measure(s.work) },
			})
		}
	}
	seconds, err := turn.Rounds(rounds, candidates, func(round int) {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	})
	if err != nil {
		return err
	}
	for _, s := range all {
		for range s.sizes {
			s.seconds = append(s.seconds, turn.Median(seconds[0]))
			seconds = seconds[1:]
		}
	}
	return nil
}

// table holds the times and exponents.
func table(all []*series) string {
	var out strings.Builder
	out.WriteString("| | others fixed | sizes | median time | exponent |\n|---|---|---|---|---|\n")
	for _, s := range all {
		var seconds []string
		for i := range s.sizes {
			seconds = append(seconds, page.Seconds(s.seconds[i]))
		}
		from, to := s.vary(s.sizes[0]), s.vary(s.sizes[len(s.sizes)-1])
		fmt.Fprintf(&out, "| %s | %s | %s … %s | %s | %.2f |\n", s.name, s.fixed, page.Whole(from), page.Whole(to),
			strings.Join(seconds, ", "), s.exponent())
	}
	return out.String()
}

// printGoals prints what the exponents should be.
func printGoals(all []*series) {
	fmt.Println()
	for _, s := range all {
		fmt.Printf("%s: exponent %.2f, goal %g ± 0.1\n", s.name, s.exponent(), s.goal)
	}
}
