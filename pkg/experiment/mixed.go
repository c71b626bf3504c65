package experiment

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mixed are warnings about runs that are looked at together: that not all were
// computed in the same way, or that of some this is not known.
func Mixed(runs []*Run) []string {
	var warnings, unknown []string
	numerics, kernels := map[string][]string{}, map[string][]string{}
	for _, r := range runs {
		if !r.Manifest.Recorded() {
			unknown = append(unknown, r.Dir)
			continue
		}
		version := fmt.Sprintf("version %d", r.Manifest.Numerics)
		numerics[version] = append(numerics[version], r.Dir)
		kernels[r.Manifest.Kernel] = append(kernels[r.Manifest.Kernel], r.Dir)
	}
	if len(unknown) > 0 {
		warnings = append(warnings, "it is not recorded which version of the numerics computed "+few(unknown, fewRuns)+", nor what the files held, so they cannot be checked")
	}
	if len(numerics) > 1 {
		warnings = append(warnings, "the runs were computed by different versions of the numerics, and may differ by that: "+listed(numerics))
	}
	if len(kernels) > 1 {
		warnings = append(warnings, "the runs were computed with different kernels, and may differ in their last digits by that: "+listed(kernels))
	}
	return warnings
}

// listed writes groups of runs as "avx2 (a, b); generic (c)".
func listed(groups map[string][]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		parts = append(parts, name+" ("+few(groups[name], fewRuns)+")")
	}
	return strings.Join(parts, "; ")
}

// few lists names: all, or most of them and how many more there are, unless that
// would be one.
func few(names []string, most int) string {
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

const fewRuns = 3
