package compare

import (
	"fmt"
	"math"
	"strconv"
)

// noticeably less is at most this share.
const noticeably = 0.99

// verdict says in sentences which part dominates the budget, what would reduce
// it, and what flatters or hides.
func verdict(run Run) []string {
	heads := run.Report.Heads
	part, size, share := DominantPart(heads)
	if total := meanOver(heads, OnLadder, TotalError); part == "" && !total.Known() {
		return []string{"No error is known: the network's output is not finite, or there is nothing to hold it against."}
	}
	if part == "" {
		return []string{fmt.Sprintf("The rungs agree to rounding with the %s output: no part dominates.", heads[0].Reference)}
	}
	sentences := []string{dominance(part, size, share, heads)}
	total := meanOver(heads, OnLadder, TotalError)
	if r := run.Report.Remedy; r != nil && r.Part == part {
		sentences = append(sentences, r.inWords(total)...)
	}
	if text := known(part, &run.Conditions); text != "" {
		sentences = append(sentences, text)
	}
	trivial := meanOver(heads, OnLadder, TrivialError)
	if total >= trivial {
		sentences = append(sentences, fmt.Sprintf("The network does no better than uniform attention here: %s against %s.",
			significant(float64(total)), significant(float64(trivial))))
	}
	if text := gained(heads); text != "" {
		sentences = append(sentences, text)
	}
	if text := early(heads); text != "" {
		sentences = append(sentences, text)
	}
	if float64(total) < noticeably*size {
		sentences = append(sentences, "Parts cancel: the total is smaller than this part.")
	}
	if text := waiting(heads); text != "" {
		sentences = append(sentences, text)
	}
	if text := flattered(heads); text != "" {
		sentences = append(sentences, text)
	}
	if text := otherNormalizer(heads, &run.Conditions); text != "" {
		sentences = append(sentences, text)
	}
	if text := deviation(heads, &run.Conditions); text != "" {
		sentences = append(sentences, text)
	}
	if text := prediction(heads, &run.Conditions); text != "" {
		sentences = append(sentences, text)
	}
	if total > StepFloor {
		sentences = append(sentences, "share: ⟨part, total⟩/‖total‖², mean over heads; "+stepNames()+" add to 100 %, and a negative share cancels others.")
	}
	return sentences
}

// known says what need not be tried.
func known(part string, c *Conditions) string {
	switch {
	case part == "kernel" && c.Map != "" && !c.Unbiased:
		return fmt.Sprintf("The map %s is not an unbiased estimate of exp(q·k): more neurons alone do not remove its kernel error.", c.Map)
	case part == "integration" && c.FixedStep:
		return "It is the solver's: shorten solver.step, or use method exact, which has none."
	case part == "integration" && c.Method != "":
		return "It is the solver's: tighten solver.rtol and solver.atol, or use method exact, which has none."
	}
	return ""
}

// otherNormalizer says where p has nothing to do with Z: such a map may scale the features of each query as it likes, which the outputs do
// not see.
func otherNormalizer(heads []HeadReport, c *Conditions) string {
	if c.Map == "" || c.Unbiased || heads[0].Reference != Softmax || !finite(float64(heads[0].Value(Kernel, NormalizerMedian))) {
		return ""
	}
	return fmt.Sprintf("Scores of the map %s estimate exp(q·k) in proportion at best, a query at a time, and p is no estimate of Z: |p/Z − 1| and r tell nothing about its outputs.", c.Map)
}

// dominance names the dominating part.
func dominance(part string, size, share float64, heads []HeadReport) string {
	over := ""
	if len(heads) > 1 {
		over = fmt.Sprintf(", mean over %d heads", len(heads))
	}
	of := fmt.Sprintf("%s of the norm of the %s output%s", significant(size), heads[0].Reference, over)
	head := part + " dominates: it"
	if part == interaction().Name {
		head = "no single cause dominates: their interaction"
	}
	if math.IsNaN(share) {
		return fmt.Sprintf("%s is %s.", head, of)
	}
	return fmt.Sprintf("%s makes %.0f %% of the total error (itself %s).", head, 100*share, of)
}

// gained says where a common gain makes most of the error.
func gained(heads []HeadReport) string {
	whole := meanOver(heads, lastRung, RelativeError)
	rest := meanOver(heads, lastRung, ErrorAfterGain)
	gain := meanOver(heads, lastRung, Gain)
	if !(rest < 0.5*whole) || !(whole > StepFloor) {
		return ""
	}
	return fmt.Sprintf("Most of the error is a common gain: outputs are %s times the reference's, and once they are divided by that %s is left.",
		significant(float64(gain)), significant(float64(rest)))
}

// early says where outputs are worse before a read's end.
func early(heads []HeadReport) string {
	end := meanOver(heads, Exact, RelativeError)
	average, peak := meanOver(heads, Exact, ErrorDwell), meanOver(heads, Exact, PeakRatio)
	if !(average > 1.2*end) || !(average > StepFloor) {
		return ""
	}
	over := ""
	if peak.Known() && peak > 1.2 {
		over = fmt.Sprintf(", and on the way ‖output‖ reaches %s times its size there (the median token)", significant(float64(peak)))
	}
	return fmt.Sprintf("Outputs are taken at the end of each read: averaged over the read their error is %s, not %s%s.",
		significant(float64(average)), significant(float64(end)), over)
}

// Needed is the size of the dynamics that the blank and the read are sought for which a head needs.
const Needed = 0.02

// waiting says which blanks and reads the heads need.
func waiting(heads []HeadReport) string {
	read, slowest := worstOver(heads, OnLadder, ReadNeeded)
	gap, _ := worstOver(heads, OnLadder, GapNeeded)
	if !read.Known() {
		return ""
	}
	count, more := 0, false
	for _, h := range heads {
		if h.Ladder.Get(ReadNeeded).Known() {
			count++
			more = more || float64(h.Ladder.Get("dynamics_error")) > Needed
		}
	}
	of := ""
	if len(heads) > 1 {
		of = fmt.Sprintf(" of %s (the slowest: %s)", Counted(count, "head"), slowest)
		if count == 1 {
			of = " of head " + slowest
		}
	}
	blanks, set := "Without blanks, reads", ""
	if gap > 0 {
		blanks = fmt.Sprintf("Blanks of %s s and reads", significant(float64(gap)))
		set = fmt.Sprintf("--set network.schedule.gap=%ss ", plain(float64(gap)))
	}
	does, to := "bring", "to"
	if !more {
		does, to = "would do to keep", "at"
	}
	return fmt.Sprintf("%s of %s s %s the dynamics%s %s %v, as was tried: %s--set network.schedule.read=%ss.",
		blanks, significant(float64(read)), does, of, to, Needed, set, plain(float64(read)))
}

func plain(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// flattered says where dynamics that are conditional on drawn features cost less
// than those of the kernel that the features estimate.
func flattered(heads []HeadReport) string {
	dynamics := meanOver(heads, OnLadder, PartCalled("dynamics").Size())
	ideal := meanOver(heads, OnLadder, IdealDynamicsError)
	if !(ideal > 1.2*dynamics) || !(ideal > StepFloor) {
		return ""
	}
	return fmt.Sprintf("The drawn features flatter the dynamics: with infinitely many hidden neurons (map ideal) these cost %s, not %s.",
		significant(float64(ideal)), significant(float64(dynamics)))
}

// deviation states the analytic standard deviation of the scores, which a spread
// over seeds under-reports (science §3).
func deviation(heads []HeadReport, c *Conditions) string {
	var known []float64
	for _, h := range heads {
		if sd := h.Attributes.Get(AnalyticRelativeSD); sd.Known() {
			known = append(known, float64(sd))
		}
	}
	if known == nil {
		return ""
	}
	at := func(q float64) string { return significant(float64(quantile(known, q))) }
	text := "At the median token a score estimate has an analytic relative standard deviation of " + at(0.5)
	if len(heads) > 1 {
		worst, head := worstOver(heads, OnHead, AnalyticRelativeSD)
		text += fmt.Sprintf(" [%s, %s] (median and quartiles over heads; worst %s, head %s)", at(0.25), at(0.75), significant(float64(worst)), head)
	}
	if c.Rows != "" && c.Rows != "iid" {
		text += " if its rows were independent, and less with " + c.Rows + " ones"
	}
	if tailsUndrawn(heads, c) {
		text += ": above 1 its tail is rarely drawn, so the kernel error seen here and its spread over seeds are too small"
	}
	return text + "."
}

// DominantPart returns the part that dominates the budget averaged over heads,
// its size relative to the reference output, and its share of the total error;
// see dominating. The share is NaN where it is not known.
func DominantPart(heads []HeadReport) (part string, size, share float64) {
	averages := Values{}
	for _, m := range Metrics() {
		if m.on(OnLadder) {
			averages[m.Name] = meanOver(heads, OnLadder, m.Name)
		}
	}
	part = dominating(averages)
	if part == "" {
		return "", 0, 0
	}
	of := PartCalled(part)
	return part, float64(averages.Get(of.Size())), float64(averages.Get(of.Share()))
}
