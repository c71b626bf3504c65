package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// side is a process that measures when asked.
type side struct {
	version string // its first line
	process *exec.Cmd
	ask     io.WriteCloser
	answers *bufio.Reader
}

func startSide(environment []string, command ...string) (*side, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), environment...)
	ask, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	answers, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &side{process: cmd, ask: ask, answers: bufio.NewReader(answers)}
	if s.version, err = s.answers.ReadString('\n'); err != nil {
		s.stop()
		return nil, fmt.Errorf("%s did not start: %w", strings.Join(command, " "), err)
	}
	s.version = strings.TrimSpace(s.version)
	return s, nil
}

func (s *side) stop() {
	s.ask.Close()
	s.process.Wait() // its failure has been reported by what it did not answer
}

// measure asks for a number.
func (s *side) measure(question string) (x float64, err error) {
	if _, err := fmt.Fprintln(s.ask, question); err != nil {
		return 0, err
	}
	if _, err := fmt.Fscanln(s.answers, &x); err != nil {
		return 0, fmt.Errorf("no answer to %q: %w", question, err)
	}
	return x, nil
}

// path is one of internal/kernel's, with OpenBLAS beside it if there is any.
type path struct {
	name      string
	own, blas *side
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
		p := &path{name: c.name}
		if p.own, err = startSide([]string{"NASIM_KERNEL=" + c.kernels}, self, "-answer"); err != nil {
			return paths, err
		}
		paths = append(paths, p)
		if opt.python == "" || c.openBLAS == "" {
			continue
		}
		// One thread, before NumPy asks how many there are.
		environment := []string{"OPENBLAS_NUM_THREADS=1", "OPENBLAS_CORETYPE=" + c.openBLAS}
		if p.blas, err = startSide(environment, opt.python, opt.script); err != nil {
			return paths, err
		}
	}
	return paths, nil
}

func stop(paths []*path) {
	for _, p := range paths {
		for _, s := range []*side{p.own, p.blas} {
			if s != nil && s.process.ProcessState == nil {
				s.stop()
			}
		}
	}
}
