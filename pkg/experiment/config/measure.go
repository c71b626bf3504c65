package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// A Rate is per second, a Length in µm, and a Diffusion coefficient in µm²/s. Each is written
// with its unit, as a Time is.
type (
	Rate      float64
	Length    float64
	Diffusion float64
)

// measure is a pointer to one of them.
type measure interface {
	value() *float64
	dimension() *dimension
}

// A dimension is what such a number is of, with the units in which it is written.
type dimension struct {
	noun, forms string
	unit        string // in which it is held, and written
	units       []unit
}

type unit struct {
	name string
	size float64
}

var (
	rates      = &dimension{"rate", "a rate with its unit (/s, /min, /h)", "/s", []unit{{"/s", 1}, {"/min", 1. / 60}, {"/h", 1. / 3600}, {"Hz", 1}, {"s-1", 1}, {"s^-1", 1}}}
	lengths    = &dimension{"length", "a length with its unit (nm, um, mm)", "um", []unit{{"nm", 1e-3}, {"um", 1}, {"µm", 1}, {"μm", 1}, {"mm", 1e3}}}
	diffusions = &dimension{"diffusion coefficient", "a diffusion coefficient with its unit (um2/s)", "um2/s", []unit{{"um2/s", 1}, {"µm2/s", 1}, {"μm2/s", 1}, {"um^2/s", 1}, {"µm²/s", 1}, {"μm²/s", 1}, {"um²/s", 1}}}
)

func (rate *Rate) value() *float64                    { return (*float64)(rate) }
func (length *Length) value() *float64                { return (*float64)(length) }
func (diffuses *Diffusion) value() *float64           { return (*float64)(diffuses) }
func (*Rate) dimension() *dimension                   { return rates }
func (*Length) dimension() *dimension                 { return lengths }
func (*Diffusion) dimension() *dimension              { return diffusions }
func (dimension *dimension) written(x float64) string { return shifted(x, 0) + dimension.unit }

// measureText is a number, then a unit.
var measureText = regexp.MustCompile(`^([+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?) ?(.*)$`)

// pattern accepts what readMeasure does, −0 aside.
func (dimension *dimension) pattern() string {
	var names []string
	for _, unit := range dimension.units {
		names = append(names, regexp.QuoteMeta(unit.name))
	}
	return `^\+?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})? ?(` + strings.Join(names, "|") + `)$`
}

// readMeasure reads a number with its unit.
func (k Key) readMeasure(node *yaml.Node, into measure) *complaint {
	of := into.dimension()
	match := measureText.FindStringSubmatch(node.Value)
	if match == nil {
		return &complaint{found: fmt.Sprintf("%s is not a %s", show(node), of.noun), allowed: k.allowed()}
	}
	number, written := match[1], match[2]
	if written == "" {
		return &complaint{found: number + " has no unit", allowed: k.allowed(), fix: "write " + number + of.unit}
	}
	at := slices.IndexFunc(of.units, func(unit unit) bool { return unit.name == written })
	if at < 0 {
		return &complaint{found: fmt.Sprintf("%s is not a unit of a %s", written, of.noun), allowed: k.allowed(), fix: "write " + number + of.unit}
	}
	x, err := strconv.ParseFloat(number, 64)
	x = float64(x * of.units[at].size)
	switch {
	case err != nil || math.IsInf(x, 0):
		return &complaint{found: node.Value + " is too large", allowed: k.allowed()}
	case !k.Limits.allow(x):
		return k.outside(node.Value)
	case x != 0 && math.Abs(x) < leastNumber:
		return &complaint{found: node.Value + " is too small", allowed: k.allowed()}
	}
	*into.value() = x + 0 // turns −0 into 0
	return nil
}
