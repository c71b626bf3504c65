package experiment

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// On every head of the embedded models, the kernel part is over many draws what is predicted from
// queries, keys and values, to 20 % in the root mean square, where the prediction says that it holds;
// and no draw exceeds its bound, where there is one.
func TestKernelPartOfRealHeadsIsPredicted(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of draws")
	}
	const draws, enough = 64, 4 // of each map on each model's heads
	held, bounded := map[string]int{}, 0
	for _, text := range []string{
		"nasim: 1\ninput: {image: {file: ../../configs/inputs/fashion-ankle-boot.png}}\ntransformer: {model: tiny-vision, layers: all, heads: all}\n",
		"nasim: 1\ninput: {text: {string: \"The astrocyte adds up what it hears, and can make each contact stronger or weaker in return.\"}}\ntransformer: {layers: all, heads: all}\n",
	} {
		for _, name := range features.Predicted() {
			most := held[name] + enough
			for _, neurons := range []int{300, 3000, 30000} {
				p := plan(t, text, "network.features.map="+name, fmt.Sprintf("network.features.neurons=%d", neurons), "solver.method=none")
				predicted, why, err := p.Predict(t.Context())
				if err != nil || why != "" || len(predicted) != len(p.first.heads) {
					t.Fatal(why, err)
				}
				for i := range p.first.heads {
					have, h := predicted[i], &p.first.heads[i]
					label := fmt.Sprintf("%s, %s, %d neurons of %s", p.Config.Transformer.Model, h.label(), neurons, name)
					if held[name] == most || !have.Holds() && (math.IsInf(have.Bound, 1) || neurons > 300) {
						continue
					}
					count := draws
					if !have.Holds() {
						count = 4
					}
					spec, err := h.spec(p.Config)
					if err != nil {
						t.Fatal(err)
					}
					rms, largest := kernelErrors(t, h, spec, count)
					if have.Holds() {
						held[name]++
						if ratio := rms / have.Error; math.Abs(ratio-1) > 0.2 {
							t.Errorf("%s: %.4f over %d draws is %.2f of what is predicted", label, rms, draws, ratio)
						}
					}
					if !math.IsInf(have.Bound, 1) {
						bounded++
						if largest > have.Bound {
							t.Errorf("%s: a draw errs by %v, and none should by more than %v", label, largest, have.Bound)
						}
					}
				}
			}
		}
	}
	for _, name := range features.Predicted() {
		if held[name] < enough {
			t.Errorf("of %s %d predictions are within the limits: of so few nothing follows", name, held[name])
		}
	}
	if bounded < 60 {
		t.Errorf("%d bounds", bounded)
	}
}

// kernelErrors are the root mean square and the largest relative error of kernel attention's output over
// draws of the hidden layer.
func kernelErrors(t *testing.T, h *headInput, spec features.Spec, draws int) (rms, most float64) {
	n, m, rng := h.n, spec.Neurons, rand.New(rand.NewPCG(3, uint64(100*h.layer+h.head)))
	scores := make([]float64, n*n)
	kernel.Gemm(false, true, n, n, h.d, 1, h.q, h.d, h.k, h.d, 0, scores, n)
	for i, x := range scores {
		scores[i] = math.Exp(x)
	}
	want := weighedValues(scores, h)
	for range draws {
		drawn, err := features.New(spec, h.d, rng)
		if err != nil {
			t.Fatal(err)
		}
		a, err := drawn.Evaluate(h.q, h.k, n, features.Gain{})
		if err != nil {
			t.Fatal(err)
		}
		kernel.Gemm(false, true, n, n, m, 1, a.Q, m, a.K, m, 0, scores, n)
		have := weighedValues(scores, h)
		kernel.Axpy(-1, want, have)
		relative := kernel.Dot(have, have) / kernel.Dot(want, want)
		rms, most = rms+relative/float64(draws), max(most, math.Sqrt(relative))
	}
	return math.Sqrt(rms), most
}

// weighedValues are the values that scores weigh, row by row.
func weighedValues(scores []float64, h *headInput) []float64 {
	weights, f := make([]float64, len(scores)), make([]float64, h.n*h.dv)
	for i := range h.n {
		row, sum := scores[i*h.n:(i+1)*h.n], 0.0
		for _, x := range row {
			sum += x
		}
		for s, x := range row {
			weights[i*h.n+s] = x / sum
		}
	}
	kernel.Gemm(false, false, h.n, h.dv, h.n, 1, weights, h.n, h.v, h.dv, 0, f, h.dv)
	return f
}

// A run's metrics have the prediction that --estimate prints before it; of a map that is biased, not
// drawn, or of heads whose N × N matrices are not wanted, there is none.
func TestPredictionIsInMetrics(t *testing.T) {
	p := plan(t, sentence, "transformer.heads=[0, 1]")
	predicted, _, err := p.Predict(t.Context())
	if err != nil || len(predicted) != len(p.first.heads) {
		t.Fatal(err, len(predicted))
	}
	result, err := p.Run(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range result.Report.Heads {
		for name, want := range map[string]float64{
			compare.PredictedError: predicted[i].Error, compare.PredictedDeviation: predicted[i].Deviation,
			compare.PredictedDrawn: predicted[i].Drawn, compare.PredictedBound: predicted[i].Bound,
		} {
			if have := float64(h.Value(compare.OnHead, name)); have != want || !(want > 0) {
				t.Errorf("head %d:%d: %s is %v, and %v was predicted", h.Layer, h.Head, name, have, want)
			}
		}
	}
	for _, set := range []string{"network.features.map=elu1", "network.features.map=ideal", "record.attention=false"} {
		if heads, why, err := plan(t, sentence, set).Predict(t.Context()); heads != nil || why == "" || err != nil {
			t.Errorf("%s: %v, %q, %v", set, heads, why, err)
		}
	}
}
