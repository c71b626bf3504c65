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

const briefly = deafness / 5

// stubborn is a command that hears of signals and goes on.
func stubborn() {
	ctx, _ := untilSignal(context.Background(), briefly)
	fmt.Println("ready")
	<-ctx.Done()
	var cause interruption
	if !errors.As(context.Cause(ctx), &cause) || cause.signal != syscall.SIGINT {
		fmt.Println("other")
	}
	fmt.Println("heard")
	time.Sleep(time.Minute)
}

// TestRepeatedSignals: signals soon after the first do not end the process; one
// that comes when the first has not helped for longer does.
func TestRepeatedSignals(t *testing.T) {
	hearing(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel() // which kills it where it has not ended
	cmd := exec.CommandContext(ctx, "stubborn")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	expect := func(want string) {
		line := make([]byte, len(want)+1)
		if _, err := io.ReadFull(out, line); err != nil || string(line) != want+"\n" {
			t.Fatalf("it says %q (%v), not %q", line, err, want)
		}
	}
	expect("ready")
	first := time.Now()
	for range 20 {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	expect("heard")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	sent := time.Since(first)

	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
		if sent < briefly { // else this machine stood still, and the end was due
			t.Fatal("a signal soon after the first has ended it")
		}
		return
	case <-time.After(briefly / 2):
	}
	// A loaded machine may take its time to open the ears again.
	for range 200 {
		cmd.Process.Signal(syscall.SIGINT) // fails once it has ended
		select {
		case <-ended:
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("it ended with %v", cmd.ProcessState)
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Error("a late signal does not end it")
}
