package model

import "math"

// A Recorder samples a solution in time. Fill the exported request, pass it in
// [Options], and read the samples afterwards. It serves one solution.
type Recorder struct {
	Every  float64 // sampling interval, s; > 0. Samples lie at its multiples, the start included
	Hidden []int   // indices of hidden neurons to sample
	Output []int   // indices of output neurons to sample

	Trajectory Trajectory

	start []float64 // h(0) of the sampled hidden neurons in the segment at hand
	at    []float64 // its sample times, within the segment
}

// Trajectory is a sampled solution; sample i is at time T[i]. A sample on a
// boundary belongs to the segment that ends there.
type Trajectory struct {
	T           []float64 // s
	Hidden      []float64 // h, [T×len(Recorder.Hidden)]
	Output      []float64 // f, [T×len(Recorder.Output)]
	Calcium     []float64 // p, [T]
	HebbianNorm []float64 // ‖H‖_F over the d_v × m synapses, [T]
	Phase       []int64   // 0 writing, 1 reading
	Token       []int64   // 0-based; of a blank, the token it follows
}

// times returns the sample times in a segment, relative to its start.
func (r *Recorder) times(seg Segment) []float64 {
	if r == nil {
		return nil
	}
	// A boundary that is a multiple of Every is sampled once, though sums of
	// durations round.
	slack := float64(1e-9 * r.Every)
	first := int(math.Floor((seg.Start+slack)/r.Every)) + 1
	if seg.Start == 0 {
		first = 0
	}
	r.at = r.at[:0]
	for i := first; ; i++ {
		t := float64(float64(i)*r.Every) - seg.Start
		if t > seg.Duration+slack {
			return r.at
		}
		r.at = append(r.at, min(max(t, 0), seg.Duration))
	}
}

// schedule returns all sample times, from the start of the schedule.
func (r *Recorder) schedule(segments []Segment) []float64 {
	var all []float64
	for _, seg := range segments {
		for _, t := range r.times(seg) {
			all = append(all, seg.Start+t)
		}
	}
	return all
}

// record appends the sample at time r.at[i] of the segment.
func (r *Recorder) record(w *network, seg Segment, drive int, x *products, i int, c *coefficients) {
	if i == 0 {
		r.begin(w)
	}
	tr := &r.Trajectory
	tr.T = append(tr.T, seg.Start+r.at[i])
	tr.Phase = append(tr.Phase, int64(seg.Phase))
	tr.Token = append(tr.Token, int64(seg.Token))
	tr.Calcium = append(tr.Calcium, c.calcium)
	tr.HebbianNorm = append(tr.HebbianNorm, math.Sqrt(w.hebbianNorm2(seg, x, c)))
	for j, neuron := range r.Hidden {
		var phi float64
		if drive >= 0 {
			phi = w.block.vector(drive)[neuron]
		}
		tr.Hidden = append(tr.Hidden, float64(c.phi*phi)+float64(c.hidden*r.start[j]))
	}
	for _, o := range r.Output {
		if seg.Phase == Writing {
			tr.Output = append(tr.Output, w.value[o]+float64(c.output*w.carried[o]))
		} else {
			tr.Output = append(tr.Output, float64(c.output*w.output[o])+float64(c.outputPhi*w.readPhi[o])+float64(c.outputHidden*w.readHidden[o]))
		}
	}
}

// begin reads off the sampled hidden neurons at the start of a segment.
func (r *Recorder) begin(w *network) {
	r.start = append(r.start[:0], make([]float64, len(r.Hidden))...)
	for d, coordinate := range w.hidden[:w.block.shown] {
		if coordinate == 0 {
			continue
		}
		phi := w.block.vector(d)
		for j, neuron := range r.Hidden {
			r.start[j] += float64(coordinate * phi[neuron])
		}
	}
}
