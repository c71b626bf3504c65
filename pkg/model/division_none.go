package model

// constant is what divides where there is no astrocyte, P = 1/level: a number, whatever
// the calcium would be (science §7).
type constant struct{ level float64 }

func (constant) states() int                                 { return 0 }
func (constant) begin(float64, []float64)                    {}
func (constant constant) divisor(float64, []float64) float64 { return constant.level }
func (constant) derivative(float64, []float64, []float64)    {}
