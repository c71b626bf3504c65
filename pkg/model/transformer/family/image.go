package family

import (
	"fmt"
	"math"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// imageEmbedding makes the first hidden states of a picture: square patches through one
// linear map, tokens of the model's own in front, learned positions.
type imageEmbedding struct {
	channels, patch int
	rows, columns   int                       // of patches for which there are positions
	resize          func(from, to int) []taps // of positions, for other numbers of patches; nil: there are none
	project         linear                    // from channels·patch·patch pixels
	front           []*checkpoint.Tensor      // class token and others
	unplaced        []*checkpoint.Tensor      // tokens after those in front, which have no position
	positions       *checkpoint.Tensor        // [1, front + rows·columns, D]
}

// EmbedImage returns the hidden states that enter the first layer, [N×D], given the pixels
// of each patch, channel after channel, patch after patch.
func (m *Model) EmbedImage(pixels []float64, rows, columns int) ([]float64, error) {
	e := m.image
	if e == nil {
		return nil, fmt.Errorf("this model takes text, not an image")
	}
	if (rows != e.rows || columns != e.columns) && e.resize == nil {
		return nil, fmt.Errorf("%d × %d patches, but the model takes %d × %d", rows, columns, e.rows, e.columns)
	}
	if want := rows * columns * e.project.in; len(pixels) != want || rows < 1 || columns < 1 {
		return nil, fmt.Errorf("%d pixels, not %d", len(pixels), want)
	}
	l := once()
	project, positions := l.linear(e.project), l.numbers(e.positions)
	var x, unplaced []float64
	for _, t := range e.front {
		x = append(x, l.numbers(t)...)
	}
	for _, t := range e.unplaced {
		unplaced = append(unplaced, l.numbers(t)...)
	}
	if l.err != nil {
		return nil, l.err
	}
	x = append(x, project(pixels, rows*columns)...)
	for i, v := range e.placed(positions, rows, columns) {
		x[i] += v
	}
	front := len(e.front) * m.Width
	return append(append(append(make([]float64, 0, len(x)+len(unplaced)), x[:front]...), unplaced...), x[front:]...), nil
}

// placed returns the positions for a picture of other numbers of patches.
func (e *imageEmbedding) placed(positions []float64, rows, columns int) []float64 {
	if rows == e.rows && columns == e.columns {
		return positions
	}
	width := e.project.out
	front := len(e.front) * width
	down := e.resize(e.rows, rows)
	across := e.resize(e.columns, columns)
	placed := append([]float64(nil), positions[:front]...)
	for _, r := range down {
		for _, c := range across {
			row := make([]float64, width)
			for i, y := range r.weights {
				for j, x := range c.weights {
					from := positions[front+(r.at(i)*e.columns+c.at(j))*width:]
					for k := range row {
						row[k] += float64(y * x * from[k])
					}
				}
			}
			placed = append(placed, row...)
		}
	}
	return placed
}

// taps are where a resized row is read, and with what weights: some in a row, of which
// those beyond the edges read the edge.
type taps struct {
	first, last int // of the first tap; of all there is to read
	weights     []float64
}

func (t *taps) at(i int) int { return min(max(t.first+i, 0), t.last) }

// keys is cubic convolution (Keys 1981, doi 10.1109/TASSP.1981.1163711): 1 at 0, 0 at all other
// whole numbers and from 2 on.
func keys(x, a float64) float64 {
	switch x = math.Abs(x); {
	case x < 1:
		return float64((float64((a+2)*x)-(a+3))*x*x) + 1
	case x < 2:
		return a * (float64((float64((x-5)*x)+8)*x) - 4)
	}
	return 0
}

// cubic is bicubic interpolation as PyTorch's interpolate has it: a = −3/4, pixels' centres
// aligned, nothing smoothed when it shrinks.
func cubic(from, to int) []taps {
	all := make([]taps, to)
	for i := range all {
		x := (float64(i)+0.5)*float64(from)/float64(to) - 0.5
		first := int(math.Floor(x)) - 1
		all[i] = taps{first: first, last: from - 1, weights: make([]float64, 4)}
		for j := range all[i].weights {
			all[i].weights[j] = keys(x-float64(first+j), -0.75)
		}
	}
	return all
}

// smoothCubic is the same with antialias: a = −1/2, widened where it shrinks, and nothing
// read beyond the edges.
func smoothCubic(from, to int) []taps {
	all := make([]taps, to)
	scale := float64(from) / float64(to)
	wide := max(scale, 1)
	for i := range all {
		centre, reach := float64((float64(i)+0.5)*scale), float64(2*wide)
		first, end := max(int(centre-reach+0.5), 0), min(int(centre+reach+0.5), from)
		all[i] = taps{first: first, last: from - 1, weights: make([]float64, end-first)}
		sum := 0.0
		for j := range all[i].weights {
			all[i].weights[j] = keys((float64(first+j)-centre+0.5)/wide, -0.5)
			sum += all[i].weights[j]
		}
		for j := range all[i].weights {
			all[i].weights[j] /= sum
		}
	}
	return all
}
