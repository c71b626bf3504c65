package main

import (
	"fmt"
	"strings"
)

// Names of the oddities: a row is a kind of what people have, or of what is made to do
// harm.

const webPage = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n"

// oddConfigs are those of a text model's config.json.
func oddConfigs() []odd {
	set := func(key, value string) func(folder) { return func(f folder) { f.setKey(configOf, key, value) } }
	edit := func(old, new string) func(folder) { return func(f folder) { f.edit(configOf, old, new) } }
	content := func(text string) func(folder) { return func(f folder) { f.write(configOf, []byte(text)) } }
	cases := []odd{
		{"config-bom", "text", func(f folder) { f.write(configOf, append([]byte("\ufeff"), f.read(configOf)...)) }, "", like},
		{"config-trailing-comma", "text", edit("1e-12\n", "1e-12,\n"), "line 18, column 1", nil},
		{"config-infinity", "text", edit("1e-12", "Infinity"), "layer_norm_eps", nil},
		{"config-string-number", "text", set("hidden_size", `"8"`), `hidden_size is "8"`, nil},
		{"config-float-size", "text", set("hidden_size", "8.0"), "", like},
		{"config-huge-layers", "text", set("num_hidden_layers", "1000000000"), "num_hidden_layers", nil},
		{"config-null-heads", "text", set("num_attention_heads", "null"), "num_attention_heads", nil},
		{"config-list", "text", content("[]"), "config.json: it does not hold a JSON object", nil},
		{"config-html", "text", content(webPage), "config.json: it is a web page", nil},
		{"config-relative-positions", "text", set("position_embedding_type", `"relative_key"`), "position_embedding_type", nil},
		{"config-heads-do-not-divide", "text", set("num_attention_heads", "3"), "num_attention_heads", nil},

		{"config-other-case", "text", edit("hidden_size", "Hidden_Size"), "hidden_size is missing; there is Hidden_Size, another key", nil},
		{"config-other-case-optional", "text", edit("layer_norm_eps", "layer_norm_EPS"), "layer_norm_EPS is spelled layer_norm_eps", nil},
		{"config-twice", "text", edit(`"hidden_size": 8`, `"hidden_size": 8, "hidden_size": 8`), "hidden_size is given twice", nil},
		{"config-no-heads", "text", set("num_attention_heads", "0"), "num_attention_heads is 0", nil},
		{"config-negative", "text", set("hidden_size", "-8"), "hidden_size is -8", nil},
		{"config-fraction", "text", set("hidden_size", "8.5"), "hidden_size is 8.5", nil},
		{"config-huge-number", "text", set("hidden_size", "1e999"), "hidden_size is 1e999", nil},
		{"config-long-number", "text", set("hidden_size", strings.Repeat("9", 1<<20)), "hidden_size is 999", nil},
		{"config-text-list", "text", set("architectures", `"AlbertForMaskedLM"`), "", like},
		{"config-no-type", "text", func(f folder) { f.dropKey(configOf, "model_type"); f.dropKey(configOf, "architectures") }, "", like},
		{"config-number-for-type", "text", set("model_type", "5"), "model_type is 5", nil},
		{"config-unknown-type", "text", set("model_type", `"llama"`), `model_type is "llama"`, nil},
		{"config-vocabulary-larger", "text", set("vocab_size", "25"), "word_embeddings.weight\" has shape [24 4], but config.json asks for [25 4]", nil},
		{"config-vocabulary-smaller", "text", set("vocab_size", "23"), "word_embeddings.weight\" has shape [24 4], but config.json asks for [23 4]", nil},
		{"config-epsilon-text", "text", set("layer_norm_eps", `"1e-12"`), `layer_norm_eps is "1e-12"`, nil},
		{"config-epsilon-zero", "text", set("layer_norm_eps", "0"), "layer_norm_eps is 0", nil},
		{"config-unknown-activation", "text", set("hidden_act", `"mish"`), `hidden_act is "mish"`, nil},
		{"config-empty", "text", content(""), "config.json: it is empty", nil},
		{"config-blank", "text", content(" \n\t"), "config.json: ", nil},
		{"config-null", "text", content("null"), "config.json: it does not hold a JSON object", nil},
		{"config-two-objects", "text", content("{}{}"), "something follows", nil},
		{"config-cut", "text", func(f folder) { f.write(configOf, f.read(configOf)[:200]) }, "cut off", nil},
		{"config-utf16", "text", content("\xff\xfe{\x00}\x00"), "UTF-16", nil},
		{"config-binary", "text", content("\x80\x02}q\x00"), "config.json: line 1, column 1", nil},
		{"config-python", "text", content("{'hidden_size': 8}"), "config.json: line 1", nil},
		{"config-deep", "text", content(`{"a":` + strings.Repeat("[", 1<<20)), "config.json: ", nil},
		{"config-deep-whole", "text", content(`{"a":` + strings.Repeat("[", 1<<16) + strings.Repeat("]", 1<<16) + "}"), "config.json: ", nil},
		{"config-comment", "text", edit("{", "{ // sizes"), "no comment", nil},
		{"config-huge-key", "text", content(`{"` + strings.Repeat("k", 1<<20) + `": 1, ` + `"hidden_size": 8}`), "is missing", nil},
		{"config-lone-surrogate", "text", set("_name_or_path", `"\ud800"`), "", like},
		{"config-NUL", "text", set("model_type", `"albert\u0000"`), "model_type is", nil},
		{"config-missing", "text", func(f folder) { f.remove(configOf) }, "config.json is missing", nil},
		{"config-pipe", "text", func(f folder) { f.pipe(configOf) }, "config.json is not a regular file", nil},
		{"config-loop", "text", func(f folder) { f.link(configOf, "config.json") }, "config.json", nil},
		{"model-a-file", "text", func(f folder) { f.write("model", nil) }, "is a file", nil},
		{"model-pipe", "text", func(f folder) { f.pipe("model") }, "is a file", nil},

		{"labels-numbers", "image", set("id2label", `{"0": 0, "1": 1, "2": 2}`), "", like},
		{"labels-list", "image", set("id2label", `["a", "b", "c"]`), `id2label is ["a","b","c"]`, nil},
		{"labels-objects", "image", set("id2label", `{"0": {"name": "a"}}`), `id2label: 0 is {"name":"a"}`, nil},
		{"labels-none", "image", set("id2label", `{}`), "", like},
		{"labels-twice", "image", edit(`"1": "b"`, `"0": "b"`), "id2label", nil},
		{"image-labels-differ", "image", func(f folder) { f.setKey(configOf, "id2label", `{"0": "a", "1": "b"}`) }, "", like},
		{"image-patches-do-not-fit", "image", set("patch_size", "3"), "projection.weight", nil},
		{"image-patch-larger", "image", set("patch_size", "16"), "patch_size", nil},
		{"image-size-huge", "image", set("image_size", "1e18"), "image_size is 1e18", nil},
		{"image-size-text", "image", set("image_size", `"8"`), `image_size is "8"`, nil},
		{"image-channels", "image", set("num_channels", "4"), "num_channels is 4", nil},
	}
	for _, key := range []string{"vocab_size", "embedding_size", "num_hidden_layers", "num_hidden_groups", "inner_group_num", "num_attention_heads", "intermediate_size", "hidden_act", "max_position_embeddings", "type_vocab_size", "layer_norm_eps", "model_type", "tie_word_embeddings", "position_embedding_type"} {
		cases = append(cases, odd{"config-wrong-type-" + key, "text", set(key, `[[1]]`), key + " is [[1]]", nil})
	}
	return cases
}

// oddTokenizers are those of tokenizer.json and of what is older.
func oddTokenizers() []odd {
	set := func(key, value string) func(folder) { return func(f folder) { f.setKey(tokenizerOf, key, value) } }
	edit := func(old, new string) func(folder) { return func(f folder) { f.edit(tokenizerOf, old, new) } }
	content := func(text string) func(folder) { return func(f folder) { f.write(tokenizerOf, []byte(text)) } }
	older := func(vocab, config string) func(folder) {
		return func(f folder) {
			f.remove(tokenizerOf)
			f.write("model/vocab.txt", []byte(vocab))
			f.write("model/tokenizer_config.json", []byte(config))
		}
	}
	const words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncell\nnear\na\nsyn\n##apse\nglia\n,\n.\nneuron\n##s\nc\n##e\n##l\ne\no\n##o\nx\ny\n"
	const class = `{"do_lower_case": true, "tokenizer_class": "BertTokenizer"}`
	cases := []odd{
		{"tokenizer-padding", "text", func(f folder) {
			f.setKey(tokenizerOf, "truncation", `{"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}`)
			f.setKey(tokenizerOf, "padding", `{"strategy": {"Fixed": 16}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}`)
		}, "", like},
		{"tokenizer-no-unk", "text", func(f folder) {
			f.edit(tokenizerOf, `"unk_token": "[UNK]"`, `"unk_token": "<unk>"`)
			f.write("input.txt", []byte("the zebra"))
		}, "unk", nil},
		{"tokenizer-too-large", "text", edit(`"y": 23`, `"y": 23, "extra": 40`), "vocab_size", nil},
		{"tokenizer-vocab-only", "text", older(words, class), "", like},

		{"tokenizer-bom", "text", func(f folder) { f.write(tokenizerOf, append([]byte("\ufeff"), f.read(tokenizerOf)...)) }, "", like},
		{"tokenizer-html", "text", content(webPage), "tokenizer.json: it is a web page", nil},
		{"tokenizer-lfs", "text", content("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"), "tokenizer.json: it is a Git LFS pointer", nil},
		{"tokenizer-empty", "text", content(""), "tokenizer.json: it is empty", nil},
		{"tokenizer-list", "text", content("[]"), "tokenizer.json: it does not hold a JSON object", nil},
		{"tokenizer-null", "text", content("null"), "tokenizer.json: it does not hold a JSON object", nil},
		{"tokenizer-comma", "text", edit(`"y": 23`, `"y": 23,`), "tokenizer.json: line ", nil},
		{"tokenizer-cut", "text", func(f folder) { f.write(tokenizerOf, f.read(tokenizerOf)[:900]) }, "tokenizer.json: it ends in the middle", nil},
		{"tokenizer-twice", "text", edit(`"padding": null`, `"padding": null, "model": null`), "tokenizer.json: model is given twice", nil},
		{"tokenizer-inner-twice", "text", edit(`"unk_token": "[UNK]"`, `"unk_token": "[UNK]", "unk_token": "the"`), "unk_token is given twice", nil},
		{"tokenizer-other-case", "text", edit(`"unk_token"`, `"Unk_Token"`), "tokenizer.json: ", nil},
		{"tokenizer-wrong-type", "text", edit(`"lowercase": true`, `"lowercase": "yes"`), `lowercase is "yes"`, nil},
		{"tokenizer-vocab-list", "text", edit(`"vocab": {`, `"vocab": [], "old": {`), "vocab is []", nil},
		{"tokenizer-id-text", "text", edit(`"y": 23`, `"y": "23"`), "vocab", nil},
		{"tokenizer-id-fraction", "text", edit(`"y": 23`, `"y": 23.5`), "vocab", nil},
		{"tokenizer-id-negative", "text", edit(`"y": 23`, `"y": -1`), "-1", nil},
		{"tokenizer-id-twice", "text", edit(`"y": 23`, `"y": 22`), "22", nil},
		{"tokenizer-id-huge", "text", edit(`"y": 23`, `"y": 99999999999999999999`), "vocab", nil},
		{"tokenizer-added-object", "text", set("added_tokens", `{"id": 0}`), "added_tokens", nil},
		{"tokenizer-added-text", "text", set("added_tokens", `["[PAD]"]`), "added_tokens[0]", nil},
		{"tokenizer-unknown-type", "text", edit(`"BertPreTokenizer"`, `"Mecab"`), `"Mecab"`, nil},
		{"tokenizer-no-model", "text", set("model", "null"), "model is missing", nil},
		{"tokenizer-ends-unknown", "text", edit("\"[SEP]\",\n   3", "\"[SEP]\",\n   77"), "post_processor", nil},
		{"tokenizer-ends-of-three", "text", set("post_processor", `{"type": "BertProcessing", "sep": ["a", 3, 4], "cls": ["b", 2]}`), "sep", nil},
		{"tokenizer-unigram-score", "text", set("model", `{"type": "Unigram", "unk_id": 0, "vocab": [["a", 1e999], ["b", 0]]}`), "score", nil},
		{"tokenizer-unigram-text", "text", set("model", `{"type": "Unigram", "unk_id": 0, "vocab": [["a", "b"]]}`), "score", nil},
		{"tokenizer-merges", "text", set("model", `{"type": "BPE", "vocab": {"a": 0}, "merges": [1]}`), "merges", nil},
		{"tokenizer-dropout", "text", set("model", `{"type": "BPE", "dropout": "0.1", "vocab": {"a": 0}, "merges": []}`), "dropout", nil},
		{"tokenizer-pattern", "text", set("pre_tokenizer", `{"type": "Split", "pattern": {"Regex": "(("}, "behavior": "Isolated", "invert": false}`), "tokenizer.json: ", nil},
		{"tokenizer-directory", "text", func(f folder) { f.directory("model/tokenizer.json") }, "tokenizer.json is a directory", nil},
		{"tokenizer-missing", "text", func(f folder) { f.remove(tokenizerOf) }, "tokenizer.json is missing", nil},
		{"tokenizer-sentencepiece", "text", func(f folder) { f.remove(tokenizerOf); f.write("model/spiece.model", []byte{1}) }, "spiece.model", nil},
		{"vocab-empty", "text", older("", class), "vocab.txt", nil},
		{"vocab-html", "text", older(webPage, class), "vocab.txt: it is a web page", nil},
		{"vocab-config-html", "text", older(words, webPage), "tokenizer_config.json: it is a web page", nil},
		{"vocab-config-bom", "text", older(words, "\ufeff"+class), "", like},
		{"vocab-config-case", "text", older(words, `{"tokenizer_class": "BertTokenizer", "Do_Lower_Case": false}`), "Do_Lower_Case is spelled do_lower_case", nil},
		{"vocab-config-type", "text", older(words, `{"tokenizer_class": "BertTokenizer", "do_lower_case": "no"}`), `do_lower_case is "no"`, nil},
		{"vocab-config-class", "text", older(words, `{"tokenizer_class": 5}`), `tokenizer_class is 5`, nil},
		{"vocab-json-list", "text", func(f folder) {
			f.remove(tokenizerOf)
			f.write("model/vocab.json", []byte("[]"))
			f.write("model/merges.txt", []byte("#version: 0.2\n"))
		}, "vocab.json", nil},
		{"vocab-json-html", "text", func(f folder) {
			f.remove(tokenizerOf)
			f.write("model/vocab.json", []byte(webPage))
			f.write("model/merges.txt", []byte("#version: 0.2\n"))
		}, "vocab.json: it is a web page", nil},
	}
	for _, kind := range []string{"normalizer", "pre_tokenizer", "post_processor", "model"} {
		for i, wrong := range []string{`5`, `[]`, `{}`, `{"type": 5}`, `{"type": "Sequence"}`, `{"type": "Sequence", "normalizers": 5, "pretokenizers": 5, "processors": 5}`} {
			cases = append(cases, odd{fmt.Sprint("tokenizer-wrong-", kind, "-", i), "text", set(kind, wrong), "tokenizer.json: " + kind, nil})
		}
	}
	return cases
}
