package model

import "math"

// A chord is a quantity that depends on a variable, at two values of it, and how much it
// changes from one to the other, relative to the variable. The slope of a combination
// follows from the slopes of what is combined, so that it does not take the difference of
// two numbers that are nearly alike: the change is precise, however small it is. Where both
// values are the same the slope is the derivative.
type chord struct{ from, to, slope float64 }

// between is the variable itself.
func between(from, to float64) chord { return chord{from, to, 1} }

func (a chord) plus(b chord) chord {
	return chord{a.from + b.from, a.to + b.to, a.slope + b.slope}
}

func (a chord) minus(b chord) chord {
	return chord{a.from - b.from, a.to - b.to, a.slope - b.slope}
}

func (a chord) times(b chord) chord {
	return chord{a.from * b.from, a.to * b.to, float64(a.slope*b.to) + float64(a.from*b.slope)}
}

func (a chord) over(b chord) chord {
	from := a.from / b.from
	return chord{from, a.to / b.to, (a.slope - float64(from*b.slope)) / b.to}
}

func (a chord) cubeRoot() chord {
	from, to := cubeRoot(a.from), cubeRoot(a.to)
	return chord{from, to, a.slope / (float64(from*from) + float64(from*to) + float64(to*to))}
}

func (a chord) squared() chord           { return a.times(a) }
func (a chord) add(number float64) chord { return chord{a.from + number, a.to + number, a.slope} }
func (a chord) scaled(by float64) chord  { return chord{a.from * by, a.to * by, a.slope * by} }

// half is a/(a + number), Michaelis and Menten's, of which half is reached at a number.
func (a chord) half(number float64) chord { return a.over(a.add(number)) }

// cubeRoot returns ∛x, by Halley's steps, each of which makes of an error e one of 2/3 e³, from
// a third of the exponent, which is off by 3.5 % at most.
func cubeRoot(x float64) float64 {
	if x == 0 {
		return 0
	}
	const offset = (2*1023*1000 - 90) * (1 << 52) / 3000
	y := math.Copysign(math.Float64frombits(math.Float64bits(math.Abs(x))/3+offset), x)
	for range 3 {
		cube := float64(y * y * y)
		y *= (cube + x + x) / (cube + cube + x)
	}
	return y
}

// bisect returns where a condition, met at low and not at high, ceases to be.
func bisect(low, high float64, met func(float64) bool) float64 {
	for {
		middle := low + float64((high-low)/2)
		if middle == low || middle == high {
			return low
		}
		if met(middle) {
			low = middle
		} else {
			high = middle
		}
	}
}
