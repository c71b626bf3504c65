package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nasim-sim/nasim/pkg/experiment"
)

// together is what is wrong with the configurations, each line once.
func together(jobs []*job) error {
	if len(jobs) == 1 {
		return jobs[0].wrong
	}
	var all []error
	for _, line := range each(jobs, func(j *job) []string { return problems(j.wrong) }) {
		all = append(all, errors.New(line))
	}
	return errors.Join(all...)
}

// each is what there is to say of the configurations: every line once, with those
// that it is of, unless it is of all.
func each(jobs []*job, said func(*job) []string) (lines []string) {
	of := map[string][]*job{}
	for _, j := range jobs {
		for _, line := range said(j) {
			if of[line] == nil {
				lines = append(lines, line)
			}
			of[line] = append(of[line], j)
		}
	}
	for i, line := range lines {
		if len(of[line]) < len(jobs) {
			lines[i] = named(line, of[line])
		}
	}
	return lines
}

// named begins a line with the configurations that it is of, unless it has the place.
func named(line string, of []*job) string {
	if strings.HasPrefix(line, of[0].source+":") {
		return line
	}
	return few(names(of)) + ": " + line
}

func names(of []*job) (names []string) {
	for _, j := range of {
		names = append(names, j.Name)
	}
	return names
}

// distinct leaves out what is the same run again.
func (a *app) distinct(jobs []*job) (different []*job, err error) {
	first := map[string]*job{}
	for _, j := range jobs {
		switch same := first[j.target.Path]; {
		case same == nil:
			first[j.target.Path] = j
			different = append(different, j)
		case same.target.Hash != j.target.Hash:
			err = errors.Join(err, fmt.Errorf("%s and %s are different runs of the same name, %s, as happens once in 4e9 times; run one of them with --out",
				same.Name, j.Name, j.target.Path))
		default:
			a.say("%s is the same run as %s, which is done once", j.Name, same.Name)
		}
	}
	return different, err
}

// sweep does several runs, one after another. It goes on after one that fails: what
// is wrong with one need not be with the next, and whoever comes back in the morning
// wants to find the others done.
func (a *app) sweep(ctx context.Context, o runOptions, jobs []*job) error {
	a.writing.Store(true) // from here on a signal waits until it can be told how far this has come
	var failed []string
	for i, j := range jobs {
		a.say("%d of %d: %s (%s)", i+1, len(jobs), j.target.Path, j.Name)
		err := a.execute(ctx, o, j)
		if ctx.Err() != nil && (err != nil || failed != nil || i+1 < len(jobs)) {
			return cutShort(err, i-len(failed), len(jobs), jobs[i:])
		}
		if err != nil {
			for _, line := range problems(err) {
				fmt.Fprintf(a.stderr, "nasim: %s\n", brief(named(line, jobs[i:i+1])))
			}
			failed = append(failed, j.Name)
		}
	}
	if failed != nil {
		return fmt.Errorf("%d of %d runs went wrong: %s", len(failed), len(jobs), few(failed))
	}
	return nil
}

// unfinished is the error of several runs that a signal has cut short.
type unfinished struct {
	err         error // of the run that was at work, if it has failed of it
	done, total int
	rest        []string // which were not run, or not to their end
}

func (u unfinished) Error() string {
	text := fmt.Sprintf("%d of %d runs are complete", u.done, u.total)
	if u.rest != nil {
		text += "; not run: " + few(u.rest)
	}
	return text
}

func (u unfinished) Unwrap() error { return u.err }

// cutShort tells how far several runs have come, the first of the rest with err.
func cutShort(err error, done, total int, rest []*job) error {
	var undrawn experiment.Undrawn
	if err == nil || errors.As(err, &undrawn) {
		done, rest = done+1, rest[1:]
	}
	return unfinished{err, done, total, names(rest)}
}

// mostNamed is how many runs a line names.
const mostNamed = 5

// few lists names, or the first of many.
func few(names []string) string {
	if len(names) <= mostNamed+1 {
		return strings.Join(names, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(names[:mostNamed], "; "), len(names)-mostNamed)
}
