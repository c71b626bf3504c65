package config

import "strings"

// Departures lists, in the table's order, the keys of a resolved configuration under a path, such as
// "network", that say in what it is not as a configuration is in which none of them is written: those
// with another value than their default, and those that have no place in that one, as half_effect where
// the default read-out has no receptors. Of the latter what is 0, and so does nothing, is left out where
// it is the default, too.
func Departures(cfg *Config, under string) []string {
	plain := *cfg
	within := func(k Key) bool { return strings.HasPrefix(k.Path, under+".") }
	for _, k := range keys {
		if field := k.field(&plain); field != nil && within(k) && k.Default != "" {
			setDefault(k, field, k.Default)
		}
	}
	var paths []string
	for _, k := range keys {
		if !within(k) || !k.written(cfg) {
			continue
		}
		other := true
		if written := k.defaultIn(cfg); written != "" {
			field := k.field(whole())
			setDefault(k, field, written)
			other = yamlText(field) != yamlText(k.field(cfg))
		}
		if x, sized := size(k.field(cfg)); other || !k.applies(&plain) && !(sized && x == 0) {
			paths = append(paths, k.Path)
		}
	}
	return paths
}
