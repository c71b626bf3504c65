package experiment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/internal/npz"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// An InputFile is a copy of what a run read, kept in its inputs/ folder.
type InputFile struct {
	Name   string // below inputs/
	SHA256 string
	bytes  []byte
}

// loaded is the input, turned into the selected heads' queries, keys and values.
type loaded struct {
	heads   []headInput
	files   []InputFile
	model   *transformer.Model
	tokens  *transformer.Tokens  // of a text
	patches *transformer.Patches // of an image
}

// load reads the input and the model that a configuration names.
func load(ctx context.Context, cfg *config.Config) (*loaded, error) {
	in := cfg.Input
	switch {
	case in.Text != nil:
		return loadText(ctx, cfg)
	case in.Image != nil:
		return loadImage(ctx, cfg)
	case in.Tensors != nil:
		return loadTensors(cfg)
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

func loadText(ctx context.Context, cfg *config.Config) (*loaded, error) {
	l := &loaded{}
	in := cfg.Input.Text
	text, path := in.String, "input.text.string"
	if in.File != "" {
		path = in.File
		raw, err := os.ReadFile(in.File)
		if err != nil {
			return nil, problem(cfg, "input.text.file", readFailure(err), "", "name a readable text file")
		}
		if !utf8.Valid(raw) {
			return nil, problem(cfg, "input.text.file", path+" is not UTF-8 text", "a plain text file in UTF-8", "convert it, for example with iconv")
		}
		l.files = append(l.files, copyOf(path, raw))
		text = string(raw)
	}
	key := "input.text.file"
	if in.File == "" {
		key = "input.text.string"
	}
	if strings.TrimSpace(text) == "" {
		return nil, problem(cfg, key, "the text is empty", "at least one word", "write a text")
	}
	if err := l.open(cfg, transformer.KindText); err != nil {
		return nil, err
	}
	tokens, err := l.model.EncodeText(text, transformer.TextOptions{Truncate: in.Truncate})
	if err != nil {
		return nil, problem(cfg, key, err.Error(), "", "")
	}
	l.tokens = &tokens
	return l, l.forward(ctx, cfg, tokens)
}

func loadImage(ctx context.Context, cfg *config.Config) (*loaded, error) {
	l := &loaded{}
	path := cfg.Input.Image.File
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, problem(cfg, "input.image.file", readFailure(err), "", "name a readable PNG, JPEG or GIF file")
	}
	picture, err := transformer.DecodeImage(path, raw)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "PNG, JPEG or GIF", "convert it to PNG")
	}
	l.files = append(l.files, copyOf(path, raw))
	if err := l.open(cfg, transformer.KindImage); err != nil {
		return nil, err
	}
	patches, err := l.model.EncodeImage(picture)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "", "")
	}
	l.patches = &patches
	return l, l.forward(ctx, cfg, patches)
}

// problem is a fault of the key at path, as an error.
func problem(cfg *config.Config, path, found, allowed, fix string) error {
	return config.Problems{cfg.Problem(path, found, allowed, fix)}
}

// readFailure is what went wrong reading a file, without Go's verb in front.
func readFailure(err error) string {
	if pe, ok := err.(*os.PathError); ok {
		return fmt.Sprintf("%s: %v", pe.Path, pe.Err)
	}
	return err.Error()
}

// open loads the model, which must take the given kind of input.
func (l *loaded) open(cfg *config.Config, kind string) error {
	m, err := transformer.Open(cfg.Transformer.Model)
	if err != nil {
		return problem(cfg, "transformer.model", err.Error(), "", "")
	}
	if m.Kind() != kind {
		return problem(cfg, "transformer.model", fmt.Sprintf("%s takes %s input, not %s", m.Name(), m.Kind(), kind),
			"a model of the input's kind", "change transformer.model or input")
	}
	if want := cfg.Transformer.SHA256; want != "" && want != m.SHA256() {
		return problem(cfg, "transformer.sha256", fmt.Sprintf("the weights of %s have the SHA-256 %s, not %s as when this configuration was written", m.Name(), m.SHA256(), want),
			"the same weights", "restore them, or remove transformer.sha256 to use these")
	}
	l.model = m
	return nil
}

// forward runs the encoder and takes the selected heads' queries, keys and values.
func (l *loaded) forward(ctx context.Context, cfg *config.Config, in transformer.Input) error {
	chosen, err := choose(cfg, l.model.Layers(), l.model.Heads(), l.model.Name())
	if err != nil {
		return err
	}
	a, err := l.model.Forward(ctx, in, transformer.Options{})
	if err != nil {
		return err
	}
	d := a.HeadDim
	for _, c := range chosen {
		layer := a.Layers[c.layer]
		l.heads = append(l.heads, headInput{
			layer: c.layer, head: c.head, n: a.Tokens, d: d, dv: d,
			q: transformer.ScaleHead(layer.Q[c.head], d), k: transformer.ScaleHead(layer.K[c.head], d), v: layer.V[c.head],
		})
	}
	return nil
}

func loadTensors(cfg *config.Config) (*loaded, error) {
	path := cfg.Input.Tensors.File
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, problem(cfg, "input.tensors.file", readFailure(err), "", "name a readable .npz file")
	}
	f, err := npz.Open(path)
	if err != nil {
		return nil, problem(cfg, "input.tensors.file", err.Error(), "a NumPy .npz file", "write it with numpy.savez")
	}
	defer f.Close()
	heads, err := readTensors(f)
	if err != nil {
		return nil, problem(cfg, "input.tensors.file", fmt.Sprintf("%s: %v", path, err), "", "")
	}
	chosen, err := choose(cfg, 1, len(heads), path)
	if err != nil {
		return nil, err
	}
	l := &loaded{files: []InputFile{copyOf(path, raw)}}
	for _, c := range chosen {
		l.heads = append(l.heads, heads[c.head])
	}
	return l, nil
}
