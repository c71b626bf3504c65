package compare

import (
	"fmt"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// Prediction is what is known of the kernel part of a head before its hidden layer is drawn; the
// metrics of those names document it. 0, NaN and ±Inf are null.
type Prediction struct{ Error, Deviation, Drawn, Bound float64 }

// Holds reports whether the error is what is measured, to 20 % in the root mean square over draws.
func (p Prediction) Holds() bool {
	return p.Deviation <= features.MostDeviation && p.Drawn >= features.LeastDrawn
}

// holds reports the same of a head.
func (h HeadReport) holds() bool {
	return Prediction{Deviation: float64(h.Attributes.Get(PredictedDeviation)), Drawn: float64(h.Attributes.Get(PredictedDrawn))}.Holds()
}

// expectation says in a few words what the predicted size of the kernel part is.
func expectation(heads []HeadReport) string {
	for _, h := range heads {
		if !h.holds() {
			return "before any draw; see below"
		}
	}
	return "before any draw, to 20 %"
}

// prediction says how far a predicted kernel part is to be believed, where it is not to 20 %.
func prediction(heads []HeadReport, c *Conditions) string {
	text := doubted(heads)
	if c.Rows != "" && c.Rows != "iid" && meanOver(heads, OnHead, PredictedError).Known() {
		text = strings.TrimSpace(text + " It is predicted for independent rows; " + c.Rows + " ones err less, as a rule.")
	}
	return text
}

func doubted(heads []HeadReport) string {
	predicted, doubted := 0, []HeadReport{}
	for _, h := range heads {
		if h.Attributes.Get(PredictedError).Known() {
			predicted++
			if !h.holds() {
				doubted = append(doubted, h)
			}
		}
	}
	if len(doubted) == 0 {
		return ""
	}
	which := "The predicted kernel part"
	if len(heads) > 1 {
		which = fmt.Sprintf("In %d of %d heads the predicted kernel part", len(doubted), predicted)
	}
	deviation, head := worstOver(doubted, OnHead, PredictedDeviation)
	drawn, rare := worstOver(doubted, OnHead, PredictedDrawn)
	if len(heads) == 1 {
		head, rare = "", ""
	}
	reason := fmt.Sprintf(" need not be met: scores that make it deviate by %s of themselves%s, above %g, where the first order does not do", significant(float64(deviation)), ofHead(head), features.MostDeviation)
	if !(deviation > features.MostDeviation) {
		reason = fmt.Sprintf(" is an upper bound for most draws: %s of its square is within reach of one%s, below %g", significant(float64(drawn)), ofHead(rare), features.LeastDrawn)
	}
	text := which + reason
	if bound, head := worstOver(doubted, OnHead, PredictedBound); bound.Known() {
		if len(heads) == 1 {
			head = ""
		}
		return text + fmt.Sprintf("; what no draw exceeds is %s%s.", significant(float64(bound)), ofHead(head))
	}
	return text + "; a signed map's sum of scores may vanish, so that nothing bounds its error."
}

func ofHead(head string) string {
	if head == "" {
		return ""
	}
	return " (head " + head + ")"
}
