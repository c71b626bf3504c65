package integrator

import (
	"fmt"
	"math"
	"sort"
)

// A Group is a range [From, To) of components with tolerances of its own.
// Rtol and Atol of 0 stand for those of Settings. Atol = +Inf leaves the
// group out of the error norm.
type Group struct {
	Name       string  // for messages
	From, To   int     // the components From, …, To − 1
	Rtol, Atol float64 // tolerances, relative and (in the components' unit) absolute; 0: those of Settings
}

// A Norm scales a local error: it returns a number that is 1 where err is
// just tolerable, and grows in proportion to err. yOld and yNew are the
// solution at t and t + h, err the estimated error of yNew; none may be kept
// or changed. groups are the resolved tolerances: they cover all components
// once, in order. The integrator also measures y, f and h·f with it, for the
// first step and for the steady state; then yOld and yNew are the same slice.
type Norm interface {
	Measure(t, h float64, yOld, yNew, err []float64, groups []Group) float64
}

// NormFunc makes a Norm of a function that knows its tolerances by itself,
// for instance because the coordinates integrated stand for longer vectors
// whose lengths it can compute.
type NormFunc func(t, h float64, yOld, yNew, err []float64) float64

// Measure calls the function.
func (norm NormFunc) Measure(t, h float64, yOld, yNew, err []float64, _ []Group) float64 {
	return norm(t, h, yOld, yNew, err)
}

// RMS is the component-wise norm of Hairer, Nørsett & Wanner, II.4:
//
//	√( 1/n Σ_i ( err_i / (atol_i + rtol_i max(|yOld_i|, |yNew_i|)) )² )
//
// the default. n counts the components whose atol is finite.
type RMS struct{}

// Measure is the root mean square of the scaled components.
func (RMS) Measure(_, _ float64, yOld, yNew, err []float64, groups []Group) float64 {
	sum, count := 0.0, 0
	for group := range groups {
		rtol, atol, from, to := groups[group].Rtol, groups[group].Atol, groups[group].From, groups[group].To
		if math.IsInf(atol, 1) {
			continue
		}
		count += to - from
		before, after, estimate := yOld[from:to], yNew[from:to], err[from:to]
		after, estimate = after[:len(before)], estimate[:len(before)]
		for i := range before {
			ratio := estimate[i] / (atol + float64(rtol*max(math.Abs(before[i]), math.Abs(after[i]))))
			sum += float64(ratio * ratio)
		}
	}
	if count == 0 {
		return 0
	}
	return math.Sqrt(sum / float64(count))
}

// Groupwise treats each group as one vector and takes the worst:
//
//	max_G ‖err_G‖₂ / ( √n_G atol_G + rtol_G max(‖yOld_G‖₂, ‖yNew_G‖₂) )
//
// Small components of a group may then be relatively wrong, as long as the
// vector is right; the norm is unchanged by rotations within a group.
type Groupwise struct{}

// Measure is the largest relative error of a group.
func (Groupwise) Measure(_, _ float64, yOld, yNew, err []float64, groups []Group) float64 {
	worst := 0.0
	for group := range groups {
		rtol, atol, from, to := groups[group].Rtol, groups[group].Atol, groups[group].From, groups[group].To
		if math.IsInf(atol, 1) {
			continue
		}
		scale := float64(math.Sqrt(float64(to-from))*atol) + float64(rtol*max(euclidean(yOld[from:to]), euclidean(yNew[from:to])))
		// max keeps a NaN, which must not be lost.
		worst = max(worst, euclidean(err[from:to])/scale)
	}
	return worst
}

// euclidean is ‖x‖₂ by plain summation, in the range of float64; four partial
// sums, because one would wait for the adder.
func euclidean(vector []float64) float64 {
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(vector); i += 4 {
		four := vector[i : i+4 : i+4]
		s0 += float64(four[0] * four[0])
		s1 += float64(four[1] * four[1])
		s2 += float64(four[2] * four[2])
		s3 += float64(four[3] * four[3])
	}
	for ; i < len(vector); i++ {
		s0 += float64(vector[i] * vector[i])
	}
	sum := (s0 + s1) + (s2 + s3)
	if sum < smallestSquare || math.IsInf(sum, 1) {
		return rescaled(vector)
	}
	return math.Sqrt(sum)
}

// smallestSquare is where squares begin to lose digits to gradual underflow.
const smallestSquare = 0x1p-960

// rescaled is ‖x‖₂ where the squares leave the range of float64: they are taken
// in units of a power of two near the largest component.
func rescaled(vector []float64) float64 {
	largest := 0.0
	for _, component := range vector {
		largest = max(largest, math.Abs(component))
	}
	if largest == 0 || math.IsInf(largest, 1) || math.IsNaN(largest) {
		return largest
	}
	_, exponent := math.Frexp(largest)
	sum := 0.0
	for _, component := range vector {
		component = math.Ldexp(component, -exponent)
		sum += float64(component * component)
	}
	return math.Ldexp(math.Sqrt(sum), exponent)
}

// resolveGroups checks the groups, fills in the default tolerances and covers
// what is left of the dim components.
func resolveGroups(groups []Group, rtol, atol float64, dim int) ([]Group, error) {
	given := append([]Group(nil), groups...)
	sort.SliceStable(given, func(i, j int) bool { return given[i].From < given[j].From })
	var all []Group
	next := 0
	for _, group := range given {
		if group.From < next || group.To <= group.From || group.To > dim {
			return nil, fmt.Errorf("integrator: group %q has the components [%d, %d); groups are not empty, do not overlap and lie in [0, %d)", group.Name, group.From, group.To, dim)
		}
		if group.Rtol == 0 {
			group.Rtol = rtol
		}
		if group.Atol == 0 {
			group.Atol = atol
		}
		if !(group.Rtol >= 0) || !(group.Atol > 0) || math.IsInf(group.Rtol, 1) {
			return nil, fmt.Errorf("integrator: group %q has rtol %v and atol %v; rtol must be finite and ≥ 0, atol > 0", group.Name, group.Rtol, group.Atol)
		}
		if group.From > next {
			all = append(all, Group{From: next, To: group.From, Rtol: rtol, Atol: atol})
		}
		all = append(all, group)
		next = group.To
	}
	if next < dim {
		all = append(all, Group{From: next, To: dim, Rtol: rtol, Atol: atol})
	}
	return all, nil
}
