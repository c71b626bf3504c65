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
	"strings"
	"syscall"

	"github.com/nasim-sim/nasim/internal/disk"
)

// hidden is the name beside base under which a process keeps what it has not
// finished: .BASE.STATE-HOST-PID-RANDOM, unlike any other.
func hidden(base, state string) string {
	var drawn [4]byte
	rand.Read(drawn[:])
	return fmt.Sprintf("%s-%s-%d-%s", hiddenStem(base, state), host(), os.Getpid(), hex.EncodeToString(drawn[:]))
}

// Beside is a hidden file or folder beside a path, for what is no part of it: .NAME.STATE.
func Beside(path, state string) string {
	dir, base := filepath.Split(filepath.Clean(path))
	return filepath.Join(dir, hiddenStem(base, state))
}

// hiddenStem stands for base: itself or, where it is long, its beginning and a hash
// of all of it.
func hiddenStem(base, state string) string {
	if len(base) > 2*maxName {
		sum := sha256.Sum256([]byte(base))
		base = cut(base, 2*maxName-9) + "-" + hex.EncodeToString(sum[:4])
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

// leftovers are the paths of what dead processes of this host left of base in a
// state.
func leftovers(dir, base, state string) (paths []string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	ours := hiddenStem(base, state) + "-" + host() + "-"
	for _, entry := range entries {
		rest, found := strings.CutPrefix(entry.Name(), ours)
		if match := processText.FindStringSubmatch(rest); found && match != nil {
			if pid, err := strconv.Atoi(match[1]); err == nil && dead(pid) {
				paths = append(paths, filepath.Join(dir, entry.Name()))
			}
		}
	}
	return paths
}

// processText is the end of a hidden name, hiddenText all of one.
var (
	processText = regexp.MustCompile("^([0-9]+)-[0-9a-f]{8}$")
	hiddenText  = regexp.MustCompile(`^\.(.+)\.partial-[0-9a-f]{8}-[0-9]+-[0-9a-f]{8}$`)
)

// unhidden is the path of the file that a path's hidden file was to become; empty
// if it is no such file.
func unhidden(path string) string {
	dir, name := filepath.Split(path)
	if match := hiddenText.FindStringSubmatch(name); match != nil {
		return dir + match[1]
	}
	return ""
}

// sweep removes what dead processes of this host left unfinished of base. What
// cannot be removed is left; it is in nobody's way.
func sweep(dir, base string) {
	for _, path := range leftovers(dir, base, "partial") {
		disk.RemoveAll(path)
	}
}

// dead says that no process has the number. A number that was given anew counts
// as alive.
func dead(pid int) bool {
	return pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}
