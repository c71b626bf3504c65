package model

import "math/big"

// A precise is a number of 400 bits, in which the tests write equations down once more.
type precise struct{ value *big.Float }

const preciseBits = 400

func exactly(x float64) precise { return precise{new(big.Float).SetPrec(preciseBits).SetFloat64(x)} }

func (x precise) plus(y precise) precise  { return precise{new(big.Float).Add(x.value, y.value)} }
func (x precise) minus(y precise) precise { return precise{new(big.Float).Sub(x.value, y.value)} }
func (x precise) times(y precise) precise { return precise{new(big.Float).Mul(x.value, y.value)} }
func (x precise) over(y precise) precise  { return precise{new(big.Float).Quo(x.value, y.value)} }

// half is x/(x + number), Michaelis and Menten's.
func (x precise) half(number precise) precise { return x.over(x.plus(number)) }

// cubeRoot is ∛x by Newton's steps, each of which doubles the digits.
func (x precise) cubeRoot() precise {
	root := exactly(cubeRoot(x.float()))
	for range 5 {
		root = root.plus(root).plus(x.over(root.times(root))).over(exactly(3))
	}
	return root
}

func (x precise) float() float64 {
	f, _ := x.value.Float64()
	return f
}
