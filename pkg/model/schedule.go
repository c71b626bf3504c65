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
	write, read := p.presentation(Writing, p.Write), p.presentation(Reading, p.Read)
	parts := [][]Segment{write, read}
	if p.Causal {
		parts = [][]Segment{append(write, read...)}
	}
	out := make([]Segment, 0, p.Segments(n))
	var now float64
	for _, part := range parts {
		for t := range n {
			for _, seg := range part {
				seg.Token, seg.Start = t, now
				out = append(out, seg)
				now += seg.Duration
			}
		}
	}
	return out
}

// Segments returns how many segments n tokens are presented in.
func (p Parameters) Segments(n int) int {
	return n * (len(p.presentation(Writing, p.Write)) + len(p.presentation(Reading, p.Read)))
}

// Duration returns how long presenting n tokens takes, s.
func (p Parameters) Duration(n int) float64 {
	return float64(n) * (p.Write + p.Read + float64(2*p.Gap))
}

// presentation returns the segments in which a token is presented.
func (p Parameters) presentation(phase Phase, dwell float64) []Segment {
	out := []Segment{{Phase: phase, Duration: dwell}}
	if p.Gap > 0 {
		out = append(out, Segment{Phase: phase, Blank: true, Duration: p.Gap})
	}
	return out
}
