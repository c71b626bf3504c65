package transformer_test

import (
	"context"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// The queries and keys of one head on one's own sentence, and the softmax attention they make.
func Example() {
	m, err := transformer.Open("tiny-text")
	if err != nil {
		fmt.Println(err)
		return
	}
	tokens, err := m.EncodeText("The cell listens.")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := m.Forward(context.Background(), tokens, transformer.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	head := a.Layers[0]
	q, k := transformer.ScaleHead(head.Q[1], a.HeadDim), transformer.ScaleHead(head.K[1], a.HeadDim)
	attention, logZ := transformer.Softmax(q, k, a.Tokens, a.HeadDim, m.Causal())
	sum := 0.0
	for _, w := range attention[:a.Tokens] {
		sum += w
	}
	fmt.Println(m.Layers(), "layers,", m.Heads(), "heads of size", m.HeadDim())
	fmt.Println(len(q) == tokens.Len()*m.HeadDim(), len(logZ) == tokens.Len())
	fmt.Printf("row 0 sums to %.6f\n", sum)
	// Output:
	// 6 layers, 4 heads of size 32
	// true true
	// row 0 sums to 1.000000
}

// Scores of 0 and ln 3: attention ¼ and ¾, Z = 4.
func ExampleSoftmax() {
	q := []float64{1, 1}
	k := []float64{0, 1.0986122886681098}
	attention, logZ := transformer.Softmax(q, k, 2, 1, true)
	fmt.Printf("%.2f %.4f\n", attention, logZ)
	// Output:
	// [1.00 0.00 0.25 0.75] [0.0000 1.3863]
}
