package transformer

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/tokenizer"
)

// The files of a vocabulary in checkpoints that are older than tokenizer.json.
const (
	vocabTextFile       = "vocab.txt"
	vocabJSONFile       = "vocab.json"
	mergesFile          = "merges.txt"
	tokenizerConfigFile = "tokenizer_config.json"
)

// openTokenizer reads tokenizer.json, or, where there is none, vocab.txt, or vocab.json and merges.txt. The file is the one that
// holds the vocabulary.
func openTokenizer(d *directory, modelType string) (tok *tokenizer.Tokenizer, file string, err error) {
	var vocab, merges, config []byte
	switch {
	case d.has(tokenizerFile) || !d.has(vocabTextFile) && !d.has(vocabJSONFile):
		file = tokenizerFile
		if vocab, err = d.load(file, "a vocabulary and its rules, as the tokenizers library writes them"); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.Parse(vocab)
	case d.has(vocabTextFile):
		file = vocabTextFile
		if vocab, config, err = d.loadOlder(file); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.FromVocab(vocab, config)
	default:
		file = vocabJSONFile
		if vocab, config, err = d.loadOlder(file); err != nil {
			return nil, file, err
		}
		if merges, err = d.load(mergesFile, "the merges of the byte pairs in "+vocabJSONFile); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.FromMerges(vocab, merges, config, modelType)
	}
	if err != nil {
		return nil, file, fmt.Errorf("%s: %w", d.filePath(file), err)
	}
	return tok, file, nil
}

// loadOlder reads a vocabulary and, if there is one, the configuration of its tokenizer.
func (d *directory) loadOlder(file string) (vocab, config []byte, err error) {
	if vocab, err = d.load(file, "a vocabulary"); err == nil && d.has(tokenizerConfigFile) {
		config, err = d.load(tokenizerConfigFile, "the settings of the tokenizer")
	}
	return vocab, config, err
}
