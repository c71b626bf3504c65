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
	T      []float64            // s
	Values map[string][]float64 // of each channel by name, [T×columns]
	Phase  []int64              // 0 writing, 1 reading
	Token  []int64              // 0-based; of a blank, the token it follows
}

// Samples returns about how many samples are taken of a solution of that length, s.
func (r *Recorder) Samples(duration float64) float64 { return duration/r.Every + 1 }

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

// sample appends a state at time t, s.
func (r *Recorder) sample(t float64, seg Segment, state observed) {
	tr := &r.Trajectory
	if tr.Values == nil {
		tr.Values = map[string][]float64{}
	}
	tr.T = append(tr.T, t)
	tr.Phase = append(tr.Phase, int64(seg.Phase))
	tr.Token = append(tr.Token, int64(seg.Token))
	for _, channel := range Channels() {
		values := tr.Values[channel.Name]
		for column := range channel.Width(r) {
			values = append(values, channel.read(state, column))
		}
		tr.Values[channel.Name] = values
	}
}

// record appends the sample at time r.at[i] of the segment.
func (r *Recorder) record(w *network, seg Segment, drive int, x *products, i int, c *coefficients) {
	if i == 0 {
		r.begin(w)
	}
	r.sample(seg.Start+r.at[i], seg, &observedSegment{r, w, seg, drive, x, c})
}

// begin reads off the sampled hidden neurons at the start of a segment.
func (r *Recorder) begin(w *network) {
	r.start = append(r.start[:0], make([]float64, len(r.Hidden))...)
	for d, coordinate := range w.hidden[:w.block.shown] {
		if coordinate == 0 {
			continue
		}
		phi := w.block.vector(d)
		for column, neuron := range r.Hidden {
			r.start[column] += float64(coordinate * phi[neuron])
		}
	}
}

// observedSegment is a state within a segment, in the segment's coordinates.
type observedSegment struct {
	recorder *Recorder
	network  *network
	segment  Segment
	drive    int // the vector of the basis that is presented; −1 in a blank
	products *products
	reached  *coefficients
}

func (s *observedSegment) hiddenRate(column int) float64 {
	var phi float64
	if s.drive >= 0 {
		phi = s.network.block.vector(s.drive)[s.recorder.Hidden[column]]
	}
	return float64(s.reached.phi*phi) + float64(s.reached.hidden*s.recorder.start[column])
}

func (s *observedSegment) outputRate(column int) float64 {
	w, c, neuron := s.network, s.reached, s.recorder.Output[column]
	if s.segment.Phase == Writing {
		return w.value[neuron] + float64(c.output*w.carried[neuron])
	}
	return float64(c.output*w.output[neuron]) + float64(c.outputPhi*w.readPhi[neuron]) + float64(c.outputHidden*w.readHidden[neuron])
}

func (s *observedSegment) calciumNow() float64 { return s.reached.calcium }

func (s *observedSegment) hebbianNorm() float64 {
	return math.Sqrt(s.network.hebbianNorm2(s.segment, s.products, s.reached))
}
