package model

// Phase is the global gate r.
type Phase int

const (
	Writing Phase = iota // r = 0
	Reading              // r = 1
)

// String names the phase.
func (p Phase) String() string {
	if p == Reading {
		return "reading"
	}
	return "writing"
}

// A Segment is a stretch of time with constant drives.
type Segment struct {
	Phase    Phase
	Token    int     // 0-based; of a blank, the token it follows
	Blank    bool    // φ = 0 and v = 0, the gate as in the segment before
	Start    float64 // s
	Duration float64 // s
}

// Schedule returns the segments in which n tokens are presented: bidirectional,
// write 1..N then read 1..N; causal, write t then read t (science §1).
func (p Parameters) Schedule(n int) []Segment {
	count := 2 * n
	if p.Gap > 0 {
		count *= 2
	}
	out := make([]Segment, 0, count)
	var now float64
	add := func(phase Phase, token int, duration float64) {
		out = append(out, Segment{Phase: phase, Token: token, Start: now, Duration: duration})
		now += duration
		if p.Gap > 0 {
			out = append(out, Segment{Phase: phase, Token: token, Blank: true, Start: now, Duration: p.Gap})
			now += p.Gap
		}
	}
	for t := range n {
		add(Writing, t, p.Write)
		if p.Causal {
			add(Reading, t, p.Read)
		}
	}
	if !p.Causal {
		for t := range n {
			add(Reading, t, p.Read)
		}
	}
	return out
}
