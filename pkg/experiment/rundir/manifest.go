package rundir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// SchemaVersion is the version of the manifest and of the files it describes.
const SchemaVersion = 1

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
	Kernel        string             `json:"kernel"` // kernel path: avx512, avx2 or generic
	Times         Times              `json:"times"`
	Solver        []SolverStatistics `json:"solver"`
	Warnings      []string           `json:"warnings"`
	Files         []string           `json:"files"` // what nasim wrote: names directly inside the run
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
	Config  string `json:"config"` // of config.yaml
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

// Times are a run's duration. They are here and nowhere else, so that the other
// files of two equal runs are equal.
type Times struct {
	Started  time.Time          `json:"started"`
	Finished time.Time          `json:"finished"`
	Seconds  map[string]float64 `json:"seconds,omitempty"` // by stage of the run
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
}

// ErrNoManifest is the error of a directory that is not a run.
var ErrNoManifest = errors.New("holds no nasim manifest.json")

// WriteManifest writes manifest.json into a run's directory, last of all: it
// fills in the schema's version, the status, and the list of files.
func WriteManifest(dir string, m Manifest) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Explain(err)
	}
	m.SchemaVersion, m.Status = SchemaVersion, StatusComplete
	m.Files = []string{manifestName}
	for _, entry := range entries {
		if entry.Name() != manifestName {
			m.Files = append(m.Files, entry.Name())
		}
	}
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

// ReadManifest reads a run's manifest. The error is [ErrNoManifest] where there is
// none, or one that is not nasim's.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, manifestName)
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s %w", dir, ErrNoManifest)
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
	return &m, nil
}
