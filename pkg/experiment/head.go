package experiment

import "fmt"

// headInput is one attention head as the circuit gets it.
type headInput struct {
	layer, head int
	n, d, dv    int
	q, k        []float64 // [N×d], divided by d^{1/4}; nil where only features are given
	v           []float64 // [N×d_v]

	m          int       // with features given
	phiQ, phiK []float64 // [N×m]
}

func (h *headInput) given() bool { return h.phiQ != nil }

func (h *headInput) label() string { return fmt.Sprintf("layer %d, head %d", h.layer, h.head) }
