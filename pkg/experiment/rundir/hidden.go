package rundir

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
)

// hidden is the name beside base under which a process keeps what it has not
// finished: .BASE.STATE-HOST-PID-RANDOM, unlike any other.
func hidden(base, state string) string {
	var drawn [4]byte
	rand.Read(drawn[:])
	return fmt.Sprintf("%s-%s-%d-%s", hiddenStem(base, state), host(), os.Getpid(), hex.EncodeToString(drawn[:]))
}

func hiddenStem(base, state string) string {
	if len(base) > 2*maxName {
		base = base[:2*maxName]
	}
	return "." + base + "." + state
}

// host stands for the machine, and on it for the set of processes that one
// process sees: two containers may share a name and a disk and not know each
// other's processes.
func host() string {
	name, _ := os.Hostname()                         // a host without a name is one too
	processes, _ := os.Readlink("/proc/self/ns/pid") // empty where there is no such thing
	sum := sha256.Sum256([]byte(name + "\n" + processes))
	return hex.EncodeToString(sum[:4])
}

// sweep removes what dead processes of this host left unfinished of base. What
// cannot be removed is left; it is in nobody's way.
func sweep(dir, base string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	ours := regexp.MustCompile("^" + regexp.QuoteMeta(hiddenStem(base, "partial")+"-"+host()+"-") + "([0-9]+)-[0-9a-f]{8}$")
	for _, entry := range entries {
		match := ours.FindStringSubmatch(entry.Name())
		if match == nil {
			continue
		}
		if pid, err := strconv.Atoi(match[1]); err == nil && dead(pid) {
			os.RemoveAll(filepath.Join(dir, entry.Name()))
		}
	}
}

// dead says that no process has the number. A number that was given anew counts
// as alive.
func dead(pid int) bool {
	return pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
