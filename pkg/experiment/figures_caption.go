package experiment

import (
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// caption is the text beside a figure: what it shows, from which runs and under
// which conditions, and the file of its numbers, if there is one. It names runs by
// what they are, not by where they lie.
func (d *drawing) caption(f *plotting.Figure, numbers string) string {
	paragraphs := []string{f.Caption}
	all := make([]map[string]compare.Setting, len(d.runs))
	for i, r := range d.runs {
		all[i] = r.settings()
	}
	shared := func(path string) bool {
		return !slices.ContainsFunc(all, func(s map[string]compare.Setting) bool { return s[path] != all[0][path] })
	}
	list := func(i int, wanted bool) string {
		var words []string
		for _, path := range config.Paths() {
			if text := all[i][path].Text; text != "" && shared(path) == wanted && !strings.HasPrefix(path, "record.") && path != "nasim" {
				words = append(words, path+" "+brief(text))
			}
		}
		return strings.Join(words, "; ")
	}
	switch len(d.runs) {
	case 0: // map files alone
	case 1:
		paragraphs = append(paragraphs, "Run "+d.named(0)+". Conditions: "+list(0, true)+".")
	default:
		paragraphs = append(paragraphs, "Conditions of all runs: "+list(0, true)+".")
		for i := range d.runs {
			paragraphs = append(paragraphs, "Run "+d.named(i)+": "+list(i, false)+".")
		}
	}
	for _, m := range d.set.Maps {
		paragraphs = append(paragraphs, m.conditions())
	}
	if numbers != "" {
		paragraphs = append(paragraphs, "Numbers: "+numbers+".")
	}
	return strings.Join(paragraphs, "\n\n") + "\n"
}

// brief is a setting in a line; of a text that stands in the configuration itself
// the beginning.
func brief(text string) string {
	const most = 100
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

// named is a run's identity, and what made it.
func (d *drawing) named(i int) string {
	m := d.runs[i].Manifest
	return m.Identity + " (nasim " + m.Nasim.Version + ")"
}
