package compare

// Names of the rungs that code speaks of; [Ladder] is the table of all.
const (
	Softmax = "softmax" // A0
	Kernel  = "kernel"  // A1
	Exact   = "exact"   // A2
	Solver  = "solver"  // A3
)

// Names that stand in the rung column for what belongs to no single rung.
const (
	OnLadder = "ladder" // steps between rungs
	OnHead   = "head"   // the head itself
)

// A Level is a row of the table of rungs.
type Level struct {
	Name   string // in tables, arrays and metrics
	Symbol string // as in science §2

	// Step is the part of the error that the step up from the level before makes;
	// of the lowest level there is none.
	Step Part
	// Split says that the step is split by switching on one cause at a time.
	Split bool
}

// Ladder lists the rungs, the transformer's own answer first (science §2). All
// that goes through rungs or parts of the error goes through this table.
func Ladder() []Level {
	return []Level{
		{Name: Softmax, Symbol: "A0"},
		{Name: Kernel, Symbol: "A1", Step: Part{
			Name: "kernel", Metric: "kernel", Hue: 0, Step: "finite m, choice of φ", Meaning: "finite m and the choice of φ",
		}},
		{Name: Exact, Symbol: "A2", Split: true, Step: Part{
			Name: "dynamics", Metric: "dynamics", Hue: 1, Step: "the continuous network", Meaning: "the continuous network against the sums",
		}},
		{Name: Solver, Symbol: "A3", Step: Part{
			Name: "integration", Metric: "integration", Hue: 2, Step: "tolerance", Meaning: "the solver and its tolerance",
		}},
	}
}

// RungNames returns the rungs in the order of the ladder.
func RungNames() []string {
	var names []string
	for _, level := range Ladder() {
		names = append(names, level.Name)
	}
	return names
}

// networkRungs are the rungs of the network: all but the transformer's.
func networkRungs() []string { return RungNames()[1:] }
