package model

// Phase is the global gate r.
type Phase int

const (
	Writing Phase = iota // r = 0
	Reading              // r = 1
)

// String names the phase.
func (phase Phase) String() string {
	if phase == Reading {
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

// Schedule returns the segments in which so many tokens are presented: bidirectional,
// write 1..N then read 1..N; causal, write t then read t (science §1).
func (parameters Parameters) Schedule(tokens int) []Segment {
	write, read := parameters.presentation(Writing, parameters.Write), parameters.presentation(Reading, parameters.Read)
	parts := [][]Segment{write, read}
	if parameters.Causal {
		parts = [][]Segment{append(write, read...)}
	}
	out := make([]Segment, 0, parameters.Segments(tokens))
	var now float64
	for _, part := range parts {
		for token := range tokens {
			for _, seg := range part {
				seg.Token, seg.Start = token, now
				out = append(out, seg)
				now += seg.Duration
			}
		}
	}
	return out
}

// Segments returns how many segments so many tokens are presented in.
func (parameters Parameters) Segments(tokens int) int {
	return tokens * (len(parameters.presentation(Writing, parameters.Write)) + len(parameters.presentation(Reading, parameters.Read)))
}

// Duration returns how long presenting so many tokens takes, s.
func (parameters Parameters) Duration(tokens int) float64 {
	return float64(tokens) * (parameters.Write + parameters.Read + float64(2*parameters.Gap))
}

// presentation returns the segments in which a token is presented.
func (parameters Parameters) presentation(phase Phase, dwell float64) []Segment {
	out := []Segment{{Phase: phase, Duration: dwell}}
	if parameters.Gap > 0 {
		out = append(out, Segment{Phase: phase, Blank: true, Duration: parameters.Gap})
	}
	return out
}
