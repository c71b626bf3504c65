package compare

const (
	// NormFloor is the smallest norm, row sum or normaliser accepted as a
	// denominator. Below it the squares in a norm leave the range of normal
	// float64, so the quotient would be rounding; it is null instead. It is
	// far below any rate or output of the model: it guards arithmetic and
	// hides nothing.
	NormFloor = 1e-150

	// StepFloor is the smallest step of the ladder, relative to the norm of
	// the reference output, whose direction is used. Two outputs that agree
	// to 1e-12 differ by rounding, and the cosine of a rounding error with
	// anything is noise: cosines, shares and the dominating part are null
	// below it.
	StepFloor = 1e-12

	// AttentionFloor is the attention weight that both rows are raised to
	// inside the logarithm of KL(softmax‖network). A network weight clipped
	// to 0 where softmax is positive would make the divergence infinite; it
	// costs at most softmax · ln(1e12) = 27.6 nats · softmax instead. The
	// softmax mass that met the floor is reported beside it.
	AttentionFloor = 1e-12
)
