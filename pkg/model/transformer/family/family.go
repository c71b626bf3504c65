package family

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/nasim-sim/nasim/internal/jsontext"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// Kinds of input.
const (
	Text  = "text"
	Image = "image"
)

// Model is a transformer as data: its sizes, and the parts of which it is made, on disk.
type Model struct {
	Type          string // of the family, as config.json has it: "bert"
	Source        string // key of the paper that it is from
	Kind          string // Text or Image
	Layers, Heads int
	Width         int      // D, of a hidden state
	Causal        bool     // a token sees only itself and earlier ones
	MaxTokens     int      // largest N, special tokens included
	Vocabulary    int      // of a text model: ids are below it
	Labels        []string // of a classifier's classes; nil for others
	Reads         string   // what its head answers: "words", "classes"; "" without a head

	// Of an image model: the pixels it takes, and its patches.
	Channels, PixelRows, PixelColumns int
	Patch, Rows, Columns              int
	Front                             int  // tokens before those of the patches: class token and others
	Resizes                           bool // it takes other numbers of patches, too

	Initial float64 // standard deviation of a new model's weights, initializer_range

	scale func(layer int) float64 // nil: 1/√d
	text  *textEmbedding
	image *imageEmbedding
	block []block
	final *norm
	heads []head
}

// Scale is the factor of a layer's scores q·k before the softmax.
func (m *Model) Scale(layer int) float64 {
	if m.scale != nil {
		return m.scale(layer)
	}
	return 1 / math.Sqrt(float64(m.HeadDim()))
}

// HeadDim is the size of a head's queries, keys and values, d.
func (m *Model) HeadDim() int { return m.Width / m.Heads }

// Inner is the width of a block's inner layer.
func (m *Model) Inner() int { return m.block[0].up.out }

// A Family is a row of the table.
type Family struct {
	Type    string   // config.json's model_type
	Like    []string // other model_types of the same architecture
	Classes []string // the first part of its classes' names in transformers: "Bert" of BertForMaskedLM
	Kind    string
	Source  string // key of the paper that it is from, among a run's references
	// Base is the end of a tensor's name that all checkpoints of the family have; what stands
	// before it is the prefix of all that do not belong to a head.
	Base string
	// Signs are further ends of names by which it is known where config.json does not say.
	Signs []string
	build func(*checkpoint.Object, *tensors) *Model
}

// Families is the table.
func Families() []Family {
	return []Family{bert, distilbert, roberta, albert, gpt2, vit, deit, dinov2}
}

// Open builds the model that config.json and the weights' names say. All sizes are checked.
func Open(config *checkpoint.Object, weights *checkpoint.Weights) (*Model, error) {
	f, err := recognise(config, weights)
	if err != nil {
		return nil, err
	}
	prefix, err := f.prefix(config, weights)
	if err != nil {
		return nil, err
	}
	t := &tensors{weights: weights, prefix: prefix, faults: new(faults)}
	m, initial := f.build(config, t), config.Float("initializer_range", 0)
	config.Spelt()
	if err := config.Err(); err != nil {
		return nil, err
	}
	if err := t.err(); err != nil {
		return nil, err
	}
	m.Type, m.Kind, m.Source = f.Type, f.Kind, f.Source
	if m.Initial = initial; initial == 0 { // as transformers takes it
		m.Initial = 0.02
	}
	if named := config.String("model_type", ""); named != "" {
		m.Type = named
	}
	return m, nil
}

// recognise finds the family: by model_type, else by the classes' names, else by what
// the tensors are called.
func recognise(config *checkpoint.Object, weights *checkpoint.Weights) (Family, error) {
	families := Families()
	named := config.String("model_type", "")
	if err := config.Err(); err != nil {
		return Family{}, err
	}
	for _, f := range families {
		if f.Type == named || slices.Contains(f.Like, named) {
			return f, nil
		}
	}
	if named != "" {
		return Family{}, fmt.Errorf("%s: model_type is %q; supported are %s%s", config.Path(), named, checkpoint.Quoted(types()), why(named))
	}
	classes := config.Strings("architectures")
	for _, f := range families {
		if slices.ContainsFunc(classes, f.has) {
			return f, nil
		}
	}
	if len(classes) > 0 {
		return Family{}, fmt.Errorf("%s: model_type is missing, and architectures are %s; supported are the models %s", config.Path(), checkpoint.Quoted(classes), checkpoint.Quoted(types()))
	}
	var like []string
	var found Family
	for _, f := range families {
		if f.signed(weights) {
			like, found = append(like, f.Type), f
		}
	}
	switch len(like) {
	case 1:
		return found, nil
	case 0:
		return Family{}, fmt.Errorf("%s: model_type and architectures are missing, and the names of the tensors (%s, …) are none of those of %s; add \"model_type\" to it",
			config.Path(), strings.Join(weights.Names()[:min(3, len(weights.Names()))], ", "), checkpoint.Quoted(types()))
	}
	return Family{}, fmt.Errorf("%s: model_type and architectures are missing, and the names of the tensors fit %s; add \"model_type\" to it", config.Path(), checkpoint.Quoted(like))
}

func types() (names []string) {
	for _, f := range Families() {
		names = append(append(names, f.Type), f.Like...)
	}
	return names
}

// why says of well-known families what this program lacks for them.
func why(named string) string {
	for _, other := range []struct{ has, lacks string }{
		{"t5", "T5 adds a learned bias to every score, which is no softmax of q·k"},
		{"deberta", "DeBERTa's scores have terms of relative positions, which are no q·k of one token"},
		{"llama", "its queries and keys are rotated by position, and several query heads share a key head"},
		{"mistral", "its queries and keys are rotated by position, and several query heads share a key head"},
		{"qwen", "its queries and keys are rotated by position, and several query heads share a key head"},
		{"gemma", "its queries and keys are rotated by position, and several query heads share a key head"},
		{"modernbert", "its queries and keys are rotated by position"},
		{"nomic", "its queries and keys are rotated by position"},
		{"gpt_neox", "its queries and keys are rotated by position"},
		{"swin", "its attention stays within windows, with a learned bias on every score"},
		{"clip", "CLIP is two transformers; take the text or the vision model alone"},
		{"mpnet", "MPNet adds a learned bias to every score, which is no softmax of q·k"},
	} {
		if strings.Contains(named, other.has) {
			return ": " + other.lacks
		}
	}
	return ""
}

// has reports whether a class of transformers is the family's.
func (f Family) has(class string) bool {
	return slices.ContainsFunc(f.Classes, func(name string) bool {
		rest, ok := strings.CutPrefix(class, name)
		return ok && (rest == "Model" || rest == "LMHeadModel" || strings.HasPrefix(rest, "For"))
	})
}

// signed reports whether the tensors' names are the family's.
func (f Family) signed(weights *checkpoint.Weights) bool {
	for _, sign := range append([]string{f.Base}, f.Signs...) {
		if !slices.ContainsFunc(weights.Names(), func(name string) bool { return strings.HasSuffix(name, sign) }) {
			return false
		}
	}
	return true
}

// prefix is what stands before the family's names.
func (f Family) prefix(config *checkpoint.Object, weights *checkpoint.Weights) (string, error) {
	var found []string
	for _, name := range weights.Names() {
		if before, ok := strings.CutSuffix(name, f.Base); ok && (before == "" || strings.HasSuffix(before, ".")) {
			found = append(found, before)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) == 0 {
		return "", fmt.Errorf("%s: model_type is %q, but no tensor's name ends in %q, as all its models' have; the weights belong to another model", config.Path(), f.Type, f.Base)
	}
	return "", fmt.Errorf("%s: several tensors' names end in %q (after %s); the file holds more than one model", config.Path(), f.Base, checkpoint.Quoted(found))
}

// labels lists the names of a classifier's classes by number.
func labels(config *checkpoint.Object, classes int) []string {
	names := make([]string, classes)
	of := config.Object("id2label")
	for i := range names {
		names[i] = "LABEL_" + strconv.Itoa(i)
		if of == nil {
			continue
		}
		key := strconv.Itoa(i)
		if raw := of.Raw(key); raw != nil && strings.Contains("-0123456789", string(raw[:1])) {
			names[i] = string(raw) // of handwritten digits, for example
			continue
		}
		names[i] = of.String(key, names[i])
		if err := of.Err(); err != nil {
			config.Fail("id2label: %s is %s; wanted is a text in quotation marks", key, jsontext.Brief(of.Raw(key)))
		}
	}
	return names
}

// depth and headsOf read what all families have, under their own names.
func depth(config *checkpoint.Object, key string) int {
	const most = 1024 // which no tensor's shape checks where layers share their weights
	return config.SizeTo(key, 0, most)
}

// sized checks that a width is divided evenly among heads.
func sized(config *checkpoint.Object, widthKey, headsKey string, width, heads int) {
	if width > 0 && heads > 0 && width%heads != 0 {
		config.Fail("%s %d is not a multiple of %s %d", widthKey, width, headsKey, heads)
	}
}

// epsilon reads the small number of a layer norm.
func epsilon(config *checkpoint.Object, key string, otherwise float64) float64 {
	eps := config.Float(key, otherwise)
	if !(eps > 0 && eps < 1) {
		config.Fail("%s is %g; wanted is a number between 0 and 1", key, eps)
	}
	return eps
}

// absolute refuses attention whose scores are not q·k alone.
func absolute(config *checkpoint.Object) {
	if kind := config.String("position_embedding_type", "absolute"); kind != "absolute" {
		config.Fail("position_embedding_type is %q, whose scores have terms of positions beside q·k; supported is \"absolute\"", kind)
	}
}
