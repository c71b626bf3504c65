package family

import (
	"math"
	"testing"
)

// Values on both branches of each activation: Φ from tables; the tanh form is within 5e-4 of it (Hendrycks & Gimpel).
func TestActivations(t *testing.T) {
	if math.Abs(gelu(1)-0.8413447460685429) > 1e-15 || math.Abs(gelu(-2)+2*0.02275013194817921) > 1e-15 {
		t.Errorf("gelu(1) = %v, gelu(-2) = %v", gelu(1), gelu(-2))
	}
	for x := -5.0; x <= 5; x += 0.25 {
		if math.Abs(gelu(x)-geluTanh(x)) > 5e-4 {
			t.Errorf("the forms differ by %g at %g", gelu(x)-geluTanh(x), x)
		}
	}
	relu := activations["relu"].of
	if relu(-3) != 0 || relu(2) != 2 {
		t.Error("relu")
	}
}

// What is done of many numbers in float32 is what is done of each in float64.
func TestActivationsInFloat32(t *testing.T) {
	for name, f := range activations {
		var x []float32
		for v := -6.0; v <= 6; v += 0.01 {
			x = append(x, float32(v))
		}
		many := append([]float32(nil), x...)
		activate(f, many)
		for i, v := range x {
			if want := f.of(float64(v)); math.Abs(float64(many[i])-want) > 2e-6*math.Max(math.Abs(want), 1e-3) {
				t.Errorf("%s(%v) is %v, not %v", name, v, many[i], want)
			}
		}
	}
}
