package model

import "slices"

// Sources lists the keys, in the bibliography, of where the network is from.
func (parameters Parameters) Sources() (keys []string) {
	if parameters.Replicated() {
		return []string{"vivet2026"}
	}
	keys = []string{"kozachkov2023"}
	if parameters.Emergent() {
		return append(keys, "kozachkov2025")
	}
	if parameters.TauRise > 0 {
		keys = append(keys, "depitta2012")
	}
	if parameters.Latency > 0 {
		keys = append(keys, "lines2024")
	}
	for _, own := range [][]string{calciumModels[parameters.Calcium].sources, readouts[parameters.Division.Readout].sources} {
		for _, key := range own {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
