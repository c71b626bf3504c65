package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model"
)

// stableSteps is how long a fixed step may be, in units of the shortest time
// constant τ: on ẏ = −y/τ a longer one multiplies y by more than 1 in absolute
// value. It is where the real axis leaves the region of stability: |1 + z| = 1 for
// Euler's method, |1 + z + z²/2 + z³/6 + z⁴/24| = 1 for the classical one (E.
// Hairer and G. Wanner, Solving Ordinary Differential Equations II, §IV.2).
var stableSteps = map[string]float64{"euler": 2, "rk4": 2.785}

// Fastest is the shortest time constant that is integrated, s, and what it is; without any it is +Inf.
func (c *Config) Fastest() (tau float64, name string) {
	tau, of := c.Network.Parameters().Shortest(true)
	name = of.Name
	if a := c.Network.Astrocyte; a.TauReceptor > 0 { // as they settle at the median of what is read
		if fast := float64(a.TauReceptor) / (1 + 1/a.HalfEffect); fast < tau {
			tau, name = fast, "tau_receptor/(1 + 1/half_effect)"
		}
	}
	if fastest := c.Network.Parameters().FastestExchange(); fastest > 0 && fastest < tau {
		tau, name = fastest, "tau_calcium with the exchange"
	}
	return tau, name
}

// unstableStep refuses a fixed step with which the solution can only blow up.
// Every segment is divided into the fewest equal steps that are not longer than
// solver.step; those are what counts.
func unstableStep(c *Config) *complaint {
	limit, fixed := stableSteps[c.Solver.Method]
	tau, shortest := c.Fastest()
	if !fixed || c.Solver.Step <= 0 || math.IsInf(tau, 1) {
		return nil
	}
	s := c.Network.Schedule
	taken := 0.0
	for _, segment := range []Time{s.Write, s.Read, s.Gap} {
		taken = max(taken, float64(segment)/max(1, math.Ceil(float64(segment/c.Solver.Step)*(1-1e-9))))
	}
	if taken <= limit*tau*(1+1e-9) {
		return nil
	}
	most := roundDown(limit * tau)
	return &complaint{
		found:   fmt.Sprintf("method %s is unstable with a step of %s where %s is %s", c.Solver.Method, c.Solver.Step, shortest, Time(tau)),
		allowed: fmt.Sprintf("at most %s (%v times that)", most, limit), fix: "write " + most.String() + " or less",
	}
}

// stepKeys are the keys that decide whether a fixed step is stable.
func stepKeys() []string {
	paths := []string{"solver.step", "solver.method", "network.schedule.write", "network.schedule.read", "network.schedule.gap", "network.astrocyte.half_effect",
		"network.astrocyte.exchange", "network.astrocyte.length", "network.astrocyte.diffusion", "network.astrocyte.compartments"}
	for _, constant := range model.TimeConstants() {
		path, _ := fullPath(constant.Name)
		paths = append(paths, path)
	}
	return paths
}

// roundDown keeps three digits of a time, never making it longer.
func roundDown(seconds float64) Time {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(seconds, 'e', -1, 64), "e")
	rounded, err := strconv.ParseFloat(mantissa[:min(4, len(mantissa))]+"e"+exponent, 64)
	if err != nil {
		panic("config: " + err.Error()) // a number's own digits
	}
	return Time(rounded)
}
