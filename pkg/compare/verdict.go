package compare

import "fmt"

// verdict says in sentences which part dominates the budget, what would reduce
// it, and what flatters or hides.
func verdict(run Run) []string {
	heads := run.Report.Heads
	part, size, share := DominantPart(heads)
	if total, _, _ := overHeads(heads, OnLadder, TotalError); part == "" && !total.Known() {
		return []string{"No error is known: the network's output is not finite, or there is nothing to hold it against."}
	}
	if part == "" {
		return []string{fmt.Sprintf("The rungs agree to rounding with the %s output: no part dominates.", heads[0].Reference)}
	}
	average := ""
	if len(heads) > 1 {
		average = fmt.Sprintf(", mean over %d heads", len(heads))
	}
	sentences := []string{fmt.Sprintf("%s dominates: %.0f %% of the summed sizes of the parts (%s of the norm of the %s output%s).",
		part, 100*share, significant(size), heads[0].Reference, average)}
	if text := remedy(part, size, heads, run.Config); text != "" {
		sentences = append(sentences, text)
	}
	total, _, _ := overHeads(heads, OnLadder, TotalError)
	trivial, _, _ := overHeads(heads, OnLadder, TrivialError)
	if total >= trivial {
		sentences = append(sentences, fmt.Sprintf("The network does no better than uniform attention here: %s against %s.",
			significant(float64(total)), significant(float64(trivial))))
	}
	if float64(total) < size {
		sentences = append(sentences, "Parts cancel: the total is smaller than its largest part.")
	}
	if sd, worst, at := overHeads(heads, OnHead, AnalyticRelativeSD); float64(worst) > 1 {
		sentences = append(sentences, fmt.Sprintf(
			"At the median token a score estimate has an analytic relative standard deviation of %s (worst %s, head %s): above 1 its tail is rarely drawn, so the kernel error seen here and its spread over seeds are too small.",
			significant(float64(sd)), significant(float64(worst)), at))
	}
	if total > StepFloor {
		sentences = append(sentences, "share: ⟨part, total⟩/‖total‖², mean over heads; kernel, dynamics and integration add to 100 %, and a negative share cancels others.")
	}
	return sentences
}

// DominantPart returns the part of the budget with the largest size averaged
// over heads, that size relative to the reference output, and its fraction of
// the sizes of all parts added up. The causes and their interaction stand for
// the dynamics where it is split. The name is "" where every part is rounding.
func DominantPart(heads []HeadReport) (part string, size, fraction float64) {
	sum := 0.0
	size = StepFloor
	averages := Values{}
	for _, m := range Metrics() {
		if m.on(OnLadder) {
			averages[m.Name], _, _ = overHeads(heads, OnLadder, m.Name)
		}
	}
	for _, p := range budgetParts(averages) {
		x := float64(averages.Get(namesOf(p).size))
		sum += x
		if x > size {
			part, size = p, x
		}
	}
	if part == "" {
		return "", 0, 0
	}
	return part, size, size / sum
}
