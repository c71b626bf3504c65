package experiment

import (
	_ "embed"
	"path/filepath"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model/features"
)

// references is everything that a run may build on, in BibTeX.
//
//go:embed references.bib
var references string

// methodSources are the keys of the integration methods; exact and none have no
// source but the model's own.
var methodSources = map[string][]string{
	"euler": {"hairer1993"}, "heun2": {"hairer1993"}, "rk4": {"hairer1993"},
	"bs32": {"bogacki1989"}, "dopri5": {"dormand1980", "hairer1993"}, "tsit5": {"tsitouras2011"}, "dop853": {"hairer1993"},
	"rodas5p": {"steinebach2023", "hairer1996"}, "radau9": {"hairer1999", "hairer1996"},
}

// cited lists the keys of what a run used: the network, its feature map, its
// solver and the transformer.
func (r *Result) cited() []string {
	cfg := r.Prepared.Config
	network := cfg.Network.Parameters()
	keys := append([]string{"nasim"}, network.Sources()...)
	if !network.Replicated() {
		keys = append(keys, features.Sources(cfg.Network.Features.Map, cfg.Network.Features.Rows)...)
	}
	keys = append(keys, methodSources[cfg.Solver.Method]...)
	for _, h := range r.heads {
		for _, of := range h.exactly {
			keys = append(keys, methodSources[of.Method]...)
		}
	}
	if m := r.Prepared.source.model; m != nil {
		keys = append(keys, m.Source(), "vaswani2017")
		if m.Name() == "tiny-vision" {
			keys = append(keys, "xiao2017")
		}
	}
	return keys
}

func (r *Result) writeBibliography(dir string) error {
	var out strings.Builder
	for _, key := range r.cited() {
		if entry := reference(key); entry != "" {
			out.WriteString(entry + "\n\n")
		}
	}
	return writeBytes(filepath.Join(dir, "references.bib"), []byte(strings.TrimRight(out.String(), "\n")+"\n"))
}

// reference returns the entry with the given key.
func reference(key string) string {
	for _, entry := range strings.Split(references, "\n\n") {
		entry = strings.TrimSpace(entry)
		if _, rest, ok := strings.Cut(entry, "{"); ok && strings.HasPrefix(rest, key+",") {
			return entry
		}
	}
	return ""
}
