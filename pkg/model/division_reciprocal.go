package model

// reciprocal is the paper's read-out: the synapses' effect is divided by the calcium,
// P = 1/p.
type reciprocal struct{}

func (reciprocal) states() int                              { return 0 }
func (reciprocal) begin(float64, []float64)                 {}
func (reciprocal) divisor(p float64, _ []float64) float64   { return p }
func (reciprocal) derivative(float64, []float64, []float64) {}
