package memory

import (
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for bytes, want := range map[float64]string{1: "under 1 MB", 2e6: "2 MB", 2.26e9: "2.3 GB", 5e12: "5.0 TB", 3e21: "3e+09 TB", math.Inf(1): "+Inf TB"} {
		if got := Text(bytes); got != want {
			t.Errorf("%v: %s, want %s", bytes, got, want)
		}
	}
}

// TestThere: a limit on addresses is heeded.
func TestThere(t *testing.T) {
	has, known := There()
	if os.Getenv("NASIM_TEST_MEMORY") != "" {
		os.Stdout.WriteString("there: " + strconv.FormatInt(has, 10) + "\n")
		return
	}
	if !known {
		t.Skip("it is not known on this system")
	}
	if has < 1<<20 {
		t.Errorf("%d bytes", has)
	}
	if Needed("it", float64(has)) != nil || Needed("it", math.Inf(1)) == nil {
		t.Error("what is there is not enough, or what is not is")
	}
	limited := exec.Command("sh", "-c", "ulimit -v 4000000 && exec "+os.Args[0]+" -test.run TestThere")
	limited.Env = append(os.Environ(), "NASIM_TEST_MEMORY=yes")
	out, err := limited.Output()
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(out), "there: ")
	number, _, _ := strings.Cut(rest, "\n")
	if within, err := strconv.ParseInt(number, 10, 64); err != nil || within > min(has, 4096e6) || within < 1e8 {
		t.Errorf("within 4.1 GB there are %s", number)
	}
}
