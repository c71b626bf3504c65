package compare

import (
	"fmt"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model"
)

// Conditions are the settings of a run that what is said of it depends on; what is
// zero is not known.
type Conditions struct {
	Map       string // feature map
	Unbiased  bool   // the map's scores are, so that its error falls as 1/√m
	Bounded   bool   // the map's scores are, so that they have no tail
	Rows      string // how the map's rows are coupled
	Method    string // of the solver
	FixedStep bool   // of the method
}

// tailsUndrawn reports whether the scores' tails are too heavy for their variance
// to be seen with this many neurons.
func tailsUndrawn(heads []HeadReport, c *Conditions) bool {
	worst, _ := worstOver(heads, OnHead, AnalyticRelativeSD)
	return !c.Bounded && float64(worst) > 1
}

// A Knob is a constant of the network that a remedy turns.
type Knob struct {
	Symbol string // as in science §1
	Path   string // of the configuration
	Longer bool   // the cause shrinks as it grows
	// Of points to it; nil where nothing follows from it in this network.
	Of func(*model.Parameters) *float64
}

// Sets writes changes as they would be set on a command line.
func Sets(changes []Change) string {
	var parts []string
	for _, c := range changes {
		set := c.Path + "=" + c.Text
		if strings.ContainsAny(set, "[]{} ") { // of which shells make something
			set = "'" + set + "'"
		}
		parts = append(parts, "--set "+set)
	}
	return strings.Join(parts, " ")
}

// Aims are the sizes of a part that remedies are sought for: half of what it is
// and, where that is not enough, aim.
func Aims(now float64) []float64 {
	if now > 2*aim {
		return []float64{now / 2, aim}
	}
	return []float64{now / 2}
}

// aim is the error, relative to the reference output, that remedies aim for
// where halving is not enough.
const aim = 0.05

// Within is the factor by which a remedy that was found may miss its aim: where it
// was found with one draw of features, the others' median.
const Within = 1.2

// A Remedy is what was found to reduce the part that dominates a run's budget. Each
// trial was solved, not extrapolated: with its settings and the same seed the part
// has the size that it says.
type Remedy struct {
	Part   string  `json:"part"`
	Now    Number  `json:"now"`    // its size, mean over heads
	Search string  `json:"search"` // record.remedy: how far was looked
	Trials []Trial `json:"trials"` // none where even the least takes longer than that
	Cut    bool    `json:"cut"`    // more would have been tried, but that it takes longer
}

// Trial is a search for one aim by one kind of change.
type Trial struct {
	Aim       Number   `json:"aim"`
	Found     bool     `json:"found"`
	Of        string   `json:"of"`         // what the aim and the size are of: the remedy's part or, where that alone is of no use, dynamics
	Symbols   []string `json:"symbols"`    // of what is changed
	NotEnough Number   `json:"not_enough"` // largest factor of a change that was tried and did not reach the aim
	Settings  []Change `json:"settings"`   // that reach the aim or, where none do, that come nearest
	Size      Number   `json:"size"`       // of the part with them
	Total     Number   `json:"total"`      // of the error with them
	Dominant  string   `json:"dominant"`   // part that dominates then
	Low       Number   `json:"low"`        // least and
	High      Number   `json:"high"`       // largest size with other seeds; null where no seed plays a part
}

// NewTrial is a search of which nothing is known but for what it is and what is changed.
func NewTrial(of string, aim float64, symbols ...string) Trial {
	return Trial{Of: of, Aim: Number(aim), Symbols: symbols, NotEnough: Null(), Size: Null(), Total: Null(), Low: Null(), High: Null()}
}

// Change is one setting that a remedy changes.
type Change struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// inWords says what was found. now is the total error as it is.
func (r *Remedy) inWords(now Number) []string {
	var sentences []string
	const farther = "--set record.remedy=thorough looks farther"
	switch {
	case r.Search == "brief" && len(r.Trials) == 0:
		sentences = append(sentences, "What would reduce it takes long to find: "+farther+".")
	case r.Cut && len(r.Trials) == 0:
		sentences = append(sentences, "What would reduce it takes longer to find than is looked.")
	}
	for _, t := range r.Trials {
		it := "it"
		if t.Of != "" && t.Of != r.Part && r.Part != interaction().Name {
			it = "the " + t.Of
		}
		to := fmt.Sprintf("to %s", significant(float64(t.Aim)))
		if float64(t.Aim) == float64(r.Now)/2 {
			to = "to half"
		}
		if !t.Found && t.Of == r.Part && !(t.Size < r.Now) {
			sentences = append(sentences, fmt.Sprintf("No %s within a factor of %s was found that reduces %s.", t.turned(), significant(float64(t.NotEnough)), it))
			continue
		}
		if !t.Found {
			text := fmt.Sprintf("No %s within a factor of %s was found that brings %s %s; the best that was tried is %s, with which it is %s",
				t.turned(), significant(float64(t.NotEnough)), it, to, Sets(t.Settings), significant(float64(t.Size)))
			if r.Search == "brief" && r.Part == "kernel" {
				text += " (" + farther + ")"
			}
			sentences = append(sentences, text+".")
			continue
		}
		text := fmt.Sprintf("%s brings %s %s, as was tried: it is %s then", Sets(t.Settings), it, to, significant(float64(t.Size)))
		if t.Size == 0 {
			text = fmt.Sprintf("%s takes %s away, as was tried", Sets(t.Settings), it)
		}
		if t.Low.Known() {
			text += fmt.Sprintf(" (%s to %s with other seeds)", significant(float64(t.Low)), significant(float64(t.High)))
		}
		switch {
		case !t.Total.Known():
		case t.Total > 1.1*now:
			text += fmt.Sprintf(", but the total rises to %s, of which %s makes most", significant(float64(t.Total)), t.Dominant)
		case t.Total > 0.9*now:
			text += fmt.Sprintf(", but the total stays at %s, of which %s makes most", significant(float64(t.Total)), t.Dominant)
		case t.Size == 0:
			text += fmt.Sprintf(": the total is %s then", significant(float64(t.Total)))
		default:
			text += fmt.Sprintf(" and the total %s", significant(float64(t.Total)))
		}
		sentences = append(sentences, text+".")
	}
	switch {
	case !r.Cut || len(r.Trials) == 0:
	case r.Search == "brief":
		sentences = append(sentences, "More takes long to try: "+farther+".")
	default:
		sentences = append(sentences, "More takes longer to try than is looked.")
	}
	return sentences
}

func (t Trial) turned() string { return strings.Join(t.Symbols, " and ") }
