package model

import (
	"context"
	"math"
	"reflect"
	"strings"
	"testing"
)

// distinct returns parameters of which every time constant is another one.
func distinct() Parameters {
	return Parameters{
		TauHidden: 0.01, TauOutput: 0.02, TauCalcium: 0.03, TauHebbian: 0.04, TauPresynaptic: 0.05, Write: 0.1, Read: 0.2, Gap: 0.3, Baseline: 1,
	}
}

// The table has a row for every field of Parameters that is a time constant, and
// no field twice.
func TestTimeConstantsAreAllFields(t *testing.T) {
	p := distinct()
	fields := map[*float64]string{}
	for i, v := 0, reflect.ValueOf(&p).Elem(); i < v.NumField(); i++ {
		if name := v.Type().Field(i).Name; strings.HasPrefix(name, "Tau") {
			fields[v.Field(i).Addr().Interface().(*float64)] = name
		}
	}
	fields[&p.Division.TauReceptor] = "TauReceptor"
	memories := map[string]bool{"TauHebbian": true, "TauPresynaptic": true}
	names := map[string]string{"TauHidden": "τ_h", "TauOutput": "τ_f", "TauCalcium": "τ_p", "TauRise": "τ_r", "TauReceptor": "τ_Γ", "TauGain": "τ_a", "TauSynapse": "τ_s", "TauExchange": "τ_x", "TauHebbian": "τ_H", "TauPresynaptic": "τ_g"}
	for _, row := range TimeConstants() {
		field, ok := fields[row.Of(&p)]
		if !ok {
			t.Errorf("%s: no field, or one that another row has", row.Name)
		}
		if !strings.EqualFold(strings.Replace(field, "Tau", "tau_", 1), row.Name) {
			t.Errorf("%s is of %s", row.Name, field)
		}
		if row.Memory != memories[field] || row.Symbol != names[field] {
			t.Errorf("%s: symbol %s, memory %v", field, row.Symbol, row.Memory)
		}
		delete(fields, row.Of(&p))
	}
	for _, field := range fields {
		t.Errorf("%s has no row", field)
	}
}

// The shortest is the least that is more than 0, of those that are asked for.
func TestShortest(t *testing.T) {
	for _, row := range TimeConstants() {
		p := distinct()
		*row.Of(&p) = 0.001
		tau, of := p.Shortest(true)
		if tau != 0.001 || of.Name != row.Name {
			t.Errorf("%s at 0.001: shortest %g, of %s", row.Name, tau, of.Name)
		}
		tau, of = p.Shortest(false)
		if want := (map[bool]float64{true: 0.01, false: 0.001})[row.Memory]; tau != want || of.Memory {
			t.Errorf("%s at 0.001: shortest but for memories %g, of %s", row.Name, tau, of.Name)
		}
		*row.Of(&p) = 0 // quasi-static: not integrated
		if tau, of = p.Shortest(true); tau == 0 || of.Name == row.Name {
			t.Errorf("%s at 0: shortest %g, of %s", row.Name, tau, of.Name)
		}
	}
	p := Parameters{TauHebbian: math.Inf(1), TauPresynaptic: math.Inf(1)}
	if tau, of := p.Shortest(true); !math.IsInf(tau, 1) || of.Name != "" {
		t.Errorf("without any: %g, of %q", tau, of.Name)
	}
}

// Every parameter is refused outside its range, with its name, by every way of
// solving, and taken at its limits.
func TestRanges(t *testing.T) {
	h := drawHead(t, "positive", 1, 2, 1, 1, 1)
	inf, nan := math.Inf(1), math.NaN()
	type row struct {
		symbol    string
		of        func(*Parameters) *float64
		good, bad []float64
	}
	rows := []row{
		{"T_w", func(p *Parameters) *float64 { return &p.Write }, []float64{1e-300, 5}, []float64{0, -1, inf, nan}},
		{"T_r", func(p *Parameters) *float64 { return &p.Read }, []float64{1e-300, 5}, []float64{0, -1, inf, nan}},
		{"T_gap", func(p *Parameters) *float64 { return &p.Gap }, []float64{0, 1e-300, 5}, []float64{-1, inf, nan}},
		{"p_min", func(p *Parameters) *float64 { return &p.Division.Floor }, []float64{0, 5}, []float64{-1, inf, nan}},
		{"η", func(p *Parameters) *float64 { return &p.LearningRate }, []float64{0, 1e-300, 5}, []float64{-1, inf, nan}},
		{"|p_0|", func(p *Parameters) *float64 { return &p.Baseline }, []float64{0, 5, -5}, []float64{inf, -inf, nan}},
	}
	for _, constant := range TimeConstants() {
		r := row{constant.Symbol, constant.Of, []float64{1e-300, 5, 0}, []float64{-1, -inf, nan, inf}}
		if constant.Memory {
			r.good[2], r.bad[3] = inf, 0
		}
		rows = append(rows, r)
	}
	for _, r := range rows {
		for _, x := range r.good {
			p := distinct()
			*r.of(&p) = x
			if err := p.Validate(); err != nil {
				t.Errorf("%s = %g: %v", r.symbol, x, err)
			}
		}
		for _, x := range r.bad {
			p := distinct()
			*r.of(&p) = x
			_, exact := h.Exact(context.Background(), p, Options{})
			_, _, reduced := h.Integrate(context.Background(), p, fine(), Options{})
			_, _, full := h.IntegrateFull(context.Background(), p, fine(), Options{})
			for _, err := range []error{p.Validate(), exact, reduced, full} {
				if err == nil || !strings.HasPrefix(err.Error(), "model: "+r.symbol+" = ") {
					t.Errorf("%s = %g: %v", r.symbol, x, err)
				}
			}
		}
	}
}

// The segments follow one another without a gap in time or order (science §1),
// and are as many, and as long, as is said beforehand.
func TestScheduleIsContiguous(t *testing.T) {
	for _, causal := range []bool{false, true} {
		for _, gap := range []float64{0, 0.3} {
			p := distinct()
			p.Causal, p.Gap = causal, gap
			const n = 3
			segments := p.Schedule(n)
			if len(segments) != p.Segments(n) {
				t.Errorf("%d segments, not %d", len(segments), p.Segments(n))
			}
			now := 0.0
			order := map[Phase][]int{}
			for i, seg := range segments {
				if seg.Start != now {
					t.Errorf("segment %d starts at %g, not %g", i, seg.Start, now)
				}
				now += seg.Duration
				dwell := p.Write
				if seg.Phase == Reading {
					dwell = p.Read
				}
				if seg.Blank {
					dwell = gap
					if before := segments[i-1]; before.Blank || before.Phase != seg.Phase || before.Token != seg.Token {
						t.Errorf("a blank of %v after %v", seg, before)
					}
				} else {
					order[seg.Phase] = append(order[seg.Phase], seg.Token)
				}
				if seg.Duration != dwell {
					t.Errorf("%+v lasts %g, not %g", seg, seg.Duration, dwell)
				}
				if seg.Phase == Reading && causal && len(order[Writing]) != seg.Token+1 || seg.Phase == Reading && !causal && len(order[Writing]) != n {
					t.Errorf("token %d is read after %d are written", seg.Token, len(order[Writing]))
				}
			}
			for phase, tokens := range order {
				if !reflect.DeepEqual(tokens, []int{0, 1, 2}) {
					t.Errorf("%s of tokens %v", phase, tokens)
				}
			}
			if math.Abs(p.Duration(n)-now) > 1e-14 {
				t.Errorf("%g s, not %g", now, p.Duration(n))
			}
		}
	}
	if Writing.String() != "writing" || Reading.String() != "reading" {
		t.Errorf("%s and %s", Writing, Reading)
	}
}
