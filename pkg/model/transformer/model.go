package transformer

import (
	"fmt"
	"sync"

	"github.com/nasim-sim/nasim/internal/memory"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
	"github.com/nasim-sim/nasim/pkg/model/transformer/tokenizer"
)

// Kinds of input.
const (
	KindText  = "text"
	KindImage = "image"
)

// Model is a checkpoint in memory, with its tokenizer or image preprocessing. It is not changed by use and may be shared by
// goroutines.
type Model struct {
	name      string
	path      string
	config    *config
	network   network
	tokenizer *tokenizer.Tokenizer // text
	processor *picture.Processor   // image
	files     []File
}

// Open reads a model: "tiny-text" or "tiny-vision" (embedded in the program), or a directory in Hugging Face layout, or an
// entry of the Hugging Face cache (…/hub/models--owner--name). A directory of an embedded model's name is meant by ./tiny-text.
// Supported are ALBERT masked language models and ViT image classifiers. Everything is checked here: missing files and tensors,
// shapes, truncation, numbers that are not finite, and whether vocabulary and image size fit the weights.
func Open(name string) (*Model, error) {
	if once := embedded[name]; once != nil {
		return once()
	}
	return read(name)
}

// embedded are the embedded models, which are part of the program: each is read once, whoever opens it.
var embedded = func() map[string]func() (*Model, error) {
	models := map[string]func() (*Model, error){}
	for _, name := range embeddedModels {
		models[name] = sync.OnceValues(func() (*Model, error) { return read(name) })
	}
	return models
}()

// Embedded reports whether the model is one of those in the program.
func (m *Model) Embedded() bool { return embedded[m.name] != nil }

func read(name string) (*Model, error) {
	d, err := openDirectory(name)
	if err != nil {
		return nil, err
	}
	raw, err := d.load(configFile, "the model's sizes, as Hugging Face's save_pretrained writes them")
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(d.filePath(configFile), raw)
	if err != nil {
		return nil, err
	}
	m := &Model{name: name, path: d.path, config: c}
	if c.ModelType == "albert" {
		err = m.openText(d)
	} else {
		err = m.openImage(d)
	}
	if err != nil {
		return nil, err
	}
	m.files = d.read
	return m, nil
}

func (m *Model) openText(d *directory) error {
	if err := m.config.checkText(); err != nil {
		return fmt.Errorf("%s: %w", d.filePath(configFile), err)
	}
	tok, file, err := openTokenizer(d, m.config.ModelType)
	if err != nil {
		return err
	}
	m.tokenizer = tok
	if token, id := tok.Highest(); id >= m.config.VocabSize {
		return fmt.Errorf("%s: token %q has the id %d, but the model's vocab_size is %d; the file belongs to another model",
			d.filePath(file), token, id, m.config.VocabSize)
	}
	weights, err := loadWeights(d)
	if err != nil {
		return err
	}
	m.network, err = newAlbert(m.config, weights)
	return err
}

func (m *Model) openImage(d *directory) error {
	if err := m.config.checkImage(); err != nil {
		return fmt.Errorf("%s: %w", d.filePath(configFile), err)
	}
	raw, err := d.load(preprocessorFile, "size, resampling and normalisation of the images")
	if err != nil {
		return err
	}
	if m.processor, err = picture.ParseProcessor(raw, m.config.ModelType); err == nil {
		err = m.processor.Fits(orDefault(m.config.Channels, 3), m.config.ImageSize.Height, m.config.ImageSize.Width)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", d.filePath(preprocessorFile), err)
	}
	weights, err := loadWeights(d)
	if err != nil {
		return err
	}
	m.network, err = newViT(m.config, weights)
	return err
}

func loadWeights(d *directory) (*safetensors, error) {
	raw, err := d.load(weightsFile, "the weights in safetensors format")
	if err != nil {
		return nil, err
	}
	weights, err := parseSafetensors(d.filePath(weightsFile), raw)
	if err != nil {
		return nil, err
	}
	// The bytes stay until a network has them all, widened.
	if err := memory.Needed(weightsFile, float64(int64(len(raw))+weights.widened())); err != nil {
		return nil, fmt.Errorf("model %s: %w", d.path, err)
	}
	return weights, nil
}

// Name is the name given to Open.
func (m *Model) Name() string { return m.name }

// Path is where the files were found: a directory, or "embedded:" and a name.
func (m *Model) Path() string { return m.path }

// Kind is KindText or KindImage.
func (m *Model) Kind() string {
	if m.tokenizer != nil {
		return KindText
	}
	return KindImage
}

// Architecture is config.json's model_type: "albert" or "vit".
func (m *Model) Architecture() string { return m.config.ModelType }

// Layers is the number of layers L; in an ALBERT, of iterations of the shared block.
func (m *Model) Layers() int { return m.config.Layers }

// Heads is the number of attention heads per layer H.
func (m *Model) Heads() int { return m.config.Heads }

// HeadDim is the size of a head's queries, keys and values d.
func (m *Model) HeadDim() int { return m.config.HiddenSize / m.config.Heads }

// Width is the size of a hidden state D.
func (m *Model) Width() int { return m.config.HiddenSize }

// MaxTokens is the largest N: the number of positions of a text model; the only possible N of an image model.
func (m *Model) MaxTokens() int {
	if m.Kind() == KindText {
		return m.config.MaxPositions
	}
	rows, cols := m.grid()
	return 1 + rows*cols
}

// Causal says whether a token sees only itself and earlier ones. Both supported architectures are bidirectional.
func (m *Model) Causal() bool { return false }

// Labels are the names of a classifier's classes, in the order of the logits; nil for a text model.
func (m *Model) Labels() []string {
	if m.Kind() == KindText {
		return nil
	}
	return m.config.labels()
}

// Tokenizer is a text model's tokenizer; nil for an image model.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tokenizer }

// Files lists what was read: configuration, tokenizer or preprocessing, weights, each with its SHA-256.
func (m *Model) Files() []File { return append([]File(nil), m.files...) }

// SHA256 is the SHA-256 of the weights file, in hex.
func (m *Model) SHA256() string {
	for _, f := range m.files {
		if f.Name == weightsFile {
			return f.SHA256
		}
	}
	return ""
}

// grid is the number of patch rows and columns of an image model.
func (m *Model) grid() (rows, cols int) {
	p := m.config.PatchSize.Height
	return m.config.ImageSize.Height / p, m.config.ImageSize.Width / p
}
