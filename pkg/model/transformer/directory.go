package transformer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/models"
)

// The files that define a model, by their names in Hugging Face layout.
const (
	configFile       = "config.json"
	weightsFile      = "model.safetensors"
	tokenizerFile    = "tokenizer.json"
	preprocessorFile = "preprocessor_config.json"
)

// largestFile bounds the files that define a model, in bytes: above what the largest vocabularies and lists of labels take. Weights may fill the memory there is.
var largestFile = map[string]int64{configFile: 16 << 20, tokenizerFile: 64 << 20, preprocessorFile: 1 << 20, vocabTextFile: 64 << 20,
	vocabJSONFile: 64 << 20, mergesFile: 64 << 20, tokenizerConfigFile: 16 << 20}

// embeddedModels are the names that Open takes without looking at the disk.
var embeddedModels = []string{"tiny-text", "tiny-vision"}

// File is one of the files that define a model.
type File struct {
	Name   string // as in the model's directory
	Path   string // where it was read; "embedded:tiny-text/config.json" for an embedded one
	SHA256 string // of its bytes, in hex
	Bytes  int64
}

// directory is a place where a model's files are read from, and a record of what was read.
type directory struct {
	files fs.FS
	path  string // for messages and File.Path
	read  []File
}

// openDirectory finds an embedded model or a directory.
func openDirectory(name string) (*directory, error) {
	if slices.Contains(embeddedModels, name) {
		files, err := fs.Sub(models.FS, name)
		if err != nil {
			return nil, err
		}
		return &directory{files: files, path: "embedded:" + name}, nil
	}
	path, err := resolvePath(name)
	if err != nil {
		return nil, err
	}
	return &directory{files: os.DirFS(path), path: path}, nil
}

// resolvePath expands a leading ~/ and follows a Hugging Face cache entry to the snapshot that holds the files.
func resolvePath(name string) (string, error) {
	path := expandHome(name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("model %q: there is no such file or directory; wanted is one of the embedded models %s, or a directory with %s, %s and %s or %s",
			name, quotedList(embeddedModels), configFile, weightsFile, tokenizerFile, preprocessorFile)
	case err != nil:
		return "", fmt.Errorf("model %q: %w", name, err)
	case !info.IsDir():
		return "", fmt.Errorf("model %q is a file; wanted is the directory that holds it", name)
	}
	return resolveSnapshot(path)
}

// expandHome replaces a leading ~/ by the home directory, where there is one; in a configuration no shell does it.
func expandHome(name string) string {
	rest, ok := strings.CutPrefix(name, "~/")
	home, err := os.UserHomeDir()
	if !ok || err != nil {
		return name
	}
	return filepath.Join(home, rest)
}

// resolveSnapshot maps a cache entry (models--owner--name, with refs and snapshots) to the snapshot that refs/main names, or to
// the only one there is. Other directories are returned as they are.
func resolveSnapshot(path string) (string, error) {
	snapshots := filepath.Join(path, "snapshots")
	entries, err := os.ReadDir(snapshots)
	if err != nil {
		if strings.HasPrefix(filepath.Base(path), "models--") {
			return "", fmt.Errorf("model %s: a Hugging Face cache entry without a readable snapshots directory: %w", path, err)
		}
		return path, nil
	}
	if ref, err := bounded.ReadFile(filepath.Join(path, "refs", "main"), 1<<12); err == nil {
		main := filepath.Join(snapshots, filepath.Base(strings.TrimSpace(string(ref))))
		if info, err := os.Stat(main); err != nil || !info.IsDir() {
			return "", fmt.Errorf("model %s: refs/main names the snapshot %q, which is not in %s; download it again or name a snapshot's directory", path, strings.TrimSpace(string(ref)), snapshots)
		}
		return main, nil
	}
	if len(entries) != 1 {
		return "", fmt.Errorf("model %s: %d snapshots and no refs/main that says which one is meant; name a directory in %s", path, len(entries), snapshots)
	}
	return filepath.Join(snapshots, entries[0].Name()), nil
}

// load reads a file; expected says what it should hold, for the message if it is missing.
func (d *directory) load(name, expected string) ([]byte, error) {
	raw, err := d.readBounded(name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("model %s: the file %s is missing; expected is %s%s", d.path, name, expected, d.hint(name))
		}
		return nil, fmt.Errorf("model %s: %w", d.path, err)
	}
	sum := sha256.Sum256(raw)
	d.read = append(d.read, File{Name: name, Path: d.filePath(name), SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(raw))})
	return raw, nil
}

// readBounded reads a file if it is one, and no larger than it can be.
func (d *directory) readBounded(name string) ([]byte, error) {
	info, err := fs.Stat(d.files, name) // before it is opened: to open a pipe is to wait for its writer
	if err != nil {
		return nil, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	most, small := largestFile[name]
	if !small {
		most = info.Size()
	}
	if err := memory.Needed(name, float64(info.Size())); err != nil {
		return nil, err
	}
	f, err := d.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	return bounded.Read(f, name, most)
}

// hint looks for what people have instead of the missing file.
func (d *directory) hint(missing string) string {
	if missing != weightsFile {
		return ""
	}
	switch {
	case d.has(weightsFile + ".index.json"):
		return "; weights split over several files are not supported, save them again as one file (save_pretrained with a larger max_shard_size)"
	case d.has("pytorch_model.bin"):
		return "; there is a pytorch_model.bin, convert it (save_pretrained writes safetensors)"
	}
	return ""
}

func (d *directory) has(name string) bool {
	_, err := fs.Stat(d.files, name)
	return err == nil
}

func (d *directory) filePath(name string) string {
	if strings.HasPrefix(d.path, "embedded:") {
		return d.path + "/" + name
	}
	return filepath.Join(d.path, name)
}

// quotedList prints names as "a", "b" and "c".
func quotedList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
