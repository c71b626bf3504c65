package transformer

// Memory is about how many bytes a forward pass over n tokens takes: the hidden states, queries, keys, values and outputs that
// it keeps, a block's inner layer and weights, one head's scores, and the logits.
func (m *Model) Memory(n int) float64 {
	width, inner := m.Width(), m.net.Inner()
	perToken := float64(width*(5*m.Layers()+8) + inner + m.net.Vocabulary)
	weights := float64(float64(width) * float64(4*width+2*inner))
	return 8 * (float64(float64(n)*(perToken+float64(n))) + weights)
}
