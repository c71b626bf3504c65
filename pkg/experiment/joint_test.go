package experiment

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/internal/npz/cases"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

const checkpoints = "../model/transformer/family/testdata/reference"

// tinyModel opens one of package family's checkpoints, which have nothing that prepares an input, and the input that is stored with it.
func tinyModel(t *testing.T, name string) (*transformer.Model, transformer.Input) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(checkpoints, name))); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{
		"tokenizer.json":           `{"model": {"type": "WordPiece", "unk_token": "a", "vocab": {"a": 0}}}`,
		"preprocessor_config.json": `{"do_resize": false, "do_rescale": true, "rescale_factor": 0.004, "do_normalize": false, "do_center_crop": false, "size": {"height": 12, "width": 12}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := npz.Open(filepath.Join(dir, "reference.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pixels, shape, err := f.Float64("pixel_values")
	if err != nil {
		ids, _, err := f.Int64("input_ids")
		if err != nil {
			t.Fatal(err)
		}
		in := transformer.Tokens{IDs: make([]int, len(ids)), Types: make([]int, len(ids)), Special: make([]bool, len(ids))}
		for i, id := range ids {
			in.IDs[i] = int(id)
		}
		if types, _, err := f.Int64("token_type_ids"); err == nil {
			for i, kind := range types {
				in.Types[i] = int(kind)
			}
		}
		m, err := transformer.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return m, in
	}
	const patch = 4 // of all these checkpoints
	rows, columns := shape[1]/patch, shape[2]/patch
	m, err := transformer.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	front := map[string]int{"vit": 1, "deit": 2, "dinov2": 1}[m.Architecture()]
	return m, transformer.Patches{Pixels: pixels, Channels: shape[0], Height: shape[1], Width: shape[2], Rows: rows, Cols: columns, Size: patch, Front: front}
}

// oneInput is a whole model that is asked about one input alone.
type oneInput struct {
	*whole[float64]
	input transformer.Input
}

func (w oneInput) Ask(ctx context.Context, _ int, maps []*fit.StandIn[float64], gradients []*fit.Parameters[float64]) (fit.Agreement, error) {
	return w.ask(ctx, w.input, maps, gradients)
}

// allHeads lists the heads of a model.
func allHeads(m *transformer.Model) (heads []headInput) {
	for layer := range m.Layers() {
		for head := range m.Heads() {
			heads = append(heads, headInput{layer: layer, head: head})
		}
	}
	return heads
}

// numbersOf lists all that is tuned of a map by name.
func numbersOf(l *features.LearnedMap) map[string][]float64 {
	return map[string][]float64{
		"W_q": l.Query.W, "b_q": l.Query.B, "D_q": l.Query.D, "c_q": l.Query.C, "W_k": l.Key.W, "b_k": l.Key.B, "D_k": l.Key.D, "c_k": l.Key.C, "square_k": l.Square,
	}
}

// The loss of whole models of every family, its gradient by every array of the maps in the place of all their heads, and three steps
// of a joint tuning are PyTorch's (testdata/joint_reference.py).
func TestJointIsPyTorch(t *testing.T) {
	const tolerance = 1e-9 // of an array's largest number
	for _, c := range cases.Read(t, "testdata/joint_reference.npz", 9) {
		t.Run(c.Name, func(t *testing.T) {
			m, in := tinyModel(t, c.Name)
			heads := allHeads(m)
			d := m.HeadDim()
			stored := func(key string, head int) []float64 {
				x := c.Floats(t, key)
				each := len(x) / len(heads)
				return x[head*each : (head+1)*each]
			}
			number := func(key string) float64 { return c.Floats(t, key)[0] }
			var err error
			var begin []*features.LearnedMap
			for i := range heads {
				l := &features.LearnedMap{Dim: d, MeanQ: stored("mean_q", i), MeanK: stored("mean_k", i), Balance: stored("balance", i), Square: stored("square_k", i)}
				l.Query = features.LearnedSide{W: stored("W_q", i), B: stored("b_q", i), D: stored("D_q", i), C: stored("c_q", i)}
				l.Key = features.LearnedSide{W: stored("W_k", i), B: stored("b_k", i), D: stored("D_k", i), C: stored("c_k", i)}
				if l.Inverse, err = features.Inverse(l.Balance, d); err != nil {
					t.Fatal(err)
				}
				begin = append(begin, l)
			}
			w := oneInput{newWhole[float64](&questions{model: m}, heads), in}
			var standIns []*fit.StandIn[float64]
			var gradients []*fit.Parameters[float64]
			for _, l := range begin {
				standIns = append(standIns, fit.NewStandIn[float64](l, m.Causal()))
				gradients = append(gradients, fit.NewParameters[float64](standIns[0].Form))
			}
			same := func(what string, got, want []float64) {
				t.Helper()
				off, size := 0.0, 0.0
				for i, v := range want {
					off, size = math.Max(off, math.Abs(v-got[i])), math.Max(size, math.Abs(v))
				}
				if len(got) != len(want) || !(off <= tolerance*size) {
					t.Errorf("%s is off by %.2g of %.2g", what, off, size)
				}
			}
			agreement, err := w.Ask(t.Context(), 0, standIns, gradients)
			if err != nil {
				t.Fatal(err)
			}
			same("the loss", []float64{agreement.Loss}, []float64{number("loss")})
			for i, g := range gradients {
				got := numbersOf(&features.LearnedMap{Query: features.LearnedSide(g.Query), Key: features.LearnedSide(g.Key), Square: g.Square})
				for key, x := range got {
					same("the gradient by "+key, x, stored("d_"+key, i))
				}
			}
			tuned, err := fit.Jointly(t.Context(), fit.JointSettings{Causal: m.Causal(), Steps: 3, Batch: 1, Rate: 0.5, Check: 3}, w, fit.JointInputs{Train: []int{0}, Validation: []int{0}, HeldOut: []int{0}}, begin, nil)
			if err != nil {
				t.Fatal(err)
			}
			if tuned.BestStep != 3 {
				t.Fatalf("the loss does not fall: %+v", tuned)
			}
			same("the loss after three steps", []float64{tuned.Begun.Loss, tuned.HeldOut.Loss, tuned.Before.Loss}, []float64{number("loss"), number("last"), number("loss")})
			for i, l := range tuned.Maps {
				for key, x := range numbersOf(l) {
					same(key+" after three steps", x, stored("a_"+key, i))
				}
			}
		})
	}
}

// The gradient of a whole model's answer, an embedding or scores, by every array of maps in the place of some of its heads, against
// differences.
func TestJointGradient(t *testing.T) {
	const tolerance = 1e-6 // of an array's largest number
	fivePoint := fd.Settings{Formula: fd.Formula{
		Stencil:    []fd.Point{{Loc: -2, Coeff: 1. / 12}, {Loc: -1, Coeff: -8. / 12}, {Loc: 1, Coeff: 8. / 12}, {Loc: 2, Coeff: -1. / 12}},
		Derivative: 1, Step: 1e-4,
	}}
	sentences := "../model/transformer/testdata/sentence/"
	for _, name := range []string{sentences + "bert-mean-normalize", sentences + "gpt2-lasttoken", sentences + "distilbert-dense", sentences + "albert-older", "gpt2-lmhead", "vit-model"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			var m *transformer.Model
			var in transformer.Input
			if strings.HasPrefix(name, sentences) {
				var err error
				if m, err = transformer.Open(name); err != nil {
					t.Fatal(err)
				}
				if in, err = m.EncodeText("the star is a light", transformer.TextOptions{Truncate: true}); err != nil {
					t.Fatal(err)
				}
			} else {
				m, in = tinyModel(t, name)
			}
			d, rng := m.HeadDim(), rand.New(rand.NewPCG(21, 22))
			draw := func(n int) []float64 {
				x := make([]float64, n)
				for i := range x {
					x[i] = 0.4 * rng.NormFloat64()
				}
				return x
			}
			heads := []headInput{{layer: 1, head: 0}, {layer: 0, head: 1}}
			const neurons, dendrites = 3, 2
			var standIns []*fit.StandIn[float64]
			var gradients []*fit.Parameters[float64]
			for range heads {
				side := func() features.LearnedSide {
					return features.LearnedSide{W: draw(neurons * (d + dendrites)), B: draw(neurons), D: draw(dendrites * d), C: draw(dendrites)}
				}
				l := &features.LearnedMap{Dim: d, MeanQ: draw(d), MeanK: draw(d), Balance: draw(d * d), Query: side(), Key: side(), Square: draw(d)}
				for i := range d {
					l.Balance[i*d+i] += 2
				}
				var err error
				if l.Inverse, err = features.Inverse(l.Balance, d); err != nil {
					t.Fatal(err)
				}
				standIns = append(standIns, fit.NewStandIn[float64](l, m.Causal()))
				gradients = append(gradients, fit.NewParameters[float64](standIns[0].Form))
			}
			w := oneInput{newWhole[float64](&questions{model: m}, heads), in}
			loss := func(g []*fit.Parameters[float64]) float64 {
				a, err := w.Ask(t.Context(), 0, standIns, g)
				if err != nil {
					t.Fatal(err)
				}
				return a.Loss
			}
			loss(gradients)
			tuned := func(p *fit.Parameters[float64]) map[string][]float64 {
				return numbersOf(&features.LearnedMap{Query: features.LearnedSide(p.Query), Key: features.LearnedSide(p.Key), Square: p.Square})
			}
			for i, s := range standIns {
				for key, x := range tuned(s.Parameters) {
					begin := slices.Clone(x)
					want := fd.Gradient(nil, func(at []float64) float64 {
						copy(x, at)
						return loss(nil)
					}, begin, &fivePoint)
					copy(x, begin)
					got, off, size := tuned(gradients[i])[key], 0.0, 0.0
					for j, v := range want {
						off, size = math.Max(off, math.Abs(v-got[j])), math.Max(size, math.Abs(v))
					}
					if !(off <= tolerance*math.Max(size, 1e-4)) {
						t.Errorf("head %d:%d: the gradient by %s is off by %.2g of %.2g", heads[i].layer, heads[i].head, key, off, size)
					}
				}
			}
		})
	}
}
