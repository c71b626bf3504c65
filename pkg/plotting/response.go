package plotting

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// ResponseInput holds what [Response] draws: the answers to one input, or those to a set
// of inputs. Panels are drawn of what is given.
type ResponseInput struct {
	// Subject is written above the figure; it may hold [Subscripts].
	Subject string
	// Questions are those of one input, four at most.
	Questions []Question
	// LayerErrors are relative errors of the hidden states that leave each layer [L], from
	// the first layer on, of the network against the transformer.
	LayerErrors []float64
	// Bins are the inputs of a set in the order of their error, as many in each.
	Bins []AgreementBin
	// Counts is how the errors of a set are distributed.
	Counts []ErrorCount
	// Uniform is the share of all inputs to which uniform attention gives the same answer;
	// NaN is none.
	Uniform float64
	// ErrorLabel names the errors of Bins and Counts, AgreementLabel what Bins share; with
	// the unit in brackets.
	ErrorLabel, AgreementLabel string
	// Shares are numbers of a whole set, or of an input without questions, in rows.
	Shares []AnswerShare
	// SharesLabel is that of their axis, with the unit in brackets. The axis runs from 0 to
	// 1, or, with Near, from the least of them to 1.
	SharesLabel string
	Near        bool
	// Intervals says how the intervals of Shares and Bins were made, in a sentence of the
	// caption.
	Intervals string
	// Width is the figure's width; 0 is DoubleColumn.
	Width vg.Length
}

// Question is a word or a class that was asked for.
type Question struct {
	// Title says what was asked: "[MASK], token 5".
	Title string
	// Answers are words or classes: the transformer's likeliest, best first, and behind
	// them the likeliest of those who have another.
	Answers []string
	// Transformers is how many of them are the transformer's.
	Transformers int
	// By are the answers of each, the transformer's first.
	By []AnswerBars
}

// AnswerBars is what one who answers thinks of a question.
type AnswerBars struct {
	// Who answers, by its place among transformer, network, random features and uniform
	// attention.
	Who Answerer
	// Probability of each of the question's Answers; NaN is not known.
	Probability []float64
	// Likeliest is the place of the likeliest answer among them.
	Likeliest int
}

// Answerer is who answers.
type Answerer int

// Those who answer: the transformer itself, and with something else in the place of heads.
const (
	ByTransformer Answerer = iota
	ByNetwork
	ByRandom
	ByUniform
)

// answererNames are what they are called.
var answererNames = [...]string{"transformer", "network", "random features", "uniform attention"}

func (a Answerer) String() string { return answererNames[a] }

// AgreementBin is a part of a set: inputs of about one error.
type AgreementBin struct {
	// From and To are the least and the largest error, Middle the median.
	From, Middle, To float64
	// Share of the inputs to which the network answers as the transformer does, or the
	// mean of what is in its place, and its interval; NaN is none.
	Share, Low, High float64
	// Inputs is how many there are.
	Inputs int
}

// ErrorCount is a bar of a histogram.
type ErrorCount struct {
	From, To, Count float64
}

// AnswerShare is a dot with its interval.
type AnswerShare struct {
	Who      Answerer
	Quantity string // "accuracy"
	// Value and its interval; NaN is none.
	Value, Low, High float64
}

// Response draws whether the network answers as the transformer does. Of one input there
// is a panel for each question, with the probability that each who answers gives to the
// transformer's likeliest answers, and a disc behind the answer it chooses; of an input
// without questions the error of the hidden states, layer by layer. Of a set there is the
// share of inputs to which the answer is the same against the error made within, with
// the distribution of these above, and what everyone's answers are worth.
func Response(in ResponseInput) (*Figure, error) {
	width, err := widthOr("response", in.Width, DoubleColumn)
	if err != nil {
		return nil, err
	}
	if err := checkResponse(in); err != nil {
		return nil, err
	}
	f := &Figure{Name: "response", Width: width}
	panels := responsePanels(in)
	if len(panels) == 0 {
		layEmpty(f, in.Subject, "no answer was recorded")
		return f, nil
	}
	layResponse(f, in, panels)
	captionResponse(f, in, panels)
	return f, nil
}

func checkResponse(in ResponseInput) error {
	for i, q := range in.Questions {
		if q.Transformers < 0 || q.Transformers > len(q.Answers) {
			return fmt.Errorf("plotting: response: Questions[%d].Transformers is %d, of %d answers", i, q.Transformers, len(q.Answers))
		}
		for j, by := range q.By {
			if by.Likeliest < 0 || by.Likeliest >= len(q.Answers) {
				return fmt.Errorf("plotting: response: Questions[%d].By[%d].Likeliest is %d, of %d answers", i, j, by.Likeliest, len(q.Answers))
			}
			if err := shape("response", fmt.Sprintf("Questions[%d].By[%d].Probability", i, j), len(by.Probability), len(q.Answers), "one per answer"); err != nil {
				return err
			}
		}
	}
	return nil
}

func captionResponse(f *Figure, in ResponseInput, panels []*responsePanel) {
	kinds := map[string]string{}
	for _, p := range panels {
		if l := p.panel.letter; l != "" && !strings.Contains(kinds[p.kind], l) {
			kinds[p.kind] += map[bool]string{true: ", "}[kinds[p.kind] != ""] + l
		}
	}
	of := func(kind string) string {
		if kinds[kind] == "" {
			return ""
		}
		return "(" + kinds[kind] + ") "
	}
	others := false
	for _, q := range in.Questions {
		others = others || q.Transformers < len(q.Answers)
	}
	f.setCaption(in.Subject,
		"Whether a transformer with the network of neurons and astrocytes in the place of its heads answers as it does by itself, beside uniform attention and random features in the same heads.",
		when(len(in.Questions) > 0, of(kindQuestion)+"Probabilities of the transformer's likeliest answers, as it gives them and as those give them whose heads are replaced. A disc marks the answer that each thinks likeliest."),
		when(others, "Below the line: what one of the others thinks likeliest, and is not among these."),
		when(len(in.LayerErrors) > 0, of(kindLayers)+"‖h − h_transformer‖/‖h_transformer‖ of the hidden states h that leave each layer, with the network in the place of heads."),
		when(len(in.Counts) > 0, of(kindCounts)+"How many inputs have which error."),
		when(len(in.Bins) > 0, of(kindBins)+upperFirst(unlabelled(in.AgreementLabel))+" against the "+unlabelled(in.ErrorLabel)+", the inputs in the order of their error and as many in each group: a point at the median, a horizontal bar from the least to the largest of the group, an upright bar the 95 % interval."),
		when(len(in.Bins) > 0 && finite(in.Uniform), "Dashed: uniform attention, over all inputs."),
		when(len(in.Shares) > 0, of(kindShares)+"Means over the inputs, with their 95 % intervals where there are several. What uniform attention is worth is what the model does without the selected heads looking at anything."),
		in.Intervals)
	dataResponse(f, in, panels)
}

// unlabelled is a label without its unit.
func unlabelled(label string) string {
	text, _, _ := strings.Cut(clean(label), " (")
	return text
}

// dataResponse lists all numbers, a line each.
func dataResponse(f *Figure, in ResponseInput, panels []*responsePanel) {
	type line struct {
		panel, who, at             string
		from, to, value, low, high float64
	}
	none := nan
	var lines []line
	for _, p := range panels {
		letter := p.panel.letter
		switch p.kind {
		case kindQuestion:
			q := in.Questions[p.question]
			for _, by := range q.By {
				for i, x := range by.Probability {
					lines = append(lines, line{letter, by.Who.String(), q.Answers[i], none, none, x, none, none})
				}
			}
		case kindLayers:
			for i, x := range in.LayerErrors {
				lines = append(lines, line{letter, ByNetwork.String(), "layer " + strconv.Itoa(i), none, none, x, none, none})
			}
		case kindCounts:
			for _, c := range in.Counts {
				lines = append(lines, line{letter, ByNetwork.String(), "inputs", c.From, c.To, c.Count, none, none})
			}
		case kindBins:
			for _, b := range in.Bins {
				lines = append(lines, line{letter, ByNetwork.String(), strconv.Itoa(b.Inputs) + " inputs", b.From, b.To, b.Share, b.Low, b.High})
			}
		case kindShares:
			for _, s := range in.Shares {
				lines = append(lines, line{letter, s.Who.String(), s.Quantity, none, none, s.Value, s.Low, s.High})
			}
		}
	}
	number := func(of func(line) float64) []float64 {
		x := make([]float64, len(lines))
		for i, l := range lines {
			x[i] = of(l)
		}
		return x
	}
	f.setData(len(lines), texts("panel", func(row int) string { return lines[row].panel }), texts("who", func(row int) string { return lines[row].who }),
		texts("of", func(row int) string { return lines[row].at }),
		floats("from", number(func(l line) float64 { return l.from })), floats("to", number(func(l line) float64 { return l.to })),
		floats("value", number(func(l line) float64 { return l.value })),
		floats("low", number(func(l line) float64 { return l.low })), floats("high", number(func(l line) float64 { return l.high })))
}
