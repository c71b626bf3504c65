package rundir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nasim-sim/nasim/internal/disk"
)

// replace puts the new run where the old one is: the two are exchanged in one step
// or, where the system cannot, the old one is moved aside and then the new one to
// its place. What is aside is called .NAME.replaced-…, which no sweep removes
// unseen; [Target.Recover] puts it back, or removes it, if this process is killed.
func (p *Partial) replace(info os.FileInfo) error {
	path := p.target.Path
	if err := p.target.replaceable(path, info); err != nil {
		if changed(path, info) {
			return errMoved
		}
		return err
	}
	aside := p.asideName()
	if err := disk.Rename(p.dir, aside); err != nil {
		return Explain(err)
	}
	p.dir = aside
	switch err := disk.Exchange(aside, path); {
	case errors.Is(err, errors.ErrUnsupported):
		return p.replaceInTwo()
	case errors.Is(err, os.ErrNotExist):
		return errMoved
	case err != nil:
		return Explain(err)
	}
	// Between the look and the exchange something else may have come there.
	if moved, err := os.Lstat(aside); err != nil {
		return Explain(err)
	} else if err := p.target.replaceable(aside, moved); err != nil {
		return p.exchangeBack(err)
	}
	p.aside = append(p.aside, aside)
	return nil
}

func (p *Partial) asideName() string {
	path := p.target.Path
	return filepath.Join(filepath.Dir(path), hidden(filepath.Base(path), "replaced"))
}

// exchangeBack undoes an exchange after a failure, if the new run is still where it
// was put. What anybody else may want is left, and the error says where.
func (p *Partial) exchangeBack(cause error) error {
	aside, err := p.dir, p.InWords(cause)
	if here, lost := os.Lstat(p.target.Path); lost != nil || !os.SameFile(here, p.info) || disk.Exchange(aside, p.target.Path) != nil {
		p.dir = "" // not ours to discard
		return fmt.Errorf("%w; the run that was there is now %s", err, aside)
	}
	if own, lost := os.Lstat(aside); lost == nil && p.target.replaceable(aside, own) != nil {
		p.dir = ""
		return fmt.Errorf("%w; what came into the new one meanwhile is in %s", err, aside)
	}
	return err
}

// replaceInTwo is replace in two renames. A process that is killed between them
// leaves nothing at the path; the old run is aside.
func (p *Partial) replaceInTwo() error {
	path, aside := p.target.Path, p.asideName()
	err := disk.Rename(path, aside)
	if errors.Is(err, os.ErrNotExist) {
		return errMoved
	}
	if err != nil {
		return Explain(err)
	}
	p.aside = append(p.aside, aside)
	if moved, err := os.Lstat(aside); err != nil {
		return Explain(err)
	} else if err := p.target.replaceable(aside, moved); err != nil {
		return err
	}
	return p.rename()
}

// Recover brings in order what processes of this host that were killed while they
// replaced the run left: a run that was moved aside is put back, if nothing is in
// its place, and removed if a complete run is and it is one that --force may remove.
func (t Target) Recover() error {
	t = t.clean()
	for _, aside := range t.replaced() {
		if _, err := os.Lstat(t.Path); errors.Is(err, os.ErrNotExist) {
			if err := t.putBack(aside); err != nil {
				return err
			}
			continue
		}
		m, err := ReadManifest(t.Path)
		info, lost := os.Lstat(aside)
		if err == nil && m.Status == StatusComplete && lost == nil && t.replaceable(aside, info) == nil {
			condemn(aside, t.Path) // what cannot be removed is in nobody's way
		}
	}
	return nil
}

// PutBack is Recover for those who only read a run: it removes nothing.
func (t Target) PutBack() error {
	t = t.clean()
	for _, aside := range t.replaced() {
		if _, err := os.Lstat(t.Path); errors.Is(err, os.ErrNotExist) {
			return t.putBack(aside)
		}
	}
	return nil
}

func (t Target) replaced() []string {
	if t.Path == "" {
		return nil
	}
	return leftovers(filepath.Dir(t.Path), filepath.Base(t.Path), "replaced")
}

func (t Target) putBack(aside string) error {
	if m, err := ReadManifest(aside); err != nil || m.Status != StatusComplete {
		return nil // nothing to put back
	}
	if err := disk.Rename(aside, t.Path); err != nil {
		return fmt.Errorf("the run that was at %s is at %s, and cannot be put back: %w", t.Path, aside, Explain(err))
	}
	return nil
}

// condemn removes what was moved aside of a path. It is first given the name of
// something unfinished: if the removal is cut short, a sweep takes up what is left.
func condemn(aside, path string) error {
	unfinished := filepath.Join(filepath.Dir(path), hidden(filepath.Base(path), "partial"))
	if err := disk.Rename(aside, unfinished); err != nil {
		return err
	}
	return disk.RemoveAll(unfinished)
}
