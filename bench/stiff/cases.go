package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/integrator/problems"
)

// A kase is a problem and those who solve it.
type kase struct {
	problem  problems.Problem
	floor    float64 // atol/rtol: the size below which a component is not resolved
	curves   []*curve
	failures []string // where CVODE gave up
}

// curve is a method over tolerances.
type curve struct {
	name   string
	points []*point
}

// point is a method at one tolerance.
type point struct {
	rtol, wrong, seconds float64
	steps, evaluations   int
	measure              func() (float64, error)
}

const (
	rodasAnalytic, rodasDifferences = "rodas5p", "rodas5p, differences"
	radauAnalytic, radauDifferences = "radau9", "radau9, differences"
	cvodeAnalytic, cvodeDifferences = "CVODE BDF", "CVODE BDF, differences"
	explicit                        = "dopri5"
)

// floors are in the problems' units: well below what their solutions consist of,
// but for Robertson's second component, which the first determines.
var floors = map[string]float64{"robertson": 1e-10, "van der pol": 1e-3, "hires": 1e-6, "orego": 1e-3, "emergent division": 1e-3}

// repeated is for how long a solution is repeated.
const repeated = 20 * time.Millisecond

// explicitLimit is the number of steps from which on an explicit method counts as unable.
const explicitLimit = 100_000

// A contender solves a problem at a tolerance; it is measured down to 10^-digits.
type contender struct {
	name   string
	digits int
	solve  func(rtol float64, x *point) (float64, []float64, error)
}

// ours are the methods for stiff problems of pkg/integrator.
func (c *kase) ours() []contender {
	jacobian := c.problem.Jacobian
	return []contender{
		{rodasAnalytic, 11, c.own(integrator.Rodas5P(), jacobian, 0)}, {rodasDifferences, 10, c.own(integrator.Rodas5P(), nil, 0)},
		{radauAnalytic, 11, c.own(integrator.Radau9(), jacobian, 0)}, {radauDifferences, 11, c.own(integrator.Radau9(), nil, 0)},
	}
}

// ownCases returns the problems with the points of our methods.
func ownCases() ([]*kase, error) {
	var all []*kase
	for _, p := range problems.Stiff() {
		c := &kase{problem: p, floor: floors[p.Name]}
		if err := c.meet(c.ours()); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// allCases returns the problems with the points of all methods, measured once,
// and what CVODE was built from.
func allCases(peers string) ([]*kase, string, error) {
	folder, err := filepath.Abs(peers)
	if err != nil {
		return nil, "", err
	}
	built, err := exec.Command(filepath.Join(folder, "versions")).Output()
	if err != nil {
		return nil, "", fmt.Errorf("the peers are not built: make -C bench/peers all: %w", err)
	}
	_, version, _ := strings.Cut(strings.TrimSpace(string(built)), ", ") // without Boost
	var all []*kase
	for _, p := range problems.Stiff() {
		floor, ok := floors[p.Name]
		if !ok {
			return nil, "", fmt.Errorf("problem %s has no floor", p.Name)
		}
		c := &kase{problem: p, floor: floor}
		all = append(all, c)
		err := c.meet(append(c.ours(),
			contender{cvodeAnalytic, 10, c.cvode(filepath.Join(folder, "stiff"), "analytic")},
			contender{cvodeDifferences, 10, c.cvode(filepath.Join(folder, "stiff"), "differences")},
			contender{explicit, 10, c.own(integrator.Dopri5(), nil, explicitLimit)},
		))
		if err != nil {
			return nil, "", err
		}
	}
	return all, version, nil
}

// meet measures each contender's points once.
func (c *kase) meet(contenders []contender) error {
	for _, s := range contenders {
		line := &curve{name: s.name}
		for exponent := 2; exponent <= s.digits; exponent++ {
			x := &point{rtol: math.Pow(10, -float64(exponent))}
			x.measure = func() (float64, error) {
				seconds, end, err := s.solve(x.rtol, x)
				x.wrong = c.wrong(end)
				return seconds, err
			}
			_, err := x.measure()
			if err != nil && s.name == explicit {
				break
			}
			var failed *exec.ExitError
			if errors.As(err, &failed) { // CVODE gave up
				c.failures = append(c.failures, fmt.Sprintf("%s at rtol %.0e", s.name, x.rtol))
				continue
			}
			if err != nil {
				return fmt.Errorf("%s, %s, rtol %g: %w", c.problem.Name, s.name, x.rtol, err)
			}
			line.points = append(line.points, x)
		}
		if len(line.points) > 0 {
			c.curves = append(c.curves, line)
		}
	}
	return nil
}

// wrong is the largest error of a component, relative to its size plus the floor.
func (c *kase) wrong(got []float64) float64 {
	if len(got) != len(c.problem.Y0) {
		return math.NaN()
	}
	want, worst := make([]float64, len(got)), 0.0
	c.problem.Exact(c.problem.Span[1], want)
	for i := range got {
		worst = max(worst, math.Abs(got[i]-want[i])/(math.Abs(want[i])+c.floor))
	}
	return worst
}

// shortest repeats f and returns the least of its seconds, which other programs disturb least.
func shortest(f func() error) (seconds float64, err error) {
	seconds = math.Inf(1)
	for begin := time.Now(); math.IsInf(seconds, 1) || time.Since(begin) < repeated; {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		seconds = min(seconds, time.Since(start).Seconds())
	}
	return seconds, nil
}

func (c *kase) own(method integrator.Method, jacobian integrator.Jacobian, limit int) func(float64, *point) (float64, []float64, error) {
	return func(rtol float64, x *point) (seconds float64, end []float64, err error) {
		seconds, err = shortest(func() error {
			sol, err := integrator.Solve(context.Background(), integrator.Problem{Derivative: c.problem.Derivative, Jacobian: jacobian},
				c.problem.Y0, integrator.Span{c.problem.Span[0], c.problem.Span[1]}, method,
				integrator.Settings{Rtol: rtol, Atol: c.floor * rtol, MaxSteps: limit})
			if err != nil {
				return err
			}
			end, x.steps, x.evaluations = sol.State, sol.Stats.Steps, sol.Stats.Evaluations
			return nil
		})
		return seconds, end, err
	}
}

func (c *kase) cvode(program, jacobian string) func(float64, *point) (float64, []float64, error) {
	return func(rtol float64, x *point) (float64, []float64, error) {
		out, err := exec.Command(program, c.problem.Name, fmt.Sprint(rtol), fmt.Sprint(c.floor*rtol), jacobian, fmt.Sprint(repeated.Seconds())).Output()
		if err != nil {
			return 0, nil, err
		}
		return readAnswer(string(out), x)
	}
}

// readAnswer reads what bench/peers/stiff prints: steps, evaluations, Jacobians,
// seconds and the end.
func readAnswer(text string, x *point) (seconds float64, end []float64, err error) {
	var numbers []float64
	for _, word := range strings.Fields(text) {
		number, err := strconv.ParseFloat(word, 64)
		if err != nil {
			return 0, nil, err
		}
		numbers = append(numbers, number)
	}
	const before = 4
	if len(numbers) <= before {
		return 0, nil, fmt.Errorf("printed %q", text)
	}
	x.steps, x.evaluations = int(numbers[0]), int(numbers[1])
	return numbers[3], numbers[before:], nil
}
