package config

import (
	"bytes"
	"slices"
	"strings"
	"sync"
)

// Identity is what of a configuration tells its run from others: the kind of
// input and, sorted, the keys whose values differ from their frozen identity
// values, as Marshal writes them. A key that is added later, and one whose default
// changes, so leaves the identity of every other configuration as it was; and a
// configuration that a new default changes has another.
func Identity(cfg *Config) []byte {
	var lines []string
	for _, k := range keys {
		if !k.written(cfg) || strings.HasPrefix(k.Path, "fit.") { // of which a run takes no notice
			continue
		}
		if now := yamlText(k.field(cfg)); now != k.frozen() {
			lines = append(lines, k.Path+": "+now+"\n")
		}
	}
	slices.Sort(lines)
	var out bytes.Buffer
	out.WriteString("input: " + value(cfg, "input") + "\n")
	for _, line := range lines {
		out.WriteString(line)
	}
	return out.Bytes()
}

// frozenTexts are identity values by key and what is written: each is read once, and
// not for every run.
var frozenTexts sync.Map

// frozen is the identity value as Marshal would write it; empty for a key that
// has none, and so is always a part of the identity.
func (k Key) frozen() string {
	written := k.Frozen
	if written == "" {
		written = k.Default
	}
	if written == "" {
		return ""
	}
	id := k.Path + "=" + written
	if text, known := frozenTexts.Load(id); known {
		return text.(string)
	}
	field := k.field(whole())
	setDefault(k, field, written)
	text := yamlText(field)
	frozenTexts.Store(id, text)
	return text
}
