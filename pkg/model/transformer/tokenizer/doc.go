// Package tokenizer turns text into the token numbers of a transformer, by the rules of its tokenizer.json, string for string as the
// reference library does (Hugging Face's tokenizers, 0.23.3).
//
//	t, err := tokenizer.Parse(raw) // or FromVocab, FromMerges for models that are older than tokenizer.json
//	tokens, err := t.Encode("Astrocytes listen to many thousand synapses.")
//
// There is one engine for all models. A text passes five stages, each of which the file composes of steps, and each step is a row
// of its stage's table:
//
//	added tokens     are cut out of the raw text, the rest is normalised, and those that ask for it are cut out of that
//	normalizers      rewrite the text: Unicode forms, case, accents, replacements, SentencePiece's map of characters
//	pre-tokenizers   cut it into words: at white space, at signs, by a regular expression, into visible bytes
//	model            divides each word: WordPiece, Unigram, BPE, WordLevel
//	post-processor   puts special tokens around the whole
//
// Contract: a type, a key or a regular expression that is not supported is an error that names it; nothing is passed over that could
// change a token. Keys are matched by their case. A special token that the text itself spells out becomes that token, as in the
// library, and Tokens.Written tells where. Truncation and padding in the file are left to the caller (EncodeUpTo).
//
// The library's steps follow different versions of Unicode; their tables are measured (classes.txt) and are tested on every code
// point. Its regular expressions are Oniguruma's; see pattern.
package tokenizer
