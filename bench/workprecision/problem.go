package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/nasim-sim/nasim/pkg/model"
)

// problem is the reference problem of bench/peers (README there).
type problem struct {
	tokens, neurons, values int
	phiQ, phiK, v           []float64
	parameters              model.Parameters
	want                    []float64 // reference outputs, [N×d_v]
}

func readProblem(folder string) (*problem, error) {
	input, err := os.ReadFile(filepath.Join(folder, "ref.bin"))
	if err != nil {
		return nil, err
	}
	const header = 3 * 8 // d_v, m, N
	if len(input) < header {
		return nil, fmt.Errorf("%s/ref.bin has %d bytes, fewer than its header", folder, len(input))
	}
	dim := func(i int) int { return int(binary.LittleEndian.Uint64(input[8*i:])) }
	dv, m, n := dim(0), dim(1), dim(2)
	x := floats(input[header:])
	if len(x) != n*(2*m+dv) {
		return nil, fmt.Errorf("%s/ref.bin holds %d numbers, not N(2m + d_v) with N = %d, m = %d, d_v = %d", folder, len(x), n, m, dv)
	}
	p := &problem{
		tokens: n, neurons: m, values: dv, phiQ: x[:n*m], phiK: x[n*m : 2*n*m], v: x[2*n*m:],
		parameters: model.Parameters{
			TauHidden: 0.01, TauOutput: 0.01, TauCalcium: 0.05, TauHebbian: 20, TauPresynaptic: 20,
			Write: 0.25, Read: 0.25, Baseline: 1, Division: model.Division{Floor: 1e-9},
		},
	}
	p.want, err = readFloats(filepath.Join(folder, "ref_out.bin"))
	return p, err
}

// head returns a new head: its Gram matrix is part of what is timed.
func (p *problem) head() (*model.Head, error) {
	return model.NewHead(p.phiQ, p.phiK, p.v, p.tokens, p.neurons, p.values)
}

// wrong returns ‖out − ref‖ / ‖ref‖.
func (p *problem) wrong(out []float64) (float64, error) {
	if len(out) != len(p.want) {
		return 0, fmt.Errorf("%d outputs, but the reference has %d", len(out), len(p.want))
	}
	var difference, size float64
	for i, want := range p.want {
		difference += (out[i] - want) * (out[i] - want)
		size += want * want
	}
	return math.Sqrt(difference / size), nil
}

func readFloats(file string) ([]float64, error) {
	raw, err := os.ReadFile(file)
	return floats(raw), err
}

func floats(raw []byte) []float64 {
	x := make([]float64, len(raw)/8)
	for i := range x {
		x[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
	return x
}
