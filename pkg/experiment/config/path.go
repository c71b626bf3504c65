package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// readPath resolves a file or model. ~/ is the home directory.
func (k Key) readPath(node *yaml.Node, v *string, dir string) *complaint {
	written := node.Value
	switch {
	case written == "":
		return &complaint{found: "the path is empty", allowed: k.allowed()}
	case strings.ContainsRune(written, 0):
		return &complaint{found: "the path holds a NUL byte", allowed: k.allowed()}
	}
	if k.isModel && !strings.ContainsRune(written, '/') && written != "." && written != ".." {
		if k.choose(written) == nil {
			*v = written
			return nil
		}
		if near := nearest(written, k.Choices); near != nil {
			return &complaint{found: strconv.Quote(written) + " is not known", allowed: k.allowed(),
				fix: "did you mean " + strings.Join(near, " or ") + "? (a directory of that name is written ./" + written + ")"}
		}
	}
	path := written
	if rest, ok := strings.CutPrefix(written, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return &complaint{found: "there is no home directory for ~/", allowed: k.allowed(), fix: "write the path in full"}
		}
		path = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	path = filepath.Clean(path)
	if !utf8.ValidString(path) {
		return &complaint{found: fmt.Sprintf("the path %q is not UTF-8", path), allowed: k.allowed(), fix: "rename it, or start nasim in another directory"}
	}
	if k.isModel && !strings.ContainsRune(path, '/') {
		path = "./" + path // so that it is not taken for an embedded model's name
	}
	*v = path
	return nil
}
