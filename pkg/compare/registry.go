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
	network, all := []string{Kernel, Exact, Solver}, RungNames()
	return []Metric{
		{Neurons, "hidden neurons m", "", "", head, Neutral, "Hidden neurons of the head, m."},
		{Synapses, "synapses m·d_v", "", "", head, Neutral, "Hidden→output synapses that one astrocyte must ensheathe, m·d_v."},
		{AnalyticRelativeSD, "analytic relative s.d.", "", "", head, LowBetter, "Relative standard deviation of one score estimate φ(q)·φ(k) from the map's own formula, √(Σ_s a_ts variance_ts) with softmax weights, median over tokens t; the spread over seeds under-reports it. Null for biased maps."},
		{ReferenceNorm, "norm of the reference output", "", "", ladder, Neutral, "Frobenius norm of the reference output (softmax, or kernel where softmax is absent): the unit of every error below."},
		{KernelError, "kernel", "", "", ladder, LowBetter, "‖A1−A0‖ / ‖reference‖: finite m and the choice of φ."},
		{DynamicsError, "dynamics", "", "", ladder, LowBetter, "‖A2−A1‖ / ‖reference‖: the continuous network against the sums."},
		{CarryOverError, "carry-over", "", "", ladder, LowBetter, "‖A2′−A1‖ / ‖reference‖ with only τ_h and τ_f on."},
		{CalciumLagError, "calcium lag", "", "", ladder, LowBetter, "‖A2′−A1‖ / ‖reference‖ with only τ_p on."},
		{LeakError, "leak", "", "", ladder, LowBetter, "‖A2′−A1‖ / ‖reference‖ with only the leaks τ_H and τ_g on."},
		{CompartmentsError, "compartments", "", "", ladder, LowBetter, "‖A2′−A1‖ / ‖reference‖ with only the C calcium compartments on, settled."},
		{InteractionError, "interaction", "", "", ladder, LowBetter, "‖(A2−A1) − Σ_causes(A2′−A1)‖ / ‖reference‖: what no cause makes alone."},
		{IntegrationError, "integration", "", "", ladder, LowBetter, "‖A3−A2‖ / ‖reference‖: the solver and its tolerance."},
		{TotalError, "total", "", "", ladder, LowBetter, "‖last rung − reference‖ / ‖reference‖."},
		{TrivialError, "uniform attention", "uniform", "", ladder, Neutral, "The same error for a trivial answer: uniform attention over the visible tokens."},
		{CosineDynamicsKernel, "cosine dynamics, kernel", "cosine", "", ladder, Neutral, "⟨A2−A1, A1−A0⟩ / (‖A2−A1‖ ‖A1−A0‖): below 0 the two parts cancel."},
		{KernelShare, "kernel, share", "", "", ladder, Neutral, "⟨A1−A0, total⟩ / ‖total‖², total = last rung − reference. Shares of kernel, dynamics and integration add to 1; below 0 a part cancels others."},
		{DynamicsShare, "dynamics, share", "", "", ladder, Neutral, "⟨A2−A1, total⟩ / ‖total‖². The causes' shares and the interaction's add to it."},
		{CarryOverShare, "carry-over, share", "", "", ladder, Neutral, "Share of the carry-over vector, as above."},
		{CalciumLagShare, "calcium lag, share", "", "", ladder, Neutral, "Share of the calcium-lag vector, as above."},
		{LeakShare, "leak, share", "", "", ladder, Neutral, "Share of the leak vector, as above."},
		{CompartmentsShare, "compartments, share", "", "", ladder, Neutral, "Share of the compartments vector, as above."},
		{InteractionShare, "interaction, share", "", "", ladder, Neutral, "Share of the interaction remainder, as above."},
		{IntegrationShare, "integration, share", "", "", ladder, Neutral, "⟨A3−A2, total⟩ / ‖total‖²."},

		{RelativeError, "relative output error", "error", "", network, LowBetter, "‖output − reference output‖_F / ‖reference output‖_F: the primary number."},
		{CosineMean, "cosine per token, mean", "cosine", "", network, HighBetter, "Cosine between a token's output and its reference output, mean over tokens."},
		{CosineWorst, "cosine per token, worst", "worst cos", "", network, HighBetter, "The smallest of those cosines."},
		{CosineWorstToken, "token of the worst cosine", "at token", "", network, Neutral, "Index of that token, from 0; the first where several tie."},
		{NormalizerMedian, "|p/Z − 1|, median", "|p/Z−1|", "", network, LowBetter, "Calcium p at the end of each read against Z = Σ_s exp(q·k_s): median over tokens. A query gain is divided out of p."},
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
	}
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

// MetricsMarkdown returns the registry as a Markdown table for the
// documentation.
func MetricsMarkdown() string {
	var b strings.Builder
	b.WriteString("| metric | rung | unit | meaning |\n|---|---|---|---|\n")
	for _, m := range Metrics() {
		unit := m.Unit
		if unit == "" {
			unit = "–"
		}
		// A bare | would end the cell.
		text := strings.ReplaceAll(m.Description, "|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.Name, strings.Join(m.Rungs, ", "), unit, text)
	}
	return b.String()
}

// column returns the name at the head of a narrow column.
func (m Metric) column() string {
	if m.Short != "" {
		return m.Short
	}
	return m.Label
}
