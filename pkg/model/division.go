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

// of returns what is left of an effect, effect·P, at the given calcium.
func (division *Division) of(effect, calcium float64) float64 {
	return effect / max(calcium, division.Floor)
}

// settled returns (H∘P)h in the coordinates of Hφ and Hh(0): what f settles at. A
// vector that is not felt, such as φ in a blank, counts for nothing even where p is 0.
func (division *Division) settled(reached *coefficients, blank bool) (phi, hidden float64) {
	gain := division.of(reached.hebbian, reached.calcium)
	if !blank {
		phi = gain * reached.phi
	}
	if reached.hidden != 0 {
		hidden = gain * reached.hidden
	}
	return phi, hidden
}

// atFloor counts the reads, one for each calcium, that the floor kept from
// dividing by what the calcium is.
func (division *Division) atFloor(calcium []float64) int {
	count := 0
	for _, p := range calcium {
		if p <= division.Floor {
			count++
		}
	}
	return count
}

// check returns the error of a read, other than a blank, in which the calcium
// came down to lowest.
func (division *Division) check(seg Segment, lowest float64) error {
	if division.StopAtFloor && seg.Phase == Reading && !seg.Blank && lowest <= division.Floor {
		return &FloorError{Segment: seg, Calcium: lowest, Floor: division.Floor}
	}
	return nil
}

// FloorError reports a read whose calcium fell to the floor.
type FloorError struct {
	Segment        Segment
	Calcium, Floor float64
}

// Error says where, what that means, and what to do.
func (failure *FloorError) Error() string {
	return fmt.Sprintf("model: reading token %d at %.4g s: calcium p = %.3g is not above its floor %.3g, so dividing by it means nothing; "+
		"with features that are nowhere negative it stays above",
		failure.Segment.Token, failure.Segment.Start, failure.Calcium, failure.Floor)
}
