package experiment

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// tensorNames are the arrays that a file gives: q, k [H,N,d] or [N,d] with v
// [H,N,d_v] or [N,d_v], or phi_q, phi_k [H,N,m] with v.
func tensorNames(f *npz.File) (first, second string, err error) {
	has := func(name string) bool { return slices.Contains(f.Names(), name) }
	switch {
	case has("q") && has("k") && has("v") && (has("phi_q") || has("phi_k")):
		return "", "", fmt.Errorf("holds q, k and phi_q or phi_k; give either queries and keys or features, with v")
	case has("q") && has("k") && has("v") && has("output_kernel"):
		return "", "", fmt.Errorf("holds output_kernel, so it is a run's outputs.npz, whose q and k are divided by d^¼ already, and would be once more; " +
			"save q*d**0.25, k*d**0.25 and v in a file of their own, d the last axis")
	case has("q") && has("k") && has("v"):
		return "q", "k", nil
	case has("phi_q") && has("phi_k") && has("v"):
		return "phi_q", "phi_k", nil
	}
	return "", "", fmt.Errorf("holds %s; needed are q, k and v, or phi_q, phi_k and v", few(f.Names(), 10))
}

// tensorSizes reads the shapes: the heads without their arrays.
func tensorSizes(f *npz.File) ([]headInput, error) {
	first, second, err := tensorNames(f)
	if err != nil {
		return nil, err
	}
	var shapes [3][3]int
	for i, name := range []string{first, second, "v"} {
		a, err := f.Array(name)
		if err != nil {
			return nil, err
		}
		if len(a.DType) < 2 || !strings.Contains("fiu", a.DType[1:2]) { // no number
			_, _, err := f.Float64(name)
			return nil, err
		}
		if shapes[i], err = tensorShape(name, a.Shape); err != nil {
			return nil, err
		}
	}
	a, b, v := shapes[0], shapes[1], shapes[2]
	if a != b {
		return nil, fmt.Errorf("%s has the shape %v and %s %v; they must be equal%s", first, a, second, b, grouped(second, a, b, v))
	}
	if a[0] != v[0] || a[1] != v[1] {
		return nil, fmt.Errorf("%s has the shape %v and v %v; heads and tokens must be equal", first, a, v)
	}
	if a[0] > mostHeads {
		return nil, fmt.Errorf("%s has the shape %v; at most %d heads are taken", first, a, mostHeads)
	}
	heads := make([]headInput, a[0])
	for i := range heads {
		heads[i] = headInput{head: i, n: a[1], dv: v[2]}
		if first == "q" {
			heads[i].d = a[2]
		} else {
			heads[i].m, heads[i].phiQ, heads[i].phiK = a[2], []float64{}, []float64{}
		}
	}
	return heads, nil
}

// grouped says how to repeat the keys and values that groups of queries share.
func grouped(second string, a, b, v [3]int) string {
	if a[1] != b[1] || a[2] != b[2] || b[0] != v[0] || b[0] == 0 || a[0]%b[0] != 0 {
		return ""
	}
	times := a[0] / b[0]
	return fmt.Sprintf("; of grouped queries, give each its own: np.repeat(%s, %d, axis=0) and np.repeat(v, %d, axis=0)", second, times, times)
}

// readTensors reads the heads' arrays.
func readTensors(f *npz.File) ([]headInput, []compare.Warning, error) {
	heads, err := tensorSizes(f)
	if err != nil {
		return nil, nil, err
	}
	first, second, err := tensorNames(f)
	if err != nil {
		return nil, nil, err
	}
	var all [3]tensor
	for i, name := range []string{first, second, "v"} {
		if all[i], err = readTensor(f, name); err != nil {
			return nil, nil, err
		}
	}
	a, b, v := all[0], all[1], all[2]
	for i := range heads {
		h := &heads[i]
		if h.v = v.head(i); h.given() {
			h.phiQ, h.phiK = a.head(i), b.head(i)
		} else {
			h.q, h.k = transformer.ScaleHead(a.head(i), h.d), transformer.ScaleHead(b.head(i), h.d)
		}
	}
	return heads, doubtTensors(all), nil
}

// mostEntry bounds what a file of tensors may hold: the network forms squares of
// products of two features and a value.
const mostEntry = 1e30

// tensor is an array [H,N,width].
type tensor struct {
	name  string
	kind  byte // of its numbers in the file: f, or i and u for whole ones
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
	sizes, err := tensorShape(name, shape)
	if err != nil {
		return tensor{}, err
	}
	for i, value := range x {
		if value-value != 0 {
			return tensor{}, fmt.Errorf("%s holds %v at index %d; every entry must be finite", name, value, i)
		}
		if math.Abs(value) > mostEntry {
			return tensor{}, fmt.Errorf("%s holds %.3g at index %d; at most %g is taken, beyond which products of features and values overflow; scale it down", name, value, i, mostEntry)
		}
	}
	a, err := f.Array(name)
	return tensor{name, a.DType[1], x, sizes}, err
}

// tensorShape is a shape with its axis of heads.
func tensorShape(name string, shape []int) ([3]int, error) {
	if len(shape) == 2 {
		shape = []int{1, shape[0], shape[1]}
	}
	if len(shape) == 4 {
		return [3]int{}, fmt.Errorf("%s has the shape %v, with one axis too many; needed is [heads, tokens, size], so of a batch give one entry: %s[0]", name, shape, name)
	}
	if len(shape) != 3 || slices.Contains(shape, 0) {
		return [3]int{}, fmt.Errorf("%s has the shape %v; needed is [heads, tokens, size] or [tokens, size], none of them 0", name, shape)
	}
	return [3]int(shape), nil
}
