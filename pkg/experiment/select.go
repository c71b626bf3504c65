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
	add := func(layerKey, headKey string, ls, hs config.Selection) error {
		fromLayers, beyond, ok := ls.Of(layers)
		if !ok {
			return beyondRange(cfg, layerKey, "layer", beyond, layers, of)
		}
		fromHeads, beyond, ok := hs.Of(heads)
		if !ok {
			return beyondRange(cfg, headKey, "head", beyond, heads, of)
		}
		if len(fromHeads) > (mostHeads-len(chosen))/len(fromLayers) {
			return problem(cfg, headKey, fmt.Sprintf("more than %d heads are selected", mostHeads), "", "select fewer")
		}
		for _, l := range fromLayers {
			for _, h := range fromHeads {
				chosen = append(chosen, layerHead{l, h})
			}
		}
		return nil
	}
	if len(t.Select) == 0 {
		if err := add("transformer.layers", "transformer.heads", t.Layers, t.Heads); err != nil {
			return nil, err
		}
	}
	for _, pair := range t.Select {
		l, h, _ := strings.Cut(pair, ":")
		if err := add("transformer.select", "transformer.select", indices(l), indices(h)); err != nil {
			return nil, err
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
