package compare

// Names of the quantities: JSON keys and CSV metric names. Metrics documents
// each. Those of the parts of the budget come from their table (Part.Size, Part.Share).
const (
	Neurons              = "neurons"
	Synapses             = "synapses"
	AnalyticRelativeSD   = "analytic_relative_sd"
	ReferenceNorm        = "reference_norm"
	TotalError           = "total_error"
	TrivialError         = "trivial_error"
	IdealDynamicsError   = "ideal_dynamics_error"
	CosineDynamicsKernel = "cosine_dynamics_kernel"

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
