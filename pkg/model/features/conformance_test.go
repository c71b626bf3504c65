package features

import (
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

// suited is the spec with what its map takes from tokens.
func suited(t testing.TB, spec Spec, q, k []float64, d int) Spec {
	t.Helper()
	var err error
	if spec.To, err = Adapt(spec, NoInvariance, nil, Tokens{Q: q, K: k, N: len(q) / d, Dim: d}); err != nil {
		t.Fatal(err)
	}
	return spec
}

// Every row of the table of maps keeps to what a feature map is: this runs over
// the table, and a row that is added is held to it. Its formula is held against
// the reference by TestMapsAreTheirFormulas, its sign by
// TestPositiveMapsAreNonNegative, mean and variance of unbiased maps by
// TestUnbiasedMapsHaveTheStatedMeanAndVariance, its range by TestLongTokens.
func TestMaps(t *testing.T) {
	const n, d, neurons = 7, 5, 16
	for _, name := range Drawn() {
		for _, rows := range Couplings() {
			t.Run(name+" "+rows, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(4, 4))
				q, k := gaussian(rng, n*d, 0.8), gaussian(rng, n*d, 0.8)
				spec := suited(t, Spec{Map: name, Rows: rows, Neurons: neurons}, q, k, d)
				draw := func(seed uint64) *Map {
					m, err := New(spec, d, rand.New(rand.NewPCG(seed, 1)))
					if err != nil {
						t.Fatal(err)
					}
					return m
				}
				phi := evaluated(t, draw(1), q, k, n)

				// The same stream gives the same bytes, another one another map.
				if !reflect.DeepEqual(phi, evaluated(t, draw(1), q, k, n)) {
					t.Error("drawn again it has other bytes")
				}
				if reflect.DeepEqual(phi, evaluated(t, draw(2), q, k, n)) {
					t.Error("another stream draws the same map")
				}
				// A token's features are its own: those beside it change the common
				// factor at most, and queries and keys share one tuning.
				for token := range n {
					alone := evaluated(t, draw(1), q[token*d:(token+1)*d], q[token*d:(token+1)*d], 1)
					for i, want := range alone[0] {
						have := phi[0][token*neurons+i]
						if math.Abs(have-want) > 1e-12*max(1, math.Abs(want)) {
							t.Fatalf("query %d, neuron %d: %g among others, %g alone", token, i, have, want)
						}
						if alone[1][i] != want {
							t.Fatalf("neuron %d answers a token as a key by %g, as a query by %g", i, alone[1][i], want)
						}
					}
				}
				for _, both := range phi {
					for _, x := range both {
						if math.IsNaN(x) || math.IsInf(x, 0) {
							t.Fatalf("a feature is %v", x)
						}
					}
				}
				if len(Sources(name, rows)) == 0 {
					t.Error("it has no source")
				}
			})
		}
		if name == toy {
			continue
		}
		// What else a map takes (docs/architecture.md): its row and its formulas.
		for page, words := range map[string]string{
			"docs/configuration.md": "`" + name + "`", "docs/science.md": "`" + name + "`", "docs/check_run.py": `"` + name + `"`,
			"pkg/model/features/testdata/features_reference.py": `"` + name + `": lambda`,
		} {
			text, err := os.ReadFile("../../../" + page)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), words) {
				t.Errorf("%s does not have %s", page, words)
			}
		}
	}
}
