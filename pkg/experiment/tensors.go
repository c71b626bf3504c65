package experiment

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// readTensors reads q, k [H,N,d] or [N,d] with v [H,N,d_v] or [N,d_v], or phi_q,
// phi_k [H,N,m] with v.
func readTensors(f *npz.File) ([]headInput, error) {
	has := func(name string) bool { return slices.Contains(f.Names(), name) }
	first, second := "q", "k"
	switch {
	case has("q") && has("k") && has("v") && (has("phi_q") || has("phi_k")):
		return nil, fmt.Errorf("holds q, k and phi_q or phi_k; give either queries and keys or features, with v")
	case has("q") && has("k") && has("v"):
	case has("phi_q") && has("phi_k") && has("v"):
		first, second = "phi_q", "phi_k"
	default:
		return nil, fmt.Errorf("holds %s; needed are q, k and v, or phi_q, phi_k and v", strings.Join(f.Names(), ", "))
	}
	a, err := readTensor(f, first)
	if err != nil {
		return nil, err
	}
	b, err := readTensor(f, second)
	if err != nil {
		return nil, err
	}
	v, err := readTensor(f, "v")
	if err != nil {
		return nil, err
	}
	if a.shape != b.shape {
		return nil, fmt.Errorf("%s has the shape %v and %s %v; they must be equal", first, a.shape, second, b.shape)
	}
	if a.shape[0] != v.shape[0] || a.shape[1] != v.shape[1] {
		return nil, fmt.Errorf("%s has the shape %v and v %v; heads and tokens must be equal", first, a.shape, v.shape)
	}
	n, width, dv := a.shape[1], a.shape[2], v.shape[2]
	var heads []headInput
	for i := range a.shape[0] {
		h := headInput{head: i, n: n, dv: dv, v: v.head(i)}
		if first == "q" {
			h.d, h.q, h.k = width, transformer.ScaleHead(a.head(i), width), transformer.ScaleHead(b.head(i), width)
		} else {
			h.m, h.phiQ, h.phiK = width, a.head(i), b.head(i)
		}
		heads = append(heads, h)
	}
	return heads, nil
}

// tensor is an array [H,N,width].
type tensor struct {
	x     []float64
	shape [3]int
}

func (t tensor) head(i int) []float64 {
	size := t.shape[1] * t.shape[2]
	return t.x[i*size : (i+1)*size]
}

func readTensor(f *npz.File, name string) (tensor, error) {
	x, shape, err := f.Float64(name)
	if err != nil {
		return tensor{}, err
	}
	if len(shape) == 2 {
		shape = []int{1, shape[0], shape[1]}
	}
	if len(shape) != 3 || len(x) == 0 {
		return tensor{}, fmt.Errorf("%s has the shape %v; needed is [heads, tokens, size] or [tokens, size], none of them 0", name, shape)
	}
	for i, value := range x {
		if value-value != 0 {
			return tensor{}, fmt.Errorf("%s holds %v at index %d; every entry must be finite", name, value, i)
		}
	}
	return tensor{x, [3]int(shape)}, nil
}
