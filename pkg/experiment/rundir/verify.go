package rundir

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Damage is the error of a run whose files are not what its manifest lists.
type Damage struct {
	Dir, File string
	What      string // is wrong with the file
}

// Error names the file and what is wrong with it.
func (d *Damage) Error() string {
	if d.What == isMissing {
		return fmt.Sprintf("%s is not complete: %s is missing", d.Dir, d.File)
	}
	return fmt.Sprintf("%s is damaged: %s %s", d.Dir, d.File, d.What)
}

const isMissing = "is missing"

// Recorded says whether the manifest says what the run's files held and what
// computed them. Those of version 1 do not.
func (m *Manifest) Recorded() bool { return m.SchemaVersion > 1 }

// Verify reads every file of a run, and reports the first that is not there, not
// as long as it was or of another SHA-256: a [Damage]. Of a manifest of version 1 it can tell only
// whether the files are there.
func (m *Manifest) Verify(dir string) error {
	for _, name := range m.Files {
		if name == "figures" || name == manifestName || strings.HasSuffix(name, "/") {
			continue // figures, which the first manifests listed, may be removed at will
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		want, known := m.Contents[name]
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return &Damage{dir, name, isMissing}
		case err != nil:
			return Explain(err)
		case !m.Recorded():
			continue
		case !known:
			return &Damage{dir, manifestName, "does not say what " + name + " held"}
		case !info.Mode().IsRegular():
			return &Damage{dir, name, "is not a file"}
		case info.Size() != want.Bytes:
			return &Damage{dir, name, fmt.Sprintf("has %d bytes, and %d were written", info.Size(), want.Bytes)}
		}
		now, err := contentOf(path)
		if err != nil {
			return Explain(err)
		}
		if now != want {
			return &Damage{dir, name, "is not what was written (its SHA-256 has changed)"}
		}
	}
	return nil
}

// contentOf measures a file.
func contentOf(path string) (Content, error) {
	f, err := os.Open(path)
	if err != nil {
		return Content{}, err
	}
	defer f.Close() // only read from
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	return Content{size, hex.EncodeToString(sum.Sum(nil))}, err
}
