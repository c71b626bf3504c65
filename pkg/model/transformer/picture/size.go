package picture

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// sizing says how large a picture becomes. One of the four is set: height and width; shortest, with or without longest; most
// height and width.
type sizing struct {
	height, width         int
	shortest, longest     int
	mostHeight, mostWidth int
}

// longestSide bounds every size of a configuration.
const longestSide = 1 << 15

// sizingKeys are the sets of keys of a size that are understood.
var sizingKeys = []string{"height, width", "shortest_edge", "longest_edge, shortest_edge", "max_height, max_width"}

// parseSizing reads a number, which is the side of a square or the shortest edge; a pair of height and width; or an object.
func parseSizing(key string, raw json.RawMessage, square bool) (sizing, error) {
	var s sizing
	var one int
	var pair []int
	var named map[string]*int
	switch {
	case json.Unmarshal(raw, &one) == nil:
		named = map[string]*int{"shortest_edge": &one}
		if square {
			named = map[string]*int{"height": &one, "width": &one}
		}
	case json.Unmarshal(raw, &pair) == nil && len(pair) == 2:
		named = map[string]*int{"height": &pair[0], "width": &pair[1]}
	case json.Unmarshal(raw, &named) != nil || named == nil:
		return s, fmt.Errorf("%s is %s; wanted is a whole number, [height, width] or an object with the keys %s", key, raw, strings.Join(sizingKeys, " or "))
	}
	var keys []string
	for name, value := range named {
		if value == nil { // null is the same as nothing
			continue
		}
		keys = append(keys, name)
		if *value < 1 || *value > longestSide {
			return s, fmt.Errorf("%s has %s %d; wanted is a whole number from 1 to %d", key, name, *value, longestSide)
		}
		switch name {
		case "height":
			s.height = *value
		case "width":
			s.width = *value
		case "shortest_edge":
			s.shortest = *value
		case "longest_edge":
			s.longest = *value
		case "max_height":
			s.mostHeight = *value
		case "max_width":
			s.mostWidth = *value
		}
	}
	if raw[0] == '{' {
		if _, err := jsontext.Members(raw); err != nil {
			return s, fmt.Errorf("%s: %w", key, err)
		}
	}
	slices.Sort(keys)
	if found := strings.Join(keys, ", "); !slices.Contains(sizingKeys, found) {
		return s, fmt.Errorf("%s has the keys %s; supported are %s", key, found, strings.Join(sizingKeys, " or "))
	}
	return s, nil
}

// fixed says whether all pictures become the same size.
func (s sizing) fixed() bool { return s.height > 0 }

// of is the size that a picture becomes, rounded as transformers rounds.
func (s sizing) of(width, height int) (int, int, error) {
	short, long := float64(min(width, height)), float64(max(width, height))
	var w, h float64
	switch {
	case s.height > 0:
		w, h = float64(s.width), float64(s.height)
	case s.mostHeight > 0:
		scale := min(float64(s.mostHeight)/float64(height), float64(s.mostWidth)/float64(width))
		w, h = math.Trunc(float64(width)*scale), math.Trunc(float64(height)*scale)
	case s.longest > 0:
		w, h = s.between(float64(width), float64(height))
	default:
		other := math.Trunc(float64(s.shortest) * long / short)
		if w, h = float64(s.shortest), other; width > height {
			w, h = h, w
		}
	}
	if w < 1 || h < 1 || max(w, h) > math.MaxInt32 {
		return 0, 0, fmt.Errorf("the picture of %d × %d pixels would become %.0f × %.0f", width, height, w, h)
	}
	return int(w), int(h), nil
}

// between is the size whose shorter edge is as wanted, unless the longer one would be too long.
func (s sizing) between(width, height float64) (float64, float64) {
	short, long := min(width, height), max(width, height)
	size := float64(s.shortest)
	exact := size
	if long/short*size > float64(s.longest) {
		exact = float64(s.longest) * short / long
		size = math.RoundToEven(exact)
	}
	switch {
	case short == size:
		return width, height
	case width < height:
		return size, math.Trunc(exact * height / width)
	}
	return math.Trunc(exact * width / height), size
}
