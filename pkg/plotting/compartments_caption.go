package plotting

import (
	"fmt"
	"math"
	"slices"
)

func captionCompartments(f *Figure, in *CompartmentsInput, panels []*panel) {
	beyond, none := false, false
	for h, pl := range panels[:min(len(panels), len(in.Heads))] {
		for _, c := range in.Curves {
			none = none || slices.Contains(c.Exchange, 0)
			for _, e := range errorsOf(h, c.Errors) {
				beyond = beyond || e < pl.y.lo || e > pl.y.hi
			}
		}
	}
	f.setCaption(in.Subject,
		"Error of the output against the rate D at which an astrocyte's compartments exchange calcium, a line for each number C of compartments; both axes are logarithmic.",
		meaningOf(in.Meaning),
		when(none, "Left of the break, at 0, nothing is exchanged."),
		when(in.diffuses(), fmt.Sprintf("Open markers stand where buffered calcium that diffuses with D_Ca\u00a0=\u00a0%.4g\u00a0µm²/s along a process of length ℓ makes the exchange, D\u00a0=\u00a0D_Ca/(ℓ/C)², straight between the points beside it; the broad stretches are those of %.4g–%.4g\u00a0µm²/s (%s).", in.Usual, in.Least, in.Most, clean(in.Source))),
		when(len(in.Heads) > 1, "Panels are heads, on the same axes."),
		overRuns(in.Seeds),
		when(holdsError(in.WellMixed, panels), "Dotted: the error of the well-mixed astrocyte, a single compartment."),
		when(len(finiteOf(in.WellMixed)) > 0 && !holdsError(in.WellMixed, panels), "The error of the well-mixed astrocyte, a single compartment, lies beyond the axis."),
		dashedUniform(in.Uniform),
		when(beyond, "A line that leaves a panel goes on beyond the axis."))
	tabulateCompartments(f, in)
}

// tabulateCompartments sets the numbers that are drawn, and the error where diffusion makes the exchange.
func tabulateCompartments(f *Figure, in *CompartmentsInput) {
	type cell struct {
		name           string
		head           int
		length         float64 // µm, where diffusion makes the exchange
		exchange, size float64
		between        float64 // the error there, between points
	}
	var rows []cell
	missing := math.NaN()
	for _, c := range in.Curves {
		name := cleanMarked(c.Label)
		for p, d := range c.Exchange {
			for h := range in.Heads {
				rows = append(rows, cell{name, h, missing, d, c.Errors[p][h], missing})
			}
		}
		for k, r := range c.Diffusion {
			for _, d := range []float64{r.From, r.Usual, r.To} {
				for h := range in.Heads {
					rows = append(rows, cell{name, h, in.Lengths[k], d, missing, c.between(errorsOf(h, c.Errors), d)})
				}
			}
		}
	}
	for h := range in.WellMixed {
		rows = append(rows, cell{"well-mixed", h, missing, missing, in.WellMixed[h], missing})
	}
	for h := range in.Uniform {
		rows = append(rows, cell{"uniform attention", h, missing, missing, in.Uniform[h], missing})
	}
	column := func(of func(cell) float64) []float64 {
		values := make([]float64, len(rows))
		for k, r := range rows {
			values[k] = of(r)
		}
		return values
	}
	f.setData(len(rows), texts("astrocyte", func(row int) string { return rows[row].name }), texts("head", func(row int) string { return clean(in.Heads[rows[row].head]) }),
		floats("length_um", column(func(r cell) float64 { return r.length })), floats("exchange_per_s", column(func(r cell) float64 { return r.exchange })),
		floats("error", column(func(r cell) float64 { return r.size })), floats("interpolated", column(func(r cell) float64 { return r.between })))
}
