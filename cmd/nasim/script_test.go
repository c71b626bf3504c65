package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"nasim": main})
}

// TestScripts runs testdata/*.txtar: nasim as a user has it, in a process of its
// own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"signal": signalled,
			"empty":  empty,
		},
	})
}

// exits N COMMAND… runs a command that must exit with that status.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	checkStatus(ts, args[0], err)
}

func checkStatus(ts *testscript.TestScript, want string, err error) {
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if wanted, convErr := strconv.Atoi(want); convErr != nil || status != wanted {
		ts.Fatalf("exit status %d, want %s", status, want)
	}
}

// signal NAME STATUS COMMAND… starts a command, waits until it has begun a run
// (in runs/), sends the signal, and checks the exit status. Standard error must
// hold one line for the signal.
func signalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: signal NAME STATUS COMMAND…")
	}
	number := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[args[0]]
	cmd := exec.Command(args[2], args[3:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	var said strings.Builder
	cmd.Stderr = &said
	ts.Check(cmd.Start())
	deadline := time.Now().Add(20 * time.Second)
	for {
		begun, err := filepath.Glob(filepath.Join(cmd.Dir, "runs", ".*.partial-*"))
		ts.Check(err)
		if begun != nil {
			break
		}
		if time.Now().After(deadline) {
			ts.Check(cmd.Process.Kill())
			ts.Fatalf("the run did not begin: %s", said.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	ts.Check(cmd.Process.Signal(number))
	checkStatus(ts, args[1], cmd.Wait())
	if !strings.Contains(said.String(), "; nothing was left\n") {
		ts.Fatalf("standard error: %s", said.String())
	}
}

// empty DIR checks that a directory holds nothing, hidden files included, or
// is not there.
func empty(ts *testscript.TestScript, neg bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	ts.Check(err)
	for _, e := range entries {
		ts.Fatalf("%s holds %s", args[0], e.Name())
	}
}
