package compare

import (
	"fmt"
	"strings"
)

// Direction says which value of a metric is the worst over heads.
type Direction int

// Directions of a metric.
const (
	Neutral    Direction = iota // neither end is worse
	LowBetter                   // the largest is the worst
	HighBetter                  // the smallest is the worst
)

// Metric documents one quantity.
type Metric struct {
	Name        string    // JSON key, and metric column in CSV
	Label       string    // name in tables
	Short       string    // name at the head of a narrow column; "": Label
	Unit        string    // "" for a pure number
	Rungs       []string  // values of the rung column it appears under
	Better      Direction // which way is worse, for the worst over heads
	Description string
}

// Metrics returns every quantity of a HeadReport, in the order of Rows: the
// one table that JSON, CSV, the printed tables and the documentation share.
func Metrics() []Metric {
	head, ladder := []string{OnHead}, []string{OnLadder}
	network, all := networkRungs(), RungNames()
	metrics := []Metric{
		{Neurons, "hidden neurons m", "", "", head, Neutral, "Hidden neurons of the head, m."},
		{Synapses, "synapses m·d_v", "", "", head, Neutral, "Hidden→output synapses that one astrocyte must ensheathe, m·d_v."},
		{AnalyticRelativeSD, "analytic relative s.d.", "", "", head, LowBetter, "Relative standard deviation of one score estimate φ(q)·φ(k) from the map's own formula, √(Σ_s a_ts variance_ts) with softmax weights, median over tokens t; the spread over seeds under-reports it. Null for biased maps."},
		{PredictedError, "kernel, predicted", "predicted", "", head, LowBetter, "Expected ‖A1−A0‖ / ‖A0‖ of a hidden layer with independent rows, the root mean square over draws, to first order in the errors of the scores (science.md, section 3, \"Prediction\"): known before anything is drawn. Within 20 % of what is measured where predicted_deviation ≤ 0.3 and predicted_drawn ≥ 0.7. Null for maps that are biased or not drawn, without queries and keys, and with record.attention: false."},
		{PredictedDeviation, "deviation of scores, weighted", "", "", head, LowBetter, "Relative standard deviation of a score estimate from the map's formula, √(Σ_s a_ts variance_ts): its root mean square over tokens t, weighted by what each adds to the square of predicted_kernel_error. Above 0.3 the first order does not do."},
		{PredictedDrawn, "share of the error within reach", "", "", head, HighBetter, "About the share of the square of predicted_kernel_error that lies where m draws reach; below 0.7 most draws err less than predicted, about by its root. 1 for maps whose scores are bounded."},
		{PredictedBound, "largest possible kernel error", "bound", "", head, LowBetter, "√(Σ_t max_s |v_s − f_t|²) / ‖A0‖ over the tokens s that t sees: what ‖A1−A0‖ / ‖A0‖ of no draw exceeds, however few the neurons, as each output of a positive map is a weighted mean of values. Null for signed maps, whose sum of scores may vanish: their error has no bound."},
		{ReferenceNorm, "norm of the reference output", "", "", ladder, Neutral, "Frobenius norm of the reference output (softmax, or kernel where softmax is absent): the unit of every error below."},
	}
	sizes, shares := partMetrics()
	metrics = append(metrics, sizes...)
	metrics = append(metrics,
		Metric{TotalError, "total", "", "", ladder, LowBetter, "‖last rung − reference‖ / ‖reference‖."},
		Metric{TrivialError, "uniform attention", "uniform", "", ladder, Neutral, "The same error for a trivial answer: uniform attention over the visible tokens."},
		Metric{IdealDynamicsError, "dynamics at m = ∞", "m = ∞", "", ladder, LowBetter, "‖A2∞−A0‖ / ‖reference‖, A2∞ the exact network of infinitely many hidden neurons (map ideal), whose kernel part is 0: what the dynamics cost when no drawn feature flatters them. Null for biased maps, without queries and keys, and with record.attention: false."},
		Metric{GapNeeded, "blank needed", "blank", "s", ladder, LowBetter, fmt.Sprintf("Least blank (schedule.gap) with which, and with the read of read_needed, the dynamics come to %v of the norm of the reference output, rounded up and tried. Null where they are there already or the astrocyte has no closed form (record.remedy: thorough looks for it all the same), where none up to 10 s does, which is warned of, and with record.remedy: none, record.attention: false or more than 512 tokens.", Needed)},
		Metric{ReadNeeded, "read needed", "read", "s", ladder, LowBetter, "Least read (schedule.read) with which they do after long blanks; up to 60 s are tried. Null likewise."},
		Metric{CosineDynamicsKernel, "cosine dynamics, kernel", "cosine", "", ladder, Neutral, "⟨A2−A1, A1−A0⟩ / (‖A2−A1‖ ‖A1−A0‖): below 0 the two parts cancel."},
	)
	metrics = append(metrics, shares...)
	return append(metrics, []Metric{
		{RelativeError, "relative output error", "error", "", network, LowBetter, "‖output − reference output‖_F / ‖reference output‖_F: the primary number."},
		{Gain, "common gain", "gain", "", network, Neutral, "⟨output, reference output⟩ / ‖reference output‖²: the one factor by which all outputs are too large or too small."},
		{ErrorAfterGain, "error after the gain", "rest", "", network, LowBetter, "‖output / gain − reference output‖_F / ‖reference output‖_F: the error that is left once whoever reads the output divides by the common gain. Null where the gain is not positive."},
		{ErrorDwell, "error averaged over the read", "averaged", "", []string{Exact}, LowBetter, "‖output averaged over each read − reference output‖_F / ‖reference output‖_F: the error for whoever does not wait for the read's end, where every other number is taken. Blanks do not count."},
		{PeakRatio, "peak over the read's end", "peak", "", []string{Exact}, LowBetter, "Largest ‖output‖ while a query is read, its start included, over ‖output‖ at the end of the read: median over tokens."},
		{CosineMean, "cosine per token, mean", "cosine", "", network, HighBetter, "Cosine between a token's output and its reference output, mean over tokens."},
		{CosineWorst, "cosine per token, worst", "worst cos", "", network, HighBetter, "The smallest of those cosines."},
		{CosineWorstToken, "token of the worst cosine", "at token", "", network, Neutral, "Index of that token, from 0; the first where several tie."},
		{NormalizerMedian, "|p/Z − 1|, median", "|p/Z−1|", "", network, LowBetter, "Calcium p (or what else divides, as p + p_h of receptors) at the end of each read against Z = Σ_s exp(q·k_s): median over tokens. A query gain is divided out of p."},
		{NormalizerP95, "|p/Z − 1|, 95th percentile", "p95", "", network, LowBetter, "95th percentile over tokens of the same."},
		{NormalizerR, "r of p and Z", "r", "", network, HighBetter, "Pearson correlation of p and Z over tokens."},
		{NormalizerRLog10, "r of log₁₀ p and log₁₀ Z", "r log₁₀", "", network, HighBetter, "Pearson correlation of log₁₀ p and log₁₀ Z over the tokens where both are positive."},
		{NormalizerSkipped, "tokens left out of p and Z", "p, Z out", "tokens", network, LowBetter, "Tokens left out of |p/Z − 1| and r: p or Z is not finite, or Z is within the floor of 0."},
		{NormalizerLogSkipped, "tokens left out of the logs", "logs out", "tokens", network, LowBetter, "Tokens left out of the logarithmic r: those, and p ≤ 0 or Z ≤ 0."},
		{RowSumMin, "row sum, smallest", "sum min", "", network, Neutral, "Smallest row sum of the effective attention matrix."},
		{RowSumMedian, "row sum, median", "row sum", "", network, Neutral, "Median row sum; below 1 under leak."},
		{RowSumMax, "row sum, largest", "sum max", "", network, Neutral, "Largest row sum."},
		{ClippedMassMean, "clipped mass, mean", "clipped", "", network, LowBetter, "Σ max(−a, 0) / Σ |a| of a row: the negative fraction removed before a row is renormalised; mean over rows."},
		{ClippedMassMax, "clipped mass, largest", "clip max", "", network, LowBetter, "Largest of the same."},
		{RowsSkipped, "rows left out", "rows out", "tokens", all, LowBetter, "Rows left out of entropy, total variation, KL and overlaps: not finite, or nothing positive left after clipping."},
		{TVMean, "total variation, mean", "TV", "", network, LowBetter, "½ Σ_s |a − a_softmax| of clipped, renormalised rows; mean over rows."},
		{TVMax, "total variation, largest", "TV max", "", network, LowBetter, "Largest of the same."},
		{KLMean, "KL(softmax‖network)", "KL", "nats", network, LowBetter, fmt.Sprintf("Σ_s a_softmax ln(a_softmax/a), both raised to at least %g inside the logarithm; mean over rows.", AttentionFloor)},
		{KLFlooredMass, "softmax mass at the KL floor", "floored", "", network, LowBetter, fmt.Sprintf("Softmax mass on tokens where the network's weight is below %g; mean over rows.", AttentionFloor)},
		{Entropy, "entropy", "", "nats", all, Neutral, "−Σ_s a ln a of clipped, renormalised rows; mean over rows."},
		{Top1Overlap, "top-1 overlap", "top-1", "", network, HighBetter, "Fraction of tokens whose largest weight is on the same token as softmax's; ties go to the lower index."},
		{Top5Overlap, "top-5 overlap", "top-5", "", network, HighBetter, "|five largest ∩ softmax's five largest| / min(5, visible tokens), mean over tokens; ties go to the lower index."},
	}...)
}

// partMetrics returns the sizes and the shares of the parts of the budget.
func partMetrics() (sizes, shares []Metric) {
	add := func(part Part, size, share string) {
		sizes = append(sizes, Metric{part.Size(), part.Name, "", "", []string{OnLadder}, LowBetter, size})
		shares = append(shares, Metric{part.Share(), part.Name + ", share", "", "", []string{OnLadder}, Neutral, share})
	}
	for i, level := range Ladder()[1:] {
		step := level.Symbol + "−" + Ladder()[i].Symbol
		size, share := "‖"+step+"‖ / ‖reference‖: "+level.Step.Meaning+".", "⟨"+step+", total⟩ / ‖total‖²"
		switch {
		case i == 0:
			share += ", total = last rung − reference. Shares of " + stepNames() + " add to 1; below 0 a part cancels others."
		case level.Split:
			share += ". The causes' shares and the interaction's add to it."
		default:
			share += "."
		}
		add(level.Step, size, share)
		if !level.Split {
			continue
		}
		only := "‖" + strings.Replace(step, "−", "′−", 1) + "‖ / ‖reference‖ with only "
		for _, cause := range Causes() {
			add(cause.Part, only+cause.Meaning+".", "Share of the "+cause.Name+" vector, as above.")
		}
		part := interaction()
		add(part, "‖("+step+") − Σ_causes("+strings.Replace(step, "−", "′−", 1)+")‖ / ‖reference‖: "+part.Meaning+".", "Share of the "+part.Name+" remainder, as above.")
	}
	return sizes, shares
}

// Lookup returns the metric called name.
func Lookup(name string) (Metric, bool) {
	for _, m := range Metrics() {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// on reports whether the metric appears under that value of the rung column.
func (m Metric) on(rung string) bool {
	for _, r := range m.Rungs {
		if r == rung {
			return true
		}
	}
	return false
}

// column returns the name at the head of a narrow column.
func (m Metric) column() string {
	if m.Short != "" {
		return m.Short
	}
	return m.Label
}
