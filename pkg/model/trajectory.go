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
func (recorder *Recorder) Samples(duration float64) float64 { return duration/recorder.Every + 1 }

// times returns the sample times in a segment, relative to its start.
func (recorder *Recorder) times(seg Segment) []float64 {
	if recorder == nil {
		return nil
	}
	// A boundary that is a multiple of Every is sampled once, though sums of
	// durations round.
	slack := float64(1e-9 * recorder.Every)
	first := int(math.Floor((seg.Start+slack)/recorder.Every)) + 1
	if seg.Start == 0 {
		first = 0
	}
	recorder.at = recorder.at[:0]
	for i := first; ; i++ {
		time := float64(float64(i)*recorder.Every) - seg.Start
		if time > seg.Duration+slack {
			return recorder.at
		}
		recorder.at = append(recorder.at, min(max(time, 0), seg.Duration))
	}
}

// schedule returns all sample times, from the start of the schedule.
func (recorder *Recorder) schedule(segments []Segment) []float64 {
	var all []float64
	for _, seg := range segments {
		for _, time := range recorder.times(seg) {
			all = append(all, seg.Start+time)
		}
	}
	return all
}

// sample appends a state at time t, s.
func (recorder *Recorder) sample(time float64, seg Segment, state observed) {
	trajectory := &recorder.Trajectory
	if trajectory.Values == nil {
		trajectory.Values = map[string][]float64{}
	}
	trajectory.T = append(trajectory.T, time)
	trajectory.Phase = append(trajectory.Phase, int64(seg.Phase))
	trajectory.Token = append(trajectory.Token, int64(seg.Token))
	for _, channel := range Channels() {
		values := trajectory.Values[channel.Name]
		for column := range channel.Width(recorder) {
			values = append(values, channel.read(state, column))
		}
		trajectory.Values[channel.Name] = values
	}
}

// record appends the sample at time recorder.at[i] of the segment.
func (recorder *Recorder) record(network *network, seg Segment, drive int, inner *products, i int, reached *coefficients) {
	if i == 0 {
		recorder.begin(network)
	}
	recorder.sample(seg.Start+recorder.at[i], seg, &observedSegment{recorder, network, seg, drive, inner, reached})
}

// begin reads off the sampled hidden neurons at the start of a segment.
func (recorder *Recorder) begin(network *network) {
	recorder.start = append(recorder.start[:0], make([]float64, len(recorder.Hidden))...)
	for i, coordinate := range network.hidden[:network.block.shown] {
		if coordinate == 0 {
			continue
		}
		phi := network.block.vector(i)
		for column, neuron := range recorder.Hidden {
			recorder.start[column] += float64(coordinate * phi[neuron])
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

func (sample *observedSegment) hiddenRate(column int) float64 {
	var phi float64
	if sample.drive >= 0 {
		phi = sample.network.block.vector(sample.drive)[sample.recorder.Hidden[column]]
	}
	return float64(sample.reached.phi*phi) + float64(sample.reached.hidden*sample.recorder.start[column])
}

func (sample *observedSegment) outputRate(column int) float64 {
	network, reached, neuron := sample.network, sample.reached, sample.recorder.Output[column]
	if sample.segment.Phase == Writing {
		return network.value[neuron] + float64(reached.output*network.carried[neuron])
	}
	return float64(reached.output*network.output[neuron]) +
		float64(reached.outputPhi*network.readPhi[neuron]) + float64(reached.outputHidden*network.readHidden[neuron])
}

func (sample *observedSegment) calciumNow() float64 { return sample.reached.calcium }

func (sample *observedSegment) hebbianNorm() float64 {
	return math.Sqrt(sample.network.hebbianNorm2(sample.segment, sample.products, sample.reached))
}
