package plotting

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
)

// Kinds of panels of a response.
const (
	kindQuestion = "question"
	kindLayers   = "layers"
	kindCounts   = "counts"
	kindBins     = "bins"
	kindShares   = "shares"
)

// responsePanel is a panel with what lies beside it.
type responsePanel struct {
	panel    *panel
	kind     string
	question int       // its index
	rows     []string  // names of the rows, from the top down; nil: an ordinary axis
	high     vg.Length // of the panel
}

var nan = math.NaN()

// answererLooks are colours and markers of those who answer: they differ in both.
var answererLooks = [...]struct {
	colour color.NRGBA
	glyph  glyph
}{
	ByTransformer: {totalColour, squareGlyph},
	ByNetwork:     {okabeIto[0], discGlyph},
	ByRandom:      {okabeIto[5], diamondGlyph},
	ByUniform:     {okabeIto[1], triangleGlyph},
}

// mostQuestions is how many questions find room.
const mostQuestions = 4

// Heights of panels and their rows, in points.
const (
	answerHeight = 4.6 // of one bar
	answerGap    = 5.0 // between answers
	shareHeight  = 11.0
	countsHeight = 38.0
	plainHeight  = 110.0
)

func responsePanels(in ResponseInput) []*responsePanel {
	var panels []*responsePanel
	for i, q := range in.Questions[:min(len(in.Questions), mostQuestions)] {
		panels = append(panels, questionPanel(q, i))
	}
	if len(in.LayerErrors) > 0 {
		panels = append(panels, layersPanel(in.LayerErrors))
	}
	if len(in.Bins) > 0 {
		panels = append(panels, binPanels(in)...)
	}
	if len(in.Shares) > 0 {
		panels = append(panels, sharesPanel(in))
	}
	letter := 0
	for _, p := range panels {
		if len(panels) > 1 {
			p.panel.letter = string(rune('a' + letter))
			letter++
		}
	}
	return panels
}

// questionPanel has a row for each answer, with a bar for each who answers.
func questionPanel(q Question, index int) *responsePanel {
	n := float64(len(q.Answers))
	pl := &panel{title: shorten(q.Title, 40), y: axis{lo: n - 0.5, hi: -0.5}}
	most := 0.0
	var rows []string
	for _, a := range q.Answers {
		rows = append(rows, shorten(a, 16))
	}
	for i, by := range q.By {
		most = max(most, spanOf(by.Probability).hi)
		pl.add(&answerBars{q: q, by: by, place: i})
	}
	most = min(most, 1)
	if !(most > leastTop) {
		most = 1
	}
	pl.x = axis{lo: 0, hi: most * 1.12, label: "probability (–)"}
	if q.Transformers < len(q.Answers) && q.Transformers > 0 {
		pl.add(&guide{at: float64(q.Transformers) - 0.5, stroke: stroke{colour: faint, width: frameWidth}})
	}
	if len(q.Answers) == 0 || len(q.By) == 0 {
		pl.empty = "no answer was recorded"
	}
	return &responsePanel{panel: pl, kind: kindQuestion, question: index, rows: rows,
		high: max(30, vg.Length(len(q.Answers))*(vg.Length(len(q.By))*answerHeight+answerGap))}
}

// answerBars are one's bars of a question.
type answerBars struct {
	q     Question
	by    AnswerBars
	place int // among those who answer
}

func (b *answerBars) draw(p *page, pl *panel) {
	look, count := answererLooks[b.by.Who], float64(len(b.q.By))
	size := pl.area.Size()
	row := size.Y / vg.Length(max(1, len(b.q.Answers)))
	thick := min(answerHeight, (row-answerGap/2)/vg.Length(count))
	for i, x := range b.by.Probability {
		if !finite(x) {
			continue
		}
		y := pl.point(0, float64(i)).Y - (vg.Length(b.place)-vg.Length(count-1)/2)*thick
		end := pl.area.Min.X + vg.Length(min(max(pl.x.at(x), 0), 1))*size.X
		p.fillRect(look.colour, rect(pl.area.Min.X, y-thick*0.42, end, y+thick*0.42))
		if i == b.by.Likeliest {
			p.disc(look.colour, vg.Point{X: min(end+4, pl.area.Max.X-2.5), Y: y}, 2)
		}
	}
}

func layersPanel(errors []float64) *responsePanel {
	x := make([]float64, len(errors))
	for i := range x {
		x[i] = float64(i)
	}
	pl := &panel{x: axis{lo: -0.5, hi: float64(len(errors)) - 0.5, label: "layer (–)"}}
	s := spanOf(errors)
	pl.y = axis{lo: 0, hi: 1}
	if s.count > 0 && s.hi > leastTop {
		pl.y.hi = min(s.hi, 1e300) * 1.1
	}
	pl.y.label = "relative error of hidden states (–)"
	look := answererLooks[ByNetwork]
	pl.add(&curve{x: x, y: errors, stroke: stroke{colour: look.colour, width: 1}}, &points{x: x, y: errors, glyph: look.glyph, colour: look.colour, radius: 2})
	if s.count == 0 {
		pl.empty = "no hidden state was recorded"
	}
	return &responsePanel{panel: pl, kind: kindLayers, high: plainHeight}
}
