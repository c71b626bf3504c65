package compare

import "math"

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

	last = reference.Name
	for _, name := range []string{Kernel, Exact, Solver} {
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
		names := namesOf(name)
		values[names.size] = relativeSize(vector, size)
		if direction {
			values[names.share] = ratio(dot(vector, total)/norm(total), norm(total))
		}
	}
	kernel, dynamics := parts[KernelPart], parts[DynamicsPart]
	if values[KernelError] > StepFloor && values[DynamicsError] > StepFloor {
		values[CosineDynamicsKernel] = ratio(dot(dynamics, kernel)/norm(dynamics), norm(kernel))
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

// ladderParts returns the vectors of the parts that can be formed.
func ladderParts(in HeadInput) map[string][]float64 {
	output := func(name string) []float64 {
		r, _ := in.rung(name)
		return r.Output
	}
	parts := map[string][]float64{}
	add := func(name string, vector []float64) {
		if vector != nil {
			parts[name] = vector
		}
	}
	add(KernelPart, difference(output(Kernel), output(Softmax)))
	add(DynamicsPart, difference(output(Exact), output(Kernel)))
	add(IntegrationPart, difference(output(Solver), output(Exact)))
	rest, split := append([]float64(nil), parts[DynamicsPart]...), false
	for _, cause := range Causes() {
		vector := difference(in.Causes[cause], output(Kernel))
		if vector == nil {
			continue
		}
		add(cause, vector)
		split = true
		if len(rest) > 0 {
			rest = difference(rest, vector)
		}
	}
	if split && len(rest) > 0 {
		add(InteractionPart, rest)
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
		names := namesOf(part)
		x := values.Get(names.share)
		if !x.Known() {
			x = values.Get(names.size)
		}
		if values.Get(names.size) > StepFloor && x > best {
			best, name = x, part
		}
	}
	return name
}

// budgetParts returns the known parts that together make the total, in the
// order of the ladder, the dynamics split by cause where it can be.
func budgetParts(values Values) []string {
	var parts []string
	add := func(names ...string) {
		for _, name := range names {
			if values.Get(namesOf(name).size).Known() {
				parts = append(parts, name)
			}
		}
	}
	add(KernelPart)
	if values.Get(InteractionError).Known() {
		add(Causes()...)
		add(InteractionPart)
	} else {
		add(DynamicsPart)
	}
	add(IntegrationPart)
	return parts
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
