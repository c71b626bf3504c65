package plotting_test

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot/vg"

	"github.com/nasim-sim/nasim/pkg/plotting"
)

// The error budget of one head, ready for a single column.
func ExampleBudget() {
	f, err := plotting.Budget(plotting.BudgetInput{
		Subject: "tiny-text, layer 0, head 1",
		Heads:   []string{"0:1"},
		Parts: []plotting.BudgetPart{
			{Name: "kernel", Values: []float64{0.12}, Hue: 0},
			{Name: "dynamics", Values: []float64{0.05}, Hue: 1},
			{Name: "total", Values: []float64{0.13}, Total: true},
		},
		Trivial: []float64{0.8},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := f.Write(&file, "pdf"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s.pdf, %.0f mm wide, starts with %s\n", f.Name, f.Width/vg.Millimeter, file.Bytes()[:8])
	// Output: budget.pdf, 85 mm wide, starts with %PDF-1.7
}

// The names that `nasim plot --figure` takes.
func ExampleNames() {
	fmt.Println(plotting.Names())
	// Output: [normalizer attention overlay traces budget output heads response kernel synapses timescale compartments astrocytes fit]
}
