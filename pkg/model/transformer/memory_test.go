package transformer

import (
	"context"
	"strings"
	"testing"
)

// What a pass is said to take is no less than what it holds at once, the scores of the head at work among it, and not many
// times that.
func TestMemoryIsThatOfAPass(t *testing.T) {
	m, err := Open("tiny-text")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []int{1, 40, 120} {
		in, err := m.EncodeText(strings.Repeat("star ", words))
		if err != nil {
			t.Fatal(err)
		}
		scores := 0
		a, err := m.Forward(context.Background(), in, Options{Replace: func(head HeadState) error {
			scores = len(head.Attention)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		held := scores + len(a.Final) + len(a.Logits) + 4*m.Width()*m.Width() + 2*m.Width()*m.net.Inner() // and a block's weights
		for _, hidden := range a.Hidden {
			held += len(hidden)
		}
		for _, layer := range a.Layers {
			for head := range layer.Q {
				held += len(layer.Q[head]) + len(layer.K[head]) + len(layer.V[head]) + len(layer.Output[head])
			}
		}
		if said := m.Memory(in.Len()); said < 8*float64(held) || said > 2*8*float64(held) {
			t.Errorf("%d tokens: %g bytes are said, %d are held", in.Len(), said, 8*held)
		}
	}
	// However narrow a model, its scores grow with the square.
	if many := m.Memory(100_000); many < 8e10 {
		t.Errorf("100 000 tokens: %g bytes, of which the scores of one head alone take 8e10", many)
	}
}
