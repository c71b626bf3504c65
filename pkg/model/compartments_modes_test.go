package model

import "testing"

// The folded transform to and from modes is the multiplication by their vectors, of which the mean is the first.
func TestModesAreFolded(t *testing.T) {
	const times = 3
	for topology := range Topologies() {
		for _, count := range []int{2, 3, 4, 5, 7, 8, 9, 10, 12, 16, 25, 30, 31, 64, 96} {
			topology := Topology(topology)
			vectors, decays := topology.modes(count)
			folded := topology.fold(vectors, decays)
			if decays[0] != 0 {
				t.Errorf("%s of %d: the first mode decays", topology, count)
			}
			if topology != All && count >= fewPoints && folded.even == nil {
				t.Errorf("%s of %d is not folded", topology, count)
			}
			x := make([]float64, count*times)
			for i := range x {
				x[i] = float64((7*i*i+3*i)%11) - 4
			}
			within, want, flow, one := make([]float64, count), make([]float64, count), make([]float64, count), make([]float64, count)
			folded.analyse(1, x[:count], within)
			for k, vector := range vectors {
				topology.exchanged(vector, flow)
				for c, rate := range flow {
					if d := rate + decays[k]*vector[c]; !(d*d < 1e-22*float64(count)) {
						t.Fatalf("%s of %d: mode %d does not decay by %g", topology, count, k, decays[k])
					}
				}
				want[k] = combined(vector, x[:count])
			}
			if d := difference(within, want); d > 1e-12 {
				t.Errorf("%s of %d: in the modes it differs by %.2g", topology, count, d)
			}
			folded.synthesize(1, within, one)
			if d := difference(one, x[:count]); d > 1e-12 {
				t.Errorf("%s of %d: back from the modes it differs by %.2g", topology, count, d)
			}
			got, want := make([]float64, count*times), make([]float64, count*times) // of each compartment
			folded.synthesize(times, x, got)
			for k, vector := range vectors {
				for c, y := range vector {
					for at := range times {
						want[c*times+at] += y * x[k*times+at]
					}
				}
			}
			if d := difference(got, want); d > 1e-12 {
				t.Errorf("%s of %d: at %d times it differs by %.2g", topology, count, times, d)
			}
		}
	}
}
