package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/integrator"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// A Run is a complete run directory, open for tables and figures.
type Run struct {
	Dir      string
	Manifest *rundir.Manifest
	Config   *config.Config
	Report   compare.Report
}

// OpenRun reads a run directory's manifest, configuration and metrics. A
// directory that is no complete run of nasim, or whose files are not what the run
// wrote, is an error. A run that was moved aside by a process that was killed is
// put back first.
func OpenRun(dir string) (*Run, error) {
	r, err := readRun(dir, true)
	if errors.Is(err, os.ErrNotExist) && (rundir.Target{Path: dir}).PutBack() == nil {
		r, err = readRun(dir, true)
	}
	return r, err
}

// mostMetrics bounds the JSON files of a run: each head has some kilobytes.
const mostMetrics = 256 << 20

// readRun is OpenRun for a run that is where it belongs. One that has just been
// written need not be verified.
func readRun(dir string, verify bool) (*Run, error) {
	m, err := rundir.ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if m.Status != rundir.StatusComplete {
		return nil, fmt.Errorf("%s: the run is %s, not complete", dir, m.Status)
	}
	if verify {
		err = m.Verify(dir)
	}
	var damage *rundir.Damage
	if errors.As(err, &damage) {
		return nil, fmt.Errorf("%w; repeat the run", err)
	}
	if err != nil {
		return nil, err
	}
	cfg, problems := config.Load(filepath.Join(dir, "config.yaml"), nil)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s was made by nasim %s, and this nasim cannot read its configuration: %s", dir, m.Nasim.Version, problems[0])
	}
	raw, err := bounded.ReadFile(filepath.Join(dir, "metrics.json"), mostMetrics)
	if err != nil {
		return nil, rundir.Explain(err)
	}
	report, err := compare.ReadReport(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Run{dir, m, cfg, report}, nil
}

// Comparison is the run as package compare sets it beside others.
func (r *Run) Comparison() compare.Run {
	n, method := r.Config.Network, r.Config.Solver.Method
	stepper, err := integrator.ByName(method)
	return compare.Run{Name: r.Dir, Settings: r.settings(), Report: r.Report, Conditions: compare.Conditions{
		Map: n.Features.Map, Unbiased: features.Unbiased(n.Features.Map), Bounded: features.Bounded(n.Features.Map), Rows: n.Features.Rows,
		Method: method, FixedStep: err == nil && stepper.ErrorOrder() == 0,
	}}
}

// inputPaths are the keys that say where an input is.
var inputPaths = []string{
	"input.text.file", "input.image.file", "input.tensors.file",
	"input.texts.file", "input.images.dir", "input.images.idx", "input.images.npz", "input.images.labels",
}

// settings is the flattened configuration, with files and weights told apart by
// what is in them, not by where this run keeps its copy.
func (r *Run) settings() map[string]compare.Setting {
	settings := map[string]compare.Setting{}
	for path, value := range config.Flatten(r.Config) {
		if slices.Contains(inputPaths, path) && value.Text != "" {
			value.Text = filepath.Base(value.Text) + "@" + short(r.Manifest.SHA256.Input)
		}
		if path == mapFileKey && value.Text != "" {
			value.Text = filepath.Base(value.Text)
			value.Text += "@" + short(r.Manifest.Contents["inputs/"+value.Text].SHA256)
		}
		if path == "transformer.sha256" {
			value.Text = short(value.Text)
		}
		settings[path] = compare.Setting(value)
	}
	return settings
}

// short is the beginning of a hash, enough to tell a handful apart.
func short(hash string) string { return hash[:min(8, len(hash))] }

// arrays opens one of the run's array files; nil where it was not recorded.
func (r *Run) arrays(name string) (*npz.File, error) {
	f, err := npz.Open(filepath.Join(r.Dir, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return f, err
}

// tokens returns the strings of a text's tokens; nil for other inputs.
func (r *Run) tokens() ([]string, error) {
	var list tokenList
	found, err := r.readInput(tokensFile, &list)
	if !found {
		return nil, err
	}
	return list.Strings, err
}

// patches returns the patch grid and picture of an image; nil for other inputs.
func (r *Run) patches() (*patchGrid, image.Image, error) {
	var grid patchGrid
	found, err := r.readInput(patchesFile, &grid)
	if !found || err != nil {
		return nil, nil, err
	}
	path := filepath.Join(r.Dir, "inputs", filepath.Base(grid.Picture))
	raw, err := bounded.ReadFile(path, MostImage)
	if err != nil {
		return nil, nil, rundir.Explain(err)
	}
	img, err := picture.Decode(path, raw)
	if err != nil {
		return nil, nil, err
	}
	return &grid, img, nil
}

func (r *Run) readInput(name string, into any) (found bool, err error) {
	path := filepath.Join(r.Dir, "inputs", name)
	raw, err := bounded.ReadFile(path, mostMetrics)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return true, rundir.Explain(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return true, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}
