// Command nasim compares a transformer's attention with a network of neurons and
// astrocytes that computes it. See nasim --help, or docs/.
package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"github.com/nasim-sim/nasim/internal/memory"
)

func main() {
	ballast := boundMemory()
	ctx, _ := untilSignal(context.Background(), deafness) // until the end: a late signal must not change the status
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	runtime.KeepAlive(ballast)
	os.Exit(status)
}

// boundMemory has garbage collected in time where there is little memory, unless
// the user has set a limit, and not before it is worth it where there is enough: a
// small run has some megabytes, whose every doubling would be a collection. Of the
// ballast, which is never touched, there is nothing in memory; it counts as used.
func boundMemory() (ballast []byte) {
	most, known := memory.There()
	if known && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(most, 64<<20)) // below, it would do nothing else
	}
	if known && most < 1<<30 || os.Getenv("GOGC") != "" {
		return nil
	}
	return make([]byte, 32<<20)
}

// run is the whole program but the process: what it returns is the exit status.
// stdout gets what was asked for and nothing else, stderr all that is for people.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	out := &pipe{to: stdout}
	a := &app{stdin: stdin, stdout: out, stderr: stderr}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(out)
	root.SetErr(stderr)
	finished := make(chan error, 1)
	go func() { finished <- root.ExecuteContext(ctx) }()
	var err error
	select {
	case err = <-finished:
	case <-ctx.Done():
		err = context.Cause(ctx)
		if a.writing.Load() {
			err = <-finished // it stops by itself, and cleans up
		}
	}
	if err == nil {
		err = out.failure()
	}
	return a.exit(ctx, err)
}
