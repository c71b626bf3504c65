// Command fit times the fit of one head's hidden layer against PyTorch's of the same size, from the same tokens, in turn: the steps, on
// one thread and on all, and the fit from its invariances to its held-out error; with the peak of memory. It prints the table (Markdown),
// and writes it into a page between the lines of its block fit.
//
//	go run ./bench/fit -python python3 -page docs/performance.md
//
// PyTorch holds all tokens and their attention in memory; nasim reads the texts of each step from a file, as nasim fit does.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
	"github.com/nasim-sim/nasim/bench/internal/side"
	"github.com/nasim-sim/nasim/bench/internal/turn"
)

const block = "fit"

// closeErrors is by what the errors of the two sides' fits, which begin with other neurons, may differ.
const closeErrors = 0.1

func main() {
	python := flag.String("python", "python3", "Python with PyTorch")
	script := flag.String("script", "bench/fit_torch.py", "PyTorch's side")
	rounds := flag.Int("rounds", 5, "rounds; the median counts")
	one := flag.Int("one", 0, "fit so many heads at once in this process, to the tokens in the folder -tokens")
	folder := flag.String("tokens", "", "that folder")
	file := flag.String("page", "", "Markdown page whose block is replaced; none: standard output alone")
	flag.Parse()
	err := error(nil)
	if *one > 0 {
		err = runOne(*one, *folder)
	} else {
		err = run(*python, *script, *rounds, *file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fit:", err)
		os.Exit(1)
	}
}

func run(python, script string, rounds int, file string) error {
	if rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", rounds)
	}
	if err := page.Check(file, block); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "nasim-fit-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := draw(folder); err != nil {
		return err
	}
	watch := machine.Watch()
	var rows strings.Builder
	version := ""
	threads := []int{1}
	if runtime.NumCPU() > 1 {
		threads = append(threads, runtime.NumCPU())
	}
	for _, n := range threads {
		torch, err := side.Start([]string{
			fmt.Sprintf("OMP_NUM_THREADS=%d", n), fmt.Sprintf("MKL_NUM_THREADS=%d", n), "OMP_WAIT_POLICY=PASSIVE", "KMP_BLOCKTIME=0", // or its threads wait at work while nasim runs
		}, append([]string{python, script}, append(strings.Fields(fmt.Sprint(n, steps, batch, neurons, texts, tokens, dim)), folder)...)...)
		if err != nil {
			return err
		}
		text, err := compare(torch, folder, n, rounds)
		torch.Stop()
		if err != nil {
			return err
		}
		version = torch.Version
		rows.WriteString(text)
	}
	table := fmt.Sprintf("%s\n\nm = %d, d = d_v = %d, %s tokens in texts of %d, %s steps of %d texts, float32; the median, for one head:\n\n"+
		"| threads | | steps | × PyTorch's | from tokens to the error | held-out error | peak of memory |\n|---|---|---|---|---|---|---|\n%s",
		watch.Describe(rounds, version), neurons, dim, page.Whole(texts*tokens), tokens, page.Whole(steps), batch, rows.String())
	fmt.Printf("%s\ngoal: the steps no slower than PyTorch's\n", table)
	return page.Write(file, page.Block{Name: block, Text: table})
}

// answer is what a side says of a fit: seconds of its steps, and of all, for one head; the error held out; GiB.
type answer struct{ steps, all, error, peak float64 }

// compare times both sides on so many threads.
func compare(torch *side.Side, folder string, threads, rounds int) (string, error) {
	var last [3]answer
	all := [3][]float64{}
	took := func(i int, a answer) (float64, error) {
		last[i] = a
		all[i] = append(all[i], a.all)
		return a.steps, nil
	}
	candidates := []turn.Candidate{
		{Name: "PyTorch", Run: func() (float64, error) {
			var a answer
			var attention float64
			if err := torch.Measure("fit", &a.steps, &attention, &a.error, &a.peak); err != nil {
				return 0, err
			}
			a.all = a.steps + attention
			return took(0, a)
		}},
		{Name: "nasim, one head", Run: func() (float64, error) {
			a, err := askOne(threads, 1, folder)
			if err != nil {
				return 0, err
			}
			return took(1, a)
		}},
	}
	if threads > 1 {
		candidates = append(candidates, turn.Candidate{Name: fmt.Sprintf("nasim, %d heads at once", threads), Run: func() (float64, error) {
			a, err := askOne(threads, threads, folder)
			if err != nil {
				return 0, err
			}
			return took(2, a)
		}})
	}
	seconds, err := turn.Rounds(rounds, candidates, nil)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, c := range candidates {
		if r := last[i].error / last[0].error; r < 1-closeErrors || r > 1+closeErrors {
			return "", fmt.Errorf("%s has a held-out error of %.4g, and %s of %.4g: they do not fit alike", c.Name, last[i].error, candidates[0].Name, last[0].error)
		}
		fmt.Fprintf(&out, "| %d | %s | %s | %s | %s | %s | %s GiB |\n", threads, c.Name, page.Seconds(turn.Median(seconds[i])), turn.Ratio(seconds[i], seconds[0]),
			page.Seconds(turn.Median(all[i])), page.Decimal(last[i].error, 3), page.Decimal(last[i].peak, 2))
	}
	return out.String(), nil
}

// askOne starts a process that fits so many heads at once, and reads what it prints.
func askOne(threads, heads int, folder string) (a answer, err error) {
	self, err := os.Executable()
	if err != nil {
		return a, err
	}
	cmd := exec.Command(self, "-one", fmt.Sprint(heads), "-tokens", folder)
	cmd.Stderr, cmd.Env = os.Stderr, append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", threads))
	text, err := cmd.Output()
	if err != nil {
		return a, err
	}
	_, err = fmt.Sscan(string(text), &a.steps, &a.all, &a.error, &a.peak)
	return a, err
}
