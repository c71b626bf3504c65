package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressModes are the values of --progress.
var progressModes = []string{"auto", "plain", "none"}

// progress shows how far a run has come.
type progress interface {
	update(done, total float64)
	finish()
}

// newProgress chooses: auto is a bar on a terminal and lines elsewhere.
func newProgress(mode string, quiet bool, to io.Writer) progress {
	switch {
	case quiet || mode == "none":
		return silent{}
	case mode == "auto" && isTerminal(to):
		return newBar(to)
	}
	return newLines(to, time.Now)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

type silent struct{}

func (silent) update(float64, float64) {}
func (silent) finish()                 {}

// barSteps is how finely a bar counts.
const barSteps = 1000

// bar is a line that is drawn over itself, with the time left.
type bar struct {
	drawn *progressbar.ProgressBar
}

func newBar(to io.Writer) bar {
	return bar{progressbar.NewOptions(barSteps, progressbar.OptionSetWriter(to), progressbar.OptionSetDescription("solving"),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
		progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())}
}

// A bar that cannot be drawn is no reason to stop a run: errors are dropped.
func (b bar) update(done, total float64) { _ = b.drawn.Set(int(barSteps * share(done, total))) }
func (b bar) finish()                    { _ = b.drawn.Finish() }

// share is done/total between 0 and 1.
func share(done, total float64) float64 {
	if !(total > 0) {
		return 0
	}
	return math.Min(math.Max(done/total, 0), 1)
}

// lines prints a line now and then: the first after two seconds, then at growing
// intervals up to half a minute, so that a log stays short.
type lines struct {
	mu      sync.Mutex
	to      io.Writer
	now     func() time.Time
	started time.Time
	next    time.Time
	every   time.Duration
}

const (
	firstLine   = 2 * time.Second
	longestWait = 30 * time.Second
)

func newLines(to io.Writer, now func() time.Time) *lines {
	start := now()
	return &lines{to: to, now: now, started: start, next: start.Add(firstLine), every: firstLine}
}

func (l *lines) update(done, total float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	part := share(done, total)
	if now.Before(l.next) || part <= 0 || part >= 1 {
		return
	}
	l.every = min(2*l.every, longestWait)
	l.next = now.Add(l.every)
	spent := now.Sub(l.started)
	left := time.Duration(float64(spent) * (1 - part) / part)
	fmt.Fprintf(l.to, "nasim: %.0f %% after %s, about %s left\n", 100*part, inWords(spent), inWords(left))
}

func (l *lines) finish() {}

// inWords writes a duration as 40 s, 3 min 20 s or 5 h 10 min.
func inWords(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}
