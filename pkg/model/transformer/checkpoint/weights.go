package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
)

// The names of the weights: one file, or an index of several.
const (
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
)

// Weights are a model's tensors, on disk.
type Weights struct {
	shards  []*shard
	tensors map[string]*Tensor
	sum     string
}

// Tensor is one of them.
type Tensor struct {
	Name  string
	DType string
	Shape []int
	shard *shard
	at    int64 // in the file, bytes
	bytes int64
	bad   int // index of the first number that is not finite; −1 for none
}

// shard is a safetensors file.
type shard struct {
	path    string // for messages
	file    file
	start   int64 // of the tensors' bytes
	size    int64
	entries map[string]entry
}

// Weights opens the weights, in one file or in shards. All bytes are read once.
func (d *Directory) Weights() (*Weights, error) {
	w := &Weights{tensors: map[string]*Tensor{}}
	names, index := []string{weightsFile}, map[string]string(nil)
	if !d.Has(weightsFile) && d.Has(indexFile) {
		var err error
		if names, index, err = d.index(); err != nil {
			return nil, err
		}
	} else if !d.Has(weightsFile) {
		return nil, fmt.Errorf("model %s: the file %s is missing; expected are the weights in safetensors format%s", d.path, weightsFile, d.instead())
	}
	for _, name := range names {
		if err := d.addShard(w, name); err != nil {
			w.Close()
			return nil, err
		}
	}
	for name, shard := range index {
		if t, ok := w.tensors[name]; !ok || t.shard.path != d.FilePath(shard) {
			w.Close()
			return nil, fmt.Errorf("%s: tensor %q should be in %s, and is not; the files belong to different models, or one is damaged", d.FilePath(indexFile), name, shard)
		}
	}
	return w, nil
}

// index reads which shard holds which tensor.
func (d *Directory) index() (shards []string, of map[string]string, err error) {
	o, err := d.Object(indexFile, "which file holds which tensor")
	if err != nil {
		return nil, nil, err
	}
	if json.Unmarshal(o.Raw("weight_map"), &of) != nil || len(of) == 0 {
		return nil, nil, fmt.Errorf("%s: weight_map is %s; wanted is an object with each tensor's file", o.path, brief(o.Raw("weight_map")))
	}
	for _, shard := range of {
		if shard != path.Base(shard) || shard == "." || shard == ".." || strings.Contains(shard, "\\") {
			return nil, nil, fmt.Errorf("%s: weight_map names %q; wanted are files beside it", o.path, shard)
		}
		shards = append(shards, shard)
	}
	slices.Sort(shards)
	return slices.Compact(shards), of, nil
}

// instead says what people have in the place of weights that can be read, and the way out.
func (d *Directory) instead() string {
	for _, found := range []struct{ name, is, how string }{
		{"pytorch_model.bin", "pytorch_model.bin is a pickle, a program, and is not run", "AutoModel.from_pretrained(DIR).save_pretrained(DIR)"},
		{"pytorch_model.bin.index.json", "its parts are pickles, programs, and are not run", "AutoModel.from_pretrained(DIR).save_pretrained(DIR)"},
		{"model.ckpt.index", "they are TensorFlow's", "AutoModel.from_pretrained(DIR, from_tf=True).save_pretrained(DIR)"},
		{"tf_model.h5", "tf_model.h5 is TensorFlow's", "AutoModel.from_pretrained(DIR, from_tf=True).save_pretrained(DIR)"},
		{"flax_model.msgpack", "flax_model.msgpack is Flax's", "AutoModel.from_pretrained(DIR, from_flax=True).save_pretrained(DIR)"},
	} {
		if d.Has(found.name) {
			return fmt.Sprintf("; %s: convert them in Python: from transformers import AutoModel; %s", found.is, found.how)
		}
	}
	for _, onnx := range []string{"model.onnx", "onnx/model.onnx"} {
		if d.Has(onnx) {
			return fmt.Sprintf("; %s is a graph without the names of its layers: take the repository's safetensors, or write its initializers under their names: "+
				"import onnx, safetensors.numpy as s; s.save_file({t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(%q).graph.initializer}, %q)", onnx, onnx, weightsFile)
		}
	}
	return ""
}

// addShard opens a file and adds its tensors.
func (d *Directory) addShard(w *Weights, name string) error {
	f, info, err := d.open(name, "the weights in safetensors format")
	if err != nil {
		return err
	}
	s := &shard{path: d.FilePath(name), file: f, size: info.Size()}
	w.shards = append(w.shards, s)
	if err := s.readHeader(); err != nil {
		return fmt.Errorf("%s: not a readable safetensors file: %w", s.path, err)
	}
	for _, name := range inOrder(s.entries) {
		if other, twice := w.tensors[name]; twice {
			return fmt.Errorf("%s: tensor %q is in %s, too", s.path, name, other.shard.path)
		}
		e := s.entries[name]
		t := &Tensor{Name: name, DType: e.DType, Shape: make([]int, len(e.Shape)), shard: s, at: s.start + e.Offsets[0], bytes: e.Offsets[1] - e.Offsets[0], bad: -1}
		for i, size := range e.Shape {
			t.Shape[i] = int(size)
		}
		w.tensors[name] = t
	}
	sum, err := w.verify(s)
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	d.note(name, sum, s.size)
	w.sum = sum
	if len(w.shards) > 1 {
		w.sum = ofAll(*d.read, w.shards)
	}
	return nil
}

// ofAll is the SHA-256 of the shards' sums as sha256sum lists them: a line each, of sum and name.
func ofAll(read []File, shards []*shard) string {
	h := sha256.New()
	for _, s := range shards {
		i := slices.IndexFunc(read, func(f File) bool { return f.Path == s.path })
		fmt.Fprintf(h, "%s  %s\n", read[i].SHA256, read[i].Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (s *shard) readHeader() error {
	var first [512]byte
	n, _ := s.file.ReadAt(first[:min(512, s.size)], 0)
	if is := mistaken(first[:n]); is != "" {
		return fmt.Errorf("it is %s", is)
	}
	if s.size < 8 {
		return fmt.Errorf("it has %d bytes, and its first 8 bytes would be the header's length; is it complete?", s.size)
	}
	length := binary.LittleEndian.Uint64(first[:])
	if length > longestHeader {
		return fmt.Errorf("its first 8 bytes announce a header of %d bytes, and at most %d are allowed (a PyTorch .bin?)", length, longestHeader)
	}
	if int64(length) > s.size-8 {
		return fmt.Errorf("its header should have %d bytes, but only %d follow; the file is truncated", length, s.size-8)
	}
	raw := make([]byte, length)
	if _, err := s.file.ReadAt(raw, 8); err != nil {
		return err
	}
	s.start = 8 + int64(length)
	var err error
	s.entries, err = parseHeader(raw, s.size-s.start)
	return err
}

// Close closes the files. Tensors cannot be read after it.
func (w *Weights) Close() error {
	for _, s := range w.shards {
		s.file.Close() // only read from
	}
	return nil
}

// SHA256 is the SHA-256 of the weights file, in hex; of several files, that of the list
// of their sums as sha256sum prints it.
func (w *Weights) SHA256() string { return w.sum }

// Len is the number of numbers in all tensors.
func (w *Weights) Len() int {
	n := 0
	for _, t := range w.tensors {
		n += t.Len()
	}
	return n
}

// Has reports whether there is a tensor of that name.
func (w *Weights) Has(name string) bool { return w.tensors[name] != nil }

// Names lists the tensors, sorted.
func (w *Weights) Names() []string {
	names := make([]string, 0, len(w.tensors))
	for name := range w.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Tensor returns a tensor of the given shape, of numbers that can be read and are finite.
func (w *Weights) Tensor(name string, shape ...int) (*Tensor, error) {
	t := w.tensors[name]
	if t == nil {
		return nil, fmt.Errorf("%s: tensor %q is missing (wanted with shape %v)", w.shards[0].path, name, shape)
	}
	if !slices.Equal(t.Shape, shape) {
		return nil, fmt.Errorf("%s: tensor %q has shape %v, but config.json asks for %v", t.shard.path, name, t.Shape, shape)
	}
	if _, ok := formats[t.DType]; !ok {
		return nil, fmt.Errorf("%s: tensor %q is stored as %s; supported are F64, F32, F16 and BF16", t.shard.path, name, t.DType)
	}
	if t.bad >= 0 {
		x, err := t.numbers(t.bad, t.bad+1)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: tensor %q holds %v at index %v; weights must be finite, was the training interrupted or did it diverge?", t.shard.path, name, x[0], unravel(t.bad, shape))
	}
	return t, nil
}

// Len is the number of numbers.
func (t *Tensor) Len() int {
	n := 1
	for _, s := range t.Shape {
		n *= s
	}
	return n
}

// Numbers reads all numbers of a tensor, row-major, widened exactly, or, of float64 to float32, rounded.
func Numbers[T float32 | float64](t *Tensor) ([]T, error) {
	x := make([]T, t.Len())
	wide := make([]float64, min(len(x), readAtOnce))
	for done := 0; done < len(x); done += len(wide) {
		wide = wide[:min(len(wide), len(x)-done)]
		if err := t.read(wide, done); err != nil {
			return nil, err
		}
		to := x[done : done+len(wide)]
		for i, v := range wide {
			to[i] = T(v)
		}
	}
	return x, nil
}

// Float64s reads all numbers, row-major, widened exactly.
func (t *Tensor) Float64s() ([]float64, error) { return t.numbers(0, t.Len()) }

// Rows reads rows from … to−1 of the first axis.
func (t *Tensor) Rows(from, to int) ([]float64, error) {
	if from < 0 || to < from || to > t.Shape[0] {
		return nil, fmt.Errorf("%s: tensor %q has no rows %d to %d", t.shard.path, t.Name, from, to-1)
	}
	width := t.Len() / max(t.Shape[0], 1)
	return t.numbers(from*width, to*width)
}

// numbers reads numbers from … to−1.
func (t *Tensor) numbers(from, to int) ([]float64, error) {
	x := make([]float64, to-from)
	return x, t.read(x, from)
}

// read fills x with the numbers from the given one on, some at a time.
func (t *Tensor) read(x []float64, from int) error {
	format := formats[t.DType]
	raw := make([]byte, min(len(x), readAtOnce)*format.size)
	for done := 0; done < len(x); {
		part := raw[:min(len(x)-done, readAtOnce)*format.size]
		if _, err := t.shard.file.ReadAt(part, t.at+int64(from+done)*int64(format.size)); err != nil {
			return fmt.Errorf("%s: tensor %q: %w", t.shard.path, t.Name, err)
		}
		count := len(part) / format.size
		format.widen(x[done:done+count], part)
		done += count
	}
	return nil
}

// readAtOnce is how many numbers are read at a time: enough for the disk, few enough for a cache.
const readAtOnce = 1 << 15

// unravel turns a flat index into one index per axis.
func unravel(i int, shape []int) []int {
	at := make([]int, len(shape))
	for a := len(shape) - 1; a >= 0; a-- {
		at[a], i = i%shape[a], i/shape[a]
	}
	return at
}

// Shape is a tensor's shape, where there is one of that name.
func (w *Weights) Shape(name string) ([]int, bool) {
	t := w.tensors[name]
	if t == nil {
		return nil, false
	}
	return slices.Clone(t.Shape), true
}
