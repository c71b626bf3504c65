// Package integrator solves initial-value problems of ordinary differential
// equations, dy/dt = f(t, y), in float64: by explicit Runge–Kutta methods and,
// where they are stiff, by a Rosenbrock and by a Radau method.
//
// # Use
//
// Solve takes a Problem (the right-hand side, and what is known of it), a start,
// a Span, a Method and Settings, whose zero value works:
//
//	decay := integrator.Problem{Derivative: func(t float64, y, dy []float64) { dy[0] = -y[0] }}
//	sol, err := integrator.Solve(ctx, decay, []float64{1}, integrator.Span{0, 2}, integrator.Dopri5(), integrator.Settings{})
//	// sol.State[0] is e⁻² to about six digits
//
// An Integrator is the same for many short stretches of time: made once,
// advanced from bound to bound, its right-hand side exchanged in between,
// without an allocation.
//
// A Span runs forwards or backwards. What is kept on the way is what Settings.Save
// asks for, at which times and what of the state; only the end is kept unasked.
// Problem.Events are changes of sign along the solution, which may stop it;
// Settings.SteadyTime stops it where nothing changes any more, MaxSteps, TimeLimit
// and ctx in any case. Solution.Stats says what it took.
//
// Methods, control, norms, saving, events and memories are separate values;
// any combination works.
//
// # Contract
//
//   - Every end is hit exactly: tEnd, announced discontinuities, and (Grid) the
//     prescribed step ends, to the last bit. Save times and events do not cut
//     steps; they read the dense output.
//   - A stage is never evaluated at or beyond an announced discontinuity, and
//     nothing learnt before one is used after it.
//   - The local error of each adaptive step, estimated by the method's embedded
//     solution and scaled by the Norm, is at most 1. The error at the end is
//     what the problem makes of the local errors; halve the tolerances to see.
//   - The same arguments give the same bits on one machine; a replay of recorded
//     steps too, up to the first terminal event (Settings.Grid). No globals, no
//     goroutines, no randomness.
//   - After the first stretch nothing is allocated, but for what Save, Events
//     and RecordSteps were asked to store.
//   - A failure is an error that says time, component, cause and remedy, and
//     comes with what was solved so far.
//
// # How to choose a method
//
//	method   order  error  stages      dense  for
//	euler    1      -      1           1      teaching; tests
//	heun2    2      1      2           2      rough right-hand sides, tolerances above 1e-2
//	bs32     3      2      4 (FSAL)    3      tolerances of 1e-2 to 1e-4
//	rk4      4      -      4           3      prescribed steps; comparison with old results
//	dopri5   5      4      7 (FSAL)    4      the first choice: tolerances of 1e-4 to 1e-8
//	tsit5    5      4      7 (FSAL)    4      as dopri5; often a smaller error for the same work
//	dop853   8      7      13 (FSAL)   7      tolerances below 1e-8, smooth right-hand sides
//	rodas5p  5      4      8           4      stiff problems
//	radau9   9      7      5           5      stiff problems, tolerances below 1e-7
//
// "Error" is the order of the comparison solution; euler and rk4 have none and
// take the steps of Settings.Step or Grid. Stages are evaluations of f per step,
// one fewer where the last is the next step's first (FSAL). "Dense" is the order
// of the interpolant; euler, heun2, bs32 and rk4 have the cubic Hermite
// polynomial, dop853's costs three more evaluations in each step that is looked
// into. An f that is less smooth than the method's order wants its jumps
// announced (Problem.Discontinuities), or a method of lower order.
//
// If Stats.Stiff comes back true, or steps stay short where the solution is
// smooth, stability limits the step: loose tolerances and bs32 or rk4 may still
// do; otherwise take rodas5p or, for many digits, radau9.
//
// # Stiff problems
//
// Each step of rodas5p takes the Jacobian ∂f/∂y and ∂f/∂t, factorises one matrix
// and solves eight systems of linear equations with it; there is no iteration
// that could fail. Problem.Jacobian tells what is not zero. Without it both are
// taken by forward differences, good to about eight digits, which costs one more
// evaluation for each component and one for t; below tolerances of about 1e-9 that shows
// in the steps, too. The matrix is put into block triangular form first, by the zeros
// it happens to have: components that depend on each other are factorised together,
// those that only feed others cost next to nothing, so that a feed-forward network
// of thousands of components is as cheap as its Jacobian, while n components that
// all depend on each other cost 2n³/3 operations. Where each depends on a few, they are
// put in an order in which these are near (E. Cuthill, J. McKee, 1969): in a band of w
// entries on either side of the diagonal n components cost up to 4nw², as a chain of them,
// w = 1, or a ring, w = 2. Factors beyond 128 MiB, 4096 components that all depend on each
// other, are refused, and so are more than 4096 components without a Jacobian.
//
// A step of radau9 takes ∂f/∂y, factorises a real and two complex matrices, together 17
// times the work of one, and evaluates f five times in each of a few iterations, which
// begin where the collocation polynomial of the step before leads. An iteration that does
// not end makes the step shorter. Its estimate is of order 7, and the solution is carried on with
// order 9: below tolerances of about 1e-7 it takes a fraction of the steps of rodas5p.
//
// The interpolants of rodas5p and radau9 are continuous; their slope is only as good as their
// order, and so jumps a little between steps, where all others' are smooth. Memories
// are for explicit Runge–Kutta methods only.
//
// # Linear memories
//
// A large quantity M with dM/dt = −M/τ + s(t, y) that nothing reads while it is
// written need not be state. A Memory receives, once per accepted step, the
// numbers R(z), w_j and the stage states with which M ← R M + Σ w_j s_j is what
// the same method would have made of M as state, to rounding; a synaptic matrix
// H with the source f hᵀ then costs one product of two thin matrices for many
// steps at once (science §4).
//
// # What it is not for
//
// Differential-algebraic equations; large stiff systems whose components depend on each
// other in no narrow band, such as partial differential equations in space; stochastic
// equations (the error control presumes smooth paths); delays;
// Hamiltonian systems over very many periods (no method here is symplectic:
// energy drifts in proportion to the tolerance and the time); boundary-value
// problems; solutions wanted to more than about 14 digits.
//
// # References
//
// E. Hairer, S. P. Nørsett, G. Wanner, Solving Ordinary Differential Equations
// I: Nonstiff Problems, 2nd ed., Springer 1993. E. Hairer, G. Wanner, Solving
// Ordinary Differential Equations II, 2nd ed., Springer 1996. Each method's
// Source names where its coefficients were published. Package problems holds
// test problems with exact answers, the DETEST set among them.
package integrator
