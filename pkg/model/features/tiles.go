package features

import (
	"iter"
	"math/rand/v2"
)

// TileNeurons are the neurons that are drawn and evaluated at a time where they are
// not held: the features of a few hundred tokens then fit the second-level cache. It
// is a multiple of the runs in which the kernels sum, and even, for neurons in pairs.
const TileNeurons = 1024

// Stream returns the map of [New] with the stream that again returns from its start. Its
// neurons are not held, but drawn anew for every pass over them ([Map.Tiles]), so that
// it serves [Map.Inner] and not [Map.Evaluate].
func Stream(spec Spec, dim int, again func() *rand.Rand) (*Map, error) {
	m, err := undrawn(spec, dim)
	if err != nil || m.family.ideal {
		return m, err
	}
	m.again = again
	if m.family.chances() { // they come after all rows
		rng := again()
		draw, tile := coupling(m.Rows).draw(dim, rng), make([]float64, TileNeurons*dim)
		for from := 0; from < m.Neurons; from += TileNeurons {
			draw(tile[:min(TileNeurons, m.Neurons-from)*dim])
		}
		m.chances = m.drawChances(rng)
	}
	return m, nil
}

// Tiles hands over the tuning to queries and to keys, some neurons after others. Where
// it is drawn as it goes, the next tile takes the place of the one before.
func (m *Map) Tiles() iter.Seq2[*Tuning, *Tuning] {
	return func(yield func(queries, keys *Tuning) bool) {
		var draw func([]float64)
		var rows []float64
		if m.again != nil {
			draw, rows = coupling(m.Rows).draw(m.Dim, m.again()), make([]float64, m.rowsOf(min(TileNeurons, m.Neurons))*m.Dim)
		}
		for from := 0; from < m.Neurons; from += TileNeurons {
			to := min(from+TileNeurons, m.Neurons)
			queries, keys := m.Queries.part(from, to, m.Inputs()), m.Keys.part(from, to, m.Inputs())
			if m.Queries == m.Keys {
				keys = queries
			}
			if draw != nil {
				tile := rows[:m.rowsOf(to-from)*m.Dim]
				draw(tile)
				queries = m.tuned(tile, from, part(m.chances, from, to))
				keys = queries
			}
			if !yield(queries, keys) {
				return
			}
		}
	}
}

// part is the tuning of the neurons from … to−1.
func (tuning *Tuning) part(from, to, d int) *Tuning {
	if tuning == nil {
		return nil
	}
	return &Tuning{W: tuning.W[from*d : to*d], B: part(tuning.B, from, to)}
}

func part(x []float64, from, to int) []float64 {
	if x == nil {
		return nil
	}
	return x[from:to]
}
