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
		raw, err := os.ReadFile(in.File)
		if err != nil {
			return nil, problem(cfg, "input.text.file", readFailure(err), "", "name a readable text file")
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
	return one(files, model, func(ctx context.Context) (*sample, error) {
		heads, err := forward(ctx, cfg, model, tokens)
		return &sample{heads: heads, tokens: &tokens}, err
	}), nil
}

func loadImage(cfg *config.Config) (*source, error) {
	path := cfg.Input.Image.File
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, problem(cfg, "input.image.file", readFailure(err), "", "name a readable PNG, JPEG or GIF file")
	}
	picture, err := transformer.DecodeImage(path, raw)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "PNG, JPEG or GIF", "convert it to PNG")
	}
	model, err := open(cfg, transformer.KindImage)
	if err != nil {
		return nil, err
	}
	patches, err := model.EncodeImage(picture)
	if err != nil {
		return nil, problem(cfg, "input.image.file", err.Error(), "", "")
	}
	return one([]InputFile{copyOf(path, raw)}, model, func(ctx context.Context) (*sample, error) {
		heads, err := forward(ctx, cfg, model, patches)
		return &sample{heads: heads, patches: &patches}, err
	}), nil
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

// forward runs the encoder and takes the selected heads' queries, keys and values
// and, where the schedule lets tokens see what the transformer lets them see,
// their softmax.
func forward(ctx context.Context, cfg *config.Config, m *transformer.Model, in transformer.Input) ([]headInput, error) {
	chosen, err := choose(cfg, m.Layers(), m.Heads(), m.Name())
	if err != nil {
		return nil, err
	}
	var heads []headInput
	take := func(s transformer.HeadState) error {
		if !slices.Contains(chosen, layerHead{s.Layer, s.Head}) {
			return nil
		}
		h := headInput{
			layer: s.Layer, head: s.Head, n: s.Tokens, d: s.Dim, dv: s.Dim,
			q: transformer.ScaleHead(s.Q, s.Dim), k: transformer.ScaleHead(s.K, s.Dim), v: slices.Clone(s.V),
		}
		if causal := cfg.Network.Schedule.Order == "causal"; causal == m.Causal() {
			h.softmax = softmaxOf(&h, cfg, s)
		}
		heads = append(heads, h)
		return nil
	}
	_, err = m.Forward(ctx, in, transformer.Options{Replace: take})
	return heads, err
}

func loadTensors(cfg *config.Config) (*source, error) {
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
	return one([]InputFile{copyOf(path, raw)}, nil, func(context.Context) (*sample, error) {
		s := &sample{}
		for _, c := range chosen {
			s.heads = append(s.heads, heads[c.head])
		}
		return s, nil
	}), nil
}
