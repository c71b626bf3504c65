package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// setOf writes set.yaml, which asks the whole tiny-text about so many lines.
func setOf(t *testing.T, count int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	var lines strings.Builder
	for i := range count {
		fmt.Fprintf(&lines, "In the year %d the [MASK] of the city was old.\n", 1000+i)
	}
	const text = `nasim: 1
input: {texts: {file: lines.txt}}
transformer: {select: ["0:*"]}
swap: {mode: free-running}
network: {features: {neurons: 16}}
solver: {method: exact}
record: {remedy: none, attention: false, variables: []}
`
	for name, text := range map[string]string{"lines.txt": lines.String(), "set.yaml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wholeReplies counts the replies in a journal that are there to their last byte.
func wholeReplies(path string) (count int) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(raw, []byte("\n"))
	for len(rest) >= 8 {
		next := 8 + int(binary.LittleEndian.Uint32(rest))
		if next > len(rest) {
			break
		}
		rest, count = rest[next:], count+1
	}
	return count
}

// asking is nasim at work on a set.
type asking struct {
	cmd   *exec.Cmd
	said  bytes.Buffer
	ended chan error
}

func ask(t *testing.T, dir string, args ...string) *asking {
	t.Helper()
	a := &asking{cmd: exec.Command("nasim", append([]string{"run", "set.yaml", "--out", "a", "--no-figures"}, args...)...), ended: make(chan error, 1)}
	a.cmd.Dir, a.cmd.Stderr = dir, &a.said
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { a.ended <- a.cmd.Wait() }()
	return a
}

// until waits for so many replies, or for the end, which it reports.
func (a *asking) until(t *testing.T, journal string, replies int) (ended bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); wholeReplies(journal) < replies; time.Sleep(time.Millisecond) {
		select {
		case err := <-a.ended:
			if err != nil {
				t.Fatalf("%v: %s", err, a.said.String())
			}
			return true
		default:
		}
		if time.Now().After(deadline) {
			a.cmd.Process.Kill()
			t.Fatalf("there are %d replies, and not %d: %s", wholeReplies(journal), replies, a.said.String())
		}
	}
	return false
}

var repliesAlready = regexp.MustCompile(`200 inputs, to ([0-9]+) of which there are replies already; heads`)

// TestKilledSet kills a run over a set at twenty random moments: the next one finds every reply that was finished, and when it goes
// through, its numbers are those of a run that never was killed.
func TestKilledSet(t *testing.T) {
	t.Parallel()
	dir := setOf(t, 200)
	mustRun(t, dir, "nasim", "run", "set.yaml", "--out", "whole", "--no-figures", "--quiet")
	journal, seed := filepath.Join(dir, ".a.replies"), uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	there, kills := 0, 0
	for ended := false; !ended; {
		a := ask(t, dir)
		if kills < 20 {
			ended = a.until(t, journal, there+rng.IntN(16))
			time.Sleep(time.Duration(rng.IntN(3000)) * time.Microsecond)
			if !ended {
				a.cmd.Process.Kill()
				<-a.ended
				kills++
			}
		} else if err := <-a.ended; err != nil {
			t.Fatalf("%v: %s", err, a.said.String())
		} else {
			ended = true
		}
		found := 0
		if match := repliesAlready.FindStringSubmatch(a.said.String()); match != nil {
			found, _ = strconv.Atoi(match[1]) // of digits
		}
		if told := strings.Contains(a.said.String(), "200 inputs"); told && found != there {
			t.Fatalf("seed %d, after %d kills: there were %d replies, and %d were found", seed, kills, there, found)
		}
		if next := wholeReplies(journal); !ended && next < there {
			t.Fatalf("seed %d: of %d replies %d are left", seed, there, next)
		} else if !ended {
			there = next
		}
	}
	if kills < 10 {
		t.Errorf("it was killed %d times only", kills)
	}
	for _, name := range []string{"metrics.json", "metrics.csv", "responses.csv", "outputs.npz", "config.yaml"} {
		a, err := os.ReadFile(filepath.Join(dir, "a", name))
		if err != nil {
			t.Fatal(err)
		}
		if whole, err := os.ReadFile(filepath.Join(dir, "whole", name)); err != nil || !bytes.Equal(a, whole) {
			t.Errorf("seed %d: %s is not that of a run that was never killed (%v)", seed, name, err)
		}
	}
	if names := hidden(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}

// TestInterruptedSet: Ctrl-C keeps the replies, says how many, and that the same command goes on; --force does so, too.
func TestInterruptedSet(t *testing.T) {
	hearing(t)
	dir := setOf(t, 200)
	journal := filepath.Join(dir, ".a.replies")
	a := ask(t, dir, "--force")
	if a.until(t, journal, 5) {
		t.Fatal("it has ended")
	}
	if err := a.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-a.ended
	match := regexp.MustCompile(`nasim: interrupted; ([0-9]+) of 200 replies are kept, and the same command goes on from there\n$`).FindStringSubmatch(a.said.String())
	if a.cmd.ProcessState.ExitCode() != 130 || match == nil || match[1] != strconv.Itoa(wholeReplies(journal)) {
		t.Fatalf("status %d, %d replies: %s", a.cmd.ProcessState.ExitCode(), wholeReplies(journal), a.said.String())
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("the run is there")
	}
	b := ask(t, dir, "--force", "--progress", "plain")
	if err := <-b.ended; err != nil || !strings.Contains(b.said.String(), "200 inputs, to "+match[1]+" of which there are replies already; heads ") {
		t.Errorf("%v: %s", err, b.said.String())
	}
	if names := hidden(t, dir); names != nil {
		t.Errorf("there is still %v", names)
	}
}
