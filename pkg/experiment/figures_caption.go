package experiment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/plotting"
)

// constants are keys that have one value each.
var constants = []string{"nasim", "network.astrocyte.kind"}

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
	along := figures[f.Name].along
	list := func(i int, wanted bool) string {
		var words []string
		for _, path := range config.Paths() {
			text := all[i][path].Text
			if text == "" || shared(path) != wanted || (path == compare.SeedKey || path == along) && !wanted || slices.Contains(constants, path) || strings.HasPrefix(path, "record.") {
				continue
			}
			words = append(words, path+" "+brief(text))
		}
		return strings.Join(words, "; ")
	}
	switch len(d.runs) {
	case 0: // map files alone
	case 1:
		paragraphs = append(paragraphs, "Run "+d.named(0)+". Conditions: "+list(0, true)+".")
	default:
		paragraphs = append(paragraphs, "Conditions of all runs: "+list(0, true)+".")
		differing := slices.DeleteFunc(slices.Clone(config.Paths()), func(path string) bool { return path == compare.SeedKey || path == along || shared(path) })
		settings := func(i int) map[string]compare.Setting { return all[i] }
		for _, same := range compare.Grouped(upTo(len(d.runs)), settings, differing) {
			paragraphs = append(paragraphs, d.ofSeeds(same, settings, along)+list(same[0], false)+".")
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

// ofSeeds names runs that differ in their seed alone, or in a key along which the figure draws them, where
// any do, by their seeds and that key.
func (d *drawing) ofSeeds(same []int, settings func(int) map[string]compare.Setting, along string) string {
	slices.SortStableFunc(same, func(i, j int) int {
		return cmp.Or(compare.CompareSettings(settings(i)[along], settings(j)[along]), compare.CompareSettings(settings(i)[compare.SeedKey], settings(j)[compare.SeedKey]))
	})
	var names, seeds, versions, points []string
	once := func(list *[]string, text string) {
		if !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, i := range same {
		m := d.runs[i].Manifest
		names = append(names, m.Identity)
		once(&seeds, settings(i)[compare.SeedKey].Text)
		once(&versions, m.Nasim.Version)
		once(&points, settings(i)[along].Text) // "" where the run has no such key
	}
	plural := func(word string, list []string) string {
		if len(list) > 1 {
			word += "s"
		}
		return word + " " + strings.Join(list, ", ")
	}
	text := fmt.Sprintf("%s (nasim %s): %s; ", plural("Run", names), strings.Join(versions, ", "), plural("seed", seeds))
	if len(points) > 1 || along != "" && points[0] != "" {
		text += along + " " + strings.Join(points, ", ") + "; "
	}
	return text
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
