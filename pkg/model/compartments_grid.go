package model

import (
	"slices"

	"github.com/nasim-sim/nasim/internal/kernel"
)

// A grid is where the calcium of compartments is looked at in one span of a read: at the nodes of each
// stretch and, after them, at its end.
type grid struct {
	basis   calciumBasis   // of the modes, at all columns or, where there are parts, at their skeletons'
	columns int            // of the span
	parts   []skeletonPart // from which the columns follow
}

// times is at how many times the modes have to be known.
func (grid *grid) times() int { return len(grid.basis[0]) }

// gridOf returns the grid of one of a timetable's spans, nil where no read-out follows its calcium.
func (exact *exactSolver) gridOf(table *timetable, span int) *grid {
	if table.kinds[span].course == held {
		return nil
	}
	if table.grids == nil {
		table.grids = make([]*grid, len(table.kinds))
	}
	if table.grids[span] == nil {
		table.grids[span] = exact.newGrid(table, span)
	}
	if table.grids[span].columns == 0 {
		return nil
	}
	return table.grids[span]
}

func (exact *exactSolver) newGrid(table *timetable, span int) *grid {
	grid := &grid{}
	legs := slices.DeleteFunc(slices.Clone(table.legs), func(leg leg) bool { return leg.span != span || leg.stretch == nil })
	if len(legs) == 0 {
		return grid
	}
	columns := len(table.legs)
	for i := range legs {
		columns += len(legs[i].stretch.phiWeight)
	}
	grid.basis = make(calciumBasis, len(legs[0].stretch.nodes))
	for f := range grid.basis {
		grid.basis[f] = make([]float64, 0, columns)
	}
	var panels []gridPanel
	for i := range table.legs {
		leg := &table.legs[i]
		if leg.span != span {
			continue
		}
		if leg.first = grid.columns; leg.stretch != nil {
			grid.add(leg.stretch.nodes)
			for panel := range leg.stretch.panels() {
				panels = append(panels, gridPanel{leg.first + (panel+1)*panelNodes, leg.stretch.edges[panel], leg.stretch.edges[panel+1]})
			}
		}
		leg.last = grid.columns
		if over := leg.stretch; over != nil {
			grid.add(over.samples.part(len(over.samples[0])-1, len(over.samples[0])))
		} else {
			grid.add(exact.basis([]float64{leg.end}, table.kinds[span]))
		}
		if len(panels) > 0 {
			panels[len(panels)-1].to = grid.columns
		}
	}
	again := len(table.times) == 1 || exact.sameTimes
	if again && grid.columns >= skeletonNodes && exact.parameters.Compartments.Count >= skeletonCompartments {
		grid.thin(panels, exact.slowest())
	}
	return grid
}

// add adds the columns of a basis.
func (grid *grid) add(basis calciumBasis) {
	for f, function := range basis {
		grid.basis[f] = append(grid.basis[f], function...)
	}
	grid.columns = len(grid.basis[0])
}

// gridPanel is a panel of a grid, with the columns from the panel before on.
type gridPanel struct {
	to         int
	start, end float64 // s
}

// slowest is the time constant of the calcium or, where that settles at once, of what drives it.
func (exact *exactSolver) slowest() float64 {
	if exact.parameters.TauCalcium > 0 {
		return exact.parameters.TauCalcium
	}
	return exact.parameters.TauHidden
}

// thin keeps of the grid the skeletons from which it follows, unless they are more than half of it.
func (grid *grid) thin(panels []gridPanel, slowest float64) {
	var chosen []int
	var parts []skeletonPart
	for from := 0; len(panels) > 0; {
		last := 0
		for last+1 < len(panels) && panels[last+1].end-panels[0].start <= float64(skeletonSpan*slowest) {
			last++
		}
		to := panels[last].to
		at, weights := interpolative(grid.basis, from, to)
		parts = append(parts, skeletonPart{from, to, len(chosen), len(at), weights})
		chosen = append(chosen, at...)
		from, panels = to, panels[last+1:]
	}
	if 2*len(chosen) > grid.columns {
		return
	}
	grid.parts = parts
	for f, column := range grid.basis {
		some := make([]float64, len(chosen))
		for i, at := range chosen {
			some[i] = column[at]
		}
		grid.basis[f] = some
	}
}

// A sight is the calcium of compartments at the columns of a grid, or at the nodes of a stretch.
type sight struct {
	calcium []float64 // [rows×stride], of which each row begins with its columns
	stride  int
	even    []bool // of each row, whether calcium is known to be even throughout; nil: of none
}

// row returns some columns of a compartment.
func (sight *sight) row(i, from, to int) []float64 {
	return sight.calcium[i*sight.stride:][from:to]
}

// see returns the calcium at a grid, given that at its times, [rows×stride], in the space that is lent.
func (grid *grid) see(at []float64, stride, rows int, room func(size int) []float64) sight {
	if grid.parts == nil {
		return sight{calcium: at, stride: stride}
	}
	calcium := room(rows * grid.columns)
	for _, part := range grid.parts {
		size := part.to - part.from
		kernel.Gemm(false, false, rows, size, part.n, 1, at[part.first:], stride, part.weights, size, 0, calcium[part.from:], grid.columns)
	}
	return sight{calcium: calcium, stride: grid.columns}
}
