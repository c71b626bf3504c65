package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// foreign holds the curves of the peers' programs.
type foreign struct {
	curves   []*curve
	boost    *curve // Boost.Odeint, nil if it is not built
	boostAt  func(rtol, atol float64) *point
	versions []string // of what they are built from
	scratch  string   // folder for outputs
}

func (f *foreign) close() { os.RemoveAll(f.scratch) }

// report is the line that every peer prints.
var report = regexp.MustCompile(`nfev=(\d+) wall=([\d.]+)`)

// peers returns a curve for each program that is there, and says which are not.
func peers(folder, python string, reference *problem) (*foreign, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "workprecision")
	if err != nil {
		return nil, err
	}
	f := &foreign{scratch: scratch}
	program := func(name string) string {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); err != nil {
			fmt.Fprintf(os.Stderr, "%s is not built and left out: make -C bench/peers all\n", name)
			return ""
		}
		return path
	}
	// OUT and the two tolerances are filled in for each point.
	if odeint := program("odeint"); odeint != "" {
		command := []string{odeint, "RTOL", "ATOL", "OUT"}
		f.boost = f.add(reference, folder, "Boost.Odeint dopri5", "dopri5", tolerances, command...)
		f.boostAt = func(rtol, atol float64) *point { return f.point(f.boost, reference, folder, rtol, atol, command) }
	}
	if sundials := program("sundials"); sundials != "" {
		f.add(reference, folder, "SUNDIALS ERK dopri5", "dopri5", []float64{1e-4, 1e-6, 1e-8}, sundials, "RTOL", "ATOL", "OUT", "erk")
		f.add(reference, folder, "SUNDIALS CVODE Adams", "Adams", []float64{1e-4, 1e-6, 1e-8}, sundials, "RTOL", "ATOL", "OUT", "adams")
	}
	if len(f.curves) > 0 {
		built, err := exec.Command(filepath.Join(folder, "versions")).Output()
		if err != nil {
			f.close()
			return nil, fmt.Errorf("what the peers were built from is not known: make -C bench/peers all: %w", err)
		}
		f.versions = append(f.versions, strings.TrimSpace(string(built)))
	}
	if version := scipyVersion(python); version != "" {
		f.versions = append(f.versions, version)
		few := []float64{1e-4, 1e-6, 1e-8, 1e-10}
		f.add(reference, folder, "SciPy RK45", "dopri5", few, python, "scipy_peer.py", "RK45", "RTOL", "ATOL", "OUT")
		f.add(reference, folder, "SciPy DOP853", "dop853", few, python, "scipy_peer.py", "DOP853", "RTOL", "ATOL", "OUT")
	}
	return f, nil
}

// scipyVersion asks the Python; "" if SciPy is left out.
func scipyVersion(python string) string {
	if python == "" {
		return ""
	}
	version, err := exec.Command(python, "-c", "import scipy; print('SciPy', scipy.__version__)").Output()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s has no SciPy, which is left out\n", python)
	}
	return strings.TrimSpace(string(version))
}

func (f *foreign) add(reference *problem, folder, name, formula string, rtols []float64, command ...string) *curve {
	c := &curve{name: name, formula: formula, kind: peer}
	for _, rtol := range rtols {
		c.points = append(c.points, f.point(c, reference, folder, rtol, usualRatio*rtol, command))
	}
	f.curves = append(f.curves, c)
	return c
}

// point makes the point at which the program runs with the given tolerances.
func (f *foreign) point(c *curve, reference *problem, folder string, rtol, atol float64, command []string) *point {
	return &point{curve: c, rtol: rtol, atol: atol, run: func(x *point) (float64, error) {
		out := filepath.Join(f.scratch, "out.bin")
		fill := strings.NewReplacer("RTOL", fmt.Sprint(rtol), "ATOL", fmt.Sprint(atol), "OUT", out)
		var args []string
		for _, a := range command[1:] {
			args = append(args, fill.Replace(a))
		}
		cmd := exec.Command(command[0], args...)
		cmd.Dir = folder // it reads ref.bin
		cmd.Env = append(os.Environ(), "OPENBLAS_NUM_THREADS=1")
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			return 0, err
		}
		match := report.FindSubmatch(text)
		if match == nil {
			return 0, fmt.Errorf("printed %q, without nfev= and wall=", text)
		}
		if x.evaluations, err = strconv.Atoi(string(match[1])); err != nil {
			return 0, err
		}
		seconds, err := strconv.ParseFloat(string(match[2]), 64)
		if err != nil {
			return 0, err
		}
		result, err := readFloats(out)
		if err != nil {
			return 0, err
		}
		x.wrong, err = reference.wrong(result)
		return seconds, err
	}}
}
