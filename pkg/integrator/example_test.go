package integrator_test

import (
	"context"
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/integrator"
)

// An oscillator over one period, with all defaults.
func Example() {
	oscillator := integrator.Problem{
		Derivative: func(t float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] },
	}
	sol, err := integrator.Solve(context.Background(), oscillator, []float64{0, 1},
		integrator.Span{0, 2 * math.Pi}, integrator.Dopri5(), integrator.Settings{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("closed to 1e-5:", math.Hypot(sol.State[0], sol.State[1]-1) < 1e-5)
	fmt.Println(sol.Status)
	// Output:
	// closed to 1e-5: true
	// reached the end, t = 6.28318530718
}

// A ball thrown up at 20 m/s: its height each half second, the top, and the
// ground as a terminal event.
func ExampleEvent() {
	ball := integrator.Problem{
		Derivative: func(t float64, y, dy []float64) { dy[0], dy[1] = y[1], -9.81 },
		Events: []integrator.Event{
			{Name: "top", Direction: integrator.Falling, Function: func(t float64, y []float64) float64 { return y[1] }},
			{Name: "ground", Direction: integrator.Falling, Terminal: true, Function: func(t float64, y []float64) float64 { return y[0] }},
		},
	}
	sol, err := integrator.Solve(context.Background(), ball, []float64{0, 20}, integrator.Span{0, 100}, nil, integrator.Settings{})
	fmt.Println(sol.Status, err)
	fmt.Printf("top at %.4f s\n", sol.Crossings[0].Time)
	// Output:
	// stopped by event "ground" at t = 4.07747196738 <nil>
	// top at 2.0387 s
}

// Save stores numbers made of the state at given times, never the trajectory.
func ExampleSave() {
	logistic := integrator.Problem{Derivative: func(t float64, y, dy []float64) { dy[0] = y[0] * (1 - y[0]) }}
	settings := integrator.Settings{Save: integrator.Save{
		At: []float64{0, 2, 4, 6}, Width: 1,
		Function: func(t float64, y, out []float64) { out[0] = 100 * y[0] },
	}}
	sol, _ := integrator.Solve(context.Background(), logistic, []float64{0.1}, integrator.Span{0, 6}, integrator.Tsit5(), settings)
	for n, t := range sol.Saved.Times {
		fmt.Printf("%g: %.1f %%\n", t, sol.Saved.Row(n)[0])
	}
	// Output:
	// 0: 10.0 %
	// 2: 45.1 %
	// 4: 85.8 %
	// 6: 97.8 %
}

// Segments with a right-hand side each: a leaky neuron driven for 10 ms, then
// left alone.
func ExampleIntegrator() {
	const tau = 0.010
	driven := func(drive float64) integrator.Derivative {
		return func(t float64, y, dy []float64) { dy[0] = (drive - y[0]) / tau }
	}
	it, err := integrator.New(integrator.Problem{Derivative: driven(1)}, 1, integrator.Dopri5(), integrator.Settings{Carry: integrator.CarryFirst})
	if err != nil {
		fmt.Println(err)
		return
	}
	it.Reset(0, []float64{0})
	for n, drive := range []float64{1, 0, 1, 0} {
		it.SetDerivative(driven(drive))
		if st := it.Advance(context.Background(), float64(n+1)*0.010); st.Err() != nil {
			fmt.Println(st)
			return
		}
		fmt.Printf("%.3f s: %.4f\n", it.Time(), it.State()[0])
	}
	// Output:
	// 0.010 s: 0.6321
	// 0.020 s: 0.2325
	// 0.030 s: 0.7177
	// 0.040 s: 0.2640
}

// A memory of the square of an oscillation, leaking with τ = 2, outside the
// state: the method's own answer, one call per step.
func ExampleMemory() {
	m := 0.0
	memory := &integrator.Memory{TimeConstant: 2, Accumulate: func(s *integrator.MemoryStep) {
		m *= s.Decay
		for j, w := range s.Weights {
			if w != 0 {
				m += w * s.States[j][0] * s.States[j][0]
			}
		}
	}}
	problem := integrator.Problem{
		Derivative: func(t float64, y, dy []float64) { dy[0], dy[1] = y[1], -y[0] },
		Memories:   []*integrator.Memory{memory},
	}
	_, err := integrator.Solve(context.Background(), problem, []float64{0, 1}, integrator.Span{0, 3}, integrator.Dopri5(), integrator.Settings{Rtol: 1e-9})
	// ∫₀³ e^{−(3−t)/2} sin² t dt
	exact := 1 - math.Exp(-1.5) - (math.Cos(6)/2+2*math.Sin(6)-math.Exp(-1.5)/2)/(2*(0.25+4))
	fmt.Printf("%.8f %.8f %v\n", m, exact, err)
	// Output:
	// 0.79925936 0.79925936 <nil>
}
