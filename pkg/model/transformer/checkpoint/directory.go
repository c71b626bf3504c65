package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/jsontext"
	"github.com/nasim-sim/nasim/models"
)

// Embedded are the names of the models that the program carries: Open takes them
// without looking at the disk.
var Embedded = []string{"tiny-text", "tiny-vision"}

// ConfigFile is the file by which a directory is known to hold a model.
const ConfigFile = "config.json"

// largestFile bounds the files beside the weights, in bytes: above what the largest
// vocabularies and lists of labels take.
const largestFile = 64 << 20

// File is one of the files that define a model.
type File struct {
	Name   string // as in the model's directory
	Path   string // where it was read; "embedded:tiny-text/config.json" for an embedded one
	SHA256 string // of its bytes, in hex
	Bytes  int64
}

// Directory is where a model's files are read from, and a record of what was read.
type Directory struct {
	name  string // as it was asked for
	path  string
	files fs.FS
	disk  bool    // the files are on disk, not in the program
	read  *[]File // shared with directories within
	in    string  // the directory within, that names are below; "" for the top
}

// Open finds a model: an embedded one by its name, a directory, or an entry of the
// Hugging Face cache (…/hub/models--owner--name). A directory of an embedded model's
// name is meant by ./tiny-text.
func Open(name string) (*Directory, error) {
	if slices.Contains(Embedded, name) {
		files, err := fs.Sub(models.FS, name)
		return &Directory{name: name, path: "embedded:" + name, files: files, read: new([]File)}, err
	}
	path, err := Resolve(name)
	if err != nil {
		return nil, err
	}
	return &Directory{name: name, path: path, files: os.DirFS(path), disk: true, read: new([]File)}, nil
}

// Resolve expands a leading ~/ and follows a Hugging Face cache entry to the snapshot
// that holds the files.
func Resolve(name string) (string, error) {
	path := Home(name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("model %q: there is no such file or directory; wanted is one of the embedded models %s, or a directory with %s, %s and a tokenizer or preprocessor_config.json%s",
			name, Quoted(Embedded), ConfigFile, weightsFile, download(name, path))
	case err != nil:
		return "", fmt.Errorf("model %q: %w", name, err)
	case !info.IsDir():
		return "", fmt.Errorf("model %q is a file; wanted is the directory that holds it", name)
	}
	return snapshot(path)
}

// Home replaces a leading ~/ by the home directory, where there is one; in a
// configuration no shell does it.
func Home(name string) string {
	rest, ok := strings.CutPrefix(name, "~/")
	home, err := os.UserHomeDir()
	if !ok || err != nil {
		return name
	}
	return filepath.Join(home, rest)
}

// snapshot maps a cache entry (models--owner--name, with refs and snapshots) to the
// snapshot that refs/main names, or to the only one there is. Other directories are
// returned as they are.
func snapshot(path string) (string, error) {
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

// Name is the name that Open was given, Path where the files are.
func (d *Directory) Name() string { return d.name }

// Path is where the files are: a directory, or "embedded:" and a name.
func (d *Directory) Path() string { return d.path }

// Files lists what was read, here and in directories within.
func (d *Directory) Files() []File { return slices.Clone(*d.read) }

// Within is a directory in this one, "1_Pooling" for example; "" is this one. What is
// read there is listed here, too.
func (d *Directory) Within(dir string) (*Directory, error) {
	if dir != "" && !fs.ValidPath(dir) {
		return nil, fmt.Errorf("model %s: %q is no directory within it", d.path, dir)
	}
	sub := *d
	sub.in = path.Join(d.in, dir)
	return &sub, nil
}

// full is a file's name from the top.
func (d *Directory) full(name string) string { return path.Join(d.in, name) }

// Has reports whether there is a file of that name. One that cannot be looked at is there.
func (d *Directory) Has(name string) bool {
	_, err := fs.Stat(d.files, d.full(name))
	return !errors.Is(err, fs.ErrNotExist) || d.dangling(name) != ""
}

// FilePath is where a file of that name is, for messages.
func (d *Directory) FilePath(name string) string {
	if d.disk {
		return filepath.Join(d.path, filepath.FromSlash(d.full(name)))
	}
	return d.path + "/" + d.full(name)
}

// Read reads a file; expected says what it should hold, for the message if it is missing.
func (d *Directory) Read(name, expected string) ([]byte, error) {
	f, info, err := d.open(name, expected)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	raw, err := bounded.Read(io.NewSectionReader(f, 0, info.Size()), d.FilePath(name), largestFile)
	if err != nil {
		return nil, fmt.Errorf("model %s: %w", d.path, err)
	}
	if is := jsontext.Mistaken(raw); is != "" {
		return nil, fmt.Errorf("%s: it is %s", d.FilePath(name), is)
	}
	sum := sha256.Sum256(raw)
	d.note(name, hex.EncodeToString(sum[:]), int64(len(raw)))
	return raw, nil
}

// Object reads a file that holds a JSON object.
func (d *Directory) Object(name, expected string) (*Object, error) {
	raw, err := d.Read(name, expected)
	if err != nil {
		return nil, err
	}
	return ParseObject(d.FilePath(name), raw)
}

func (d *Directory) note(name, sum string, bytes int64) {
	*d.read = append(*d.read, File{Name: d.full(name), Path: d.FilePath(name), SHA256: sum, Bytes: bytes})
}

// A file is open for reading at any place.
type file interface {
	io.ReaderAt
	io.Closer
}

// open opens a regular file. Others are told before they are opened: to open a pipe is
// to wait for its writer.
func (d *Directory) open(name, expected string) (file, fs.FileInfo, error) {
	full := d.full(name)
	info, err := fs.Stat(d.files, full)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.dangling(name) != "":
		return nil, nil, fmt.Errorf("model %s: %s is a symbolic link to %s, which is not there (a cache copied without its blobs?); download the model again", d.path, full, d.dangling(name))
	case errors.Is(err, fs.ErrNotExist) && full == ConfigFile:
		return nil, nil, fmt.Errorf("model %s: the file %s is missing; expected is %s%s", d.path, full, expected, d.unconfigured())
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("model %s: the file %s is missing; expected is %s", d.path, full, expected)
	case err != nil:
		return nil, nil, d.unreadable(full, err)
	case info.IsDir():
		return nil, nil, fmt.Errorf("model %s: %s is a directory; expected is %s", d.path, full, expected)
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("model %s: %s is not a regular file; expected is %s", d.path, full, expected)
	}
	opened, err := d.files.Open(full)
	if err != nil {
		return nil, nil, d.unreadable(full, err)
	}
	return opened.(file), info, nil // of the operating system or of package embed: both are
}

// unreadable is the error of a file that is there and cannot be opened.
func (d *Directory) unreadable(name string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("model %s: %s cannot be read: you have no permission; make it readable (chmod -R u+rX %s)", d.path, name, d.path)
	}
	return fmt.Errorf("model %s: %w", d.path, err)
}

// dangling is what a symbolic link leads to that leads nowhere; "" for what is no such link.
func (d *Directory) dangling(name string) string {
	if !d.disk {
		return ""
	}
	path := d.FilePath(name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	to, err := os.Readlink(path)
	if err != nil {
		return ""
	}
	return to
}

// Quoted prints names as "a", "b" and "c".
func Quoted(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("%q", n)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
