package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nasim-sim/nasim/bench/internal/machine"
	"github.com/nasim-sim/nasim/pkg/fit"
)

// Sizes of the fit; the last heldOut texts are held out, as many before them chosen by.
const (
	texts, tokens, dim, neurons = 2048, 128, 32, 625
	steps, batch                = 1000, 4
	heldOut                     = 64
)

// tokensFile and startFile hold what PyTorch begins with: q', k' and v of every text; and W_q, b_q, W_k, b_k, u and the shift. rawFile
// holds q, k and v, as a transformer gives them.
const tokensFile, startFile, rawFile = "tokens", "start", "raw"

// draw writes the files: random tokens whose queries resemble keys, of sizes that fall from dimension to dimension.
func draw(folder string) error {
	rng := rand.New(rand.NewPCG(1, 2))
	err := write(folder, rawFile, func(w io.Writer) error {
		for range texts {
			q, k, v := make([]float64, tokens*dim), make([]float64, tokens*dim), make([]float64, tokens*dim)
			for i := range q {
				size := math.Pow(0.92, float64(i%dim))
				k[i] = size * rng.NormFloat64()
				q[i] = size * rng.NormFloat64()
				v[i] = rng.NormFloat64()
			}
			for t := 1; t < tokens; t++ { // a token asks for one before it
				from := rng.IntN(t)
				for j := range dim {
					q[t*dim+j] += 0.7 * k[from*dim+j]
				}
			}
			if err := single(w, q, k, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	all, err := open(folder)
	if err != nil {
		return err
	}
	defer all.file.Close()
	v, err := fit.InvariancesOf(context.Background(), all.part(0, texts-2*heldOut), dim)
	if err != nil {
		return err
	}
	var from []*fit.Tokens[float64]
	err = write(folder, tokensFile, func(w io.Writer) error {
		for i := range texts {
			in, err := all.Read(i)
			if err != nil {
				return err
			}
			in.Q, in.K = v.Queries(in.Q, in.N), v.Keys(in.K, in.N)
			from = append(from, &fit.Tokens[float64]{N: in.N, Q: in.Q, K: in.K})
			if err := single(w, in.Q, in.K, in.V); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p, err := fit.Start(fit.Form{Dim: dim, Neurons: neurons}, fit.StartPairs, from, v, false, rng)
	if err != nil {
		return err
	}
	return write(folder, startFile, func(w io.Writer) error {
		return single(w, p.Query.W, p.Query.B, p.Key.W, p.Key.B, p.Square, v.Shift)
	})
}

func write(folder, name string, contents func(w io.Writer) error) error {
	f, err := os.Create(filepath.Join(folder, name))
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	return errors.Join(contents(w), w.Flush(), f.Close())
}

// single writes numbers in float32.
func single(w io.Writer, numbers ...[]float64) error {
	for _, x := range numbers {
		raw := make([]byte, 0, 4*len(x))
		for _, number := range x {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(float32(number)))
		}
		if _, err := w.Write(raw); err != nil {
			return err
		}
	}
	return nil
}

// source reads texts from a file, as nasim fit does.
type source struct {
	file     *os.File
	from, to int
}

func open(folder string) (source, error) {
	f, err := os.Open(filepath.Join(folder, rawFile))
	return source{f, 0, texts}, err
}

func (s source) part(from, to int) source { return source{s.file, from, to} }

// Len is the number of texts.
func (s source) Len() int { return s.to - s.from }

// Read reads one.
func (s source) Read(i int) (*fit.Tokens[float64], error) {
	raw := make([]byte, 4*3*tokens*dim)
	if _, err := s.file.ReadAt(raw, int64(s.from+i)*int64(len(raw))); err != nil {
		return nil, err
	}
	x := make([]float64, 3*tokens*dim)
	for j := range x {
		x[j] = float64(math.Float32frombits(binary.LittleEndian.Uint32(raw[4*j:])))
	}
	const size = tokens * dim
	return &fit.Tokens[float64]{N: tokens, Q: x[:size], K: x[size : 2*size], V: x[2*size:]}, nil
}

// runOne fits so many heads at once and prints, for one head, the seconds of the steps and of all, the held-out error and the peak of
// memory in GiB. In the second fit the validation texts are looked at as often as they are by default, and all counts.
func runOne(heads int, folder string) error {
	all, err := open(folder)
	if err != nil {
		return err
	}
	defer all.file.Close()
	in := fit.Inputs{Train: all.part(0, texts-2*heldOut), Validation: all.part(texts-2*heldOut, texts-heldOut), HeldOut: all.part(texts-heldOut, texts)}
	ctx := context.Background()
	settings := func(i int) fit.Settings {
		return fit.Settings{Form: fit.Form{Dim: dim, Neurons: neurons}, Steps: steps, Batch: batch, Patience: -1, Seed: uint64(i)}
	}
	trainings, fitted := make([]*fit.Training, heads), make([]*fit.Fitted, heads)
	v, err := fit.InvariancesOf(ctx, in.Train, dim)
	if err != nil {
		return err
	}
	prepared := in
	prepared.Invariances = v
	// The steps alone: no look but the last.
	err = atOnce(heads, func(i int) (err error) {
		s := settings(i)
		s.Check = steps + 1
		trainings[i], err = fit.NewTraining(ctx, s, prepared)
		return err
	})
	if err != nil {
		return err
	}
	begin := time.Now()
	err = atOnce(heads, func(i int) error {
		for trainings[i].StepsDone() < steps {
			if err := trainings[i].Step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	stepping := time.Since(begin).Seconds() / float64(heads)
	begin = time.Now()
	err = atOnce(heads, func(i int) (err error) {
		fitted[i], err = fit.Head(ctx, settings(i), in, nil)
		return err
	})
	if err != nil {
		return err
	}
	whole := time.Since(begin).Seconds() / float64(heads)
	peak, err := machine.PeakMemory()
	fmt.Println(stepping, whole, fitted[0].HeldOut.Error, peak)
	return err
}

// atOnce does something to every head at once.
func atOnce(heads int, do func(i int) error) error {
	failed := make([]error, heads)
	var all sync.WaitGroup
	for i := range heads {
		all.Go(func() { failed[i] = do(i) })
	}
	all.Wait()
	return errors.Join(failed...)
}
