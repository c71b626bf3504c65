package experiment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// An InputFile is a copy of what a run read, kept in its inputs/ folder.
type InputFile struct {
	Name   string // below inputs/
	SHA256 string
	bytes  []byte
}

// load reads the input and the model that a configuration names.
func load(cfg *config.Config) (*source, error) {
	in := cfg.Input
	switch {
	case in.Text != nil:
		return loadText(cfg)
	case in.Image != nil:
		return loadImage(cfg)
	case in.Tensors != nil:
		return loadTensors(cfg)
	case in.Texts != nil, in.Images != nil:
		return loadSet(cfg)
	}
	return drawSynthetic(cfg)
}

// reserved are names of files that nasim writes into inputs/ itself.
var reserved = []string{tokensFile, patchesFile, pictureFile}

// copyOf is the input file as the run keeps it.
func copyOf(path string, raw []byte) InputFile {
	sum := sha256.Sum256(raw)
	name := filepath.Base(path)
	if slices.Contains(reserved, name) {
		name = "input-" + name
	}
	return InputFile{Name: name, SHA256: hex.EncodeToString(sum[:]), bytes: raw}
}

func loadText(cfg *config.Config) (*source, error) {
	var files []InputFile
	in := cfg.Input.Text
	text, path := in.String, "input.text.string"
	if in.File != "" {
		path = in.File
		raw, err := bounded.ReadFile(in.File, MostText)
		if err != nil {
			return nil, unreadable(cfg, "input.text.file", err, "a text file", "give the part of it that the model is to read")
		}
		if !utf8.Valid(raw) {
			return nil, problem(cfg, "input.text.file", path+" is not UTF-8 text", "a plain text file in UTF-8", "convert it, for example with iconv")
		}
		files = append(files, copyOf(path, raw))
		text = string(raw)
	}
	key := "input.text.file"
	if in.File == "" {
		key = "input.text.string"
	}
	if strings.TrimSpace(text) == "" {
		return nil, problem(cfg, key, "the text is empty", "at least one word", "write a text")
	}
	model, err := open(cfg, transformer.KindText)
	if err != nil {
		return nil, err
	}
	tokens, err := model.EncodeText(text, transformer.TextOptions{Truncate: in.Truncate})
	if err != nil {
		return nil, problem(cfg, key, err.Error(), "", "")
	}
	chosen, sizes, err := headsOf(cfg, model, tokens.Len())
	if err != nil {
		return nil, err
	}
	warnings := slices.Concat(DoubtText(model, text, tokens), doubtOrder(model, cfg.Network.Schedule.Order == "causal", swaps(cfg)), doubtProjections(cfg, model))
	return one(files, model, chosen, sizes, func(ctx context.Context) (*sample, error) {
		heads, whole, err := forward(ctx, cfg, model, chosen, tokens)
		return &sample{heads: heads, input: tokens, name: textName(in.File, text), tokens: &tokens, whole: whole, warnings: warnings}, err
	}), nil
}

func loadImage(cfg *config.Config) (*source, error) {
	path := cfg.Input.Image.File
	raw, err := bounded.ReadFile(path, MostImage)
	if err != nil {
		return nil, unreadable(cfg, "input.image.file", err, "a picture file", "scale it down; the model sees few of its pixels")
	}
	img, err := picture.Decode(path, raw)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "", "")
	}
	model, err := open(cfg, transformer.KindImage)
	if err != nil {
		return nil, err
	}
	patches, err := model.EncodeImage(img)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "", "")
	}
	chosen, sizes, err := headsOf(cfg, model, patches.Len())
	if err != nil {
		return nil, err
	}
	warnings := slices.Concat(DoubtPicture(img.Bounds(), picture.Frames(raw), patches), doubtOrder(model, cfg.Network.Schedule.Order == "causal", swaps(cfg)), doubtProjections(cfg, model))
	return one([]InputFile{copyOf(path, raw)}, model, chosen, sizes, func(ctx context.Context) (*sample, error) {
		heads, whole, err := forward(ctx, cfg, model, chosen, patches)
		return &sample{heads: heads, input: patches, name: filepath.Base(path), patches: &patches, whole: whole, warnings: warnings}, err
	}), nil
}

// textName is what tables call a text: its file, or its beginning.
func textName(file, text string) string {
	if file != "" {
		return filepath.Base(file)
	}
	return text
}

// problem is a fault of the key at path, as an error.
func problem(cfg *config.Config, path, found, allowed, fix string) error {
	return config.Problems{cfg.Problem(path, found, allowed, fix)}
}

// The largest inputs, in bytes. A text model reads some hundred words, and an image
// model some ten thousand pixels.
const (
	MostText  = 16 << 20
	MostImage = 256 << 20
)

// unreadable is the problem of an input that cannot be read; what it should be, and
// what to do with one that is too large.
func unreadable(cfg *config.Config, key string, err error, what, smaller string) error {
	fix := "name " + what
	var large *bounded.TooLarge
	var path *os.PathError
	found := err.Error()
	switch {
	case errors.As(err, &large):
		fix = smaller
	case errors.Is(err, os.ErrNotExist):
		found, fix = rundir.Explain(err).Error(), "check the path"
	case errors.As(err, &path):
		found = fmt.Sprintf("%s cannot be read: %v", path.Path, path.Err)
	}
	return problem(cfg, key, found, "", fix)
}

// open loads the model, which must take the given kind of input.
func open(cfg *config.Config, kind string) (*transformer.Model, error) {
	m, err := transformer.Open(cfg.Transformer.Model)
	if err != nil {
		return nil, problem(cfg, "transformer.model", err.Error(), "", "")
	}
	if m.Kind() != kind {
		return nil, problem(cfg, "transformer.model", fmt.Sprintf("%s takes %s input, not %s", m.Name(), m.Kind(), kind),
			"a model of the input's kind", "change transformer.model or input")
	}
	if want := cfg.Transformer.SHA256; want != "" && want != m.SHA256() {
		return nil, problem(cfg, "transformer.sha256", fmt.Sprintf("the weights of %s have the SHA-256 %s, not %s as when this configuration was written", m.Name(), m.SHA256(), want),
			"the same weights", "restore them, or remove transformer.sha256 to use these")
	}
	return m, nil
}

// headsOf lists the selected heads of a model that reads n tokens, and their sizes.
// There must be memory for the model to read them.
func headsOf(cfg *config.Config, m *transformer.Model, n int) (chosen []layerHead, sizes []headInput, err error) {
	chosen, err = choose(cfg, m.Layers(), m.Heads(), m.Name())
	if err != nil {
		return nil, nil, err
	}
	if err := memory.Needed(fmt.Sprintf("the transformer's own pass over %d tokens", n), m.Memory(n)); err != nil {
		return nil, nil, problem(cfg, "transformer.model", err.Error(), "", "take a shorter input or a smaller model")
	}
	if cfg.Swap.Rung != compare.Kernel && swaps(cfg) && cfg.Solver.Method == "none" {
		return nil, nil, problem(cfg, "swap.rung", fmt.Sprintf("the rung %s has dynamics, and solver.method is none", cfg.Swap.Rung), "", "write rung: kernel, or name a method")
	}
	set := cfg.Input.Texts != nil || cfg.Input.Images != nil
	if err := m.CanEmbed(); err != nil && (cfg.Record.Model || swaps(cfg) || set) && m.Embeds() {
		return nil, nil, problem(cfg, "record.model", err.Error(), "", "leave record.model and swap out")
	}
	for _, c := range chosen {
		sizes = append(sizes, headInput{layer: c.layer, head: c.head, n: n, d: m.HeadDim(), dv: m.HeadDim()})
	}
	return chosen, sizes, nil
}

// forward runs the transformer and takes the selected heads' queries, keys and values
// and, where the schedule lets tokens see what the transformer lets them see,
// their softmax; and the transformer's own answer where it is asked for.
func forward(ctx context.Context, cfg *config.Config, m *transformer.Model, chosen []layerHead, in transformer.Input) ([]headInput, *answer, error) {
	last := slices.MaxFunc(chosen, func(a, b layerHead) int { return a.layer - b.layer }).layer
	var heads []headInput
	take := func(s transformer.HeadState) error {
		if !slices.Contains(chosen, layerHead{s.Layer, s.Head}) {
			return nil
		}
		q, k := s.Scaled()
		h := headInput{
			layer: s.Layer, head: s.Head, n: s.Tokens, d: s.Dim, dv: s.Dim,
			q: q, k: k, v: slices.Clone(s.V),
		}
		if causal := cfg.Network.Schedule.Order == "causal"; causal == m.Causal() {
			h.softmax = softmaxOf(&h, cfg, s)
		}
		heads = append(heads, h)
		return nil
	}
	options := transformer.Options{Layers: last + 1, Replace: take}
	if cfg.Record.Model {
		options.Layers = 0
	}
	if randomProjections(cfg) {
		options.Replace = nil
	}
	a, err := m.Runner(transformer.Settings{Single: single(cfg)}).Forward(ctx, in, options)
	if err != nil {
		return nil, nil, err
	}
	if randomProjections(cfg) {
		if heads, err = freshHeads(cfg, m, chosen, a); err != nil {
			return nil, nil, err
		}
	}
	if !cfg.Record.Model {
		return heads, nil, nil
	}
	whole, err := answerOf(m, a)
	return heads, whole, err
}

func loadTensors(cfg *config.Config) (*source, error) {
	const key = "input.tensors.file"
	path := cfg.Input.Tensors.File
	refused := func(err error, fix string) error { return problem(cfg, key, err.Error(), "a NumPy .npz file", fix) }
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(cfg, key, err, "a NumPy .npz file", "")
	}
	if !info.Mode().IsRegular() {
		return nil, refused(fmt.Errorf("%s is not a regular file", path), "write it with numpy.savez")
	}
	if err := memory.Needed(path, float64(info.Size())); err != nil {
		return nil, refused(err, "give fewer heads or tokens")
	}
	raw, err := bounded.ReadFile(path, info.Size())
	if err != nil {
		return nil, unreadable(cfg, key, err, "a NumPy .npz file", "")
	}
	f, err := npz.Read(path, raw)
	if err != nil {
		return nil, refused(err, "write it with numpy.savez")
	}
	all, err := tensorSizes(f)
	if err != nil {
		return nil, problem(cfg, key, fmt.Sprintf("%s: %v", path, err), "", "")
	}
	// All heads are read at once and then divided up.
	if err := memory.Needed(path, float64(len(raw))+float64(2*numberBytes(all))); err != nil {
		return nil, problem(cfg, key, err.Error(), "", "give fewer heads or tokens")
	}
	chosen, err := choose(cfg, 1, len(all), path)
	if err != nil {
		return nil, err
	}
	var sizes []headInput
	for _, c := range chosen {
		sizes = append(sizes, all[c.head])
	}
	from := one([]InputFile{copyOf(path, raw)}, nil, nil, sizes, func(context.Context) (*sample, error) {
		heads, warnings, err := readTensors(f)
		if err != nil {
			return nil, problem(cfg, key, fmt.Sprintf("%s: %v", path, err), "", "")
		}
		s := &sample{warnings: warnings}
		for _, c := range chosen {
			s.heads = append(s.heads, heads[c.head])
		}
		return s, nil
	})
	from.held += numberBytes(all) - numberBytes(sizes) // a head's arrays are a part of the file's
	return from, nil
}
