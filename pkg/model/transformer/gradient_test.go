package transformer_test

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/nasim-sim/nasim/pkg/model/transformer"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// inputOf is something for a model to read.
func inputOf(t *testing.T, m *transformer.Model) transformer.Input {
	t.Helper()
	if m.Kind() == transformer.KindText {
		tokens, err := m.EncodeText("the star is a light", transformer.TextOptions{Truncate: true})
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	}
	raw, err := os.ReadFile("testdata/photograph.png")
	if err != nil {
		t.Fatal(err)
	}
	img, err := picture.Decode("photograph.png", raw)
	if err != nil {
		t.Fatal(err)
	}
	patches, err := m.EncodeImage(img)
	if err != nil {
		t.Fatal(err)
	}
	return patches
}

// weights are numbers between −1 and 1, with which a number is made of many.
func weights(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(float64(1 + 7*i))
	}
	return x
}

func sumOf(x, by []float64) (sum float64) {
	for i, v := range x {
		sum += v * by[i]
	}
	return sum
}

// Gradients by what stands in the place of some heads, through all others, the blocks, the read-out and the embedding, against
// differences; and without any the answer is that of a plain pass.
func TestGradients(t *testing.T) {
	files, err := filepath.Glob("testdata/sentence/*.json")
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "testdata/vit", "testdata/albert") {
		dir := strings.TrimSuffix(file, ".json")
		t.Run(filepath.Base(dir), func(t *testing.T) {
			m, err := transformer.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			in, ctx := inputOf(t, m), context.Background()
			g := transformer.NewGradients[float64](m, true)
			intact, err := g.Forward(ctx, in, func(int, int, []float64, []float64, []float64) ([]float64, transformer.HeadBack[float64]) {
				return nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			plain, err := m.Forward(ctx, in, transformer.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range plain.Logits {
				if intact.Logits[i] != x {
					t.Fatalf("logit %d is %v, and %v in a plain pass", i, intact.Logits[i], x)
				}
			}
			// In the first head of each layer stands θ∘q∘k + v, θ of one number a unit.
			d := m.HeadDim()
			run := func(theta []float64, gradient []float64) float64 {
				a, err := g.Forward(ctx, in, func(layer, head int, q, k, v []float64) ([]float64, transformer.HeadBack[float64]) {
					if head != 0 {
						return nil, nil
					}
					mine, output := theta[layer*d:(layer+1)*d], make([]float64, len(v))
					for i, x := range v {
						output[i] = mine[i%d]*q[i]*k[i] + x
					}
					return output, func(dOutput []float64) (dq, dk, dv []float64) {
						dq, dk = make([]float64, len(v)), make([]float64, len(v))
						for i, x := range dOutput {
							gradient[layer*d+i%d] += x * q[i] * k[i]
							dq[i], dk[i] = x*mine[i%d]*k[i], x*mine[i%d]*q[i]
						}
						return dq, dk, dOutput
					}
				})
				if err != nil {
					t.Fatal(err)
				}
				byLogits, byEmbedding := weights(len(a.Logits)), weights(len(a.Embedding))
				if gradient != nil {
					if err := a.Back(byLogits, byEmbedding); err != nil {
						t.Fatal(err)
					}
				}
				return sumOf(a.Logits, byLogits) + sumOf(a.Embedding, byEmbedding)
			}
			theta := weights(m.Layers() * d)
			got := make([]float64, len(theta))
			run(theta, got)
			want := fd.Gradient(nil, func(theta []float64) float64 { return run(theta, nil) }, theta, &fd.Settings{Formula: fd.Formula{
				Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -8. / 12}, {Loc: 1, Coeff: 8. / 12}, {Loc: 2, Coeff: -1. / 12}},
				Derivative: 1, Step: 1e-3,
			}})
			size, off := 0.0, 0.0
			for i, v := range want {
				size, off = max(size, math.Abs(v)), max(off, math.Abs(v-got[i]))
			}
			if !(off <= 1e-6*size) || size == 0 {
				t.Errorf("the gradient is off by %.2g of %.2g", off, size)
			}
		})
	}
}
