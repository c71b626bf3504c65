package compare

import "strings"

// A Part is a row of the error budget: a step of the ladder, a cause within the
// step that is split, or what the causes leave to their interaction.
type Part struct {
	Name    string // in tables, and where a report names the dominating part
	Metric  string // its metrics are Metric_error and Metric_share
	Step    string // what the step is, or what makes the cause, in a few words
	Meaning string // the same for the documentation
	Hue     int    // colour of a step in figures, as an index into their palette
	Inset   bool   // within the step above
}

// Size is the name of the part's size, relative to the reference output.
func (p Part) Size() string { return p.Metric + "_error" }

// Share is the name of the part's share of the total error.
func (p Part) Share() string { return p.Metric + "_share" }

// interaction is what the causes leave of the step that they split.
func interaction() Part {
	return Part{Name: "interaction", Metric: "interaction", Step: "what no cause makes alone", Meaning: "what no cause makes alone", Inset: true}
}

// Parts lists the rows of the budget in the order of the ladder; what a step is
// begins with its rungs.
func Parts() []Part {
	var parts []Part
	for i, level := range Ladder()[1:] {
		step := level.Step
		step.Step = Ladder()[i].Name + " → " + level.Name + ": " + step.Step
		parts = append(parts, step)
		if level.Split {
			for _, cause := range Causes() {
				parts = append(parts, cause.Part)
			}
			parts = append(parts, interaction())
		}
	}
	return parts
}

// PartCalled returns the part of that name; an unknown name is our own slip.
func PartCalled(name string) Part {
	for _, part := range Parts() {
		if part.Name == name {
			return part
		}
	}
	panic("compare: no part of the budget is called " + name)
}

// stepNames lists the parts that are steps of the ladder.
func stepNames() string {
	var names []string
	for _, level := range Ladder()[1:] {
		names = append(names, level.Step.Name)
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
