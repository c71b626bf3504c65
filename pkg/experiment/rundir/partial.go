package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nasim-sim/nasim/internal/disk"
)

// Partial is a run that is being written, beside its target.
type Partial struct {
	target Target
	dir    string
	info   os.FileInfo // of dir, which a rename does not change
	made   Made        // parents that were made for it
	aside  []string    // what was moved out of its way and is yet to be removed
	done   bool
}

// attempts is how often a step is tried again when another process got in
// between: each try fails only if somebody else's succeeded.
const attempts = 10

// Create makes the hidden directory in which the run is written, and the
// target's parents if they are not there. The caller must have passed
// [Target.Check].
func Create(t Target) (*Partial, error) {
	p := &Partial{target: t.clean()}
	parent, base := filepath.Dir(p.target.Path), filepath.Base(p.target.Path)
	var err error
	for range attempts {
		var made Made
		made, err = MakeDir(parent)
		p.made = append(p.made, made...)
		if err != nil {
			break
		}
		sweep(parent, base)
		p.dir = filepath.Join(parent, hidden(base, "partial"))
		if err = disk.Mkdir(p.dir); err == nil {
			p.info, err = os.Lstat(p.dir)
			return p, Explain(err)
		}
		if !errors.Is(err, os.ErrNotExist) && !errors.Is(err, os.ErrExist) {
			break // else another process removed its parents, or drew the same name
		}
	}
	p.made.Remove()
	return nil, p.InWords(Explain(err))
}

// Dir is where the run's files are to be written.
func (p *Partial) Dir() string { return p.dir }

// InWords is an error met on the way in words that a user knows: the run's name
// stands for the hidden directory's.
func (p *Partial) InWords(err error) error {
	if err == nil || p.dir == "" {
		return err
	}
	if text := strings.ReplaceAll(err.Error(), p.dir, p.target.Path); text != err.Error() {
		return &explained{text, err}
	}
	return err
}

// Discard removes what was written, and the parents made for it. After Complete
// it does nothing, so it may be deferred.
func (p *Partial) Discard() error {
	if p.done {
		return nil
	}
	p.done = true
	var err error
	if p.dir != "" {
		err = disk.RemoveAll(p.dir)
	}
	p.made.Remove()
	return Explain(err)
}

// Complete makes the run durable and gives it its name. already says that
// another process completed the same run first: then this one is discarded, and
// the other's stands.
func (p *Partial) Complete() (already bool, err error) {
	m, err := ReadManifest(p.dir)
	if err != nil {
		return false, p.InWords(fmt.Errorf("the run was not finished: %w", err))
	}
	if m.Identity != p.target.Identity || m.SHA256.Run != p.target.Hash {
		return false, fmt.Errorf("the run in %s is %s, not %s", p.target.Path, m.Identity, p.target.Identity)
	}
	if err := disk.Settle(p.dir); err != nil {
		return false, p.InWords(Explain(err))
	}
	for range attempts {
		already, err = p.place()
		if err == nil || !errors.Is(err, os.ErrExist) && !errors.Is(err, errMoved) {
			break
		}
	}
	switch {
	case err != nil:
		return false, p.restore(p.InWords(err))
	case already:
		return true, p.Discard()
	}
	p.done = true
	if err := disk.Sync(filepath.Dir(p.target.Path)); err != nil {
		return false, Explain(err)
	}
	return false, p.removeAside()
}

// restore puts back what was moved aside, after a failure; where that cannot be,
// the error says where it is.
func (p *Partial) restore(err error) error {
	for _, aside := range p.aside {
		if back := disk.Rename(aside, p.target.Path); back != nil {
			err = fmt.Errorf("%w; the run that was there is now %s", err, aside)
		}
	}
	return err
}

// removeAside removes what was replaced.
func (p *Partial) removeAside() error {
	for _, aside := range p.aside {
		if err := condemn(aside, p.target.Path); err != nil {
			return fmt.Errorf("the run was replaced, but the old one is left at %s: %w", aside, err)
		}
	}
	return nil
}

// errMoved says that what was to be replaced has gone.
var errMoved = errors.New("it was moved away")

// place renames the run to its target once. The error is os.ErrExist or errMoved
// where another process changed the target meanwhile.
func (p *Partial) place() (already bool, err error) {
	t := p.target
	info, err := os.Lstat(t.Path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, p.rename()
	case err != nil:
		return false, Explain(err)
	case t.Force:
		return false, p.replace(info)
	}
	return t.already(info)
}

func (p *Partial) rename() error {
	err := disk.Rename(p.dir, p.target.Path)
	if errors.Is(err, os.ErrExist) {
		return os.ErrExist
	}
	return Explain(err)
}
