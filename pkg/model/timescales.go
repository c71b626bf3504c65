package model

// A MeasuredTime is a range of times that were measured in cells, in s.
type MeasuredTime struct {
	Name        string // what takes so long
	Least, Most float64
	From        string // where it is from, in a few words
	Source      string // the key of its entry in the bibliography
}

// MeasuredTimes lists what a query's dwell is to be seen beside, shorter ones first: the means over
// layers of the membranes' time constants (of cortical pyramidal neurons, in slices); the time constants
// with which an astrocyte's calcium rises and decays, in its processes and its body; and how long after
// a stimulus it comes in vivo, in the arbor and the body.
func MeasuredTimes() []MeasuredTime {
	return []MeasuredTime{
		{"membrane time constants", 7.5e-3, 11.7e-3, "Tanaka et al. 2011, Table 3", "tanaka2011"},
		{"calcium of astrocyte processes, rise to decay", 0.1, 4, "De Pittà et al. 2012, Table 2", "depitta2012"},
		{"calcium of astrocyte bodies, rise to decay", 2, 25, "De Pittà et al. 2012, Table 2", "depitta2012"},
		{"latency of astrocytes' calcium in vivo", 11.1, 13.2, "Lines et al. 2024", "lines2024"},
	}
}
