package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// family is how a class of transformers reads its own vocabulary files, where there is no tokenizer.json.
type family struct {
	class   string            // tokenizer_class of tokenizer_config.json, without "Fast"
	models  []string          // model_type of config.json, for a checkpoint that does not name the class
	special map[string]string // special tokens that the configuration does not name
	build   func(o *older) error
}

// families of vocab.txt, and of vocab.json with merges.txt.
var (
	vocabFamilies = []family{
		{"BertTokenizer", []string{"bert"}, bertTokens, (*older).bert},
		{"DistilBertTokenizer", []string{"distilbert"}, bertTokens, (*older).bert},
		{"ElectraTokenizer", []string{"electra"}, bertTokens, (*older).bert},
	}
	mergeFamilies = []family{
		{"GPT2Tokenizer", []string{"gpt2", "gpt_neo", "gptj"}, map[string]string{
			"bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"}, (*older).gpt2},
		{"RobertaTokenizer", []string{"roberta"}, robertaTokens, (*older).roberta},
		{"BartTokenizer", []string{"bart"}, robertaTokens, (*older).roberta},
		{"CLIPTokenizer", []string{"clip", "clip_text_model"}, map[string]string{
			"bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}, (*older).clip},
	}
	bertTokens = map[string]string{"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}

	robertaTokens = map[string]string{"bos_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>",
		"pad_token": "<pad>", "mask_token": "<mask>"}
)

// older is a tokenizer in the making, from the files of a checkpoint that has no tokenizer.json.
type older struct {
	t       *Tokenizer
	config  *fields
	vocab   map[string]int
	merges  [][2]string
	special map[string]addedToken // by key of the configuration
}

// FromVocab makes the tokenizer of a BERT-like checkpoint from its vocab.txt, one token a line, and its tokenizer_config.json, which
// may be nil, as transformers 5.23 does. Special tokens that the vocabulary lacks are left out, but for those that every text gets.
func FromVocab(vocab, config []byte) (*Tokenizer, error) {
	o := &older{vocab: map[string]int{}}
	for i, line := range lines(vocab) {
		o.vocab[strings.TrimRightFunc(line, unicode.IsSpace)] = i
	}
	return o.make(vocabFamilies, config, "bert")
}

// FromMerges makes the tokenizer of a checkpoint with byte pairs from its vocab.json and merges.txt, and its tokenizer_config.json,
// which may be nil. A configuration that does not name its tokenizer_class is read by the model_type of config.json.
func FromMerges(vocab, merges, config []byte, modelType string) (*Tokenizer, error) {
	o := &older{}
	vocab = bytes.TrimPrefix(vocab, []byte("\ufeff"))
	if err := jsontext.Decode(vocab, &o.vocab); err != nil {
		if _, fault := jsontext.File(vocab); fault != nil {
			return nil, fmt.Errorf("vocab.json: %w", fault)
		}
		return nil, fmt.Errorf("vocab.json %w", err)
	}
	if err := numbers(o.vocab, vocab); err != nil {
		return nil, fmt.Errorf("vocab.json %w", err)
	}
	var err error
	if o.merges, err = splitMerges("merges.txt", lines(merges)); err != nil {
		return nil, err
	}
	return o.make(mergeFamilies, config, modelType)
}

// lines of a file, without what ends them.
func lines(raw []byte) []string {
	text := strings.TrimSuffix(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func (o *older) make(families []family, config []byte, modelType string) (*Tokenizer, error) {
	if len(config) == 0 {
		config = []byte("{}")
	}
	var err error
	if o.config, err = fieldsOfFile("tokenizer_config.json", config); err != nil {
		return nil, fmt.Errorf("tokenizer_config.json: %w", err)
	}
	class := strings.TrimSuffix(take(o.config, "tokenizer_class", ""), "Fast")
	if o.config.err != nil {
		return nil, o.config.err
	}
	var names []string
	for _, f := range families {
		names = append(names, f.class)
		if class != f.class && (class != "" || !slices.Contains(f.models, modelType)) {
			continue
		}
		o.t = &Tokenizer{}
		added := o.specials(f.special)
		if o.config.err != nil {
			return nil, o.config.err
		}
		if err := f.build(o); err != nil {
			return nil, err
		}
		if err := o.config.spelt(); err != nil {
			return nil, err
		}
		return o.t, o.t.complete(added)
	}
	found := fmt.Sprintf("the tokenizer_class %q", class)
	if class == "" {
		found = fmt.Sprintf("the model_type %q, with no tokenizer_class,", modelType)
	}
	return nil, fmt.Errorf("tokenizer_config.json: %s is not supported without a tokenizer.json; supported are %s", found, strings.Join(names, ", "))
}

// specials reads the special tokens of the configuration, and lists those that the vocabulary has and those that the
// configuration gives an id.
func (o *older) specials(defaults map[string]string) []addedToken {
	o.special = map[string]addedToken{}
	var list []addedToken
	byID := take(o.config, "added_tokens_decoder", map[string]json.RawMessage{})
	ids := slices.SortedFunc(maps.Keys(byID), func(a, b string) int { return number(a) - number(b) })
	for _, id := range ids {
		list = append(list, o.token("added_tokens_decoder."+id, byID[id]))
	}
	keys := []string{"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}
	for _, key := range keys {
		token := addedToken{content: defaults[key], special: true}
		if raw := o.config.part(key); raw != nil {
			token = o.token(key, raw)
			token.special = true
		}
		if token.content == "" {
			continue
		}
		for _, listed := range list { // its definition holds
			if listed.content == token.content {
				token = listed
			}
		}
		o.special[key] = token
		list = append(list, token)
	}
	for i, raw := range take(o.config, "additional_special_tokens", []json.RawMessage{}) {
		list = append(list, o.token(fmt.Sprintf("additional_special_tokens[%d]", i), raw))
	}
	var kept []addedToken
	for _, token := range list {
		if _, known := o.vocab[token.content]; known || byIDHas(byID, token.content) {
			kept = append(kept, token)
		}
	}
	return kept
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func byIDHas(byID map[string]json.RawMessage, content string) bool {
	for _, raw := range byID {
		if take(fieldsOf("", raw), "content", "") == content {
			return true
		}
	}
	return false
}

// token reads a special token, a text or an object.
func (o *older) token(where string, raw json.RawMessage) addedToken {
	a := addedToken{special: true}
	if json.Unmarshal(raw, &a.content) == nil {
		return a
	}
	f := fieldsOf(o.config.where+": "+where, raw)
	f.known("__type")
	a.read(f)
	if err := f.done(); err != nil && o.config.err == nil {
		o.config.err = err
	}
	return a
}

// end is a special token that every text gets.
func (o *older) end(key string) typedToken {
	content := o.special[key].content
	id, ok := o.vocab[content]
	if !ok {
		o.config.fail("%s %q is not in the vocabulary of %d tokens", key, content, len(o.vocab))
	}
	return typedToken{id: id, content: content}
}

func (o *older) ends(first, last string) {
	o.t.ends = postProcessor{before: []typedToken{o.end(first)}, after: []typedToken{o.end(last)}}
}

func (o *older) bert() error {
	o.t.rules = newBertNormalizer(true, take(o.config, "tokenize_chinese_chars", true), take[*bool](o.config, "strip_accents", nil),
		take(o.config, "do_lower_case", true))
	o.t.words = bertPreTokenizer{}
	model, ok := newWordPiece(o.vocab, o.special["unk_token"].content, "##", 100)
	if !ok {
		return fmt.Errorf("vocab.txt: unk_token %q is not among its %d tokens", o.special["unk_token"].content, len(o.vocab))
	}
	o.t.model = model
	o.ends("cls_token", "sep_token")
	return nil
}

func (o *older) bytePairs(set options) error {
	model, err := newBytePairs(o.vocab, o.merges, set)
	o.t.model = model
	return err
}

func (o *older) gpt2() error {
	o.t.words = byteLevel{take(o.config, "add_prefix_space", false), gptWords()}
	if take(o.config, "add_bos_token", false) {
		o.t.ends.before = []typedToken{o.end("bos_token")}
	}
	if take(o.config, "add_eos_token", false) {
		o.t.ends.after = []typedToken{o.end("eos_token")}
	}
	return o.bytePairs(options{})
}

func (o *older) roberta() error {
	o.t.words = byteLevel{take(o.config, "add_prefix_space", false), gptWords()}
	o.ends("cls_token", "sep_token")
	return o.bytePairs(options{})
}

func (o *older) clip() error {
	spaces, err := compile(`\s+`)
	if err != nil {
		return err
	}
	words, err := compile(`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`)
	if err != nil {
		return err
	}
	o.t.rules = normalizerList{canonicalForm(true), replace{spaces, " "}, mapping(toLower)}
	o.t.words = preTokenizerList{cutter{matchesOf(words, true), removed}, byteLevel{false, gptWords()}}
	o.ends("bos_token", "eos_token")
	return o.bytePairs(options{unknown: o.special["unk_token"].content, suffix: "</w>"})
}
