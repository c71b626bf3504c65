package experiment

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/model"
)

// divided is a run of so many compartments along a process, with some exchange.
func divided(t *testing.T, count, exchange string, more ...string) *Run {
	t.Helper()
	return openedWith(t, append(more, "network.features.neurons=30", "network.astrocyte={compartments: "+count+", coupling: line, "+exchange+"}")...)
}

// dynamicsIn is a run's error of dynamics in a head of layer 0, as a figure names it.
func dynamicsIn(t *testing.T, run *Run, head string) float64 {
	t.Helper()
	for _, h := range run.Report.Heads {
		if head == "layer 0, head "+strconv.Itoa(h.Head) {
			return float64(h.Value(compare.OnLadder, "dynamics_error"))
		}
	}
	t.Fatal("no " + head)
	return 0
}

// A line of the compartments figure is a number of compartments, its points are rates of exchange, given
// as such or by diffusion; diffusion is marked on it where a run with that diffusion is.
func TestCompartmentsOfRuns(t *testing.T) {
	// By the line's name and the exchange in 1/s; of 15 compartments some exchange by diffusion.
	points := map[string]*Run{
		"compartments 15/1e+06": divided(t, "15", "exchange: 1e6/s"), "compartments 15/0": divided(t, "15", "exchange: 0/s"), "compartments 15/10": divided(t, "15", "exchange: 10/s"),
		"compartments 15/45":   divided(t, "15", "length: 10um"),                     // 20 µm²/s / (10 µm / 15)²
		"compartments 15/4500": divided(t, "15", "length: 0.5um, diffusion: 5um2/s"), // the same as 20 µm²/s over 1 µm
		"compartments 3/0":     divided(t, "3", "exchange: 0/s"), "compartments 3/10": divided(t, "3", "exchange: 10/s"),
	}
	wellMixed := openedWith(t, "network.features.neurons=30")
	none := openedWith(t, "network.features.neurons=30", "network.circuit=none")
	runs := []*Run{wellMixed, none}
	for _, run := range points {
		runs = append(runs, run)
	}
	rows, notes := tableOf(t, FigureSet{Names: []string{"compartments"}}, runs...)
	if len(notes) != 1 || !strings.Contains(notes[0], "leaves out "+none.Dir) {
		t.Errorf("notes %q", notes)
	}
	var lines []string
	marked, rates := 0, 0
	last := map[string]float64{}
	for _, row := range rows {
		name, at := row["astrocyte"], row["astrocyte"]+"/"+row["exchange_per_s"]
		if !slices.Contains(lines, name) {
			lines = append(lines, name)
		}
		size := math.NaN()
		if text := row["error"] + row["interpolated"]; text != "" {
			size = must(strconv.ParseFloat(text, 64))
		}
		switch {
		case name == "uniform attention":
			continue
		case name == "well-mixed":
			if size != dynamicsIn(t, wellMixed, row["head"]) {
				t.Errorf("%v", row)
			}
			continue
		case row["length_um"] == "":
			run, rate := points[at], must(strconv.ParseFloat(row["exchange_per_s"], 64))
			if run == nil || size != dynamicsIn(t, run, row["head"]) {
				t.Errorf("%v, of %v", row, run)
			}
			if before, ok := last[name]; ok && before > rate {
				t.Errorf("%v stands behind %v/s", row, before)
			}
			last[name] = rate
			rates++
		case points[at] != nil: // diffusion as in a run
			marked++
			if want := dynamicsIn(t, points[at], row["head"]); size != want {
				t.Errorf("%v, want %v", row, want)
			}
		case name == "compartments 15" && row["interpolated"] == "": // all exchange lies between points of this line
			t.Errorf("%v", row)
		case name == "compartments 3" && row["interpolated"] != "": // and none of it here
			t.Errorf("%v", row)
		}
	}
	heads := len(wellMixed.Report.Heads)
	if want := []string{"compartments 3", "compartments 15", "well-mixed", "uniform attention"}; !slices.Equal(lines, want) || rates != len(points)*heads || marked != 2*heads {
		t.Errorf("lines %q, %d points, %d of diffusion", lines, rates, marked)
	}
}

// The caption says what is marked, and has the exchange of one number of compartments in one sentence.
func TestCaptionOfCompartments(t *testing.T) {
	caption := captionOf(t, "compartments", divided(t, "15", "exchange: 10/s"), divided(t, "3", "exchange: 10/s"), divided(t, "3", "exchange: 0/s"), openedWith(t, "network.features.neurons=30", "network.circuit=none"))
	buffered := model.BufferedCalcium()
	for _, words := range []string{"network.astrocyte.exchange 0/s, 10/s; network.circuit", "dynamics_error", buffered.From, "13–65 µm²/s"} {
		if !strings.Contains(caption, words) {
			t.Errorf("the caption lacks %q:\n%s", words, caption)
		}
	}
	if reference(buffered.Source) == "" {
		t.Errorf("%s has no entry", buffered.Source)
	}
}

// What is given twice is one run; seeds are a median; what is coupled all to all has no length, and other
// conditions are in the name.
func TestCompartmentsGivenTwice(t *testing.T) {
	twice := []*Run{
		divided(t, "15", "exchange: 45/s"), divided(t, "15", "length: 10um"), divided(t, "15", "exchange: 45/s", "seed=2"),
		openedWith(t, "network.features.neurons=30", "network.astrocyte={compartments: 3, coupling: all, exchange: 45/s}"),
	}
	d := &drawing{runs: twice, arrays: []*runArrays{must(twice[0].load())}}
	in, err := d.compartmentsInput(&sheet{name: "compartments"})
	if err != nil || in.Seeds != 2 || len(in.Curves) != 2 || in.Curves[0].Diffusion != nil || len(in.Curves[1].Diffusion) != 2 || len(in.Curves[1].Exchange) != 1 ||
		!strings.Contains(in.Curves[0].Label, "coupling\u00a0all") || in.WellMixed != nil {
		t.Errorf("%+v, %v", in, err)
	}
}

// Without compartments there is no such figure, nor of what is no error.
func TestCompartmentsOfNone(t *testing.T) {
	if _, _, err := (FigureSet{Names: []string{"compartments"}}).Draw(t.Context(), []*Run{openedWith(t, "network.features.neurons=30")}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "compartments of 2 or more") {
		t.Error(err)
	}
	if _, _, err := (FigureSet{Names: []string{"compartments"}, Metric: compare.NormalizerR}).Draw(t.Context(), []*Run{divided(t, "3", "exchange: 10/s")}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "figure compartments shows an error") {
		t.Error(err)
	}
}
