package model

import "fmt"

// Division is what the astrocyte's calcium does to the synapses it ensheathes: which
// read-out turns it into P, by which their effect is multiplied (science §1 and §7).
type Division struct {
	Readout     Readout
	HalfEffect  float64 // p_h of receptors
	Threshold   float64 // p_Θ, calcium at which an event releases, or what an active compartment collects
	TauReceptor float64 // τ_Γ, how long receptors take to bind, s; 0: no time
	Level       float64 // what divides where there is no astrocyte
	Processes   float64 // σ of emergent division, by which c and p are scaled together

	Floor float64 // p_min, lower bound of the calcium that divides

	// StopAtFloor makes a read whose calcium falls to the floor an error, as
	// signed feature maps need: their calcium can pass through zero.
	StopAtFloor bool
}

// A Readout names a read-out by its index in the table.
type Readout int

const (
	Reciprocal Readout = iota // the paper's: P = 1/p
	Receptor                  // P = 1/(p + p_h)
	Event                     // release in events, bound by receptors
	Threshold                 // of compartments: calcium follows the whole cell where enough are active
)

// readouts lists the read-outs, with the keys in the bibliography of where they are from. To add
// one, write its file and add its row here.
var readouts = []struct {
	name    string
	of      func(*Division) readoutModel
	sources []string
}{
	{"reciprocal", func(*Division) readoutModel { return reciprocal{} }, nil},
	{"receptor", newReceptor, []string{"stimberg2019"}},
	{"event", newEvent, []string{"stimberg2019"}},
	{"threshold", newThreshold, []string{"lines2024"}},
}

// Readouts lists the read-outs' names, as in a configuration.
func Readouts() []string {
	var names []string
	for _, row := range readouts {
		names = append(names, row.name)
	}
	return names
}

// String names the read-out.
func (readout Readout) String() string { return readouts[readout].name }

// A readoutModel is what the calcium p makes of the synapses' effect: it multiplies it
// by P, which is 1/divisor. It is given max(p, p_min).
type readoutModel interface {
	states() int // of its own; 0: P follows p at once

	// begin sets the state to where it is with p settled at a value.
	begin(p float64, state []float64)

	// divisor returns 1/P.
	divisor(p float64, state []float64) float64

	// derivative sets the state's rates of change, 1/s.
	derivative(p float64, state, rates []float64)
}

// A namedReadout is a readoutModel of whose states the first have names, by which they
// are recorded.
type namedReadout interface {
	readoutModel
	variables() []string
}

// readout returns what divides: the read-out or, without an astrocyte, a number.
func (parameters *Parameters) readout() readoutModel {
	if parameters.Circuit == NoAstrocyte {
		return constant{parameters.Division.Level}
	}
	return readouts[parameters.Division.Readout].of(&parameters.Division)
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
