package experiment

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/models"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// mostMaps is the size of the largest map file, in bytes.
const mostMaps = 4 << 30

// mapsFile is the name of the maps that are embedded beside a model.
const mapsFile = "maps.npz"

// embeddedMaps are those beside an embedded model; nil where there are none.
func (from *source) embeddedMaps() []byte {
	if from.model == nil || !from.model.Embedded() {
		return nil
	}
	raw, err := models.FS.ReadFile(from.model.Name() + "/" + mapsFile)
	if err != nil {
		return nil // this one has none
	}
	return raw
}

// learns reports whether the hidden layers are those of a map file.
func learns(cfg *config.Config) bool { return cfg.Network.Features.Map == features.Learned }

// takesFile reports whether a run reads a map file: its hidden layers, or the invariances that it was fitted with.
func takesFile(cfg *config.Config) bool { return learns(cfg) || cfg.Network.Features.File != "" }

// takeFile gives every head what the configuration's map file holds for it, the hidden layer or the invariances, and adds the file to
// those that were read.
func (from *source) takeFile(cfg *config.Config) error {
	const key = "network.features.file"
	path := cfg.Network.Features.File
	var raw []byte
	var err error
	if path == "" {
		if raw = from.embeddedMaps(); raw == nil {
			return problem(cfg, "network.features.map", "the map learned is read from a file, and none is named", "network.features.file: a map file, as nasim fit writes it", "name one; the embedded models alone have theirs beside them")
		}
		path = mapsFile
	} else if raw, err = bounded.ReadFile(path, mostMaps); err != nil {
		return unreadable(cfg, key, err, "a map file, as nasim fit writes it", "")
	}
	refused := func(err error) error {
		return problem(cfg, key, fmt.Sprintf("%s: %v", path, err), "a map file, as nasim fit writes it", "")
	}
	f, err := npz.Read(path, raw)
	if err != nil {
		return refused(err)
	}
	maps, err := fit.ReadMaps(f)
	if err != nil {
		return refused(err)
	}
	if m := from.model; m != nil && maps.Provenance.Model != m.SHA256() {
		return problem(cfg, key, fmt.Sprintf("%s was fitted to a model whose weights have the SHA-256 %.16s…, and those of %s have %.16s…", path, maps.Provenance.Model, m.Name(), m.SHA256()),
			"a map of this model", "fit one to it, or name the model that it is of")
	}
	from.learned, from.calibrated = map[layerHead]*features.Map{}, map[layerHead]*features.Invariances{}
	for i := range from.sizes {
		in := &from.sizes[i]
		at := layerHead{in.layer, in.head}
		of := maps.Of(in.layer, in.head)
		if of == nil {
			return problem(cfg, key, fmt.Sprintf("%s holds no map of %s; it holds %d heads, from %d:%d to %d:%d", path, in.label(), len(maps.Heads),
				maps.Heads[0].Layer, maps.Heads[0].Head, maps.Heads[len(maps.Heads)-1].Layer, maps.Heads[len(maps.Heads)-1].Head), "", "select those that it holds, or fit the others")
		}
		if of.Dim != in.d {
			return problem(cfg, key, fmt.Sprintf("%s is for queries and keys of length %d, and those of %s have %d", path, of.Dim, in.label(), in.d), "", "")
		}
		tuned, err := features.NewLearned(of.LearnedMap)
		if err != nil {
			return refused(fmt.Errorf("%s: %w", in.label(), err))
		}
		if !learns(cfg) {
			from.calibrated[at] = of.Invariances()
			continue
		}
		from.learned[at] = tuned
		if cfg.Network.Features.QueryGain == features.GainTrained && of.Gain == nil {
			return problem(cfg, "network.features.query_gain", path+" does not hold what its keys sum to on average", "", "write query_gain: balanced, or none")
		}
	}
	copied := copyOf(path, raw)
	for _, other := range from.files {
		if other.Name == copied.Name {
			copied.Name = "map-" + copied.Name
		}
	}
	from.maps = filepath.ToSlash(filepath.Join("inputs", copied.Name))
	from.files = append(from.files, copied)
	from.held += float64(len(raw))
	from.giveMaps()
	return nil
}

// giveMaps hands its map or invariances to each head of every sample.
func (from *source) giveMaps() {
	give := func(heads []headInput) {
		for i := range heads {
			at := layerHead{heads[i].layer, heads[i].head}
			heads[i].drawn = from.learned[at]
			if heads[i].invariances = from.calibrated[at]; heads[i].invariances != nil {
				heads[i].softmax, heads[i].adapted = nil, nil // which know other invariances
			}
		}
	}
	give(from.sizes)
	at := from.at
	from.at = func(ctx context.Context, index int) (*sample, error) {
		s, err := at(ctx, index)
		if err == nil {
			give(s.heads)
		}
		return s, err
	}
}
