package experiment

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// What is said to mend compartments does: one of them, or an exchange that is so fast, which takes the
// place of a length, too.
func TestRemediesOfCompartmentsComeTrue(t *testing.T) {
	const (
		synthetic = "nasim: 1\ninput: {synthetic: {tokens: 9, dim: 4, values: 3, norm: 1}}\ntransformer: {heads: [0, 1]}\nsolver: {method: exact}\nrecord: {variables: []}\n"
		trained   = "nasim: 1\ninput: {text: {string: \"A star of calcium can add up what many neurons say.\"}}\ntransformer: {select: [\"0:1\"]}\nsolver: {method: exact}\nrecord: {variables: []}\n"
	)
	found, exchanges := map[string]int{}, 0
	for _, text := range []string{
		synthetic + "network: {features: {neurons: 200}, astrocyte: {compartments: 100, exchange: 1/s}}\n",
		synthetic + "network: {features: {neurons: 200}, schedule: {order: causal}, astrocyte: {compartments: 40, coupling: line, length: 40um, diffusion: 13um2/s}}\n",
		synthetic + "network: {features: {map: hyperbolic, neurons: 200}, astrocyte: {compartments: 100, coupling: all, exchange: 0.1/s}}\n",
		trained + "network: {features: {neurons: 500}, astrocyte: {compartments: 250, exchange: 10/s, tau_calcium: 20ms}}\n",
	} {
		again := func(changed ...string) *Result {
			r, err := plan(t, text, changed...).Run(context.Background(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(changed, func(set string) bool { return strings.HasPrefix(set, "network.astrocyte.exchange=") }) {
				exchanges++
			}
			return r
		}
		checkRemedy(t, text, again, 1e-9, found)
	}
	if found["compartments"] < 4 || exchanges < 2 {
		t.Errorf("%v remedies, of which %d are a faster exchange: the test says little of them", found, exchanges)
	}
}
