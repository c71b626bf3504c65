package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// job is one run of those that a command is asked for, and what is known of it when
// all are checked.
type job struct {
	config.Document
	source string // the name of its file, with which places in it begin
	of     string // the configuration's name in the run's
	wrong  error

	prepared *experiment.Prepared // nil where it is to be prepared again when it is done

	target      rundir.Target
	summary     string
	doubts      []string // of its input
	estimate    experiment.Estimate
	predicted   []experiment.HeadPrediction // where it is asked for
	unpredicted string                      // why not
	short       error                       // of memory
	complete    bool                        // already
	unplaced    error                       // why it cannot be written where it is to go
}

// mostHeld is how many bytes of several runs that are prepared are held while others
// are done. The rest are prepared again: for small runs that would be much of their
// time, and large ones would fill the memory.
const mostHeld = 64 << 20

// plan checks all runs, and says what is the same run twice. Its error holds every
// problem of every configuration.
func (a *app) plan(ctx context.Context, o runOptions, files []string) ([]*job, error) {
	jobs := a.load(o, files)
	alone, held := len(jobs) == 1, 0.0
	for _, j := range jobs {
		if j.Problems != nil {
			j.wrong = j.Problems
			if alone && o.named { // a bad output directory is reported along with a bad configuration
				j.wrong = errors.Join(j.wrong, experiment.CheckTarget(o.target(alone)))
			}
			continue
		}
		if j.wrong = j.prepare(ctx, o, alone); j.wrong != nil {
			continue
		}
		if j.wrong = j.look(ctx, o, alone); j.wrong != nil {
			continue
		}
		if !alone && (j.complete || held+j.prepared.Held() > mostHeld) {
			j.prepared = nil
		} else {
			held += j.prepared.Held()
		}
	}
	var misplaced error
	if !alone && o.named {
		misplaced = fmt.Errorf("--out names the directory of one run, and there are %d configurations; leave it out", len(jobs))
	}
	if err := errors.Join(misplaced, together(jobs)); err != nil || alone {
		return jobs, err
	}
	return a.distinct(jobs)
}

// load reads the configurations of files, of which - is standard input.
func (a *app) load(o runOptions, files []string) (jobs []*job) {
	for _, file := range files {
		source, found := file, []config.Document(nil)
		if file == "-" {
			source = "standard input"
			found = config.ReadAll(a.stdin, source, "", o.sets)
		} else {
			found = config.LoadAll(file, o.sets)
		}
		for _, d := range found {
			jobs = append(jobs, &job{Document: d, source: source, of: rundir.ConfigName(file)})
		}
	}
	return jobs
}

// target is where a run goes: only one that is alone can be told.
func (o runOptions) target(alone bool) rundir.Target {
	if !alone {
		return rundir.Target{Force: o.force}
	}
	return rundir.Target{Path: o.out, Named: o.named, Force: o.force}
}

func (j *job) prepare(ctx context.Context, o runOptions, alone bool) (err error) {
	j.prepared, err = experiment.Prepare(ctx, j.Config, experiment.Options{
		Name: j.of, Threads: o.threads, Target: o.target(alone), NoFigures: o.noFigures, Survey: o.estimate,
	})
	return err
}

// look notes what is to be known of a run before it is done.
func (j *job) look(ctx context.Context, o runOptions, alone bool) (err error) {
	p := j.prepared
	j.target, j.summary, j.doubts = p.Options.Target, p.Summary(), p.Warnings()
	preview := o.check || o.estimate
	if preview {
		j.estimate, j.short = p.Estimate(), p.Short()
	}
	if preview || !alone { // else it is found out when the run is begun
		j.complete, j.unplaced = p.Complete()
	}
	if o.estimate {
		j.predicted, j.unpredicted, err = p.Predict(ctx)
	}
	if !preview {
		err = j.unplaced
	}
	return err
}

// execute does the run, unless it was complete when it was checked.
func (j *job) execute(ctx context.Context, o runOptions, watch experiment.Watch) (experiment.Outcome, error) {
	if j.complete {
		return experiment.Outcome{Dir: j.target.Path, Found: true}, nil
	}
	if j.prepared == nil {
		if err := j.prepare(ctx, o, false); err != nil {
			return experiment.Outcome{}, err
		}
	}
	p := j.prepared
	j.prepared = nil
	return p.Execute(ctx, watch)
}
