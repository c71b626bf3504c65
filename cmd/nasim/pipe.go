package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// pipe is standard output. If its reader has gone (nasim compare … | head), the
// rest is dropped without a word; any other failure is kept for the end.
type pipe struct {
	to     io.Writer
	closed bool
	err    error
}

func (p *pipe) Write(text []byte) (int, error) {
	if p.closed || p.err != nil {
		return len(text), nil
	}
	_, err := p.to.Write(text)
	if errors.Is(err, syscall.EPIPE) {
		p.closed = true
	} else if err != nil {
		p.err = err
	}
	return len(text), nil
}

func (p *pipe) failure() error {
	if p.err == nil {
		return nil
	}
	return fmt.Errorf("standard output: %w", rundir.ExplainHere(p.err))
}
