package experiment

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/disk"
	"github.com/nasim-sim/nasim/internal/kernel"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/fit"
	"github.com/nasim-sim/nasim/pkg/model/features"
)

// A fitCheckpoint keeps the fits of a map file that is on its way in a hidden folder beside it, so that a process that is killed loses
// little: .NAME.fit holds fit.json, which says what is fitted, and a file for each fit that is finished, or on its way. Every file is
// replaced as a whole. All that a fit consists of is in its file, so that going on with it leads to the same bytes.
//
// A nil *fitCheckpoint keeps nothing.
type fitCheckpoint struct {
	dir   string
	lock  *os.File
	every time.Duration // between two states of a fit on its way
}

// How often the state of a fit is kept, and how large a file of one may be.
const (
	checkpointEvery = 5 * time.Second
	mostCheckpoint  = 8 << 30
	ofFit           = "fit.json"
)

func checkpointOf(out string) string { return rundir.Beside(out, "fit") }

// identity is all that a fit's bytes depend on, by name.
func (f *Fitting) identity() map[string]string {
	id := map[string]string{"kernels": kernel.Name(), "the model's weights": f.from.model.SHA256()}
	v := rundir.ThisVersion()
	id["nasim"] = v.Version + " " + v.Commit
	for _, file := range f.from.files {
		id["the input "+file.Name] = file.SHA256
	}
	for path, value := range config.Flatten(f.Config) {
		ours := path == "seed" || path == "network.schedule.order" || slices.Contains([]string{"input", "transformer", "fit"}, strings.Split(path, ".")[0])
		told := path == "transformer.model" || path == "transformer.sha256" || slices.Contains(inputPaths, path) // by what is in it
		if ours && !told && path != "fit.resume" {
			id[path] = value.Text
		}
	}
	return id
}

// Check looks at what is beside the map file already: a fit that was not finished is gone on with, and must be of the same kind.
// It writes nothing.
func (f *Fitting) Check(out string) error {
	if folder, err := os.Stat(filepath.Dir(out)); err != nil || !folder.IsDir() {
		return fmt.Errorf("--out %s: there is no folder %s; make it, or name another", out, filepath.Dir(out))
	}
	if !f.Config.Fit.Resume {
		return nil
	}
	dir := checkpointOf(out)
	there, err := readIdentity(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	remedy := "begin anew with --set fit.resume=false"
	if err != nil {
		return fmt.Errorf("%s: what was fitted for %s cannot be gone on with: %w; %s", dir, out, err, remedy)
	}
	var unlike []string
	here := f.identity()
	for name, value := range here {
		if old, ok := there[name]; !ok {
			unlike = append(unlike, fmt.Sprintf("%s is %s here", name, shortened(value)))
		} else if old != value {
			unlike = append(unlike, fmt.Sprintf("%s is %s there and %s here", name, shortened(old), shortened(value)))
		}
	}
	for name, value := range there {
		if _, ok := here[name]; !ok {
			unlike = append(unlike, fmt.Sprintf("%s is %s there", name, shortened(value)))
		}
	}
	if unlike != nil {
		slices.Sort(unlike)
		return fmt.Errorf("%s holds what was fitted for %s before, and is of another fit: %s; repeat that one, or %s", dir, out, strings.Join(unlike, ", "), remedy)
	}
	done, _ := filepath.Glob(filepath.Join(escaped(dir), "*"+doneEnd)) // of a pattern that is well formed
	f.found = len(done)
	return nil
}

// escaped is a path as a pattern that matches it alone.
func escaped(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// shortened is a value as a message has it: hashes are long.
func shortened(value string) string {
	if len(value) == 64 {
		return value[:16] + "…"
	}
	if value == "" {
		return "empty"
	}
	return value
}

func readIdentity(dir string) (id map[string]string, err error) {
	raw, err := bounded.ReadFile(filepath.Join(dir, ofFit), 1<<20)
	if err != nil {
		return nil, err
	}
	return id, json.Unmarshal(raw, &id)
}

// openCheckpoint opens that of a map file; nil where nothing is to be kept.
func (f *Fitting) openCheckpoint(out string) (c *fitCheckpoint, err error) {
	dir := checkpointOf(out)
	if err := disk.Mkdir(dir); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, rundir.Explain(err)
	}
	c = &fitCheckpoint{dir: dir, every: f.every}
	if c.lock, err = lockedFile(filepath.Join(dir, "lock"), os.O_CREATE); err != nil {
		return nil, rundir.Explain(err)
	}
	if c.lock == nil {
		return nil, Refusal{fmt.Errorf("--out %s: another nasim is fitting into it at this moment; wait for it, or name another", out)}
	}
	if !f.Config.Fit.Resume {
		return nil, c.remove()
	}
	// Looked at again now that no other has it.
	if err := f.Check(out); err != nil {
		return nil, errors.Join(err, c.lock.Close())
	}
	if _, err := readIdentity(dir); err != nil { // what is there is nobody's
		entries, _ := os.ReadDir(dir)
		for _, entry := range entries {
			if entry.Name() != "lock" {
				err = disk.Remove(filepath.Join(dir, entry.Name()))
			}
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return nil, errors.Join(rundir.Explain(err), c.lock.Close())
			}
		}
	}
	err = rundir.ReplaceFile(filepath.Join(dir, ofFit), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(f.identity())
	})
	if err != nil {
		return nil, errors.Join(err, c.lock.Close())
	}
	return c, nil
}

// close leaves what is kept for the next one.
func (c *fitCheckpoint) close() {
	if c != nil {
		c.lock.Close()
	}
}

// remove removes it.
func (c *fitCheckpoint) remove() error {
	if c == nil {
		return nil
	}
	defer c.lock.Close()
	return disk.RemoveAll(c.dir)
}

// DropCheckpoint removes what was kept of a map file that is whole, where who wrote it was killed before he could; what is newer than
// the file is of another fit, and stays.
func DropCheckpoint(out string) {
	dir := checkpointOf(out)
	whole, err := os.Stat(out)
	entries, errDir := os.ReadDir(dir)
	if err != nil || errDir != nil {
		return
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || entry.Name() != "lock" && info.ModTime().After(whole.ModTime()) {
			return
		}
	}
	if lock, err := lockedFile(filepath.Join(dir, "lock"), os.O_CREATE); err == nil && lock != nil {
		disk.RemoveAll(dir) // what cannot be removed is in nobody's way
		lock.Close()
	}
}

// Ends of the names of a fit's files.
const (
	doneEnd = ".done.npz"
	partEnd = ".part.npz"
)

// name is that of a fit's file, without its end.
func (c *fitCheckpoint) name(in *headInput, neurons, steps int) string {
	return filepath.Join(c.dir, fmt.Sprintf("%d-%d-m%d-s%d", in.layer, in.head, neurons, steps))
}

// take reads a fit's file. One that is not there or damaged is none: what it would have held is fitted again, to the same bytes.
func take[T any](path string, read func(*npz.File) (T, error)) (none T) {
	raw, err := bounded.ReadFile(path, mostCheckpoint)
	if err != nil {
		return none
	}
	file, err := npz.Read(path, raw)
	if err != nil {
		return none
	}
	x, err := read(file)
	if err != nil {
		return none
	}
	return x
}

// done returns a fit that was finished; nil where there is none.
func (c *fitCheckpoint) done(in *headInput, form fit.Form, steps int, v *fit.Invariances) *fit.Fitted {
	if c == nil {
		return nil
	}
	return take(c.name(in, form.Neurons, steps)+doneEnd, func(f *npz.File) (*fit.Fitted, error) { return fit.ReadFitted(form, v, f) })
}

// begun returns a fit on its way; nil where there is none.
func (c *fitCheckpoint) begun(in *headInput, s fit.Settings, inputs fit.Inputs) *fit.Training {
	if c == nil {
		return nil
	}
	return take(c.name(in, s.Neurons, s.Steps)+partEnd, func(f *npz.File) (*fit.Training, error) { return fit.ResumeTraining(s, inputs, f) })
}

// keep keeps the state of a fit on its way.
func (c *fitCheckpoint) keep(in *headInput, t *fit.Training) error {
	if c == nil {
		return nil
	}
	return rundir.ReplaceFile(c.name(in, t.Neurons, t.Steps)+partEnd, t.Save)
}

// finish keeps a fit that is finished.
func (c *fitCheckpoint) finish(in *headInput, steps int, f *fit.Fitted) error {
	if c == nil {
		return nil
	}
	name := c.name(in, f.Neurons, steps)
	if err := rundir.ReplaceFile(name+doneEnd, f.Save); err != nil {
		return err
	}
	if err := disk.Remove(name + partEnd); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// ofTuning is the state of a joint tuning.
const ofTuning = "responses" + partEnd

// tuning returns a joint tuning on its way; nil where there is none.
func (c *fitCheckpoint) tuning(s fit.JointSettings, of *whole[float32], in fit.JointInputs, begin []*features.LearnedMap) *fit.Tuning[float32] {
	if c == nil {
		return nil
	}
	return take(filepath.Join(c.dir, ofTuning), func(f *npz.File) (*fit.Tuning[float32], error) {
		return fit.ResumeTuning(s, of, in, begin, f)
	})
}

// keepTuning keeps the state of a joint tuning.
func (c *fitCheckpoint) keepTuning(t *fit.Tuning[float32]) error {
	return rundir.ReplaceFile(filepath.Join(c.dir, ofTuning), t.Save)
}
