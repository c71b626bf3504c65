// Package compare measures how far a neuron–astrocyte network is from the
// transformer's attention, and splits the distance by where it arises.
//
// # Contract
//
// Everything here is a pure function over arrays: nothing is read, drawn or
// run. The unit is one head. Its outputs are given on the rungs of a ladder
// (science §2), of which [Ladder] is the table, [Causes] that of what parts the
// continuous network from its sums, and [Parts] the rows of the error budget that
// follow from both:
//
//	A0  softmax   attention of the transformer
//	A1  kernel    the same sums with the feature map φ
//	A2  exact     the continuous network, solved exactly
//	A3  solver    the continuous network, by the configured solver
//
// [Head] returns a [HeadReport]: the ladder (size of each step relative to
// ‖A0‖_F, the dynamics step split by cause, the answer of uniform attention
// beside it) and, for each rung, metrics of its output, its normaliser and its
// effective attention. Without a softmax rung (tensors given as φ only) the
// reference is the kernel rung, and the report says so in its Reference field.
//
// All matrices are row-major and token-major. Every quantity has one name,
// listed by [Metrics] with unit and meaning; that name is its key in JSON, its
// value in the metric column of [HeadReport.Rows], and nothing else spells it.
// A quantity that cannot be computed is the null [Number]: JSON null, an empty
// CSV field, a dash in a table; never the text NaN. What a reader should know
// about a report travels with it as [Warning] values.
//
// [Summarize] sets several runs side by side, pooling those that differ only
// in their seed; [BudgetText] prints one run.
//
// # Floors and conventions
//
// Where a denominator or a logarithm can vanish an absolute floor stands, a
// named constant with its reason: [NormFloor], [StepFloor], [AttentionFloor].
// Quantiles interpolate linearly between order statistics, which is NumPy's
// default.
//
// # Reference
//
// The network is that of Kozachkov, Kastanenka and Krotov, PNAS 120(34)
// e2219150120 (2023); the ladder is nasim's own.
package compare
