package experiment

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
)

const bag = `nasim: 1
input: {image: {file: ../../configs/inputs/fashion-bag.png}}
transformer: {model: tiny-vision, layers: [1, 2], heads: [0, 3]}
network: {features: {neurons: 40}}
solver: {method: exact}
`

// With freshly initialised maps a run says so, is told apart from that of the model, depends
// on the seed, and a head is the same whichever others are selected.
func TestRandomProjections(t *testing.T) {
	random := []string{"projections=random", "record.arrays=all"}
	for _, text := range []string{bag, sentence} {
		trained := plan(t, text)
		p := plan(t, text, random...)
		if strings.Contains(strings.Join(trained.Warnings(), "\n"), "not of the trained") || !strings.Contains(strings.Join(p.Warnings(), "\n"), "the numbers are not of the trained model tiny-") {
			t.Errorf("warnings %q and %q", trained.Warnings(), p.Warnings())
		}
		if bytes.Equal(config.Identity(trained.Config), config.Identity(p.Config)) {
			t.Error("random and trained maps have the same identity")
		}
		same := func(a, b *Prepared, i, j int) bool {
			x, y := a.first.heads[i], b.first.heads[j]
			return x.layer == y.layer && x.head == y.head && slices.Equal(x.q, y.q) && slices.Equal(x.k, y.k) && slices.Equal(x.v, y.v)
		}
		last := len(p.first.heads) - 1
		alone := plan(t, text, append(random, "layers=[2]", "heads=[3]")...)
		other := plan(t, text, append(random, "seed=17")...)
		if !same(p, alone, last, 0) || same(p, other, last, last) || same(p, trained, last, last) {
			t.Error("a head depends on which others are selected, or not on the seed, or is the model's")
		}
		r, err := p.Run(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if total := r.Report.Heads[last].Value(compare.OnLadder, compare.TotalError); !total.Known() || total <= 0 {
			t.Errorf("total error %v", total)
		}
	}
	// An ALBERT's layers share the maps, whose inputs are not the same.
	p := plan(t, sentence, append(random, "layers=[0, 1]", "heads=[2]")...)
	if slices.Equal(p.first.heads[0].q, p.first.heads[1].q) {
		t.Error("two layers see the same hidden states")
	}
}

// The shape of the paper's figure with the paper's own models in place of which an embedded
// one stands; without any, it is said how they are had.
func TestPaperConfigurations(t *testing.T) {
	files, err := filepath.Glob("../../configs/paper/*.yaml")
	if err != nil || len(files) != 4 {
		t.Fatalf("%d configurations, %v", len(files), err)
	}
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), "-")
		embedded, repository := map[string]string{"albert": "tiny-text", "vit": "tiny-vision"}[name], map[string]string{"albert": "albert/albert-base-v2", "vit": "google/vit-base-patch16-224"}[name]
		absent, problems := config.Load(file, []string{"transformer.model=" + filepath.Join(t.TempDir(), filepath.Base(repository))})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if absent.Network.Features.Neurons != map[bool]int{true: 1000, false: 100000}[strings.Contains(file, "1e3")] || absent.Seed != 16 {
			t.Errorf("%s has %d neurons and the seed %d", file, absent.Network.Features.Neurons, absent.Seed)
		}
		if _, err := Plan(context.Background(), absent, Options{}); err == nil || !strings.Contains(err.Error(), "hf download "+repository+" config.json") {
			t.Errorf("%s without its model: %v", file, err)
		}
		for _, projections := range []string{"trained", "random"} {
			cfg, problems := config.Load(file, []string{"transformer.model=" + embedded, "layers=[1]", "heads=[1]", "features.neurons=30", "projections=" + projections})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			p, err := Plan(context.Background(), cfg, Options{})
			if err != nil {
				t.Fatal(err)
			}
			run, err := OpenRun(written(t, p))
			if err != nil {
				t.Fatal(err)
			}
			if total := run.Report.Heads[0].Value(compare.OnLadder, compare.TotalError); !total.Known() || total <= 0 {
				t.Errorf("%s, %s: total error %v", file, projections, total)
			}
		}
	}
}
