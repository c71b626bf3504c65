package experiment

import (
	"image/png"
	"io"
	"path/filepath"

	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// writePatches writes the picture as the model sees it and its patch grid.
func (r *Result) writePatches(folder string) error {
	p := r.Prepared.first.patches
	if err := rundir.WriteFile(filepath.Join(folder, pictureFile), func(w io.Writer) error { return png.Encode(w, p.Picture) }); err != nil {
		return err
	}
	return writeJSON(filepath.Join(folder, patchesFile), patchGrid{p.Rows, p.Cols, p.Size, pictureFile})
}
