package side

import (
	"os"
	"testing"
)

// The test's own binary is the other program.
func TestMain(m *testing.M) {
	if os.Getenv("SIDE") != "" {
		os.Stdout.WriteString("answers 1.0\n")
		var line [100]byte
		for {
			n, err := os.Stdin.Read(line[:])
			if err != nil {
				return
			}
			if string(line[:n]) == "two numbers\n" {
				os.Stdout.WriteString("1.5 2\n")
			} else {
				return
			}
		}
	}
	os.Exit(m.Run())
}

func TestMeasure(t *testing.T) {
	s, err := Start([]string{"SIDE=1"}, os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if s.Version != "answers 1.0" {
		t.Errorf("version %q", s.Version)
	}
	var a, b float64
	if err := s.Measure("two numbers", &a, &b); err != nil || a != 1.5 || b != 2 {
		t.Errorf("%v and %v, %v", a, b, err)
	}
	if err := s.Measure("something else", &a); err == nil {
		t.Error("no error where there was no answer")
	}
	s.Stop()
}

func TestStartOfNothing(t *testing.T) {
	if _, err := Start(nil, "/does/not/exist"); err == nil {
		t.Error("no error")
	}
}
