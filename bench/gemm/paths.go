package main

import (
	"os"

	"github.com/nasim-sim/nasim/bench/internal/side"
	"github.com/nasim-sim/nasim/internal/kernel"
)

// path is one of internal/kernel's, with OpenBLAS beside it if there is any.
type path struct {
	name      string
	assembly  bool
	own, blas *side.Side
}

// paths of internal/kernel, the best first, and what OpenBLAS takes itself for
// beside each. Go alone has nothing beside it.
var allPaths = []struct{ kernels, name, openBLAS string }{
	{"avx512", "AVX-512", "SkylakeX"}, {"avx2", "AVX2", "Haswell"}, {"generic", "Go alone", ""},
}

// startPaths starts both sides of the path in use and of those after it.
func startPaths(opt options) (paths []*path, err error) {
	defer func() {
		if err != nil {
			stop(paths)
		}
	}()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	inUse := false
	for _, c := range allPaths {
		if inUse = inUse || c.kernels == kernel.Name(); !inUse {
			continue
		}
		p := &path{name: c.name, assembly: c.openBLAS != ""}
		if p.own, err = side.Start([]string{"NASIM_KERNEL=" + c.kernels}, self, "-answer"); err != nil {
			return paths, err
		}
		paths = append(paths, p)
		if opt.python == "" || c.openBLAS == "" {
			continue
		}
		// One thread, before NumPy asks how many there are.
		environment := []string{"OPENBLAS_NUM_THREADS=1", "OPENBLAS_CORETYPE=" + c.openBLAS}
		if p.blas, err = side.Start(environment, opt.python, opt.script); err != nil {
			return paths, err
		}
	}
	return paths, nil
}

func stop(paths []*path) {
	for _, p := range paths {
		for _, s := range []*side.Side{p.own, p.blas} {
			if s != nil {
				s.Stop()
			}
		}
	}
}

// number asks for one number.
func number(s *side.Side, question string) (x float64, err error) {
	err = s.Measure(question, &x)
	return x, err
}
