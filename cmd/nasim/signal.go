package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// interruption is the cause of a context that a signal cancelled.
type interruption struct {
	signal syscall.Signal
}

func (i interruption) Error() string {
	switch i.signal {
	case syscall.SIGINT:
		return "interrupted"
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal was closed"
	}
	return i.signal.String()
}

// deafness is how long after a signal others are not heeded: who presses Ctrl-C
// twice, or stops a job whose parent passes the signal on, wants it cleaned up all
// the same.
const deafness = time.Second

// untilSignal is cancelled by SIGINT, SIGTERM and SIGHUP, so that what was begun
// can be cleaned away. More signals while it is deaf are dropped; a later one ends
// the process at once. Signals that the parent had ignored (nohup, a background
// job) stay so. A closed pipe and a limit on a file's size become errors of the
// write.
func untilSignal(parent context.Context, deafness time.Duration) (ctx context.Context, stop func()) {
	signal.Ignore(syscall.SIGPIPE, syscall.SIGXFSZ)
	var heeded []os.Signal
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			heeded = append(heeded, s)
		}
	}
	ctx, cancel := context.WithCancelCause(parent)
	if heeded == nil {
		return ctx, func() { cancel(nil) }
	}
	received := make(chan os.Signal, 1)
	signal.Notify(received, heeded...)
	var heard atomic.Bool
	go func() {
		select {
		case s := <-received:
			heard.Store(true)
			cancel(interruption{s.(syscall.Signal)})
			time.Sleep(deafness)
			signal.Stop(received) // the next has its usual effect
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel(nil)
		if !heard.Load() { // else a repeat between here and the exit would change its status
			signal.Stop(received)
		}
	}
}
