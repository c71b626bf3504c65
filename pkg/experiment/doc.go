// Package experiment turns a configuration into a run directory: it is the only
// package that knows all the others. Data flows one way:
//
//	configuration → transformer (q, k, v of the selected heads)
//	              → features, model, integrator (the rungs of the ladder)
//	              → compare (metrics) → run directory → plotting
//
// [Plan] loads and checks everything that can be wrong before the first
// integration step; [Prepared.Execute] solves, writes and draws, as nasim run does;
// [Prepared.Run] solves the heads in parallel, for those who want the numbers alone;
// [OpenRun] reads a run's directory back, for tables and figures.
//
//	p, err := experiment.Plan(ctx, cfg, experiment.Options{Name: "text"})
//	r, err := p.Run(ctx, nil)
//	err = r.Write(ctx, dir)
package experiment
