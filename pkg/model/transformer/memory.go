package transformer

// Memory is about how many bytes a forward pass over n tokens takes: the hidden states, queries, keys, values and outputs that
// it keeps, a block's inner layer, one head's scores, and the logits.
func (m *Model) Memory(n int) float64 {
	c := m.config
	perToken := float64(c.HiddenSize*(5*c.Layers+8) + c.IntermediateSize)
	if m.Kind() == KindText {
		perToken += float64(c.VocabSize)
	}
	return 8 * float64(n) * (perToken + float64(n))
}
