// Command gemm times internal/kernel's matrix products against OpenBLAS, in
// float64 and float32, on one thread, and its functions of rows by themselves. It prints a table
// (Markdown), and writes it into a page between the lines of its block
// matrix-products.
//
//	go run ./bench/gemm -python python3 -page docs/performance.md
//
// Both sides run in turn, round after round, each as a process that answers; of
// each the shortest product of all rounds counts, and the ratio is that of the
// shortest. OpenBLAS is told which processor to take itself for: SkylakeX beside
// internal/kernel's AVX-512 path, Haswell beside AVX2; left alone, it may guess
// far too low.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/bench/internal/page"
)

const blockName = "matrix-products"

type options struct {
	python, script, page string
	rounds               int
	seconds              float64
}

func main() {
	var opt options
	flag.StringVar(&opt.python, "python", "", "Python whose NumPy brings OpenBLAS; none: nasim alone")
	flag.StringVar(&opt.script, "script", "bench/openblas_gemm.py", "OpenBLAS's side")
	flag.StringVar(&opt.page, "page", "", "Markdown page whose block is replaced; none: standard output alone")
	flag.IntVar(&opt.rounds, "rounds", 3, "rounds; the best counts")
	flag.Float64Var(&opt.seconds, "seconds", 0.3, "time for each size, side and round")
	answering := flag.Bool("answer", false, "be nasim's side: answer what standard input asks for")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	err := error(nil)
	if *answering {
		err = answer(os.Stdin, os.Stdout)
	} else {
		err = run(opt)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gemm:", err)
		os.Exit(1)
	}
}

func run(opt options) error {
	if opt.rounds < 1 {
		return fmt.Errorf("-rounds %d: at least 1 is needed", opt.rounds)
	}
	if err := page.Check(opt.page, blockName); err != nil {
		return err
	}
	watch := machine.Watch()
	paths, err := startPaths(opt)
	if err != nil {
		return err
	}
	defer stop(paths)
	rows := products(paths)
	applied, err := measure(rows, paths, opt)
	if err != nil {
		return err
	}
	version := ""
	if paths[0].blas != nil {
		version = paths[0].blas.Version
	}
	stop(paths) // so that their time is not taken for other programs'
	text := watch.Describe(opt.rounds, version) + "\n\n" + table(rows) + "\n" + applied.table(paths)
	fmt.Print(text)
	return page.Write(opt.page, page.Block{Name: blockName, Text: text})
}
