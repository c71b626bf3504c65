package family

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// The files of a sentence-transformers model, beside those of its transformer.
const (
	modulesFile   = "modules.json"
	promptsFile   = "config_sentence_transformers.json"
	tokenizerFile = "tokenizer_config.json"
	sentenceFile  = "sentence_%s_config.json" // of the transformer: older ones have its type in their names
)

// Sentence is what stands around the transformer of a sentence-transformers model (Reimers & Gurevych 2019, arXiv 1908.10084):
// how a text is given to it, and how its last hidden states become one vector, the text's embedding.
type Sentence struct {
	Transformer *checkpoint.Directory // where its transformer is
	MaxTokens   int                   // that it reads of a text, special ones included; 0: as many as the transformer has positions
	Limit       string                // what says so
	Lower       bool                  // it makes a text lower-case
	Prompt      string                // it puts this in front of a text
	Pools       []string              // of which it takes the embedding: "mean", …

	rest  []module
	width int // of the hidden states, as the pooling has it
	steps []step
	err   error // why there is no embedding; the transformer can be had without it
}

// module is a row of modules.json after the transformer's.
type module struct {
	kind string
	at   *checkpoint.Directory
}

// transformers are the names that sentence-transformers has had for a transformer.
var transformers = []string{"Transformer", "BERT", "RoBERTa", "DistilBERT", "ALBERT", "CamemBERT", "XLMRoBERTa"}

// ReadSentence reads what a directory's modules.json lists; without that file it is nil.
func ReadSentence(d *checkpoint.Directory) (*Sentence, error) {
	if !d.Has(modulesFile) {
		return nil, nil
	}
	raw, err := d.Read(modulesFile, "the modules of a sentence-transformers model")
	if err != nil {
		return nil, err
	}
	list, err := checkpoint.ParseList(d.FilePath(modulesFile), raw)
	if err != nil {
		return nil, err
	}
	s := &Sentence{}
	for i, entry := range list {
		name := entry.String("type", "")
		kind := name[strings.LastIndex(name, ".")+1:]
		if !strings.HasPrefix(name, "sentence_transformers.") {
			kind = name // another's code
		}
		at, err := d.Within(entry.String("path", ""))
		if entry.Err() != nil {
			return nil, entry.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", entry.Path(), err)
		}
		switch {
		case i > 0:
			s.rest = append(s.rest, module{kind, at})
		case !slices.Contains(transformers, kind):
			return nil, fmt.Errorf("%s: type is %q; supported as the first module is a Transformer", entry.Path(), name)
		default:
			s.Transformer = at
		}
	}
	if s.Transformer == nil {
		return nil, fmt.Errorf("%s: it lists no module; the first should be a Transformer", d.FilePath(modulesFile))
	}
	if err := s.readText(d); err != nil {
		return nil, err
	}
	s.err = s.readModules()
	return s, nil
}

// readText reads how a text is given to the transformer.
func (s *Sentence) readText(d *checkpoint.Directory) error {
	for _, of := range []string{"bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet"} {
		name := fmt.Sprintf(sentenceFile, of)
		if !s.Transformer.Has(name) {
			continue
		}
		o, err := s.Transformer.Object(name, "how long a text may be")
		if err != nil {
			return err
		}
		if o.Has("max_seq_length") {
			s.MaxTokens, s.Limit = o.Size("max_seq_length", 0), "max_seq_length in "+name
		}
		s.Lower = o.Bool("do_lower_case", false)
		o.Spelt()
		if o.Err() != nil {
			return o.Err()
		}
		break
	}
	if s.MaxTokens == 0 {
		if err := s.readLimit(); err != nil {
			return err
		}
	}
	if !d.Has(promptsFile) {
		return nil
	}
	o, err := d.Object(promptsFile, "the prompts of the model")
	if err != nil {
		return err
	}
	if named := o.String("default_prompt_name", ""); named != "" {
		prompts := o.Object("prompts")
		if prompts == nil || !prompts.Has(named) {
			o.Fail("default_prompt_name is %q, which prompts does not have", named)
		} else if s.Prompt = prompts.String(named, ""); prompts.Err() != nil {
			return prompts.Err()
		}
	}
	return o.Err()
}

// readLimit reads how long a text may be where later releases keep it, with the tokenizer.
func (s *Sentence) readLimit() error {
	if !s.Transformer.Has(tokenizerFile) {
		return nil
	}
	o, err := s.Transformer.Object(tokenizerFile, "the settings of the tokenizer")
	if err != nil {
		return err
	}
	// Where there is no limit the library writes 1e30.
	if most := o.Float("model_max_length", math.Inf(1)); most >= 1 && most < 1<<24 {
		s.MaxTokens, s.Limit = int(most), "model_max_length in "+tokenizerFile
	}
	return o.Err()
}

// readModules reads what comes after the transformer.
func (s *Sentence) readModules() error {
	for i, m := range s.rest {
		var err error
		switch {
		case m.kind == "Pooling" && i == 0:
			err = s.readPooling(m)
		case m.kind == "Normalize" && i > 0:
			s.steps = append(s.steps, step{unit: true})
		case m.kind == "Dense" && i > 0:
			err = s.readDense(m)
		case m.kind == "Dropout": // which is for training
		default:
			err = fmt.Errorf("the module %s at place %d is not supported; supported are a Transformer, Pooling, and then Dense, Normalize and Dropout", m.kind, i+1)
		}
		if err != nil {
			return err
		}
	}
	if len(s.Pools) == 0 {
		return fmt.Errorf("%s lists no Pooling after the transformer", modulesFile)
	}
	return nil
}

func (s *Sentence) readPooling(m module) error {
	o, err := m.at.Object(checkpoint.ConfigFile, "which pooling it is")
	if err != nil {
		return err
	}
	s.Pools = readPools(o)
	key := "embedding_dimension"
	if !o.Has(key) {
		key = "word_embedding_dimension"
	}
	s.width = o.Size(key, 0)
	if !o.Bool("include_prompt", true) && s.Prompt != "" {
		o.Fail("include_prompt is false; supported is an embedding of which the prompt is a part")
	}
	return o.Err()
}

// readDense reads a linear map and what follows it.
func (s *Sentence) readDense(m module) error {
	o, err := m.at.Object(checkpoint.ConfigFile, "the sizes of a linear map")
	if err != nil {
		return err
	}
	in, out := o.Size("in_features", 0), o.Size("out_features", 0)
	named := o.String("activation_function", "torch.nn.modules.activation.Tanh")
	for _, key := range []string{"module_input_name", "module_output_name"} {
		if of := o.String(key, "sentence_embedding"); of != "sentence_embedding" {
			o.Fail("%s is %q; supported is \"sentence_embedding\"", key, of)
		}
	}
	if o.Bool("use_residual", false) {
		o.Fail("use_residual is true; supported is a map alone")
	}
	name := strings.ToLower(named[strings.LastIndex(named, ".")+1:])
	act, known := activations[name]
	if !known && name != "identity" {
		o.Fail("activation_function is %q; supported are Identity and those of the transformers", named)
	}
	withBias := o.Bool("bias", true)
	o.Spelt()
	if o.Err() != nil {
		return o.Err()
	}
	weights, err := m.at.Weights()
	if err != nil {
		return err
	}
	t := &tensors{weights: weights, faults: new(faults)}
	part := t.without("linear", in, out)
	if withBias {
		part = t.linear("linear", in, out)
	}
	if s.steps = append(s.steps, step{linear: &part}); known {
		s.steps = append(s.steps, step{act: act})
	}
	return t.err()
}

// Pooling names the poolings.
func (s *Sentence) Pooling() string { return strings.Join(s.Pools, "+") }

// CanEmbed says why there is no embedding, if so, for hidden states of a width.
func (s *Sentence) CanEmbed(width int) error {
	if s.err == nil && s.width != width {
		return fmt.Errorf("the pooling is for hidden states of width %d, and the transformer's have %d", s.width, width)
	}
	return s.err
}

// Embedding returns the vector of the text that the last hidden states [N×width] are of.
func (s *Sentence) Embedding(x []float64, width int) ([]float64, error) {
	if err := s.CanEmbed(width); err != nil {
		return nil, err
	}
	y, _, err := s.embed(x, width, nil)
	return y, err
}

// embed pools, and takes the modules' steps, each of which adds what it is given to a trace, unless that is nil.
func (s *Sentence) embed(x []float64, width int, trace *[][]float64) (y []float64, pooled int, err error) {
	for _, name := range s.Pools {
		y = append(y, poolOf(name).of(x, width)...)
	}
	pooled = len(y)
	for _, s := range s.steps {
		if s.linear != nil && s.linear.in != len(y) {
			return nil, 0, fmt.Errorf("a module takes vectors of %d numbers, and is given %d", s.linear.in, len(y))
		}
		if y, err = take(once(), []step{s}, y, 1, trace); err != nil {
			return nil, 0, err
		}
	}
	return y, pooled, nil
}

// EmbeddingBack takes the gradient by the embedding of the last hidden states x to that by x.
func (s *Sentence) EmbeddingBack(x, dy []float64, width int) ([]float64, error) {
	var trace [][]float64
	_, pooled, err := s.embed(x, width, &trace)
	if err != nil {
		return nil, err
	}
	dy, err = takeBack(once(), s.steps, trace, slices.Clone(dy), 1)
	if err != nil {
		return nil, err
	}
	dx := make([]float64, len(x))
	for i, name := range s.Pools {
		each := pooled / len(s.Pools)
		addTo(dx, poolOf(name).back(x, dy[i*each:(i+1)*each], width))
	}
	return dx, nil
}
