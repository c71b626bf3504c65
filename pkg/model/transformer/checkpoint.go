package transformer

import "fmt"

// checkpoint reads layers from a weights file and remembers what failed, so that a list of layers reads as one.
type checkpoint struct {
	file    *safetensors
	first   error
	further int // failures after the first
}

func (c *checkpoint) err() error {
	if c.further > 0 {
		return fmt.Errorf("%w (and %d more tensors of this file are missing or do not fit)", c.first, c.further)
	}
	return c.first
}

func (c *checkpoint) tensor(name string, shape ...int) []float32 {
	x, err := c.file.floats(name, shape...)
	switch {
	case err == nil:
	case c.first == nil:
		c.first = err
	default:
		c.further++
	}
	return x
}

func (c *checkpoint) linear(name string, in, out int) linear {
	return linear{in: in, out: out, weight: c.tensor(name+".weight", out, in), bias: c.tensor(name+".bias", out)}
}

func (c *checkpoint) linearWithoutBias(name string, in, out int) linear {
	return linear{in: in, out: out, weight: c.tensor(name+".weight", out, in)}
}

// layerNorm also takes gamma and beta, the names in checkpoints converted from TensorFlow.
func (c *checkpoint) layerNorm(name string, width int, eps float64) layerNorm {
	scale, shift := name+".weight", name+".bias"
	if !c.file.has(scale) && c.file.has(name+".gamma") {
		scale, shift = name+".gamma", name+".beta"
	}
	return layerNorm{scale: c.tensor(scale, width), shift: c.tensor(shift, width), eps: eps}
}
