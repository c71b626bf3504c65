package compare

// Names of the rungs, in the order of the ladder.
const (
	Softmax = "softmax" // A0
	Kernel  = "kernel"  // A1
	Exact   = "exact"   // A2
	Solver  = "solver"  // A3
)

// Names that stand in the rung column for what belongs to no single rung.
const (
	OnLadder = "ladder" // steps between rungs
	OnHead   = "head"   // the head itself
)

// Causes of the dynamics part; each is switched on alone, the others at their
// limit (science §2).
const (
	CarryOver    = "carry-over"   // τ_h, τ_f
	CalciumLag   = "calcium lag"  // τ_p
	Leak         = "leak"         // τ_H, τ_g
	Compartments = "compartments" // C, at the configured τ_p D, settled
)

// Parts of the ladder beside the causes.
const (
	KernelPart      = "kernel"
	DynamicsPart    = "dynamics"
	IntegrationPart = "integration"
	InteractionPart = "interaction"
)

// Causes returns the causes in the order in which they are reported.
func Causes() []string { return []string{CarryOver, CalciumLag, Leak, Compartments} }

// RungNames returns the rungs in the order of the ladder.
func RungNames() []string { return []string{Softmax, Kernel, Exact, Solver} }

// Names of the quantities: JSON keys and CSV metric names. Metrics documents
// each.
const (
	Neurons              = "neurons"
	Synapses             = "synapses"
	AnalyticRelativeSD   = "analytic_relative_sd"
	ReferenceNorm        = "reference_norm"
	KernelError          = "kernel_error"
	DynamicsError        = "dynamics_error"
	CarryOverError       = "carry_over_error"
	CalciumLagError      = "calcium_lag_error"
	LeakError            = "leak_error"
	CompartmentsError    = "compartments_error"
	InteractionError     = "interaction_error"
	IntegrationError     = "integration_error"
	TotalError           = "total_error"
	TrivialError         = "trivial_error"
	CosineDynamicsKernel = "cosine_dynamics_kernel"
	KernelShare          = "kernel_share"
	DynamicsShare        = "dynamics_share"
	CarryOverShare       = "carry_over_share"
	CalciumLagShare      = "calcium_lag_share"
	LeakShare            = "leak_share"
	CompartmentsShare    = "compartments_share"
	InteractionShare     = "interaction_share"
	IntegrationShare     = "integration_share"

	RelativeError        = "relative_error"
	CosineMean           = "cosine_mean"
	CosineWorst          = "cosine_worst"
	CosineWorstToken     = "cosine_worst_token"
	NormalizerMedian     = "normalizer_median"
	NormalizerP95        = "normalizer_p95"
	NormalizerR          = "normalizer_r"
	NormalizerRLog10     = "normalizer_r_log10"
	NormalizerSkipped    = "normalizer_skipped"
	NormalizerLogSkipped = "normalizer_log_skipped"
	RowSumMin            = "row_sum_min"
	RowSumMedian         = "row_sum_median"
	RowSumMax            = "row_sum_max"
	ClippedMassMean      = "clipped_mass_mean"
	ClippedMassMax       = "clipped_mass_max"
	RowsSkipped          = "rows_skipped"
	TVMean               = "tv_mean"
	TVMax                = "tv_max"
	KLMean               = "kl_mean"
	KLFlooredMass        = "kl_floored_mass"
	Entropy              = "entropy"
	Top1Overlap          = "top1_overlap"
	Top5Overlap          = "top5_overlap"
)

// partNames ties each part to the names of its size and its share.
type partNames struct{ size, share string }

func namesOf(part string) partNames {
	switch part {
	case KernelPart:
		return partNames{KernelError, KernelShare}
	case DynamicsPart:
		return partNames{DynamicsError, DynamicsShare}
	case CarryOver:
		return partNames{CarryOverError, CarryOverShare}
	case CalciumLag:
		return partNames{CalciumLagError, CalciumLagShare}
	case Leak:
		return partNames{LeakError, LeakShare}
	case Compartments:
		return partNames{CompartmentsError, CompartmentsShare}
	case InteractionPart:
		return partNames{InteractionError, InteractionShare}
	case IntegrationPart:
		return partNames{IntegrationError, IntegrationShare}
	}
	panic("compare: no part of the ladder is called " + part)
}
