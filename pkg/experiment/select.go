package experiment

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

type layerHead struct{ layer, head int }

// mostHeads is how many heads a run takes: far more than any model has.
const mostHeads = 1 << 17

// choose lists the selected heads in (layer, head) order, each once.
func choose(cfg *config.Config, layers, heads int, of string) ([]layerHead, error) {
	t := cfg.Transformer
	var chosen []layerHead
	if len(t.Select) == 0 {
		ls, beyond, ok := t.Layers.Of(layers)
		if !ok {
			return nil, beyondRange(cfg, "transformer.layers", "layer", beyond, layers, of)
		}
		hs, beyond, ok := t.Heads.Of(heads)
		if !ok {
			return nil, beyondRange(cfg, "transformer.heads", "head", beyond, heads, of)
		}
		if len(hs) > (mostHeads-len(chosen))/len(ls) {
			return nil, problem(cfg, "transformer.heads", fmt.Sprintf("more than %d heads are selected", mostHeads), "", "select fewer")
		}
		for _, l := range ls {
			for _, h := range hs {
				chosen = append(chosen, layerHead{l, h})
			}
		}
	}
	for _, pair := range t.Select {
		l, h, _ := strings.Cut(pair, ":")
		ls, beyond, ok := indices(l).Of(layers)
		if !ok {
			return nil, beyondRange(cfg, "transformer.select", "layer", beyond, layers, of)
		}
		hs, beyond, ok := indices(h).Of(heads)
		if !ok {
			return nil, beyondRange(cfg, "transformer.select", "head", beyond, heads, of)
		}
		if len(hs) > (mostHeads-len(chosen))/len(ls) {
			return nil, problem(cfg, "transformer.select", fmt.Sprintf("more than %d heads are selected", mostHeads), "", "select fewer")
		}
		for _, l := range ls {
			for _, h := range hs {
				chosen = append(chosen, layerHead{l, h})
			}
		}
	}
	slices.SortFunc(chosen, func(a, b layerHead) int {
		if a.layer != b.layer {
			return a.layer - b.layer
		}
		return a.head - b.head
	})
	return slices.Compact(chosen), nil
}

// indices reads one side of "layer:head", which the configuration has checked.
func indices(text string) config.Selection {
	if text == "*" {
		return config.Selection{All: true}
	}
	i, _ := strconv.Atoi(text)
	return config.Selection{Index: []int{i}}
}

func beyondRange(cfg *config.Config, key, what string, index, n int, of string) error {
	return problem(cfg, key, fmt.Sprintf("there is no %s %d: %s has %d", what, index, of, n),
		fmt.Sprintf("0 to %d", n-1), "counting starts at 0")
}
