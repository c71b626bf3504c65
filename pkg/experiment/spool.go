package experiment

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"

	"github.com/nasim-sim/nasim/pkg/fit"
)

// A spool keeps a head's tokens over many inputs on disk, in float32, so that a million take no memory but their places.
type spool struct {
	d, dv  int
	file   *os.File
	places []spooled
	end    int64
}

type spooled struct {
	at int64
	n  int
}

func newSpool(d, dv int) (*spool, error) {
	f, err := os.CreateTemp("", "nasim-tokens-*")
	if err != nil {
		return nil, err
	}
	os.Remove(f.Name()) // it goes when it is closed
	return &spool{d: d, dv: dv, file: f}, nil
}

// add keeps the tokens of the next input.
func (s *spool) add(q, k, v []float64) error {
	raw := make([]byte, 0, 4*(len(q)+len(k)+len(v)))
	for _, x := range [][]float64{q, k, v} {
		for _, number := range x {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(number)))
		}
	}
	if _, err := s.file.WriteAt(raw, s.end); err != nil {
		return fmt.Errorf("the queries, keys and values of %d inputs do not fit on disk: %w", len(s.places)+1, err)
	}
	s.places = append(s.places, spooled{s.end, len(q) / s.d})
	s.end += int64(len(raw))
	return nil
}

// read returns the tokens of an input.
func (s *spool) read(i int) (*fit.Tokens[float64], error) {
	n := s.places[i].n
	raw := make([]byte, 4*n*(2*s.d+s.dv))
	if _, err := s.file.ReadAt(raw, s.places[i].at); err != nil {
		return nil, err
	}
	take := func(size int) []float64 {
		x := make([]float64, size)
		for j := range x {
			x[j] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*j:])))
		}
		raw = raw[4*size:]
		return x
	}
	return &fit.Tokens[float64]{N: n, Q: take(n * s.d), K: take(n * s.d), V: take(n * s.dv)}, nil
}

func (s *spool) close() { s.file.Close() }

// some are some of a spool's inputs, as a fit reads them.
type some struct {
	*spool
	which []int
}

// Len is their number.
func (s some) Len() int { return len(s.which) }

// Read reads one of them.
func (s some) Read(i int) (*fit.Tokens[float64], error) { return s.spool.read(s.which[i]) }
