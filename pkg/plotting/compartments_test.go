package plotting

import (
	"math"
	"testing"
)

// Between points the line is straight on logarithmic axes, and beyond its ends, across what is missing and
// down to no exchange at all there is none.
func TestBetweenExchanges(t *testing.T) {
	c := CompartmentsCurve{Exchange: []float64{0, 1, 100, 1000, 1e4, 1e5}}
	line := []float64{0.5, 0.4, 0.004, math.NaN(), 1e-3, 0}
	for exchange, want := range map[float64]float64{
		0: 0.5, 1: 0.4, 10: 0.04, 100: 0.004, 1e4: 1e-3, 1e5: 0, // a power law of exponent −1 from 1 to 100
		0.5: math.NaN(), 300: math.NaN(), 3000: math.NaN(), 3e4: math.NaN(), 1e6: math.NaN(), math.NaN(): math.NaN(),
	} {
		if got := c.between(line, exchange); !(math.Abs(got-want) <= 1e-12) && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Errorf("at %v/s %v, want %v", exchange, got, want)
		}
	}
	// A stretch goes through the points within it, and ends where the line does.
	for _, s := range []struct {
		over ExchangeRange
		want []float64
	}{
		{ExchangeRange{0.5, 10, 200}, []float64{1, 100}},
		{ExchangeRange{2, 10, 50}, []float64{2, 50}},
		{ExchangeRange{10, 20, 100}, []float64{10, 100}},
		{ExchangeRange{1e6, 2e6, 3e6}, nil},
	} {
		exchange, errors := c.stretch(line, s.over)
		if len(exchange) != len(s.want) || len(errors) != len(s.want) {
			t.Errorf("%v: %v, %v", s.over, exchange, errors)
			continue
		}
		for i, d := range s.want {
			if exchange[i] != d || math.Abs(errors[i]/(0.4/d)-1) > 1e-12 {
				t.Errorf("%v: %v, %v", s.over, exchange, errors)
			}
		}
	}
}

// No exchange has a place of its own, left of all others, with a tick that says so; an axis without it has
// none.
func TestNoExchange(t *testing.T) {
	curves := []CompartmentsCurve{{Exchange: []float64{0, 0.1, 1e6}}}
	x, nothing := exchangeAxis(curves)
	if at := x.at(nothing); !(at > 0 && at < x.at(0.1)-0.08) || x.at(1e6) > 1 {
		t.Errorf("0 at %v, 0.1 at %v, 1e6 at %v", at, x.at(0.1), x.at(1e6))
	}
	for i, tick := range x.ticks {
		if (tick.label == "0") != (i == 0) || (tick.at == nothing) != (i == 0) || i > 0 && tick.at < 0.05 {
			t.Errorf("tick %d is %v", i, tick)
		}
	}
	curves[0].Exchange = []float64{0.1, 1e6}
	if x, nothing := exchangeAxis(curves); finite(nothing) || x.ticks[0].label == "0" || x.at(0.1) > 0.05 {
		t.Errorf("0 at %v, %v", nothing, x.ticks)
	}
}
