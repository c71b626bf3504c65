package model

import (
	"math"
	"slices"
)

// A Recorder samples a solution in time. Fill the exported request, pass it in
// [Options], and read the samples afterwards. It serves one solution.
type Recorder struct {
	Every     float64 // sampling interval, s; > 0. Samples lie at its multiples, the start included
	Hidden    []int   // indices of hidden neurons to sample
	Output    []int   // indices of output neurons to sample
	Tokens    []int   // indices of tokens whose gains to sample, of a replicator
	Processes []int   // indices of hidden neurons whose processes to sample, of emergent division
	Pools     int     // compartments of the astrocyte; 0: one

	Trajectory Trajectory

	start []float64 // h(0) of the sampled hidden neurons in the segment at hand
	at    []float64 // its sample times, within the segment
	seen  observedSegment
}

// Trajectory is a sampled solution; sample i is at time T[i]. A sample on a
// boundary belongs to the segment that ends there.
type Trajectory struct {
	T     []float64 // s
	Phase []int64   // 0 writing, 1 reading
	Token []int64   // 0-based; of a blank, the token it follows

	values [][]float64 // of each channel in the order of the table
}

// Of returns what was sampled of the named channel, [T×columns]; nil where the network has
// none.
func (trajectory *Trajectory) Of(channel string) []float64 {
	for i, values := range trajectory.values {
		if channels[i].Name == channel && values != nil {
			return values
		}
	}
	return nil
}

// Samples returns about how many samples are taken of a solution of that length, s.
func (recorder *Recorder) Samples(duration float64) float64 { return duration/recorder.Every + 1 }

// reserve makes room for the samples of a head of so many tokens, in what the network has.
func (recorder *Recorder) reserve(parameters Parameters, tokens int) {
	if recorder == nil {
		return
	}
	samples, trajectory := int(math.Ceil(recorder.Samples(parameters.Duration(tokens)))), &recorder.Trajectory
	trajectory.T, trajectory.Phase, trajectory.Token = make([]float64, 0, samples), make([]int64, 0, samples), make([]int64, 0, samples)
	trajectory.values = make([][]float64, len(channels))
	for i := range channels {
		if channels[i].Has(parameters) {
			trajectory.values[i] = make([]float64, 0, samples*channels[i].Width(recorder))
		}
	}
}

// release lets go of the network: what was recorded outlives it.
func (recorder *Recorder) release() {
	if recorder != nil {
		recorder.seen = observedSegment{}
	}
}

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

// reads returns the sample times in reads, their blanks not counted.
func (recorder *Recorder) reads(segments []Segment) []float64 {
	return recorder.schedule(slices.DeleteFunc(slices.Clone(segments), func(seg Segment) bool { return seg.Phase != Reading || seg.Blank }))
}

// schedule returns all sample times, from the start of the schedule.
func (recorder *Recorder) schedule(segments []Segment) []float64 {
	end := segments[len(segments)-1]
	all := make([]float64, 0, int(math.Ceil(recorder.Samples(end.Start+end.Duration))))
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
	trajectory.T = append(trajectory.T, time)
	trajectory.Phase = append(trajectory.Phase, int64(seg.Phase))
	trajectory.Token = append(trajectory.Token, int64(seg.Token))
	for i := range channels {
		if trajectory.values[i] != nil {
			trajectory.values[i] = channels[i].read(state, trajectory.values[i])
		}
	}
}

// record appends the sample at time recorder.at[i] of the segment.
func (recorder *Recorder) record(network *network, seg Segment, drive int, inner *products, i int, reached *coefficients) {
	if i == 0 {
		recorder.begin(network)
	}
	recorder.seen = observedSegment{recorder, network, seg, drive, inner, reached}
	recorder.sample(seg.Start+recorder.at[i], seg, &recorder.seen)
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
			recorder.start[column] += float64(coordinate * phi[network.head.column(neuron)])
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

func (sample *observedSegment) hiddenRates(into []float64) []float64 {
	var feature []float64
	if sample.drive >= 0 {
		feature = sample.network.block.vector(sample.drive)
	}
	for column, neuron := range sample.recorder.Hidden {
		var phi float64
		if feature != nil {
			phi = feature[sample.network.head.column(neuron)]
		}
		into = append(into, float64(sample.reached.phi*phi)+float64(sample.reached.hidden*sample.recorder.start[column]))
	}
	return into
}

func (sample *observedSegment) outputRates(into []float64) []float64 {
	network, reached := sample.network, sample.reached
	for _, neuron := range sample.recorder.Output {
		if sample.segment.Phase == Writing {
			into = append(into, network.value[neuron]+float64(reached.output*network.carried[neuron]))
			continue
		}
		into = append(into, float64(reached.output*network.output[neuron])+
			float64(reached.outputPhi*network.readPhi[neuron])+float64(reached.outputHidden*network.readHidden[neuron]))
	}
	return into
}

func (sample *observedSegment) calciumNow() float64 { return sample.reached.calcium }

func (sample *observedSegment) divisorNow() float64 {
	return sample.network.model.divisor(sample.reached.calcium, sample.reached.astrocyte)
}

func (sample *observedSegment) halfEffect() float64 { return sample.network.half }

func (sample *observedSegment) astrocyteNow(variable string) float64 {
	model := sample.network.model
	return model.variable(model.place(variable), sample.reached.astrocyte)
}

func (sample *observedSegment) hebbianNorm() float64 {
	return math.Sqrt(sample.network.hebbianNorm2(sample.segment, sample.products, sample.reached))
}
