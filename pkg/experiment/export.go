package experiment

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/statistics"
	"github.com/nasim-sim/nasim/pkg/compare"
)

// Formats of attention that is exported.
const (
	exportJSON    = "json"        // heads one after another
	exportBertViz = "bertviz"     // what head_view and model_view of BertViz (Vig 2019) take
	exportCircuit = "circuitsvis" // what attention_heads of CircuitsVis takes
)

// ExportFormats lists them.
func ExportFormats() []string { return []string{exportJSON, exportBertViz, exportCircuit} }

// Export is the attention of a run's heads, to be written for another program.
type Export struct {
	format string
	run    *Run
	rungs  []string // softmax, and the one that is asked for
	heads  []headArrays
	tokens []string
	notes  []string
}

// Export gathers softmax attention and that of a rung of the ladder; "" is the last. A run
// that has not recorded them is an error, as are heads that the format cannot hold.
func (r *Run) Export(format, rung string) (*Export, error) {
	if !slices.Contains(ExportFormats(), format) {
		return nil, fmt.Errorf("no format is named %q; allowed are %s", format, strings.Join(ExportFormats(), ", "))
	}
	a, err := r.load()
	if err != nil {
		return nil, err
	}
	if len(a.heads) == 0 {
		return nil, fmt.Errorf("%s has no heads", r.Dir)
	}
	if reason := noAttention(r, a); reason != "" {
		return nil, fmt.Errorf("%s has no attention: %s; repeat the run with --set %s", r.Dir, reason, strings.ReplaceAll(strings.TrimPrefix(reason, "it needs "), ": ", "="))
	}
	x := &Export{format: format, run: r, heads: a.heads}
	if rung == "" {
		rung = r.Report.Heads[0].Last
	}
	for _, name := range []string{compare.Softmax, rung} {
		if a.heads[0].attention[name] != nil && !slices.Contains(x.rungs, name) {
			x.rungs = append(x.rungs, name)
		}
	}
	if !slices.Contains(x.rungs, rung) {
		return nil, fmt.Errorf("%s has no attention of the rung %s; it has %s", r.Dir, rung, strings.Join(x.recorded(), ", "))
	}
	if x.tokens, err = r.tokenNames(a.tokens); err != nil {
		return nil, err
	}
	if err := x.check(); err != nil {
		return nil, err
	}
	x.note()
	return x, nil
}

// recorded lists the rungs that have attention.
func (x *Export) recorded() []string {
	return slices.DeleteFunc(compare.RungNames(), func(name string) bool { return x.heads[0].attention[name] == nil })
}

// check refuses what a format has no place for.
func (x *Export) check() error {
	if x.format != exportBertViz {
		return nil
	}
	var counts []string
	layers := x.layers()
	for _, l := range layers {
		counts = append(counts, fmt.Sprintf("%d of layer %d", len(l), l[0].layer))
	}
	if slices.ContainsFunc(layers, func(l []headArrays) bool { return len(l) != len(layers[0]) }) {
		return fmt.Errorf("BertViz shows as many heads in each layer, and the run has %s; use --format circuitsvis or json, or run the same heads of each layer (transformer.heads)", strings.Join(counts, ", "))
	}
	return nil
}

// layers are the heads, layer by layer.
func (x *Export) layers() [][]headArrays {
	var layers [][]headArrays
	for _, h := range x.heads {
		if n := len(layers); n > 0 && layers[n-1][0].layer == h.layer {
			layers[n-1] = append(layers[n-1], h)
		} else {
			layers = append(layers, []headArrays{h})
		}
	}
	return layers
}

// note says how far what is written is from a probability.
func (x *Export) note() {
	n := len(x.tokens)
	for _, rung := range x.rungs {
		negative, missing, low, high := 0, 0, 1.0, 1.0
		for _, h := range x.heads {
			a := h.attention[rung]
			for t := range n {
				sum := 0.0
				for _, v := range a[t*n : (t+1)*n] {
					sum += v
					if v < 0 {
						negative++
					}
					if !statistics.Finite(v) {
						missing++
					}
				}
				low, high = min(low, sum), max(high, sum)
			}
		}
		const rounding = 1e-9
		if missing > 0 {
			x.notes = append(x.notes, fmt.Sprintf("%s: %d entries are not finite and written as null", rung, missing))
		}
		if negative > 0 {
			x.notes = append(x.notes, fmt.Sprintf("%s: %d of %d entries are below 0; they are written as they are", rung, negative, len(x.heads)*n*n))
		}
		if low < 1-rounding || high > 1+rounding {
			x.notes = append(x.notes, fmt.Sprintf("%s: rows sum to %.4g to %.4g, not to 1; they are written as they are", rung, low, high))
		}
	}
	if x.run.ofSet() {
		x.notes = append(x.notes, "the attention is that of the first input of the set")
	}
}

// Notes say what a reader of the numbers should know.
func (x *Export) Notes() []string { return x.notes }

// Write writes the JSON of the format.
func (x *Export) Write(w io.Writer) error {
	out := &jsonWriter{w: bufio.NewWriter(w)}
	out.text("{")
	out.field("format", x.format)
	out.field("run", x.run.Manifest.Identity)
	out.field("nasim", x.run.Manifest.Nasim.Version)
	out.field("tokens", x.tokens)
	switch x.format {
	case exportBertViz:
		x.writeBertViz(out)
	case exportCircuit:
		x.writeHeads(out, "attention_head_names", func(h headArrays) any { return fmt.Sprintf("%d:%d", h.layer, h.head) })
		out.field("mask_upper_tri", x.run.Report.Heads[0].Causal)
	default:
		x.writeHeads(out, "heads", func(h headArrays) any { return [2]int{h.layer, h.head} })
		out.field("causal", x.run.Report.Heads[0].Causal)
	}
	out.field("notes", append([]string{}, x.notes...))
	out.text("\n}\n")
	return errors.Join(out.err, out.w.Flush())
}

// writeBertViz writes attention [layers][1, heads, N, N] of each rung, and which layers
// and heads these are.
func (x *Export) writeBertViz(out *jsonWriter) {
	var layers []int
	var heads [][]int
	for _, l := range x.layers() {
		layers = append(layers, l[0].layer)
		var of []int
		for _, h := range l {
			of = append(of, h.head)
		}
		heads = append(heads, of)
	}
	out.field("layers", layers)
	out.field("heads", heads)
	out.key("attention")
	for i, rung := range x.rungs {
		out.text(map[bool]string{true: "{\n", false: ",\n"}[i == 0] + `"` + rung + `": [`)
		for l, of := range x.layers() {
			out.text(map[bool]string{true: "[", false: ",\n["}[l == 0])
			out.matrices(of, rung, len(x.tokens))
			out.text("]")
		}
		out.text("]")
	}
	out.text("}")
}

// writeHeads writes attention [heads, N, N] of each rung, and the heads' names.
func (x *Export) writeHeads(out *jsonWriter, names string, name func(headArrays) any) {
	var all []any
	for _, h := range x.heads {
		all = append(all, name(h))
	}
	out.field(names, all)
	out.key("attention")
	for i, rung := range x.rungs {
		out.text(map[bool]string{true: "{\n", false: ",\n"}[i == 0] + `"` + rung + `": `)
		out.matrices(x.heads, rung, len(x.tokens))
	}
	out.text("}")
}

// jsonWriter writes JSON whose matrices are large: number by number.
type jsonWriter struct {
	w      *bufio.Writer
	fields int
	buffer []byte
	err    error
}

func (j *jsonWriter) text(s string) { j.w.WriteString(s) } // an error comes back from Flush

func (j *jsonWriter) key(name string) {
	if j.fields > 0 {
		j.text(",")
	}
	j.fields++
	j.text("\n\"" + name + "\": ")
}

func (j *jsonWriter) field(name string, value any) {
	j.key(name)
	raw, err := json.Marshal(value)
	j.err = errors.Join(j.err, err)
	j.w.Write(raw)
}

// matrices writes [heads, n, n].
func (j *jsonWriter) matrices(heads []headArrays, rung string, n int) {
	for i, h := range heads {
		j.text(map[bool]string{true: "[", false: ",\n"}[i == 0])
		a := h.attention[rung]
		for t := range n {
			j.text(map[bool]string{true: "[[", false: ",["}[t == 0])
			j.buffer = j.buffer[:0]
			for s, v := range a[t*n : (t+1)*n] {
				if s > 0 {
					j.buffer = append(j.buffer, ',')
				}
				if statistics.Finite(v) {
					j.buffer = strconv.AppendFloat(j.buffer, v, 'g', -1, 64)
				} else {
					j.buffer = append(j.buffer, "null"...)
				}
			}
			j.w.Write(append(j.buffer, ']'))
		}
		j.text("]")
	}
	j.text("]")
}

// tokenNames are what n tokens are called: a text's by their strings, a picture's patches
// by row and column, and others by number.
func (r *Run) tokenNames(n int) ([]string, error) {
	names, err := r.tokens()
	if err != nil || len(names) == n {
		return names, err
	}
	grid, _, err := r.patches()
	if err != nil {
		return nil, err
	}
	names = nil
	if grid != nil {
		names = append(names, grid.front(n)...)
		for i := len(names); i < n; i++ {
			patch := i - len(grid.front(n))
			names = append(names, fmt.Sprintf("(%d, %d)", patch/grid.Columns, patch%grid.Columns))
		}
		return names, nil
	}
	for i := range n {
		names = append(names, fmt.Sprintf("token %d", i))
	}
	return names, nil
}
