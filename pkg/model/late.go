package model

// The calcium may follow the drive late: what it does at time t is what it would have
// done, by the equations of science §1, at t − Δ. As neither h nor g sees the astrocyte,
// the drive of each segment is known when the segment begins, and the calcium goes
// through the same segments Δ later. So a segment falls into spans, in each of which the
// calcium follows one segment's drive:
//
//	presented   │    write 1    │    read 1     │    write 2    │
//	followed      p_0   │    write 1    │    read 1     │
//	spans       │       │       │       │       │       │       │
//
// Without latency a segment is one span, and the drive is its own.

// A span is a stretch of a segment in which the calcium follows one segment's drive.
type span struct {
	spanKind
	drive driving // at the span's start
}

// A spanKind is what of a span time alone decides.
type spanKind struct {
	from, to float64       // within the segment, s
	phase    Phase         // of the segment whose drive it is
	course   calciumCourse // in it
}

// lateness hands out the spans of one segment after another.
type lateness struct {
	parameters *Parameters
	exact      *exactSolver // of which the hidden layer's closed forms are used; compartments have one in common
	before     float64      // s that are left until the first drive arrives
	waiting    []lateDrive
}

// A lateDrive is a segment's drive on its way.
type lateDrive struct {
	segment Segment
	drive   driving // from here on
	left    float64 // of the segment, s
}

func newLateness(parameters *Parameters, exact *exactSolver) *lateness {
	return &lateness{parameters: parameters, exact: exact, before: parameters.Latency}
}

// simultaneous is so short, relative to a segment, that two boundaries are one.
const simultaneous = 1e-12

// spans appends the spans of the next segment, whose own drive is given.
func (late *lateness) spans(seg Segment, drive driving, into []span) []span {
	if late.parameters.Latency == 0 {
		into = append(into, span{})
		span := &into[len(into)-1] // filled in place, as it is large
		span.to, span.phase, span.course, span.drive = seg.Duration, seg.Phase, late.parameters.Drive.course(seg), drive
		return into
	}
	late.waiting = append(late.waiting, lateDrive{seg, drive, seg.Duration})
	slack := float64(simultaneous * seg.Duration)
	for now := 0.0; now < seg.Duration; {
		span := span{spanKind: spanKind{from: now, phase: Reading, course: held}}
		left := &late.before
		if late.before == 0 {
			head := &late.waiting[0]
			span.phase, span.course, span.drive, left = head.segment.Phase, late.parameters.Drive.course(head.segment), head.drive, &head.left
		}
		span.to = now + *left
		if span.to > seg.Duration-slack {
			span.to = seg.Duration
		}
		lasts := span.to - now
		if *left -= lasts; *left <= slack {
			*left = 0
		}
		switch {
		case left == &late.before:
		case *left == 0:
			late.waiting = late.waiting[1:]
		default:
			head := &late.waiting[0]
			head.drive.advance(late.exact.drifted(head.segment.Phase, lasts))
		}
		into = append(into, span)
		now = span.to
	}
	return into
}
