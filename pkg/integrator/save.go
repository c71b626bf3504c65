package integrator

// Save asks for the solution at given times, from the dense output, without
// any influence on the steps.
type Save struct {
	// At are the times, strictly ordered in the direction of integration. An
	// Integrator passes over those before its start and leaves those after its
	// end for the next Advance; Solve refuses both. An Advance against the order
	// is refused as long as a time is left.
	At []float64
	// Steps asks for the end of every accepted step as well.
	Steps bool
	// Width and Function reduce the state to Width numbers: only those are
	// stored. With Width 0 nothing is stored: Function, called with out of
	// length 0, does with the state what it likes. y is valid during the call
	// only. nil: the whole state is stored, which is for short vectors.
	Width    int
	Function func(t float64, y, out []float64) // sets out, of length Width
}

// Saved are the numbers a Save asked for: row n, Width numbers long, of
// Values belongs to Times[n].
type Saved struct {
	Width  int       // numbers in a row: the state's dimension, or Save.Width
	Times  []float64 // when, in the order of saving; its length is the number of rows
	Values []float64 // len(Times) × Width, row-major
}

// Row returns the numbers saved at Times[n], a view.
func (saved *Saved) Row(n int) []float64 { return saved.Values[n*saved.Width : (n+1)*saved.Width] }

func (saved *Saved) reset() { saved.Times, saved.Values = saved.Times[:0], saved.Values[:0] }

// put stores one state.
func (saved *Saved) put(save *Save, t float64, y []float64) {
	if save.Function == nil {
		saved.Times = append(saved.Times, t)
		saved.Values = append(saved.Values, y...)
		return
	}
	if save.Width == 0 {
		save.Function(t, y, nil)
		return
	}
	saved.Times = append(saved.Times, t)
	from := len(saved.Values)
	saved.Values = append(saved.Values, make([]float64, save.Width)...)
	save.Function(t, y, saved.Values[from:])
}
