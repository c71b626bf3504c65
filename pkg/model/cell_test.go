package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A writtenCell is a cell's equations as they are written in docs/science.md, section 7.
type writtenCell struct {
	calcium  Calcium
	rates    func(drive precise, at []precise) []precise // of its variables, from what is collected with a gain of 1
	settling func(ca precise) precise                    // F⁻¹: the drive, µM, under which calcium settles there
	least    float64                                     // from there on, µM, F⁻¹ is asked for
	most     float64
}

// constants are constants by name.
func constants(of map[string]float64) func(string) precise {
	return func(name string) precise {
		value, ok := of[name]
		if !ok {
			panic(name)
		}
		return exactly(value)
	}
}

func writtenCells() []writtenCell {
	one := exactly(1)
	lr := constants(map[string]float64{"Ca_tot": 2, "IP3₀": 0.16, "K₁": 0.13, "K₂": 0.9434, "K_act": 0.08234, "K_inh": 1.049, "K_S": 0.1, "k": 0.2, "r_I": 6, "r_L": 0.11, "v_S": 0.9, "ρ": 0.185, "τ_IP3": 7.142})
	dp := constants(map[string]float64{
		"O_N": 0.3, "Ω_N": 0.5, "ζ": 10, "K_KC": 0.5, "O_β": 3.2, "O_δ": 0.6, "κ_δ": 1.5, "K_δ": 0.1, "O_3K": 4.5, "K_D": 0.7, "K_3K": 1, "Ω_5P": 0.05,
		"Ω_C": 6, "Ω_L": 0.1, "C_T": 2, "ρ_A": 0.18, "O_P": 0.9, "K_P": 0.05, "d_1": 0.13, "d_2": 1.05, "d_3": 0.9434, "d_5": 0.08, "O_2": 0.2,
	})
	square := func(x precise) precise { return x.times(x) }
	consumed := func(ip3, c precise) precise {
		made := dp("O_δ").over(one.plus(ip3.over(dp("κ_δ")))).times(square(c).half(square(dp("K_δ"))))
		taken := dp("O_3K").times(square(square(c)).half(square(square(dp("K_D"))))).times(ip3.half(dp("K_3K")))
		return taken.plus(dp("Ω_5P").times(ip3)).minus(made)
	}
	unbinding := func(c precise) precise { return dp("Ω_N").times(one.plus(dp("ζ").times(c.half(dp("K_KC"))))) }
	return []writtenCell{{
		calcium: LiRinzel, least: 0.03, most: 0.6,
		rates: func(drive precise, at []precise) []precise {
			ip3, ca, h := at[0], at[1], at[2]
			gradient := lr("ρ").times(lr("Ca_tot").minus(ca).over(lr("ρ")).minus(ca))
			open := ip3.half(lr("K₁")).times(ca.half(lr("K_act"))).times(h)
			channel, leak := lr("r_I").times(square(open)).times(open).times(gradient), lr("r_L").times(gradient)
			ah := lr("k").times(lr("K_inh")).times(ip3.plus(lr("K₁"))).over(ip3.plus(lr("K₂")))
			return []precise{
				lr("IP3₀").plus(drive).minus(ip3).over(lr("τ_IP3")),
				channel.plus(leak).minus(lr("v_S").times(square(ca).half(square(lr("K_S"))))),
				ah.times(one.minus(h)).minus(lr("k").times(ca).times(h)),
			}
		},
		settling: func(ca precise) precise {
			gradient := lr("Ca_tot").minus(ca).over(lr("ρ")).minus(ca)
			pump := lr("v_S").times(square(ca).half(square(lr("K_S"))))
			y := pump.minus(lr("ρ").times(lr("r_L")).times(gradient)).over(lr("ρ").times(lr("r_I")).times(gradient)).cubeRoot().over(ca.half(lr("K_act")))
			return y.times(lr("K_inh").times(lr("K₁")).plus(ca.times(lr("K₂")))).over(lr("K_inh").minus(y.times(lr("K_inh").plus(ca)))).minus(lr("IP3₀"))
		},
	}, {
		calcium: DePitta, least: 0.38, most: 0.77,
		rates: func(drive precise, at []precise) []precise {
			bound, ip3, c, h := at[0], at[1], at[2], at[3]
			open := ip3.half(dp("d_1")).times(c.half(dp("d_5"))).times(h)
			gradient := dp("C_T").minus(one.plus(dp("ρ_A")).times(c))
			affinity := dp("d_2").times(ip3.plus(dp("d_1"))).over(ip3.plus(dp("d_3")))
			return []precise{
				dp("O_N").times(drive).times(one.minus(bound)).minus(unbinding(c).times(bound)),
				dp("O_β").times(bound).minus(consumed(ip3, c)),
				dp("Ω_C").times(square(open)).times(open).plus(dp("Ω_L")).times(gradient).minus(dp("O_P").times(square(c).half(square(dp("K_P"))))),
				dp("O_2").times(affinity.times(one.minus(h)).minus(c.times(h))),
			}
		},
		settling: func(c precise) precise {
			gradient := dp("C_T").minus(one.plus(dp("ρ_A")).times(c))
			y := dp("O_P").times(square(c).half(square(dp("K_P")))).over(gradient).minus(dp("Ω_L")).over(dp("Ω_C")).cubeRoot().over(c.half(dp("d_5")))
			ip3 := y.times(dp("d_2").times(dp("d_1")).plus(c.times(dp("d_3")))).over(dp("d_2").minus(y.times(dp("d_2").plus(c))))
			bound := consumed(ip3, c).over(dp("O_β"))
			return unbinding(c).times(bound).over(dp("O_N").times(one.minus(bound)))
		},
	}}
}

// cell is the one that is written, at a gain of 1.
func (written *writtenCell) cell() cellularCalcium {
	return (&Parameters{Calcium: written.calcium, IP3Max: RestingIP3 + 1, LargestSum: map[Calcium]float64{LiRinzel: 1, DePitta: LargestTransmitter}[written.calcium]}).cellular()
}

// somewhere is a state that calcium may come by, as it is counted, and as it is.
func (written *writtenCell) somewhere(random *rand.Rand) (counted []float64, drive float64, is []precise) {
	cell := written.cell()
	for i := range cell.states() {
		value := random.Float64()
		if cell.origin(i) > 0 {
			value = 1.2*value - cell.origin(i)
		}
		counted = append(counted, value)
		is = append(is, exactly(cell.origin(i)).plus(exactly(value)))
	}
	return counted, random.ExpFloat64(), is
}

// The rates of change are those of the equations as they are written, to some roundings of their
// largest part, which is below 10 for states of 1 at most.
func TestCellsChangeAsIsWritten(t *testing.T) {
	const rounding = 10 * 0x1p-53
	random := rand.New(rand.NewPCG(5, 6))
	for _, written := range writtenCells() {
		cell := written.cell()
		rates := make([]float64, cell.states())
		for range 2000 {
			state, drive, is := written.somewhere(random)
			derivativeOf(cell, following, drive, state, rates)
			for i, want := range written.rates(exactly(drive), is) {
				if off := math.Abs(exactly(rates[i]).minus(want).float()); off > 4*rounding*(1+drive) {
					t.Fatalf("%s at %v, a drive of %g: state %d changes by %.17g, not %.17g", written.calcium, state, drive, i, rates[i], want.float())
				}
			}
		}
	}
}

// So are their partial derivatives, here by differences so small that they are exact.
func TestCellsPartialsAreThoseOfWhatIsWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, written := range writtenCells() {
		cell := written.cell()
		states := cell.states()
		for range 200 {
			state, drive, is := written.somewhere(random)
			have := make([]float64, states*(states+1))
			cell.(smoothCalcium).partials(following, drive, state, func(row, column int, value float64) { have[row*(states+1)+column] += value })
			before := written.rates(exactly(drive), is)
			step := exactly(0x1p-150)
			for column := range states + 1 {
				moved, to := append([]precise(nil), is...), exactly(drive)
				if column < states {
					moved[column] = moved[column].plus(step)
				} else {
					to = to.plus(step)
				}
				for row, after := range written.rates(to, moved) {
					want := after.minus(before[row]).over(step).float()
					if is := have[row*(states+1)+column]; math.Abs(is-want) > 1e-13*max(1e-2, math.Abs(want)) {
						t.Fatalf("%s at %v: ∂rate %d/∂%d is %.17g, not %.17g", written.calcium, state, row, column, is, want)
					}
				}
			}
		}
	}
}

// What is read is the difference of F⁻¹ to rest, as precise where that is a billionth of a billionth as where
// it is large, and its slope is F⁻¹'s.
func TestCellsAreReadAsIsWritten(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for _, written := range writtenCells() {
		cell := written.cell()
		state, slopes := make([]float64, cell.states()), make([]float64, cell.states()+1)
		at := 0
		for cell.origin(at) == 0 {
			at++
		}
		resting := exactly(cell.origin(at))
		rest := written.settling(resting)
		if off := math.Abs(rest.float()); off > 1e-14 {
			t.Errorf("%s rests where a drive of %g makes it", written.calcium, off)
		}
		for range 2000 {
			above := written.least + float64((written.most-written.least)*random.Float64()) - cell.origin(at)
			above *= math.Pow(10, -18*random.Float64()*float64(random.IntN(2)))
			state[at] = above
			want := written.settling(resting.plus(exactly(above))).minus(rest).float()
			if p := levelOf(cell, following, 0, state); math.Abs(p-want) > 2e-14*math.Abs(want) {
				t.Fatalf("%s: %g µM above rest is read as %.17g, not %.17g", written.calcium, above, p, want)
			}
			clear(slopes)
			cell.(smoothCalcium).slopes(following, state, slopes)
			step := exactly(0x1p-150)
			is := resting.plus(exactly(above))
			slope := written.settling(is.plus(step)).minus(written.settling(is)).over(step).float()
			if math.Abs(slopes[at]-slope) > 1e-12*math.Abs(slope) {
				t.Fatalf("%s: the slope %g µM above rest is %.17g, not %.17g", written.calcium, above, slopes[at], slope)
			}
		}
	}
}

// Near rest, where a cell's p is a difference to it, p is as precise as where it is large:
// what divides is bounded at a billionth of that.
func TestCellsArePreciseNearRest(t *testing.T) {
	for _, p := range calciumParameters() {
		cell := p.cellular()
		if cell == nil {
			continue
		}
		state := make([]float64, cell.states())
		for _, level := range []float64{1e-9, 1e-14} {
			cell.begin(level, state)
			if p := levelOf(cell, following, 0, state); math.Abs(p-level) > 1e-14*level {
				t.Errorf("%T: %g is read as %g", cell, level, p)
			}
		}
	}
}

// Many pools of calcium that are asked at once are as each alone, wherever their states lie, and
// nothing else is touched.
func TestManyPoolsOfCalcium(t *testing.T) {
	random := rand.New(rand.NewPCG(11, 12))
	for _, p := range calciumParameters() {
		model := p.calcium()
		own := model.states()
		for _, count := range []int{1, 2, 3, 8, 13} {
			for _, course := range []calciumCourse{following, falling, held} {
				t.Run(fmt.Sprintf("%s, τ_p %g, τ_r %g, %d, course %d", p.Calcium, p.TauCalcium, p.TauRise, count, course), func(t *testing.T) {
					stride := own + 2
					drives, levels := make([]float64, count), make([]float64, count)
					states, rates := make([]float64, count*stride), make([]float64, count*stride)
					for i := range rates {
						states[i], rates[i] = math.NaN(), -7
					}
					for c := range drives {
						drives[c] = 6*random.Float64() - 1
						model.begin(5*random.Float64(), states[c*stride:][:own])
					}
					model.levels(course, drives, states, stride, levels)
					model.derivatives(course, drives, states, stride, rates)
					for c, drive := range drives {
						state, want := states[c*stride:][:own], make([]float64, own)
						for i := range want {
							want[i] = -7
						}
						derivativeOf(model, course, drive, state, want)
						want = append(want, -7, -7)
						for i, rate := range rates[c*stride:][:stride] {
							if rate != want[i] {
								t.Errorf("rate %d of %d is %g, and alone %g", i, c, rate, want[i])
							}
						}
						if p := levelOf(model, course, drive, state); levels[c] != p {
							t.Errorf("%d is read as %g, and alone as %g", c, levels[c], p)
						}
					}
				})
			}
		}
	}
}

// Cube roots are those of package math to 1e-15.
func TestCubeRoot(t *testing.T) {
	random := rand.New(rand.NewPCG(13, 14))
	var worst float64
	for range 1_000_000 {
		x := math.Ldexp(1+random.Float64(), random.IntN(600)-300)
		if random.IntN(2) == 0 {
			x = -x
		}
		worst = max(worst, math.Abs(cubeRoot(x)/math.Cbrt(x)-1))
	}
	if worst > 1e-15 {
		t.Errorf("off by %g", worst)
	}
	if root := cubeRoot(0); root != 0 {
		t.Errorf("∛0 is %g", root)
	}
}
