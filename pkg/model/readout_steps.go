package model

import "math"

// stepReadOuts are those of an astrocyte that is integrated, or of each of its compartments: the
// integrals of readout.go over panels within the integration's steps.
type stepReadOuts struct {
	exact  *exactSolver
	outs   []readOut
	levels func(time float64, state, into []float64) // p of each compartment, at a time of the span

	seg  Segment
	kind spanKind // of the span at hand
	end  float64  // of the leg at hand, to which its panels lead up
	felt bool     // steps are followed by f

	node        []float64 // a state within a step
	calcium     []float64 // there
	first, last []float64 // where a panel begins and ends
	divisors    [][panelNodes]float64
}

// forgotten is after how many of its time constants f has forgotten what it was: all that
// is left of it is e^{−60}.
const forgotten = 60

func newStepReadOuts(exact *exactSolver, count int, levels func(time float64, state, into []float64)) *stepReadOuts {
	vector := func() []float64 { return make([]float64, count) }
	return &stepReadOuts{
		exact: exact, outs: make([]readOut, count), levels: levels, node: make([]float64, count*exact.astrocyte.states),
		calcium: vector(), first: vector(), last: vector(), divisors: make([][panelNodes]float64, count),
	}
}

// begin begins a segment.
func (all *stepReadOuts) begin(seg Segment) {
	all.seg, all.felt = seg, false
	for c := range all.outs {
		all.outs[c] = readOut{exact: all.exact}
	}
}

// through takes f from one time of the segment to another, while advance takes the astrocyte
// there. It is followed panel by panel, so that no step is longer than one of them: within a
// step it is at its ends alone that the astrocyte is of the method's order.
func (all *stepReadOuts) through(start, end float64, advance func(to float64) error) error {
	exact := all.exact
	follow := math.Inf(1)
	switch {
	case all.seg.Phase != Reading || exact.parameters.TauOutput == 0 && !exact.averages && !exact.means:
	case exact.averages || exact.means:
		follow = start
	default:
		follow = max(start, end-float64(forgotten*exact.parameters.TauOutput))
	}
	fall := 1.0
	if all.end = end; exact.averages {
		all.end = all.seg.Duration
	} else {
		fall = decay(exact.output, end-start)
	}
	for c := range all.outs {
		all.outs[c].phi *= fall
		all.outs[c].hidden *= fall
	}
	if follow < end {
		edges := exact.panelEdges(all.kind.from, start, end)
		for i, edge := range edges[1:] {
			if edge <= follow {
				continue
			}
			if !all.felt {
				if err := advance(edges[i]); err != nil {
					return err
				}
				all.felt = true
			}
			if err := advance(edge); err != nil {
				return err
			}
		}
		all.felt = false
	}
	return advance(end)
}

// within adds what f makes of a step.
func (all *stepReadOuts) within(from, to float64, at func(time float64, state []float64)) {
	if all.felt {
		all.add(from, to, at, panelHalving)
	}
}

// add adds the integrals over a part of a step, which is cut where a p passes its floor and
// halved where one changes too much.
func (all *stepReadOuts) add(from, to float64, at func(time float64, state []float64), halvings int) {
	exact, astrocyte := all.exact, all.exact.astrocyte
	if halvings > 0 {
		if cut := all.passes(from, to, at); from < cut && cut < to {
			all.add(from, cut, at, halvings-1)
			all.add(cut, to, at, halvings-1)
			return
		}
	}
	for i, x := range gaussLegendre.x {
		all.look(from+float64(x*(to-from)), at)
		for c, p := range all.calcium {
			all.divisors[c][i] = astrocyte.divisor(p, all.node[c*astrocyte.states:(c+1)*astrocyte.states])
		}
	}
	if halvings > 0 {
		for c := range all.divisors {
			if _, even := judged(all.divisors[c][:]); !even {
				middle := from + float64((to-from)/2)
				all.add(from, middle, at, halvings-1)
				all.add(middle, to, at, halvings-1)
				return
			}
		}
	}
	since := all.kind.from
	stretch, _ := exact.layStretch([]float64{since + from, since + to}, all.end, all.seg.Duration, all.kind)
	for c := range all.outs {
		all.outs[c].quotients(stretch, all.divisors[c][:], math.Inf(-1), 0, 1)
	}
}

// look sets the state and all calcium at a time of the step at hand.
func (all *stepReadOuts) look(time float64, at func(time float64, state []float64)) {
	at(time, all.node)
	all.levels(time, all.node, all.calcium)
}

// passes returns where in a part of a step a calcium passes the floor that divides in its place:
// there the divisor has a kink. from: nowhere. A dip through the floor and back is left to the nodes.
func (all *stepReadOuts) passes(from, to float64, at func(time float64, state []float64)) float64 {
	floor, astrocyte := all.exact.astrocyte.floor, all.exact.astrocyte
	if !(floor > 0) || astrocyte.states > astrocyte.own {
		return from
	}
	all.look(from, at)
	copy(all.first, all.calcium)
	all.look(to, at)
	copy(all.last, all.calcium)
	for c := range all.first {
		if above := all.first[c] > floor; above != (all.last[c] > floor) {
			cut := bisect(from, to, func(time float64) bool {
				all.look(time, at)
				return (all.calcium[c] > floor) == above
			})
			if between := float64(sliver * (to - from)); cut-from > between && to-cut > between {
				return cut
			}
		}
	}
	return from
}

// sliver is as much of a panel as it is not worth being cut for.
const sliver = 1e-9
