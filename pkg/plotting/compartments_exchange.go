package plotting

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
)

const exchangeLabel = "exchange between compartments (1/s)"

// exchangeAxis is the axis of exchange, and where on it there is none.
func exchangeAxis(curves []CompartmentsCurve) (x axis, nothing float64) {
	var rates []float64
	apart := false
	for _, c := range curves {
		for _, d := range c.Exchange {
			rates, apart = append(rates, d), apart || d == 0
		}
	}
	s := spanOf(rates)
	x, found := s.logarithmic(0.03)
	if !apart {
		x.mark(6)
		x.label = exchangeLabel
		return x, math.NaN()
	}
	least := x.lo
	if !found {
		least = x.hi
	}
	nothing = least / math.Pow(x.hi/x.lo, 0.12)
	x, _ = spanOf([]float64{nothing, x.hi}).logarithmic(0.03)
	x.mark(6)
	x.ticks = slices.DeleteFunc(x.ticks, func(t tick) bool { return t.at < least })
	x.ticks = append([]tick{{at: nothing, label: "0"}}, x.ticks...)
	x.label = exchangeLabel
	return x, nothing
}

// axisBreak is a pair of strokes across the lower edge of a panel, where the axis leaps.
type axisBreak struct{ at float64 }

func (b *axisBreak) draw(p *page, pl *panel) {
	at := pl.point(b.at, pl.y.lo)
	if isNaN(at.X) || !pl.holds(vg.Point{X: at.X, Y: pl.area.Min.Y}) {
		return
	}
	for _, dx := range []vg.Length{-1, 1} {
		p.polyline(stroke{colour: ink, width: frameWidth}, vg.Point{X: at.X + dx - 1, Y: pl.area.Min.Y - 2.5}, vg.Point{X: at.X + dx + 1, Y: pl.area.Min.Y + 2.5})
	}
}

// between is the error at an exchange on the line as it is drawn, straight between points on logarithmic
// axes; NaN beyond its ends and where a point is missing.
func (c *CompartmentsCurve) between(line []float64, exchange float64) float64 {
	for k, d := range c.Exchange {
		if d == exchange {
			return line[k]
		}
		if k == 0 || !(c.Exchange[k-1] > 0 && c.Exchange[k-1] < exchange && exchange < d) || math.IsInf(d, 0) {
			continue
		}
		if a, b := line[k-1], line[k]; a > 0 && b > 0 {
			share := (math.Log(exchange) - math.Log(c.Exchange[k-1])) / (math.Log(d) - math.Log(c.Exchange[k-1]))
			return math.Exp((1-share)*math.Log(a) + share*math.Log(b))
		}
		return math.NaN()
	}
	return math.NaN()
}

// stretch is the part of a line over a range of exchange.
func (c *CompartmentsCurve) stretch(line []float64, over ExchangeRange) (exchange, errors []float64) {
	add := func(d, e float64) { exchange, errors = append(exchange, d), append(errors, e) }
	if e := c.between(line, over.From); finite(e) {
		add(over.From, e)
	}
	for k, d := range c.Exchange {
		if d > over.From && d < over.To {
			add(d, line[k])
		}
	}
	if e := c.between(line, over.To); finite(e) {
		add(over.To, e)
	}
	return exchange, errors
}
