package transformer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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

// deepest is how far below a directory models are looked for: in its directories and in theirs (owner/name).
const deepest = 2

// Models lists the embedded models if dir is "", or the models in a directory: dir itself if it looks like one or is an entry of
// the Hugging Face cache, and otherwise those of its subdirectories, and of theirs, that do. A directory looks like a model if
// one of its files is of a model; what is listed with an error says why it cannot be used. Each is opened, so that what is
// listed without one works. The error is for a directory that cannot be read.
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
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	if path != checkpoint.Home(dir) || looksLikeModel(entries) {
		return []Info{describe(dir)}, nil
	}
	return below(path, entries, 1), nil
}

// below lists the models in a directory's subdirectories.
func below(path string, entries []fs.DirEntry, depth int) (all []Info) {
	for _, e := range entries {
		sub := filepath.Join(path, e.Name())
		resolved, err := checkpoint.Resolve(sub)
		if strings.HasPrefix(e.Name(), "models--") {
			all = append(all, describe(sub))
			continue
		}
		if err != nil { // a file
			continue
		}
		within, err := os.ReadDir(resolved)
		switch {
		case errors.Is(err, fs.ErrPermission):
			all = append(all, Info{Name: sub, Err: fmt.Errorf("it cannot be read: you have no permission; make it readable (chmod -R u+rX %s)", sub)})
		case looksLikeModel(within):
			all = append(all, describe(sub))
		case depth < deepest && !strings.HasPrefix(e.Name(), "."):
			all = append(all, below(sub, within, depth+1)...)
		}
	}
	return all
}

// ofModels are the ends of the names of files that models alone have.
var ofModels = []string{".safetensors", ".safetensors.index.json", ".onnx", ".gguf", ".ggml", "pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack",
	"model.ckpt.index", "openvino_model.xml", ".mlpackage", "adapter_config.json", "modules.json", "tokenizer.json", preprocessorFile}

// looksLikeModel reports whether one of a directory's files is of a model: a config.json that is not of another program, or what
// stands beside one.
func looksLikeModel(entries []fs.DirEntry) bool {
	for _, e := range entries {
		name := e.Name()
		if name == configFile || slices.ContainsFunc(ofModels, func(end string) bool { return strings.HasSuffix(name, end) }) {
			return true
		}
	}
	return false
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
