package tokenizer

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed classes.txt
var classesFile string

// classes are the sets of classes.txt by name: the general categories ("Lu"), scripts ("Han"), and what single steps of the
// reference library count as a word character, a number, a mark, each by the Unicode version of that step.
var classes = sync.OnceValue(func() map[string]runeSet {
	sets := map[string]runeSet{}
	for line := range strings.Lines(classesFile) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		lengths := strings.Fields(line)
		sets[lengths[0]] = decodeRuns(lengths[1:])
	}
	return sets
})

// decodeRuns reads lengths, in base 36, of what is outside the set and inside in turn.
func decodeRuns(lengths []string) runeSet {
	set := make(runeSet, 0, len(lengths)/2)
	var at rune
	for i, text := range lengths {
		n, err := strconv.ParseInt(text, 36, 32)
		if err != nil {
			panic(fmt.Sprintf("classes.txt: %v", err))
		}
		if i%2 == 1 {
			set = append(set, [2]rune{at, at + rune(n) - 1})
		}
		at += rune(n)
	}
	return set
}

// class is the set of a name that is in classes.txt.
func class(name string) runeSet {
	set, ok := classes()[name]
	if !ok {
		panic("classes.txt has no " + name)
	}
	return set
}
