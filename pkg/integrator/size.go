package integrator

import "fmt"

// SizeError says that an implicit method cannot take a system of that size.
type SizeError struct {
	Method    string
	Dimension int
	Entries   int // of the factors, in numbers of eight bytes; 0: no Jacobian was given, and differences would take too many evaluations
}

// Error says what is too large and what to do.
func (size *SizeError) Error() string {
	if size.Entries == 0 {
		return fmt.Sprintf("integrator: %s would evaluate a system of %d components %d times for the Jacobian of each step (at most %d components); "+
			"give Problem.Jacobian, reduce the system, or use an explicit method such as dopri5", size.Method, size.Dimension, size.Dimension+1, mostDifferenced)
	}
	return fmt.Sprintf("integrator: the components of a system of %d depend on each other so much that the factors for %s would take %d MiB (at most %d); "+
		"reduce the system, or use an explicit method such as dopri5", size.Dimension, size.Method, size.Entries>>17, mostBlockEntries>>17)
}
