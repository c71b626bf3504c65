package model

// An AstrocyteSize is how many synapses one astrocyte of a species ensheathes.
type AstrocyteSize struct {
	Species     string
	Least, Most float64
}

// AstrocyteSizes lists them, smaller ones first: those of Bushong et al. 2002 (J. Neurosci. 22:183)
// and Oberheim et al. 2006, 2009 (Trends Neurosci. 29:547, J. Neurosci. 29:3276).
func AstrocyteSizes() []AstrocyteSize {
	return []AstrocyteSize{
		{"rodent", 20e3, 120e3},
		{"human", 0.27e6, 2e6},
	}
}

// AstrocyteSizesFrom is where they are from, in a few words.
const AstrocyteSizesFrom = "Bushong et al. 2002, Oberheim et al. 2006 and 2009"
