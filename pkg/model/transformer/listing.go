package transformer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// Info describes a model that Models found. If Err is not nil the model cannot be used, and the numbers may be 0.
type Info struct {
	Name         string // what to give to Open
	Kind         string // KindText or KindImage
	Architecture string // config.json's model_type
	Layers       int
	Heads        int
	HeadDim      int
	MaxTokens    int
	SHA256       string // of the weights
	Files        []File
	Err          error
}

// Models lists the embedded models if dir is "", or the models in a directory: dir itself if it holds a config.json or is an
// entry of the Hugging Face cache, and otherwise its subdirectories that do. Each is opened, so that what is listed without an
// error works. The error is for a directory that cannot be read.
func Models(dir string) ([]Info, error) {
	if dir == "" {
		var all []Info
		for _, name := range checkpoint.Embedded {
			all = append(all, describe(name))
		}
		return all, nil
	}
	if _, err := os.Stat(checkpoint.Home(dir)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file or directory", dir)
	}
	path, err := checkpoint.Resolve(dir)
	if err != nil {
		return nil, err
	}
	if path != checkpoint.Home(dir) || isFile(filepath.Join(path, configFile)) {
		return []Info{describe(dir)}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	var all []Info
	for _, e := range entries {
		sub := filepath.Join(path, e.Name())
		resolved, err := checkpoint.Resolve(sub)
		broken := err != nil && strings.HasPrefix(e.Name(), "models--")
		if broken || err == nil && isFile(filepath.Join(resolved, configFile)) {
			all = append(all, describe(sub))
		}
	}
	return all, nil
}

func describe(name string) Info {
	m, err := Open(name)
	if err != nil {
		return Info{Name: name, Err: err}
	}
	if !m.Embedded() {
		defer m.weights.Close()
	}
	return Info{Name: name, Kind: m.Kind(), Architecture: m.Architecture(), Layers: m.Layers(), Heads: m.Heads(),
		HeadDim: m.HeadDim(), MaxTokens: m.MaxTokens(), SHA256: m.SHA256(), Files: m.Files()}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
