package fit

import (
	"fmt"
	"math/rand/v2"
)

// random is a stream of a fit's seed for one purpose.
func random(seed uint64, purpose string) *rand.Rand {
	var key [32]byte
	copy(key[:], fmt.Sprintf("nasim fit %d %s", seed, purpose))
	return rand.New(rand.NewChaCha8(key))
}

// order is that in which inputs are taken: all come once, in an order of their own, before any comes again.
type order struct {
	seed  uint64
	count int
	at    []int
	used  int // of at
	epoch uint64
}

func newOrder(seed uint64, count int) *order { return &order{seed: seed, count: count} }

func (o *order) next() int {
	if o.used == len(o.at) {
		o.at = random(o.seed, fmt.Sprintf("order %d", o.epoch)).Perm(o.count)
		o.used, o.epoch = 0, o.epoch+1
	}
	o.used++
	return o.at[o.used-1]
}

// after is the order from where so many have been taken.
func (o *order) after(taken int) *order {
	if taken > 0 {
		o.epoch = uint64((taken - 1) / o.count)
		o.used = len(o.at)
		o.next()
		o.used = taken - int(o.epoch-1)*o.count
	}
	return o
}
