package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestLines: a run of ten minutes at a steady pace is told of now and then, and
// the time left is right.
func TestLines(t *testing.T) {
	const whole = 600 // seconds
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := newLines(&out, func() time.Time { return now })
	for second := range whole {
		now = time.Unix(int64(second), 0)
		l.update(float64(second), whole)
	}
	l.finish()
	told := strings.Split(strings.TrimSpace(out.String()), "\n")
	if told[0] != "nasim: 0 % after 2 s, about 9 min 58 s left" {
		t.Errorf("first %q", told[0])
	}
	// After 2, 6, 14 and 30 s, and then every 30 s from 60 to 570.
	if len(told) != 4+18 {
		t.Errorf("%d lines", len(told))
	}
}

// TestLinesOddTotals: nothing to do, or more done than there was, prints no
// nonsense.
func TestLinesOddTotals(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := newLines(&out, func() time.Time { return now })
	now = now.Add(time.Hour)
	for _, total := range []float64{0, -1, 1} {
		l.update(0, total)
		l.update(3, total)
	}
	if out.Len() > 0 {
		t.Errorf("printed %s", &out)
	}
}

// TestProgressChoice: a buffer is no terminal, so auto means lines; quiet means
// none.
func TestProgressChoice(t *testing.T) {
	var out bytes.Buffer
	if _, ok := newProgress("auto", false, &out).(*lines); !ok {
		t.Error("auto is not lines")
	}
	if _, ok := newProgress("plain", true, &out).(silent); !ok {
		t.Error("quiet is not silent")
	}
	if _, ok := newProgress("none", false, &out).(silent); !ok {
		t.Error("none is not silent")
	}
}

func TestInWords(t *testing.T) {
	for seconds, want := range map[float64]string{0.2: "0 s", 59.4: "59 s", 59.6: "1 min 0 s", 200: "3 min 20 s", 3600: "1 h 0 min", 18600: "5 h 10 min"} {
		if got := inWords(time.Duration(seconds * float64(time.Second))); got != want {
			t.Errorf("%v s is %q, want %q", seconds, got, want)
		}
	}
}
