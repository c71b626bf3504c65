package tokenizer

import (
	"encoding/json"
	"slices"
	"testing"
)

// What regular expressions find, against Oniguruma as the reference library has it (testdata/make_reference.py).
func TestPatterns(t *testing.T) {
	var reference []struct {
		Pattern string
		Matches [][]string
	}
	if err := json.Unmarshal(unzip(t, "testdata/reference/patterns.json.gz"), &reference); err != nil {
		t.Fatal(err)
	}
	texts := referenceStrings(t)
	if len(reference) < 40 {
		t.Errorf("%d patterns; wanted are 40", len(reference))
	}
	for _, r := range reference {
		p, err := compile(r.Pattern)
		if err != nil {
			t.Error(err)
			continue
		}
		for i, want := range r.Matches {
			text := texts[8*i]
			found, err := p.all(text)
			got := []string{}
			for _, m := range found {
				if m.end > m.start {
					got = append(got, text[m.start:m.end])
				}
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s in %q: %q, error %v; wanted %q", r.Pattern, text, got, err, want)
			}
		}
	}
}
