package compare

import (
	"math"
	"slices"
)

// ladder measures the steps between rungs (science §2). It returns the values
// under OnLadder, the rung that the total is of, and the dominating part.
//
// The steps are vectors in R^{N·d_v}. With R the reference output,
//
//	size of a part   ‖part‖ / ‖R‖
//	share of a part  ⟨part, total⟩ / ‖total‖²      total = last − R
//
// Sizes need not add up, because parts can cancel; shares do, exactly, and are
// negative for a part that cancels others.
func ladder(in HeadInput, reference Rung) (values Values, last, dominant string) {
	values = Values{}
	for _, m := range Metrics() {
		if m.on(OnLadder) {
			values[m.Name] = Null()
		}
	}
	if reference.Output == nil {
		return values, "", ""
	}
	size := norm(reference.Output)
	values[ReferenceNorm] = Number(size)
	values[TrivialError] = relativeSize(difference(uniformAnswer(in), reference.Output), size)

	if in.Waits != nil {
		values[GapNeeded], values[ReadNeeded] = Number(in.Waits.Gap), Number(in.Waits.Read)
	}
	values[IdealDynamicsError] = relativeSize(difference(in.Ideal, reference.Output), size)

	last = reference.Name
	for _, name := range networkRungs() {
		if _, ok := in.rung(name); ok {
			last = name
		}
	}
	end, _ := in.rung(last)
	total := difference(end.Output, reference.Output)
	if last != reference.Name {
		values[TotalError] = relativeSize(total, size)
	}
	parts := ladderParts(in)
	direction := float64(values[TotalError]) > StepFloor
	for name, vector := range parts {
		part := PartCalled(name)
		values[part.Size()] = relativeSize(vector, size)
		if direction {
			values[part.Share()] = ratio(dot(vector, total)/norm(total), norm(total))
		}
	}
	kernel, dynamics := PartCalled("kernel"), PartCalled("dynamics")
	if values[kernel.Size()] > StepFloor && values[dynamics.Size()] > StepFloor {
		x, y := parts[dynamics.Name], parts[kernel.Name]
		values[CosineDynamicsKernel] = ratio(dot(x, y)/norm(x), norm(y))
	}
	return values, last, dominating(values)
}

// relativeSize returns ‖vector‖/unit, null where the vector is missing.
func relativeSize(vector []float64, unit float64) Number {
	if vector == nil {
		return Null()
	}
	return ratio(norm(vector), unit)
}

// ladderParts returns the vectors of the parts that can be formed, by name.
func ladderParts(in HeadInput) map[string][]float64 {
	parts := map[string][]float64{}
	add := func(part Part, vector []float64) {
		if vector != nil {
			parts[part.Name] = vector
		}
	}
	var below []float64 // the output one rung down
	for i, level := range Ladder() {
		rung, _ := in.rung(level.Name)
		if i > 0 {
			add(level.Step, difference(rung.Output, below))
		}
		if level.Split {
			rest, split := slices.Clone(parts[level.Step.Name]), false
			for _, cause := range Causes() {
				without := below
				if beside := in.Causes[cause.Beside]; beside != nil {
					without = beside
				}
				vector := difference(in.Causes[cause.Name], without)
				add(cause.Part, vector)
				if split = split || vector != nil; vector != nil && len(rest) > 0 {
					rest = difference(rest, vector)
				}
			}
			if split && len(rest) > 0 {
				add(interaction(), rest)
			}
		}
		below = rung.Output
	}
	return parts
}

// dominating returns the part with the largest share of the total error, or the
// largest size where shares are not known: a large part that cancels others is
// none to reduce. The causes and their interaction stand for the dynamics where
// it is split. The name is "" where every part is rounding.
func dominating(values Values) string {
	best, name := Number(math.Inf(-1)), ""
	for _, part := range budgetParts(values) {
		x := values.Get(part.Share())
		if !x.Known() {
			x = values.Get(part.Size())
		}
		if values.Get(part.Size()) > StepFloor && x > best {
			best, name = x, part.Name
		}
	}
	return name
}

// budgetParts returns the known parts that together make the total, in the
// order of the ladder, a step split by cause where it can be.
func budgetParts(values Values) []Part {
	split := values.Get(interaction().Size()).Known()
	var parts []Part
	for _, level := range Ladder()[1:] {
		if level.Split && split {
			for _, part := range Parts() {
				if part.Inset {
					parts = append(parts, part)
				}
			}
			continue
		}
		parts = append(parts, level.Step)
	}
	return slices.DeleteFunc(parts, func(p Part) bool { return !values.Get(p.Size()).Known() })
}

// uniformAnswer returns the N×d_v output of uniform attention over the visible
// tokens, or nil where no values are given.
func uniformAnswer(in HeadInput) []float64 {
	if len(in.V) == 0 {
		return nil
	}
	n, d := in.Tokens, in.ValueDim
	out := make([]float64, n*d)
	sum := make([]float64, d)
	added := 0
	for t := range n {
		for ; added < in.visible(t); added++ {
			for i, v := range in.V[added*d : (added+1)*d] {
				sum[i] += v
			}
		}
		for i, s := range sum {
			out[t*d+i] = s / float64(added)
		}
	}
	return out
}
