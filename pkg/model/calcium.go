package model

// An astrocyte is three parts, which combine freely (science §7):
//
//	drive      what its processes collect, S = g·h (drive.go, collected.go)
//	calcium    S → p (this file, and one for each model: calcium_*.go)
//	read-out   p → P, which multiplies the synapses' effect (division.go, and one for each: division_*.go)
//
// None of them sees f, so calcium and read-out are a few equations of their own, which
// follow the hidden layer's.

// A Calcium names a calcium model by its index in the table.
type Calcium int

// Pole is one pool of calcium that rises and decays with time constants.
const (
	Pole     Calcium = iota // which has no variables of a cell's: biophysical models come after it
	LiRinzel                // IP3, and calcium that the endoplasmic reticulum releases and takes up again
	DePitta                 // the same with receptors that make IP3, and enzymes that break it down
)

// calciumModels lists the calcium models, with the keys in the bibliography of where they are from.
// To add one, write its file and add its row here.
var calciumModels = []struct {
	name    string
	of      func(*Parameters) calciumModel
	sources []string
}{
	{"pole", func(parameters *Parameters) calciumModel { return newPoles(parameters) }, nil},
	{"li-rinzel", newLiRinzel, []string{"li1994", "nadkarni2003"}},
	{"de-pitta", newDePitta, []string{"depitta2009", "stimberg2019"}},
}

// Calciums lists the calcium models' names, as in a configuration.
func Calciums() []string {
	var names []string
	for _, row := range calciumModels {
		names = append(names, row.name)
	}
	return names
}

// String names the model.
func (calcium Calcium) String() string { return calciumModels[calcium].name }

// A calciumModel is how the calcium p follows what the processes collect, S. Its state
// is a few numbers, of which p is read.
type calciumModel interface {
	states() int

	// begin sets the state to where it is with p settled at a value.
	begin(p float64, state []float64)

	// follows reports whether p follows S at once, so that it is not a matter of the state alone.
	follows() bool

	// levels sets p of as many pools of calcium as there is room for, each of which has its
	// S and its state, these stride apart. S matters where p follows it.
	levels(course calciumCourse, collected, states []float64, stride int, into []float64)

	// settle sets the states that have no time constant of their own.
	settle(course calciumCourse, collected float64, state []float64)

	// derivatives sets the rates of change of as many as there is S, 1/s, those that are not 0;
	// they lie where the states do.
	derivatives(course calciumCourse, collected, states []float64, stride int, rates []float64)
}

// A linearCalcium is a calciumModel that passes S through low-pass filters, one after
// another. It has a closed form, for which their time constants are all that is needed
// (response.go).
type linearCalcium interface {
	calciumModel
	filters() []float64 // time constants, s, each > 0; p is the last filter's, and S where there is none
}

// A cellularCalcium is a calciumModel whose states are variables of a cell, in µM or
// shares, and not in units of what is collected.
type cellularCalcium interface {
	calciumModel
	variables() []string         // the states' names, as they are recorded
	origin(variable int) float64 // what its state is counted from
	shortest() float64           // no process of it is faster, s
	check() error                // what of its parameters is outside its range
}

// cellular returns the calcium model where it is a cell's, else nil.
func (parameters *Parameters) cellular() cellularCalcium {
	cell, _ := parameters.calcium().(cellularCalcium)
	return cell
}

// calcium returns the parameters' calcium model.
func (parameters *Parameters) calcium() calciumModel {
	return calciumModels[parameters.Calcium].of(parameters)
}
