package transformer

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
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
func openTokenizer(d *checkpoint.Directory, modelType string) (tok *tokenizer.Tokenizer, file string, err error) {
	var vocab, merges, config []byte
	switch {
	case d.Has(tokenizerFile) || !d.Has(vocabTextFile) && !d.Has(vocabJSONFile):
		file = tokenizerFile
		if vocab, err = d.Read(file, "a vocabulary and its rules, as the tokenizers library writes them"+sentencePiece(d)); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.Parse(vocab)
	case d.Has(vocabTextFile):
		file = vocabTextFile
		if vocab, config, err = readOlder(d, file); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.FromVocab(vocab, config)
	default:
		file = vocabJSONFile
		if vocab, config, err = readOlder(d, file); err != nil {
			return nil, file, err
		}
		if merges, err = d.Read(mergesFile, "the merges of the byte pairs in "+vocabJSONFile); err != nil {
			return nil, file, err
		}
		tok, err = tokenizer.FromMerges(vocab, merges, config, modelType)
	}
	if err != nil {
		return nil, file, fmt.Errorf("%s: %w", d.FilePath(file), err)
	}
	return tok, file, nil
}

// sentencePiece says how to come from a vocabulary of SentencePiece, where there is one, to a tokenizer.json.
func sentencePiece(d *checkpoint.Directory) string {
	for _, name := range []string{"sentencepiece.bpe.model", "spiece.model", "tokenizer.model"} {
		if d.Has(name) {
			return "; " + name + " is not read: convert it in Python: from transformers import AutoTokenizer; AutoTokenizer.from_pretrained(DIR).save_pretrained(DIR)"
		}
	}
	return ""
}

// readOlder reads a vocabulary and, if there is one, the configuration of its tokenizer.
func readOlder(d *checkpoint.Directory, file string) (vocab, config []byte, err error) {
	if vocab, err = d.Read(file, "a vocabulary"); err == nil && d.Has(tokenizerConfigFile) {
		config, err = d.Read(tokenizerConfigFile, "the settings of the tokenizer")
	}
	return vocab, config, err
}
