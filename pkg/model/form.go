package model

// A form of H is what it is recalled from.
type form int

const (
	bySynapses form = iota + 1 // H itself
	byProducts                 // inner products of features
)

// form chooses what H is recalled from, given whether inner products are cheaper.
// A_eff knows of no values, so of no H, and infinitely many neurons have none.
func (head *Head) form(opt Options, cheaper bool) form {
	switch {
	case opt.Attention, head.byGram():
		return byProducts
	case opt.by != 0:
		return opt.by
	case cheaper:
		return byProducts
	}
	return bySynapses
}

// scoresCostLess reports whether to recall all queries at once takes no more
// multiplications by the scores, N² (m + d_v), than by H, 2 N m d_v. Scores that are
// there cost nothing.
func (head *Head) scoresCostLess() bool {
	n, m, dv := head.Tokens, head.Neurons, head.Values
	return head.scores != nil || n*(m+dv) <= 2*m*dv
}
