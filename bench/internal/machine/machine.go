// Package machine says what a benchmark ran on, and how much of it other programs
// took meanwhile, for the head of a table.
//
//	watch := machine.Watch()
//	// measure
//	fmt.Println(watch.Describe(5, "SciPy 1.10"))
package machine

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/cpu"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A Watched is a machine since Watch was called.
type Watched struct {
	start usage
	known bool
}

// Watch begins to count the time that other programs take.
func Watch() Watched {
	start, err := readUsage()
	return Watched{start, err == nil}
}

// Describe returns a sentence on the processor, the Go release, the libraries
// compared with (empty ones are left out), the rounds, and what other programs
// took of the cores since Watch. Processes started since count as this program's
// once they have been waited for.
func (w Watched) Describe(rounds int, libraries ...string) string {
	parts := []string{fmt.Sprintf("one thread on %d cores", runtime.NumCPU()), processor(),
		"kernels " + kernel.Name(), "Go " + strings.TrimPrefix(runtime.Version(), "go")}
	for _, l := range libraries {
		if l != "" {
			parts = append(parts, l)
		}
	}
	text := "Measured by " + strings.Join(parts, ", ") + fmt.Sprintf("; %d round", rounds)
	if rounds > 1 {
		text += "s"
	}
	if now, err := readUsage(); err == nil && w.known {
		if busy, ok := others(w.start, now, runtime.NumCPU()); ok {
			text += fmt.Sprintf("; meanwhile other programs kept %.1f cores busy", busy)
		}
	}
	return text + "."
}

// processor names the family and the vector instructions that matter here.
func processor() string {
	if runtime.GOARCH != "amd64" {
		return runtime.GOARCH
	}
	word := map[bool]string{true: "yes", false: "no"}
	return fmt.Sprintf("x86-64 (AVX2 %s, AVX-512 %s)", word[cpu.X86.HasAVX2], word[cpu.X86.HasAVX512F])
}

// usage is processor time, in the kernel's ticks since it started.
type usage struct{ busy, all, own int64 }

// others returns how many cores, on average, were busy with other programs. Over
// a few ticks it would be noise: false.
func others(from, to usage, cores int) (busy float64, ok bool) {
	const leastTicks = 100 // a second of one core, on most systems
	elapsed := to.all - from.all
	if elapsed < leastTicks {
		return 0, false
	}
	ticks := to.busy - from.busy - (to.own - from.own)
	return float64(cores) * float64(max(ticks, 0)) / float64(elapsed), true
}

// readUsage asks Linux. Elsewhere it is an error.
func readUsage() (usage, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}, err
	}
	self, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return usage{}, err
	}
	return parseUsage(string(stat), string(self))
}

// parseUsage reads the two files as proc(5) describes them.
func parseUsage(stat, self string) (usage, error) {
	var u usage
	// cpu user nice system idle iowait irq softirq steal …; a guest's time is in user.
	line, _, _ := strings.Cut(stat, "\n")
	all, err := numbers(strings.Fields(strings.TrimPrefix(line, "cpu")), 0, 8)
	if err != nil {
		return u, err
	}
	const idle, iowait, steal = 3, 4, 7 // steal: of other machines
	for i, ticks := range all {
		u.all += ticks
		if i != idle && i != iowait && i != steal {
			u.busy += ticks
		}
	}
	// pid (name) state …; the name may hold blanks and brackets. utime, stime and
	// those of children waited for are fields 14 to 17.
	const afterName, user = 3, 14
	own, err := numbers(strings.Fields(self[strings.LastIndex(self, ")")+1:]), user-afterName, 4)
	for _, ticks := range own {
		u.own += ticks
	}
	return u, err
}

func numbers(fields []string, from, count int) ([]int64, error) {
	if len(fields) < from+count {
		return nil, fmt.Errorf("%d fields, not %d", len(fields), from+count)
	}
	out := make([]int64, count)
	for i := range out {
		var err error
		if out[i], err = strconv.ParseInt(fields[from+i], 10, 64); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// PeakMemory returns the largest resident size of this process in GiB, as Linux
// reports it.
func PeakMemory() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			var kibibytes float64
			_, err := fmt.Sscan(value, &kibibytes)
			return kibibytes / (1 << 20), err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no VmHWM")
}
