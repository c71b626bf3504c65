package experiment

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"runtime"
	"time"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// Manifest says what the run is, what made it, and how it went. Times are here
// and in no other file.
func (r *Result) Manifest(version rundir.Version, started time.Time) rundir.Manifest {
	p := r.Prepared
	host, _ := os.Hostname() // a host without a name is recorded as such
	sum := sha256.Sum256(config.Marshal(p.resolved))
	m := rundir.Manifest{
		Identity: p.Identity(), Nasim: version,
		Seeds:    map[string]uint64{"seed": p.Config.Seed},
		SHA256:   rundir.Hashes{Run: p.Hash(), Config: hex.EncodeToString(sum[:])},
		Host:     rundir.Host{Name: host, System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(), Threads: p.threads()},
		Numerics: Numerics, Kernel: kernel.Name(), Precision: r.precision,
		Times: rundir.Times{
			Started: started.UTC(), Finished: time.Now().UTC(),
			Seconds: map[string]float64{"solve": r.Elapsed.Seconds()},
		},
		Warnings: append(p.Warnings(), r.Warnings...),
	}
	if p.source.model != nil {
		m.SHA256.Weights = p.source.model.SHA256()
	}
	m.SHA256.Input = p.inputHash()
	if method := p.Config.Solver.Method; method != "none" {
		for i, s := range r.Stats {
			in := r.heads[i].circuit.in
			solver := rundir.SolverStatistics{
				Layer: in.layer, Head: in.head, Method: method, Steps: s.Accepted, Rejections: s.Rejected,
				Evaluations: s.Evaluations, PeakError: s.PeakError, Status: "reached end",
			}
			for _, of := range r.heads[i].exactly {
				solver.Exact = append(solver.Exact, rundir.Integration{
					Method: of.Method, Steps: of.Stats.Accepted, Rejections: of.Stats.Rejected, Evaluations: of.Stats.Evaluations,
				})
			}
			m.Solver = append(m.Solver, solver)
		}
	}
	return m
}

// inputHash is the SHA-256 of the input's file, or a hash of those of a set.
func (p *Prepared) inputHash() string {
	switch files := p.source.files; {
	case p.source.questions != nil:
		var parts [][]byte
		for _, f := range files {
			parts = append(parts, []byte(f.Name+" "+f.SHA256))
		}
		return rundir.Hash(parts...)
	case len(files) > 0:
		return files[0].SHA256
	}
	return ""
}
