package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/nasim-sim/nasim/internal/disk"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"nasim": limited(main), "stubborn": limited(stubborn), "undrawing": limited(undrawing), "mortal": limited(mortal),
	})
}

// limited ends a command that outlives its test, whatever became of that.
func limited(command func()) func() {
	return func() {
		time.AfterFunc(5*time.Minute, func() { panic("the test has forgotten this process") })
		command()
	}
}

// undrawing is nasim where something comes in the way of a run's figures.
func undrawing() {
	disk.Before = func(call, path string) {
		if call == "mkdir" && filepath.Base(path) == "figures" {
			os.WriteFile(path, nil, 0o666)
		}
	}
	main()
}

// hearing makes the test's children hear signals that its parent has it ignore
// (nohup, a background job): a process that is started inherits what is ignored,
// and nothing else. The test itself still ignores them.
func hearing(t *testing.T) {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			dropped := make(chan os.Signal, 1)
			signal.Notify(dropped, s)
			t.Cleanup(func() { signal.Stop(dropped) })
		}
	}
}

// TestScripts runs testdata/*.txtar: nasim as a user has it, in a process of its
// own.
func TestScripts(t *testing.T) {
	hearing(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error { // a run's directory is also named by the kernels that compute it
			env.Setenv("NASIM_KERNEL", os.Getenv("NASIM_KERNEL"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"signal": signalled,
			"killed": killed,
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
	c := begin(ts, args[2], args[4:])
	for end := time.Now().Add(deafness / 2); time.Now().Before(end) && c.cmd.Process.Signal(number) == nil; {
		time.Sleep(time.Millisecond)
	}
	checkStatus(ts, args[1], c.wait(ts))
	said := c.said.String()
	if !strings.HasSuffix(said, args[3]+"\n") || strings.Count(said, args[3]) != 1 {
		ts.Fatalf("standard error: %s", said)
	}
	ts.Check(os.WriteFile(ts.MkAbs("printed"), []byte(c.printed.String()), 0o666))
}

// killed FILES COMMAND… starts a command, waits until there are files of that
// pattern, and kills it.
func killed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: killed FILES COMMAND…")
	}
	c := begin(ts, args[0], args[1:])
	ts.Check(c.cmd.Process.Kill())
	if err := c.wait(ts); err == nil {
		ts.Fatalf("it had ended")
	}
}

// patience is the longest wait for what is due at once: a loaded machine takes
// its time.
const patience = time.Minute

// child is a process that is killed at the end of its script at the latest.
type child struct {
	cmd           *exec.Cmd
	printed, said strings.Builder
	ended         chan error
}

// begin starts a command and waits until there are files of that pattern.
func begin(ts *testscript.TestScript, files string, command []string) *child {
	c := &child{cmd: exec.Command(command[0], command[1:]...), ended: make(chan error, 1)}
	c.cmd.Dir = ts.MkAbs(".")
	c.cmd.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"))
	c.cmd.Stdout, c.cmd.Stderr = &c.printed, &c.said
	ts.Check(c.cmd.Start())
	ts.Defer(func() { c.cmd.Process.Kill() })
	go func() { c.ended <- c.cmd.Wait() }()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		begun, err := filepath.Glob(filepath.Join(c.cmd.Dir, files))
		ts.Check(err)
		if begun != nil {
			return c
		}
		if time.Now().After(deadline) {
			c.cmd.Process.Kill()
			c.wait(ts)
			ts.Fatalf("it did not begin: %s", c.said.String())
		}
	}
}

// wait returns how the process ended.
func (c *child) wait(ts *testscript.TestScript) error {
	select {
	case err := <-c.ended:
		return err
	case <-time.After(patience):
		ts.Fatalf("it does not end")
		return nil
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
