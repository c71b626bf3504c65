package transformer

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"
)

// TestRunnerSettings: threads and weights that are kept change no bit of a pass; each head is handed over once. In float32 the
// answer is the same within its rounding.
func TestRunnerSettings(t *testing.T) {
	text, vision := open(t, "tiny-text"), open(t, "tiny-vision")
	words, err := text.EncodeText("The calcium of a star is slow, and that of its arms is slower.")
	if err != nil {
		t.Fatal(err)
	}
	picture, err := vision.EncodeImage(readImage(t, "../../../configs/inputs/fashion-sneaker.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		m  *Model
		in Input
	}{{text, words}, {vision, picture}} {
		plain := forward(t, c.m, c.in, Options{Attention: true})
		for _, s := range []Settings{{Threads: 3}, {Keep: true}, {Threads: 2, Keep: true}} {
			r := c.m.Runner(s)
			for range 2 {
				var mu sync.Mutex
				seen := map[[2]int]int{}
				a, err := r.Forward(context.Background(), c.in, Options{Attention: true, Replace: func(h HeadState) error {
					mu.Lock()
					defer mu.Unlock()
					seen[[2]int{h.Layer, h.Head}]++
					return nil
				}})
				if err != nil || !reflect.DeepEqual(a, plain) {
					t.Errorf("%s, %+v: other numbers (%v)", c.m.Name(), s, err)
				}
				if len(seen) != c.m.Layers()*c.m.Heads() {
					t.Errorf("%s, %+v: heads %v", c.m.Name(), s, seen)
				}
			}
		}
		lean, err := c.m.Runner(Settings{Threads: 2}).Forward(context.Background(), c.in, Options{Keep: KeepAnswer})
		if err != nil || !slices.Equal(lean.Logits, plain.Logits) || lean.Hidden != nil || lean.Layers != nil {
			t.Errorf("%s: a lean pass answers otherwise (%v)", c.m.Name(), err)
		}
		layer, err := c.m.Runner(Settings{Threads: 2}).Layer(context.Background(), 1, plain.Hidden[1], nil)
		if err != nil || !slices.Equal(layer, plain.Hidden[2]) {
			t.Errorf("%s: a layer alone gives other numbers (%v)", c.m.Name(), err)
		}
		single, err := c.m.Runner(Settings{Single: true, Threads: 2}).Forward(context.Background(), c.in, Options{})
		if err != nil {
			t.Fatal(err)
		}
		near(t, c.m.Name()+" in float32", single.Logits, plain.Logits, 1e-4)
		if slices.Equal(single.Logits, plain.Logits) {
			t.Errorf("%s: float32 gives the very numbers of float64", c.m.Name())
		}
	}
}
