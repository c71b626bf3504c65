package memory

import (
	"bytes"
	"io"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// usable is the part of a limit on addresses that memory can fill: the rest goes
// to gaps between what the runtime maps.
const usable = 0.8

// There is how many bytes this process may use: the machine's memory or, where it
// is less, what the process's control group or its limit on addresses (ulimit -v)
// leaves. ok is false if it cannot be known.
func There() (most int64, ok bool) {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0, false
	}
	most = int64(uint64(info.Totalram) * uint64(info.Unit))
	for _, limit := range groupLimits() {
		most = min(most, limit)
	}
	var addresses unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &addresses); err == nil && addresses.Cur < 1<<62 {
		most = min(most, max(0, int64(usable*float64(int64(addresses.Cur)-mapped()+idle()))))
	}
	return most, true
}

// mapped is how many bytes of addresses the process has already.
func mapped() int64 {
	pages, _, _ := strings.Cut(start("/proc/self/statm"), " ")
	n, _ := strconv.ParseInt(pages, 10, 64)
	return n * int64(os.Getpagesize())
}

// idle is how many of them hold nothing any more, as after a run before this one: the
// runtime gives no addresses back, but uses them again. What a pool keeps goes at the
// second collection.
func idle() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapIdle)
}

// groupLimits are those of the process's control groups, of both versions, as seen
// from outside a container and within.
func groupLimits() (limits []int64) {
	files := []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
	for line := range strings.Lines(start("/proc/self/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) < 3 {
			continue
		}
		root, file := "/sys/fs/cgroup", "memory.max"
		if parts[1] != "" {
			root, file = "/sys/fs/cgroup/memory", "memory.limit_in_bytes"
		}
		for at := path.Clean("/" + parts[2]); at != "/"; at = path.Dir(at) {
			files = append(files, path.Join(root, at, file))
		}
	}
	for _, file := range files {
		if n, err := strconv.ParseInt(strings.TrimSpace(start(file)), 10, 64); err == nil { // else "max", or no such group
			limits = append(limits, n)
		}
	}
	return limits
}

// start is the beginning of one of the kernel's small files; empty if there is none.
func start(file string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close() // only read from
	var text bytes.Buffer
	io.Copy(&text, io.LimitReader(f, 1<<16)) // what cannot be read is not there
	return text.String()
}
