package plotting

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// PatchGrid places tokens on a picture.
type PatchGrid struct {
	// Picture is what the patches are cut from, after resizing and cropping; nil
	// shows attention alone.
	Picture image.Image
	// Rows and Columns count the patches; they follow in row-major order behind the
	// tokens of Front.
	Rows, Columns int
	// Front names the tokens of another kind before the patches: "[CLS]", "[REG1]".
	Front []string
	// Queries are the tokens whose attention is laid over the picture; nil takes
	// the first token of Front and four patches.
	Queries []int
}

// front is how many tokens stand before the patches.
func (g *PatchGrid) front() int { return len(g.Front) }

// others names the tokens before the patches, in a sentence.
func (g *PatchGrid) others() string {
	if len(g.Front) == 1 {
		return "the " + clean(g.Front[0])
	}
	return clean(strings.Join(g.Front, ", "))
}

// frontSum is what the sum over the tokens before the patches is called.
func (g *PatchGrid) frontSum() string {
	if len(g.Front) == 1 {
		return shorten(g.Front[0], maxTokenRunes)
	}
	return fmt.Sprintf("%d others", len(g.Front))
}

// labelPitch is the least distance of two token labels.
const labelPitch = sizeText * 1.12

// maxTokenRunes is the length to which token strings are cut.
const maxTokenRunes = 11

// tokenTicks labels every k-th token such that labels on an axis of the given
// length do not touch; thinned labels carry the token's index.
func tokenTicks(in AttentionInput, length vg.Length) []tick {
	every := stride(in.N, length)
	var ticks []tick
	for i := range in.N {
		first := 0
		if in.Grid != nil {
			first = in.Grid.front()
		}
		if i >= first && (i-first)%every != 0 {
			continue
		}
		ticks = append(ticks, tick{at: float64(i), label: tokenLabel(in, i, every > 1)})
	}
	if in.Grid != nil && in.Grid.front() > 0 && len(ticks) > in.Grid.front() && every > 1 {
		return frontTicks(ticks, in.Grid.front(), every)
	}
	return ticks
}

// frontTicks leaves out labels of the tokens before the patches, and of the first
// patches, that would touch: labels fit at every k-th token alone.
func frontTicks(ticks []tick, front, every int) []tick {
	var kept []tick
	for i, t := range ticks {
		if i < front && int(t.at)%every != 0 {
			t.label = ""
		}
		if i == front && len(kept) > 0 && t.at-lastLabelled(kept) < float64(every) {
			continue // the first patch would touch the label before it
		}
		kept = append(kept, t)
	}
	return kept
}

// lastLabelled is where the last label stands.
func lastLabelled(ticks []tick) float64 {
	for _, t := range slices.Backward(ticks) {
		if t.label != "" {
			return t.at
		}
	}
	return math.Inf(-1)
}

// tokenLabel is a token's name where there is room for a few letters: patches stand
// by their number, which the axis says.
func tokenLabel(in AttentionInput, i int, thinned bool) string {
	switch {
	case in.Grid != nil && i >= in.Grid.front():
		return strconv.Itoa(i - in.Grid.front())
	case in.Grid == nil && in.Tokens == nil:
		return strconv.Itoa(i)
	case in.Grid == nil && thinned:
		return tokenName(in.Tokens, nil, i) + " " + strconv.Itoa(i)
	}
	return tokenName(in.Tokens, in.Grid, i)
}

// tokenName is what a token is called in every figure: on a picture by its patch, in
// a text by its string, and else by its index.
func tokenName(tokens []string, grid *PatchGrid, i int) string {
	switch {
	case grid != nil && i < grid.front():
		return shorten(grid.Front[i], maxTokenRunes)
	case grid != nil:
		return "patch " + strconv.Itoa(i-grid.front())
	case i >= 0 && i < len(tokens):
		return shorten(tokens[i], maxTokenRunes)
	}
	return "token " + strconv.Itoa(i)
}

// countedFrom says how tokens are counted where their names are numbers.
func countedFrom(tokens []string, grid *PatchGrid) string {
	switch {
	case grid != nil:
		return ", patches counted in the order of reading, from 0"
	case tokens == nil:
		return ", counted from 0"
	}
	return ""
}

// stride is the least of 1, 2, 5, 10, 20, … at which n labels fit the length.
func stride(n int, length vg.Length) int {
	need := float64(n) * labelPitch / max(1, float64(length))
	for power := 1; ; power *= 10 {
		for _, m := range []int{1, 2, 5} {
			if float64(m*power) >= need || power > math.MaxInt/100 {
				return m * power
			}
		}
	}
}
