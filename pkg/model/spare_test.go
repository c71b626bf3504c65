package model

import (
	"context"
	"reflect"
	"testing"
)

// What heads leave to those after them, tables and space, is felt by none: whatever was
// solved before, a head's answers are the same to the bit.
func TestHeadsLeaveNoTrace(t *testing.T) {
	base := Parameters{
		TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.05, TauHebbian: 1, TauPresynaptic: 20, Write: 0.1, Read: 0.08, Gap: 0.03,
		Baseline: 1.5, Division: Division{Floor: 0.3},
	}
	var parameters []Parameters
	for _, change := range []func(*Parameters){
		func(*Parameters) {}, func(p *Parameters) { p.Baseline = 3 }, func(p *Parameters) { p.Division.Floor = 40 },
		func(p *Parameters) { p.TauCalcium = 0.2 }, func(p *Parameters) { p.Gap = 0 }, func(p *Parameters) { p.Drive = Hold }, func(p *Parameters) { p.Causal = true },
	} {
		p := base
		change(&p)
		parameters = append(parameters, p)
	}
	heads := []*Head{drawHead(t, "positive", 9, 10, 3, 2, 1), drawHead(t, "positive", 4, 1100, 3, 6, 2), drawHead(t, "positive", 12, 7, 3, 5, 3)}
	solve := func(i int) Result {
		by := []form{bySynapses, byProducts}[i/len(heads)/len(parameters)]
		result, err := heads[i%len(heads)].Exact(context.Background(), parameters[i/len(heads)%len(parameters)], Options{by: by, Dwell: true})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	results := make([]Result, 2*len(heads)*len(parameters))
	for i := range results {
		results[i] = solve(i)
	}
	for range 2 {
		for i := len(results) - 1; i >= 0; i-- {
			if again := solve(i); !reflect.DeepEqual(again, results[i]) {
				t.Fatalf("head %d with parameters %d answers otherwise", i%len(heads), i/len(heads)%len(parameters))
			}
		}
	}
}
