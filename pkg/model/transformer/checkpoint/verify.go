package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
)

// chunk is how many bytes of a file are looked at a time.
const chunk = 1 << 20

// verify reads a file from its first to its last byte: one thread sums what another
// looks through for numbers that are not finite, while the next bytes are read.
func (w *Weights) verify(s *shard) (sum string, err error) {
	v := &verifier{file: s.file, hash: sha256.New(), buffers: make(chan []byte, 2), work: make(chan []byte)}
	v.buffers <- make([]byte, chunk)
	v.buffers <- make([]byte, chunk)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for part := range v.work {
			v.hash.Write(part)
			v.buffers <- part[:chunk]
		}
	}()
	err = v.pass(nil, 0, s.start)
	for _, name := range inOrder(s.entries) {
		if t := w.tensors[name]; err == nil {
			err = v.pass(t, t.at, t.at+t.bytes)
		}
	}
	close(v.work)
	<-done
	return hex.EncodeToString(v.hash.Sum(nil)), err
}

type verifier struct {
	file    io.ReaderAt
	hash    hash.Hash
	buffers chan []byte
	work    chan []byte
}

// pass reads the bytes of a tensor, or of the header, for which it is nil. Chunks are of
// whole numbers, as their size is one of 8's multiples.
func (v *verifier) pass(t *Tensor, from, to int64) error {
	var format numberFormat
	if t != nil {
		format = formats[t.DType]
	}
	for at := from; at < to; {
		buffer := <-v.buffers
		part := buffer[:min(chunk, to-at)]
		if n, err := v.file.ReadAt(part, at); n < len(part) {
			v.buffers <- buffer
			return fmt.Errorf("it ends at byte %d of %d: %w", at+int64(n), to, err)
		}
		if format.finite != nil && t.bad < 0 {
			if i := format.finite(part); i >= 0 {
				t.bad = int(at-from)/format.size + i
			}
		}
		v.work <- part
		at += int64(len(part))
	}
	return nil
}
