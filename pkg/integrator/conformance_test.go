package integrator

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestConformance holds every method of the table to what it states of itself
// and to the package's contract. A method that is added to Methods is tested by
// being there.
func TestConformance(t *testing.T) {
	for _, method := range Methods() {
		for _, clause := range []struct {
			name     string
			adaptive bool // of methods with an error estimate only
			check    func(*testing.T, Method)
		}{
			{"is documented", false, isDocumented},
			{"has its order", false, hasItsOrder},
			{"has its dense order", false, hasItsDenseOrder},
			{"dense output joins smoothly", false, joinsSmoothly},
			{"has its error order", true, hasItsErrorOrder},
			{"error falls with the tolerance", true, errorFallsWithTolerance},
			{"keeps a constant", false, keepsAConstant},
			{"an advance over nothing does nothing", false, nothingForNothing},
			{"goes on without end", true, goesOnWithoutEnd},
			{"asks for nothing outside", false, asksForNothingOutside},
			{"components do not mix", false, componentsDoNotMix},
			{"is deterministic", false, isDeterministic},
			{"can be paused", false, canBePaused},
			{"dense output is paid once a step", false, denseOutputIsPaidOnce},
			{"does not allocate", false, doesNotAllocate},
		} {
			if clause.adaptive && method.ErrorOrder() == 0 {
				continue
			}
			t.Run(method.Name()+"/"+clause.name, func(t *testing.T) { clause.check(t, method) })
		}
	}
}

// stepping are the ways in which a method can step over [0, 4].
func stepping(m Method) map[string]Settings {
	all := map[string]Settings{"fixed": {Step: 0.125}, "grid": {Grid: []float64{0.5, 0.75, 2, 2.75, 3.25, 4}}}
	if m.ErrorOrder() > 0 {
		all["adaptive"] = Settings{Rtol: 1e-5, Atol: 1e-5}
	}
	return all
}

// A method has a source with a year, can be had by its name, and is in the
// documents: with its numbers in the table of the package comment, and in the
// reference of configurations where methods, and the keys they take, are named.
func isDocumented(t *testing.T, m Method) {
	if got, err := ByName(m.Name()); err != nil || got != m || strings.ToLower(m.Name()) != m.Name() {
		t.Errorf("by its name: %v, %v", got, err)
	}
	if !regexp.MustCompile(`\((1[789]|20)\d\d\)`).MatchString(m.Source()) {
		t.Errorf("the source %q has no year", m.Source())
	}
	estimate, stages := "-", fmt.Sprint(m.Stages())
	if m.ErrorOrder() > 0 {
		estimate = fmt.Sprint(m.ErrorOrder())
	}
	if m.FSAL() {
		stages += ` \(FSAL\)`
	}
	contains(t, "doc.go", fmt.Sprintf(`(?m)^//\t%s +%d +%s +%s +%d +`, m.Name(), m.Order(), estimate, stages, m.DenseOrder()))
	const configuration = "../../docs/configuration.md"
	contains(t, configuration, "(?m)^\\| `method` .*`"+m.Name()+"`")
	key := "step"
	if m.ErrorOrder() > 0 {
		key = "rtol"
	}
	contains(t, configuration, "(?m)^\\| `"+key+"` .*\\b"+m.Name()+"\\b")
}

func contains(t *testing.T, file, pattern string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(pattern).Match(text) {
		t.Errorf("%s has nothing that matches %q", file, pattern)
	}
}
