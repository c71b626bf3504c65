package model

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// aDePitta is a cell in which a drive of S makes S µM of transmitter.
func aDePitta() *dePitta { return &dePitta{gain: 1, largest: LargestTransmitter} }

// With these values calcium rests at 0.4353 µM, as phospholipase Cδ makes IP3 without any
// transmitter, F grows from there on, F⁻¹ takes it back, and what it settles at is stable
// for every drive.
func TestDePittaCurve(t *testing.T) {
	cell, state, before := aDePitta(), make([]float64, dpStates), -1.0
	rates := make([]float64, dpStates)
	for _, transmitter := range []float64{0, 0.01, 0.1, 0.3, 1, 2, 3, 5, 8, LargestTransmitter, 15, 30, 100} {
		cell.begin(transmitter, state)
		derivativeOf(cell, following, transmitter, state, rates)
		for i, rate := range rates {
			if math.Abs(rate) > 1e-10 {
				t.Errorf("%g µM: state %d moves by %g/s where it has settled", transmitter, i, rate)
			}
		}
		if !(state[dpAtCalcium] > before) {
			t.Errorf("%g µM settles at %g µM of calcium more than at rest, and less at %g", transmitter, state[dpAtCalcium], before)
		}
		before = state[dpAtCalcium]
		if p := levelOf(cell, following, 0, state); math.Abs(p-transmitter) > 1e-9*(1+transmitter) {
			t.Errorf("%g µM is read as %g", transmitter, p)
		}
		if mode := slowestMode(t, cell, transmitter); mode >= 0 {
			t.Errorf("at %g µM the slowest mode grows with %g/s", transmitter, mode)
		}
	}
	cell.begin(0, state)
	state[dpAtCalcium] += dpResting.calcium
	for i, want := range []float64{0, 0.997488, 0.435341, 0.583525} {
		if math.Abs(state[i]-want) > 1e-6 {
			t.Errorf("at rest state %d is %g, not %g", i, state[i], want)
		}
	}
	if tau := -1 / slowestMode(t, cell, 0); math.Abs(tau-20.94) > 0.01 {
		t.Errorf("the slowest mode at rest takes %g s", tau)
	}
	cell.begin(LargestTransmitter, state)
	if math.Abs(state[dpAtReceptors]-0.47) > 0.005 || math.Abs(dpResting.calcium+state[dpAtCalcium]-0.672) > 0.0005 {
		t.Errorf("the largest sum binds %g and settles at %g µM", state[dpAtReceptors], dpResting.calcium+state[dpAtCalcium])
	}
	for ca, below := range map[float64]bool{0.01: true, 0.1: true, 0.3: true, 0.43: true, 0.8: false, 1: false, 1.3: false, 1.69: false, 1.8: false} {
		state[dpAtCalcium] = ca - dpResting.calcium
		if p := levelOf(cell, following, 0, state); below && !(p < 0) || !below && p != mostTransmitter {
			t.Errorf("%g µM of calcium is read as %g", ca, p)
		}
	}
}

// There is no drive just below which it would begin to oscillate, which its largest sum could
// be set by: all that it settles at is stable, for every Y ≥ 0, and the Hopf bifurcation is
// where calcium is at 0.4036 µM, below rest, which takes a Y of −0.27 µM. Where it settles
// under the largest sum the slowest mode is 1/3.2 s.
func TestDePittaIsStable(t *testing.T) {
	rates := make([]float64, dpStates)
	mode := func(ca float64) (growth, transmitter float64) {
		at := dpSettled(ca)
		state := []float64{at.receptors, at.ip3, ca - dpResting.calcium, dpReticulum.uninactivated(at.ip3, ca)}
		cell, collected := &dePitta{gain: math.Copysign(1, at.transmitter)}, math.Abs(at.transmitter)
		derivativeOf(cell, following, collected, state, rates)
		for row, rate := range rates {
			if math.Abs(rate) > 1e-12 {
				t.Fatalf("%g µM: state %d moves by %g/s", ca, row, rate)
			}
		}
		jacobian := mat.NewDense(dpStates, dpStates, nil)
		cell.partials(following, collected, state, func(row, column int, value float64) {
			if column < dpStates {
				jacobian.Set(row, column, value)
			}
		})
		var eigen mat.Eigen
		if !eigen.Factorize(jacobian, mat.EigenNone) {
			t.Fatal("no eigenvalues")
		}
		growth = math.Inf(-1)
		for _, value := range eigen.Values(nil) {
			growth = max(growth, real(value))
		}
		return growth, at.transmitter
	}
	before := -1.0
	for ca := dpResting.calcium + 1e-6; ; ca += 5e-5 {
		growth, transmitter := mode(ca)
		if transmitter > mostTransmitter {
			break
		}
		if !(growth < -0.047) || !(transmitter > before) {
			t.Fatalf("%g µM of calcium, which %g µM of transmitter settles at, and %g before: the slowest mode grows with %g/s", ca, transmitter, before, growth)
		}
		before = transmitter
	}
	hopf := bisect(0.35, dpResting.calcium, func(ca float64) bool { growth, _ := mode(ca); return growth > 0 })
	if _, transmitter := mode(hopf); math.Abs(hopf-0.4036) > 5e-5 || math.Abs(transmitter+0.27) > 5e-4 {
		t.Errorf("Hopf bifurcation at %g µM of calcium, with %g µM of transmitter", hopf, transmitter)
	}
	largest := bisect(dpResting.calcium, 0.79, func(ca float64) bool { _, transmitter := mode(ca); return transmitter < LargestTransmitter })
	if growth, _ := mode(largest); math.Abs(-1/growth-3.2) > 0.05 {
		t.Errorf("under the largest sum the slowest mode grows with %g/s", growth)
	}
}

// Beside what it settles at, little transmitter has an oscillation of its own, which calcium
// that falls from more does not get into.
func TestDePittaOscillatesElsewhere(t *testing.T) {
	cell, above := aDePitta(), make([]float64, dpStates)
	cell.begin(LargestTransmitter, above)
	for _, transmitter := range []float64{0.1, 0.3} {
		under := func(state, rates []float64) { derivativeOf(cell, following, transmitter, state, rates) }
		state, least, most := []float64{0, 3, 0.1 - dpResting.calcium, 0.8}, math.Inf(1), 0.0
		for range 400 {
			state = course(t, under, state, 0.5)
			ca := dpResting.calcium + state[dpAtCalcium]
			least, most = min(least, ca), max(most, ca)
		}
		if !(least < 0.05 && most > 1) {
			t.Errorf("%g µM: calcium goes from %g to %g µM", transmitter, least, most)
		}
		if p := levelOf(cell, following, 0, course(t, under, above, 400)); math.Abs(p-transmitter) > 1e-4 {
			t.Errorf("%g µM: calcium that falls is read as %g", transmitter, p)
		}
	}
}

// Brian 2 integrates the same steps of transmitter to the same state.
func TestDePittaAgreesWithBrian(t *testing.T) {
	raw, err := os.ReadFile("testdata/depitta_brian.json")
	if err != nil {
		t.Fatal(err)
	}
	var brian struct {
		Steps   [][2]float64 // Y, µM, and how long, s
		Factors []float64    // of Y, for each cell
		Start   map[string]float64
		Every   float64
		Samples map[string][][]float64
	}
	if err := json.Unmarshal(raw, &brian); err != nil {
		t.Fatal(err)
	}
	cell := aDePitta()
	variables := cell.variables()
	for i, factor := range brian.Factors {
		var state []float64
		for _, name := range variables {
			state = append(state, brian.Start[name]-cell.origin(len(state)))
		}
		at := 0
		for _, step := range brian.Steps {
			for range int(math.Round(step[1] / brian.Every)) {
				for j, name := range variables {
					if is, want := cell.origin(j)+state[j], brian.Samples[name][i][at]; math.Abs(is-want) > 1e-12+1e-8*math.Abs(want) {
						t.Errorf("cell %d, %g s: %s is %.12g, not %.12g", i, float64(at)*brian.Every, name, is, want)
					}
				}
				state = course(t, func(state, rates []float64) { derivativeOf(cell, following, factor*step[0], state, rates) }, state, brian.Every)
				at++
			}
		}
		if at != len(brian.Samples["ca"][i]) || at < 20 {
			t.Errorf("%d samples of cell %d, and %d compared", len(brian.Samples["ca"][i]), i, at)
		}
	}
}

// Calcium is neither lost nor gained: where the reticulum's is a variable of its own, the
// cell has C_T at the end as at the start, and the same in the cytosol as where the
// reticulum has what is left.
func TestDePittaConserves(t *testing.T) {
	cell := aDePitta()
	for _, transmitter := range []float64{0, 0.3, 2, LargestTransmitter, 100} { // the first two oscillate
		start := []float64{0, 3, 0.1 - dpResting.calcium, 0.8}
		reduced := course(t, func(state, rates []float64) { derivativeOf(cell, following, transmitter, state, rates) }, start, 60)
		whole := course(t, func(state, rates []float64) {
			derivativeOf(cell, following, transmitter, state[:dpStates], rates[:dpStates])
			ca := dpResting.calcium + state[dpAtCalcium]
			flux, _ := dpReticulum.rates(state[dpAtIP3], ca, dpReticulum.volumes*(state[dpStates]-ca), state[dpAtInactivation])
			rates[dpAtCalcium], rates[dpStates] = flux, -flux/dpReticulum.volumes
		}, append(start, (dpReticulum.total-0.1)/dpReticulum.volumes), 60)
		if total := dpResting.calcium + whole[dpAtCalcium] + dpReticulum.volumes*whole[dpStates]; math.Abs(total-dpReticulum.total) > 1e-12 {
			t.Errorf("%g µM: %g µM of calcium in all, not %g", transmitter, total, dpReticulum.total)
		}
		for i := range reduced {
			if math.Abs(whole[i]-reduced[i]) > 1e-8 {
				t.Errorf("%g µM: state %d is %g, and with the reticulum's calcium a variable %g", transmitter, i, reduced[i], whole[i])
			}
		}
	}
}

// Where a read lasts, what is read tends to what is collected, which is the paper's
// astrocyte, with the time of the slowest mode.
func TestDePittaTendsToTheWellMixed(t *testing.T) {
	cell := aDePitta()
	for _, collected := range []float64{1, 5, LargestTransmitter} {
		state := make([]float64, dpStates)
		cell.begin(0.6*collected, state)
		off := func(time float64) float64 {
			after := course(t, func(state, rates []float64) { derivativeOf(cell, following, collected, state, rates) }, state, time)
			return math.Abs(levelOf(cell, following, collected, after) - collected)
		}
		tau := -1 / slowestMode(t, cell, collected)
		// The slowest modes turn: what is left is compared over a turn, here and six τ on.
		turn := func(from float64) (most float64) {
			for part := range 30 {
				most = max(most, off(from+float64(part)*0.35)*math.Exp(float64(part)*0.35/tau))
			}
			return most
		}
		early, late := turn(4*tau), turn(10*tau)
		if rate := math.Log(early/late) / 6; !(math.Abs(rate-1) < 0.05) || !(late < 0.01*collected) {
			t.Errorf("a drive of %g: off by %g and then %g, at %g of the rate 1/%.2f s", collected, early, late, rate, tau)
		}
	}
}
