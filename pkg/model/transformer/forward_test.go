package transformer

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestReplaceHeads(t *testing.T) {
	m := open(t, "testdata/albert")
	in := Tokens{IDs: []int{2, 5, 6, 7, 3}}
	plain := forward(t, m, in, Options{})

	var order [][2]int
	same := forward(t, m, in, Options{Replace: func(h HeadState) error {
		order = append(order, [2]int{h.Layer, h.Head})
		again := make([]float64, len(h.Output))
		matmul(false, false, h.Tokens, h.Dim, h.Tokens, h.Attention, h.V, again)
		copy(h.Output, again)
		return nil
	}})
	near(t, "logits with every head replaced by itself", same.Logits, plain.Logits, 0)
	if len(order) != m.Layers()*m.Heads() || order[0] != [2]int{0, 0} || order[4] != [2]int{1, 1} {
		t.Errorf("heads were called as %v", order)
	}

	// Silencing head 2 of layer 1 must change what follows, and nothing before.
	silenced := forward(t, m, in, Options{Replace: func(h HeadState) error {
		if h.Layer == 1 && h.Head == 2 {
			clear(h.Output)
		}
		return nil
	}})
	for l := range plain.Hidden {
		if equal := slices.Equal(silenced.Hidden[l], plain.Hidden[l]); equal != (l <= 1) {
			t.Errorf("hidden state %d: equal to the plain run is %t", l, equal)
		}
	}
	if !slices.Equal(silenced.Layers[1].Output[1], plain.Layers[1].Output[1]) || slices.Max(silenced.Layers[1].Output[2]) != 0 {
		t.Error("the recorded outputs are not those that went on")
	}

	stop := errors.New("no")
	_, err := m.Forward(context.Background(), in, Options{Replace: func(h HeadState) error { return stop }})
	if !errors.Is(err, stop) || !strings.Contains(err.Error(), "layer 0, head 0") {
		t.Errorf("%v", err)
	}
	_, err = m.Forward(context.Background(), in, Options{Replace: func(h HeadState) error { h.Output[0] = math.NaN(); return nil }})
	if err == nil || !strings.Contains(err.Error(), "not finite") && !strings.Contains(err.Error(), "NaN") {
		t.Errorf("NaN from a replaced head: %v", err)
	}
}

func TestForwardErrors(t *testing.T) {
	text, vision := open(t, "testdata/albert"), open(t, "testdata/vit")
	cases := []struct {
		m    *Model
		in   Input
		want string
	}{
		{text, Patches{}, "takes text"},
		{vision, Tokens{IDs: []int{1}}, "takes an image"},
		{text, Tokens{}, "empty"},
		{text, Tokens{IDs: []int{1, 25}}, "token 1 has the id 25; the vocabulary has 0 to 24"},
		{text, Tokens{IDs: []int{-1}}, "id -1"},
		{text, Tokens{IDs: []int{1}, Types: []int{2}}, "type 2"},
		{text, Tokens{IDs: []int{1}, Types: []int{0, 0}}, "2 token types for 1 tokens"},
		{text, Tokens{IDs: make([]int, 33)}, "33 tokens"},
		{vision, Patches{}, "use EncodeImage"},
	}
	for _, c := range cases {
		if _, err := c.m.Forward(context.Background(), c.in, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v; wanted %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := text.Forward(ctx, Tokens{IDs: []int{1}}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// The default token type is 0, and the type embedding counts.
func TestTokenTypes(t *testing.T) {
	m := open(t, "testdata/albert")
	in := Tokens{IDs: []int{2, 5, 3}}
	plain := forward(t, m, in, Options{})
	in.Types = []int{0, 0, 0}
	near(t, "type 0", forward(t, m, in, Options{}).Logits, plain.Logits, 0)
	in.Types = []int{0, 1, 1}
	if relative(forward(t, m, in, Options{}).Logits, plain.Logits) < 1e-3 {
		t.Error("another token type changed nothing")
	}
}
