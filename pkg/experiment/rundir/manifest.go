package rundir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// SchemaVersion is the version of the manifest. Version 1 had no hash of the run,
// no version of the numerics and no contents.
const SchemaVersion = 2

// manifestName is the file that makes a directory a run.
const manifestName = "manifest.json"

// StatusComplete is the status of every run under its final name.
const StatusComplete = "complete"

// Manifest says what a run is, what made it, and how it went.
type Manifest struct {
	SchemaVersion int                `json:"schema_version"`
	Status        string             `json:"status"`
	Identity      string             `json:"identity"`
	Nasim         Version            `json:"nasim"`
	Seeds         map[string]uint64  `json:"seeds"` // by purpose; "seed" is the configuration's
	SHA256        Hashes             `json:"sha256"`
	Host          Host               `json:"host"`
	Numerics      int                `json:"numerics"`            // version of what computed the numbers; 0: not recorded
	Kernel        string             `json:"kernel"`              // kernel path: avx512, avx2 or generic
	Precision     *Precision         `json:"precision,omitempty"` // of the transformer's arithmetic, where it is not float64
	Times         Times              `json:"times"`
	Solver        []SolverStatistics `json:"solver"`
	Warnings      []string           `json:"warnings"`
	Files         []string           `json:"files"`    // what nasim wrote, but figures: paths inside the run, with slashes
	Contents      map[string]Content `json:"contents"` // of these files, but for the manifest itself
}

// Content is what a file held when the run was complete.
type Content struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Version is the program that made a run.
type Version struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Go      string `json:"go"`
}

// Hashes are SHA-256 in hexadecimal of what a run depends on; empty where there
// is none, as the weights of a synthetic input.
type Hashes struct {
	Run     string `json:"run,omitempty"` // of all that the numbers depend on; the name has its first 8 digits
	Config  string `json:"config"`        // of config.yaml
	Weights string `json:"weights,omitempty"`
	Input   string `json:"input,omitempty"`
}

// Host is the machine that made a run.
type Host struct {
	Name    string `json:"name"`
	System  string `json:"system"` // operating system and architecture, as linux/amd64
	CPUs    int    `json:"cpus"`
	Threads int    `json:"threads"` // how many were used
}

// Precision says what a transformer's arithmetic in another precision than float64 makes of
// the (first) input: the largest of the layers' ‖h − h_float64‖_F/‖h_float64‖_F, and the same of its
// answer, logits or embedding.
type Precision struct {
	Transformer string  `json:"transformer"`
	Hidden      float64 `json:"hidden_relative_difference"`
	Answer      float64 `json:"answer_relative_difference"`
}

// Times are a run's duration. They are here and nowhere else, so that the other
// files of two equal runs are equal.
type Times struct {
	Started  time.Time          `json:"started"`
	Finished time.Time          `json:"finished"`
	Seconds  map[string]float64 `json:"seconds,omitempty"` // by stage of the run
}

// Integration is the counts of one method by which the exact rung integrated what has no
// closed form.
type Integration struct {
	Method      string `json:"method"`
	Steps       int    `json:"steps"`
	Rejections  int    `json:"rejections"`
	Evaluations int    `json:"evaluations"`
}

// SolverStatistics are the counts of one head's integration.
type SolverStatistics struct {
	Layer       int     `json:"layer"`
	Head        int     `json:"head"`
	Method      string  `json:"method"`
	Steps       int     `json:"steps"`
	Rejections  int     `json:"rejections"`
	Evaluations int     `json:"evaluations"`
	PeakError   float64 `json:"peak_error"` // largest accepted local error, in units of the tolerance
	Status      string  `json:"status"`

	Exact []Integration `json:"exact,omitempty"` // of the exact rung's answers
}

// ErrNoManifest is the error of a directory that is not a run.
var ErrNoManifest = errors.New("holds no nasim manifest.json")

// WriteManifest writes manifest.json into a run's directory, last of all: it
// fills in the schema's version, the status, and the list of files.
func WriteManifest(dir string, m Manifest) error {
	written, err := files(dir)
	if err != nil {
		return Explain(err)
	}
	m.SchemaVersion, m.Status = SchemaVersion, StatusComplete
	m.Contents = map[string]Content{}
	for _, name := range written {
		if strings.HasSuffix(name, "/") {
			continue
		}
		if m.Contents[name], err = contentOf(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			return Explain(err)
		}
	}
	m.Files = append(written, manifestName)
	sort.Strings(m.Files)
	if m.Solver == nil {
		m.Solver = []SolverStatistics{}
	}
	if m.Warnings == nil {
		m.Warnings = []string{}
	}
	return WriteFile(filepath.Join(dir, manifestName), func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		return encoder.Encode(m)
	})
}

// files lists everything in a directory and those in it but the directories
// themselves, as sorted paths relative to it, with slashes. An empty directory is
// listed, with a slash at its end.
func files(dir string) (paths []string, err error) {
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		inside, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		inside = filepath.ToSlash(inside)
		if entry.IsDir() {
			within, err := os.ReadDir(path)
			if err != nil || len(within) > 0 {
				return err
			}
			inside += "/"
		}
		paths = append(paths, inside)
		return nil
	})
	return paths, err
}

// ReadManifest reads a run's manifest. The error is [ErrNoManifest] where there is
// none, or one that is not nasim's; a directory that does not exist is
// [fs.ErrNotExist].
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		if _, err := os.Lstat(dir); err != nil {
			return nil, Explain(err)
		}
		return nil, fmt.Errorf("%s %w", dir, ErrNoManifest)
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s is a file, and %w", dir, ErrNoManifest)
	}
	if err != nil {
		return nil, Explain(err)
	}
	if !info.Mode().IsRegular() || info.Size() > 64<<20 {
		return nil, fmt.Errorf("%s %w", dir, ErrNoManifest)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		return nil, Explain(err)
	}
	var m Manifest
	if err := json.NewDecoder(bytes.NewReader(written)).Decode(&m); err != nil || m.SchemaVersion < 1 || m.Nasim.Version == "" || m.Status == "" {
		return nil, fmt.Errorf("%s %w", dir, ErrNoManifest)
	}
	if m.SchemaVersion > SchemaVersion {
		return nil, fmt.Errorf("%s was made by nasim %s: its manifest is of version %d, and this nasim reads 1 to %d; use a newer nasim", dir, m.Nasim.Version, m.SchemaVersion, SchemaVersion)
	}
	return &m, nil
}
