package experiment

import (
	"errors"
	"fmt"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

func (d *drawing) attention(_ *sheet, i int) (*plotting.Figure, error) {
	in, err := d.attentionInput(i)
	if err != nil {
		return nil, err
	}
	return plotting.Attention(in)
}

func (d *drawing) overlay(_ *sheet, i int) (*plotting.Figure, error) {
	in, err := d.attentionInput(i)
	if err != nil {
		return nil, err
	}
	return plotting.Overlay(in)
}

func (d *drawing) attentionInput(i int) (plotting.AttentionInput, error) {
	r, h := d.runs[0], d.arrays[0].heads[i]
	in := plotting.AttentionInput{
		Width: d.set.Width, Subject: d.subject(i), N: d.arrays[0].tokens,
		Softmax: h.attention[compare.Softmax], Kernel: h.attention[compare.Kernel], Network: h.attention[compare.Solver], NetworkRung: compare.Solver,
		Neurons: neuronsOf(r.Report.Heads[i]),
	}
	var err error
	if in.Tokens, err = r.tokens(); err != nil {
		return in, err
	}
	if in.Grid, err = d.grid(); err != nil {
		return in, err
	}
	if t := d.set.Token; t != nil {
		if err := d.tokenOf(*t, in); err != nil {
			return in, err
		}
		in.Grid.Queries = []int{*t}
	}
	return in, nil
}

// tokenOf refuses a token whose attention cannot be laid over a picture.
func (d *drawing) tokenOf(token int, in plotting.AttentionInput) error {
	switch {
	case in.Grid == nil:
		return errors.New("--token says whose attention is laid over a picture, and the input is none")
	case token < 0 || token >= in.N:
		return fmt.Errorf("--token %d: there are the tokens 0 to %d, of which %d stand before the patches", token, in.N-1, len(in.Grid.Front))
	}
	return nil
}

// grid places the tokens of a picture on it; nil for other inputs.
func (d *drawing) grid() (*plotting.PatchGrid, error) {
	grid, picture, err := d.runs[0].patches()
	if grid == nil || err != nil {
		return nil, err
	}
	return &plotting.PatchGrid{Picture: picture, Rows: grid.Rows, Columns: grid.Columns, Front: grid.front(d.arrays[0].tokens)}, nil
}
