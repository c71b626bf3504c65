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
	testscript.Main(m, map[string]func(){"nasim": main, "stubborn": stubborn})
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

// signal NAME STATUS FILES TEXT COMMAND… starts a command, waits until there are
// files of that pattern, sends the signal, again and again until the command ends,
// as long as repeats are not heeded, and checks the exit status. Standard error
// must hold the text; standard output goes to the file printed.
func signalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: signal NAME STATUS FILES TEXT COMMAND…")
	}
	number := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP}[args[0]]
	cmd := exec.Command(args[4], args[5:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	var printed, said strings.Builder
	cmd.Stdout, cmd.Stderr = &printed, &said
	ts.Check(cmd.Start())
	deadline := time.Now().Add(20 * time.Second)
	for {
		begun, err := filepath.Glob(filepath.Join(cmd.Dir, args[2]))
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
	for end := time.Now().Add(deafness / 2); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if cmd.Process.Signal(number) != nil {
			break // it has ended
		}
	}
	checkStatus(ts, args[1], cmd.Wait())
	if !strings.HasSuffix(said.String(), args[3]+"\n") || strings.Count(said.String(), args[3]) != 1 {
		ts.Fatalf("standard error: %s", said.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs("printed"), []byte(printed.String()), 0o666))
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
