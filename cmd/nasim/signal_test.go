package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestRepeatedSignal: signals soon after the first neither end the process, which
// would be this one, nor change the cause.
func TestRepeatedSignal(t *testing.T) {
	ctx, stop := untilSignal(context.Background())
	defer stop()
	for range 20 {
		if err := syscall.Kill(syscall.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var cause interruption
	if <-ctx.Done(); !errors.As(context.Cause(ctx), &cause) || cause.signal != syscall.SIGINT {
		t.Errorf("cause %v", context.Cause(ctx))
	}
}

// stubborn is a command that hears of signals and goes on.
func stubborn() {
	ctx, _ := untilSignal(context.Background())
	fmt.Println("ready")
	<-ctx.Done()
	fmt.Println("heard")
	time.Sleep(20 * time.Second)
}

// TestLateSignal: one that comes when the first has not helped for longer ends the
// process.
func TestLateSignal(t *testing.T) {
	cmd := exec.Command("stubborn")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill() // where it has not ended
	line := make([]byte, len("ready\n"))
	for range 2 { // ready, heard
		if _, err := io.ReadFull(out, line); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(deafness + 100*time.Millisecond)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatalf("it has ended before: %v", err)
	}
	err = cmd.Wait()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v", err)
	}
}
