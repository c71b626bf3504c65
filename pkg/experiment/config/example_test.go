package config_test

import (
	"fmt"
	"strings"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

func ExampleRead() {
	file := strings.NewReader("nasim: 1\ninput: {synthetic: {tokens: 16}}\nnetwork: {astrocyte: {tau_calcium: 150ms}}\n")
	cfg, problems := config.Read(file, "example.yaml", ".", []string{"neurons.tau_hidden=5ms"})
	if problems != nil {
		fmt.Println(problems)
		return
	}
	fmt.Println(cfg.Network.Astrocyte.TauCalcium, cfg.Network.Neurons.TauHidden, cfg.Network.Neurons.TauOutput)
	// Output: 150ms 5ms 10ms
}

// All problems are reported at once, each with its remedy.
func ExampleProblems() {
	file := strings.NewReader("nasim: 1\ninput: {synthetic: {tokens: 16.5}}\nnetwork: {astrocyte: {tau_calcium: 150}}\n")
	_, problems := config.Read(file, "example.yaml", ".", nil)
	fmt.Println(problems)
	// Output:
	// example.yaml:2:29: input.synthetic.tokens: 16.5 is not a whole number; a whole number 1 or more; write 16 or 17
	// example.yaml:3:36: network.astrocyte.tau_calcium: 150 has no unit; write 150ms or 150s; a time 0ms or more
}
