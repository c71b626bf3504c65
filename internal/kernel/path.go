package kernel

import (
	"fmt"
	"os"
	"strings"
)

// path is one implementation of all kernels.
type path struct {
	name string
	vectors
	engine64 *engine[float64]
	engine32 *engine[float32]
}

// pathGo runs everywhere, and gives the same bits everywhere.
var pathGo = &path{
	name:     "generic",
	engine64: &engine[float64]{mr: tileRows, nr: tileColumns, vector: tileColumns, beside: 1, mc: 64, nc: 512, few: 0, kc: kcMost, tile: tileGo[float64]},
	engine32: &engine[float32]{mr: tileRows, nr: tileColumns, vector: tileColumns, beside: 1, mc: 64, nc: 512, few: 0, kc: kcMost, tile: tileGo[float32]},
}

// active is the path in use, chosen once, when the program starts.
var active, errActive = choose(os.Getenv("NASIM_KERNEL"), available())

// Name returns the kernel path in use: "avx512", "avx2" or "generic".
func Name() string { return active.name }

// Check returns an error if NASIM_KERNEL asks for a path that does not exist or
// that this processor cannot run. The generic path is in use then.
func Check() error { return errActive }

// choose picks the path that is asked for, or the fastest, which comes first.
func choose(asked string, paths []*path) (*path, error) {
	if asked == "" {
		return paths[0], nil
	}
	var names []string
	for _, p := range paths {
		if p.name == asked {
			return p, nil
		}
		names = append(names, p.name)
	}
	return pathGo, fmt.Errorf("environment variable NASIM_KERNEL is %q; this processor can run %s; leave it empty for the fastest",
		asked, strings.Join(names, ", "))
}
