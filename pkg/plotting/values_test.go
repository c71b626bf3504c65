package plotting

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Whatever the values, a figure is made, and each of its lines and markers has a
// place on or near the page.
func TestAnyValues(t *testing.T) {
	special := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, 1e-300, 1e300}
	value := rapid.OneOf(rapid.SampledFrom(special), rapid.Float64(), rapid.Float64Range(0.1, 10))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "n")
		array := func(what string, size int) []float64 { return rapid.SliceOfN(value, size, size).Draw(t, what) }
		z, p, a, b := array("z", n), array("p", n), array("a", n*n), array("b", n*n)
		norm := rapid.SampledFrom([]string{NormSqrt, NormLinear, NormLog}).Draw(t, "norm")
		steps := index(n)
		heads := make([]string, n)
		figures := []func() (*Figure, error){
			func() (*Figure, error) {
				return Normalizer(NormalizerInput{Z: z, Curves: []NormalizerCurve{{Static: true, P: p}, {Neurons: 3, P: z, Z: p}}})
			},
			func() (*Figure, error) {
				return Attention(AttentionInput{N: n, Softmax: a, Kernel: b, Network: b, Norm: norm})
			},
			func() (*Figure, error) {
				return Traces(TracesInput{Time: steps, Panels: []TracePanel{{Values: a, Kind: "neuron"}, {Values: z}}})
			},
			func() (*Figure, error) {
				return Budget(BudgetInput{Heads: heads, Parts: []BudgetPart{{Values: z}, {Values: p}}, Trivial: p})
			},
			func() (*Figure, error) {
				return Output(OutputInput{Heads: []OutputHead{{Values: max(1, n), Transformer: a, Network: b}}})
			},
		}
		for _, figure := range figures {
			f, err := figure()
			if err != nil {
				t.Fatal(err)
			}
			var texts []setText
			c := &typesetter{texts: &texts}
			f.drawOn(c)
			if c.far > 0 {
				t.Fatalf("%s: %d places off the page", f.Name, c.far)
			}
		}
	})
}
