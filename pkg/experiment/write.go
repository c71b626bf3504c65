package experiment

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
)

// Write fills dir, which must exist, with everything of a run directory but its
// manifest and figures. Where ctx ends, that is the error: arrays may be long.
func (r *Result) Write(ctx context.Context, dir string) error {
	for _, write := range []func(string) error{
		r.writeInputs, r.writeConfig, r.writeMetrics, r.writeRows, r.writeBibliography, r.writeResponses,
	} {
		if err := write(dir); err != nil {
			return err
		}
	}
	for _, write := range []func(context.Context, string) error{r.writeOutputs, r.writeFeatures, r.writeTrajectory} {
		if err := write(ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

func (r *Result) writeConfig(dir string) error {
	return writeBytes(filepath.Join(dir, "config.yaml"), config.Marshal(r.Prepared.resolved))
}

func (r *Result) writeMetrics(dir string) error {
	raw, err := json.MarshalIndent(r.Report, "", "  ")
	if err != nil {
		return err
	}
	return writeBytes(filepath.Join(dir, "metrics.json"), append(raw, '\n'))
}

func (r *Result) writeRows(dir string) error {
	return rundir.WriteFile(filepath.Join(dir, "metrics.csv"), func(f io.Writer) error {
		w := csv.NewWriter(f)
		w.Write([]string{"layer", "head", "rung", "metric", "value"}) // errors surface in w.Error
		for _, h := range r.Report.Heads {
			for _, row := range h.Rows() {
				value := ""
				if !math.IsNaN(row.Value) {
					value = strconv.FormatFloat(row.Value, 'g', -1, 64)
				}
				w.Write([]string{strconv.Itoa(row.Layer), strconv.Itoa(row.Head), row.Rung, row.Metric, value})
			}
		}
		w.Flush()
		return w.Error()
	})
}

// writeInputs copies what was read, and says how the input was cut into tokens.
func (r *Result) writeInputs(dir string) error {
	in := r.Prepared.first
	folder := filepath.Join(dir, "inputs")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for _, f := range r.Prepared.source.files {
		if f.bytes == nil {
			continue // of a set, which stays where it is
		}
		if err := writeBytes(filepath.Join(folder, f.Name), f.bytes); err != nil {
			return err
		}
	}
	switch {
	case in.tokens != nil:
		return writeJSON(filepath.Join(folder, tokensFile), tokenList{in.tokens.IDs, in.tokens.Strings, in.tokens.Special})
	case in.patches != nil:
		p := in.patches
		if err := rundir.WriteFile(filepath.Join(folder, pictureFile), func(w io.Writer) error { return png.Encode(w, p.Picture) }); err != nil {
			return err
		}
		return writeJSON(filepath.Join(folder, patchesFile), patchGrid{p.Rows, p.Cols, p.Size, pictureFile, frontNames(r.Prepared.source.model.Architecture(), p.Front)})
	}
	return nil
}

// Names of the files in inputs/ beside the copies of what was read.
const (
	tokensFile  = "tokens.json"
	patchesFile = "patches.json"
	pictureFile = "model.png"
)

// tokenList is inputs/tokens.json.
type tokenList struct {
	IDs     []int    `json:"ids"`
	Strings []string `json:"strings"`
	Special []bool   `json:"special"`
}

// patchGrid is inputs/patches.json: behind the tokens of Front, token len(Front) + row ·
// columns + column is a patch of the picture as the model sees it, model.png.
type patchGrid struct {
	Rows    int      `json:"rows"`
	Columns int      `json:"columns"`
	Size    int      `json:"patch_pixels"`
	Picture string   `json:"picture"`
	Front   []string `json:"front"` // absent of the first runs
}

// frontNames names the tokens that a model of images has before those of the patches:
// the class token, DeiT's distillation token (Touvron et al. 2021), and the registers of
// DINOv2 (Darcet et al. 2024).
func frontNames(architecture string, count int) []string {
	names := []string{}
	for i := range count {
		switch {
		case i == 0:
			names = append(names, "[CLS]")
		case i == 1 && architecture == "deit":
			names = append(names, "[DIST]")
		default:
			names = append(names, fmt.Sprintf("[REG%d]", i))
		}
	}
	return names
}

// front are the names of the tokens before the patches, of n tokens in all.
func (g *patchGrid) front(n int) []string {
	count := max(0, n-g.Rows*g.Columns)
	if len(g.Front) == count {
		return g.Front
	}
	return frontNames("", count)
}

func writeJSON(path string, x any) error {
	raw, err := json.MarshalIndent(x, "", " ")
	if err != nil {
		return err
	}
	return writeBytes(path, append(raw, '\n'))
}

func writeBytes(path string, raw []byte) error {
	return rundir.WriteFile(path, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
}
