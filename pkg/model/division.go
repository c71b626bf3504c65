package model

import "fmt"

// Division is what the astrocyte's calcium does to the synapses it ensheathes
// (science §1): their effect is divided by it, P = 1/max(p, p_min).
type Division struct {
	Floor float64 // p_min, lower bound of the calcium that divides

	// StopAtFloor makes a read whose calcium falls to the floor an error, as
	// signed feature maps need: their calcium can pass through zero.
	StopAtFloor bool
}

// of returns x·P, where the calcium is p.
func (d *Division) of(x, p float64) float64 { return x / max(p, d.Floor) }

// atFloor counts the reads, one for each calcium, that the floor kept from
// dividing by what the calcium is.
func (d *Division) atFloor(calcium []float64) int {
	count := 0
	for _, p := range calcium {
		if p <= d.Floor {
			count++
		}
	}
	return count
}

// check returns the error of a read, other than a blank, in which the calcium
// came down to lowest.
func (d *Division) check(seg Segment, lowest float64) error {
	if d.StopAtFloor && seg.Phase == Reading && !seg.Blank && lowest <= d.Floor {
		return &FloorError{Segment: seg, Calcium: lowest, Floor: d.Floor}
	}
	return nil
}

// FloorError reports a read whose calcium fell to the floor.
type FloorError struct {
	Segment        Segment
	Calcium, Floor float64
}

// Error says where, what that means, and what to do.
func (e *FloorError) Error() string {
	return fmt.Sprintf("model: reading token %d at %.4g s: calcium p = %.3g is not above its floor %.3g, so dividing by it means nothing; "+
		"this feature map is signed: use a positive map (positive, hyperbolic, elu1), more neurons, or solver method none",
		e.Segment.Token, e.Segment.Start, e.Calcium, e.Floor)
}
