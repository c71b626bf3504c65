package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const paragraph = `In 2023 astrocytes, cells that wrap around synapses and sum their activity in slow calcium, were shown to be able to
compute the normaliser of self-attention: each query meets every key, and the softmax decides which value is heard. Didn't anyone
see it before? The naïve answer: 3 of 4 measured only neurons. Das Maß der Dinge war der Strom, 1,5 nA, und niemand sah hin. `

// An English paragraph of half a kilobyte through tokenizers of every kind.
func BenchmarkEncode(b *testing.B) {
	for _, name := range []string{"bert_uncased", "gpt2", "roberta", "llama3", "llama2", "xlm_roberta", "albert", "clip"} {
		tok := referenceTokenizer(b, name)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(paragraph)))
			for b.Loop() {
				if _, err := tok.Encode(paragraph); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Vocabularies of 30 000 tokens.
func BenchmarkParse(b *testing.B) {
	words := make([]string, 30_000)
	for i := range words {
		words[i] = strings.TrimLeft(fmt.Sprintf("%x", 0x1000+i*7919), "0")
	}
	vocab, scores, merges := map[string]int{"[UNK]": 0}, [][2]any{{"[UNK]", 0}}, []string{}
	add := func(token string) {
		if _, there := vocab[token]; !there {
			vocab[token] = len(vocab)
			scores = append(scores, [2]any{token, -float64(len(vocab)) / 1000})
		}
	}
	for _, c := range "0123456789abcdef" {
		add(string(c))
	}
	for _, w := range words { // each word from its beginnings
		for i := 2; i <= len(w) && len(vocab) < 30_000; i++ {
			if _, there := vocab[w[:i]]; !there {
				merges = append(merges, w[:i-1]+" "+w[i-1:i])
			}
			add(w[:i])
		}
	}
	for name, model := range map[string]map[string]any{
		"WordPiece": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": vocab},
		"Unigram":   {"type": "Unigram", "unk_id": 0, "vocab": scores},
		"BPE":       {"type": "BPE", "vocab": vocab, "merges": merges},
	} {
		raw, err := json.Marshal(map[string]any{"model": model})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				if _, err := Parse(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
