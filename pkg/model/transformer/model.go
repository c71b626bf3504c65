package transformer

import (
	"fmt"
	"math"
	"sync"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
	"github.com/nasim-sim/nasim/pkg/model/transformer/family"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
	"github.com/nasim-sim/nasim/pkg/model/transformer/tokenizer"
)

// Kinds of input.
const (
	KindText  = family.Text
	KindImage = family.Image
)

// The files beside config.json and the weights.
const (
	configFile       = checkpoint.ConfigFile
	tokenizerFile    = "tokenizer.json"
	preprocessorFile = "preprocessor_config.json"
)

// Model is a checkpoint, its weights on disk, with its tokenizer or image preprocessing. It is not changed by use and may be
// shared by goroutines.
type Model struct {
	from      *checkpoint.Directory
	weights   *checkpoint.Weights
	net       *family.Model
	sentence  *family.Sentence     // of a sentence-transformers model
	tokenizer *tokenizer.Tokenizer // text
	processor *picture.Processor   // image
}

// File is one of the files that define a model.
type File = checkpoint.File

// Open reads a model: "tiny-text" or "tiny-vision" (embedded in the program), or a directory in Hugging Face layout, or an
// entry of the Hugging Face cache (…/hub/models--owner--name). A directory of an embedded model's name is meant by ./tiny-text.
// Supported are the families of package family. Everything is checked here: missing files and tensors, shapes, truncation,
// numbers that are not finite, and whether vocabulary and image size fit the weights.
func Open(name string) (*Model, error) {
	if once := embedded[name]; once != nil {
		return once()
	}
	return read(name)
}

// embedded are the embedded models, which are part of the program: each is read once, whoever opens it.
var embedded = func() map[string]func() (*Model, error) {
	models := map[string]func() (*Model, error){}
	for _, name := range checkpoint.Embedded {
		models[name] = sync.OnceValues(func() (*Model, error) { return read(name) })
	}
	return models
}()

// Embedded reports whether the model is one of those in the program.
func (m *Model) Embedded() bool { return embedded[m.Name()] != nil }

func read(name string) (*Model, error) {
	d, err := checkpoint.Open(name)
	if err != nil {
		return nil, err
	}
	m := &Model{from: d}
	files := d // of the transformer
	if m.sentence, err = family.ReadSentence(d); err != nil {
		return nil, err
	}
	if m.sentence != nil {
		files = m.sentence.Transformer
	}
	config, err := files.Object(configFile, "the model's sizes, as Hugging Face's save_pretrained writes them")
	if err != nil {
		return nil, err
	}
	if m.weights, err = files.Weights(); err != nil {
		return nil, err
	}
	if m.net, err = family.Open(config, m.weights); err == nil {
		err = m.openInput(files)
	}
	if err != nil {
		m.weights.Close()
		return nil, err
	}
	return m, nil
}

// openInput opens what turns the user's input into the model's.
func (m *Model) openInput(d *checkpoint.Directory) error {
	if m.Kind() == KindText {
		tok, file, err := openTokenizer(d, m.net.Type)
		if err != nil {
			return err
		}
		if m.sentence != nil && m.sentence.Lower {
			tok.LowerFirst()
		}
		m.tokenizer = tok
		if token, id := tok.Highest(); id >= m.net.Vocabulary {
			return fmt.Errorf("%s: token %q has the id %d, but the model's vocab_size is %d; the file belongs to another model",
				d.FilePath(file), token, id, m.net.Vocabulary)
		}
		return nil
	}
	raw, err := d.Read(preprocessorFile, "size, resampling and normalisation of the images")
	if err != nil {
		return err
	}
	if m.processor, err = picture.ParseProcessor(raw, m.net.Type); err == nil && !m.net.Resizes {
		err = m.processor.Fits(m.net.Channels, m.net.PixelRows, m.net.PixelColumns)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.FilePath(preprocessorFile), err)
	}
	return nil
}

// Name is the name given to Open.
func (m *Model) Name() string { return m.from.Name() }

// Path is where the files were found: a directory, or "embedded:" and a name.
func (m *Model) Path() string { return m.from.Path() }

// Kind is KindText or KindImage.
func (m *Model) Kind() string { return m.net.Kind }

// Architecture is config.json's model_type, "bert" for example.
func (m *Model) Architecture() string { return m.net.Type }

// Source is the key of the paper that the architecture is from, among a run's references.
func (m *Model) Source() string { return m.net.Source }

// Layers is the number of layers L; in an ALBERT, of iterations of the shared block.
func (m *Model) Layers() int { return m.net.Layers }

// Heads is the number of attention heads per layer H.
func (m *Model) Heads() int { return m.net.Heads }

// HeadDim is the size of a head's queries, keys and values d.
func (m *Model) HeadDim() int { return m.net.HeadDim() }

// Width is the size of a hidden state D.
func (m *Model) Width() int { return m.net.Width }

// MaxTokens is the largest N: the number of positions of a text model, or the max_seq_length of a sentence-transformers model;
// of an image model, the N of its own picture size.
func (m *Model) MaxTokens() int {
	if m.sentence != nil && m.sentence.MaxTokens > 0 {
		return min(m.sentence.MaxTokens, m.net.MaxTokens)
	}
	return m.net.MaxTokens
}

// Causal says whether a token sees only itself and earlier ones.
func (m *Model) Causal() bool { return m.net.Causal }

// Labels are the names of a classifier's classes, in the order of the logits; nil for a model without.
func (m *Model) Labels() []string { return m.net.Labels }

// Tokenizer is a text model's tokenizer; nil for an image model.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tokenizer }

// Files lists what was read: configuration, tokenizer or preprocessing, weights, each with its SHA-256.
func (m *Model) Files() []File { return m.from.Files() }

// SHA256 is the SHA-256 of the weights, in hex (see [checkpoint.Weights.SHA256]).
func (m *Model) SHA256() string { return m.weights.SHA256() }

// part is the factor by which a layer's queries, and its keys, are multiplied so that q·k is the score: √(1/√d) as a rule.
func (m *Model) part(layer int) float64 {
	if s, d := m.net.Scale(layer), float64(m.HeadDim()); s != 1/math.Sqrt(d) {
		return math.Sqrt(s)
	}
	return headPart(m.HeadDim())
}
