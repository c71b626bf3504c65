// Package models holds the two small transformers that are part of nasim, as files: tiny-text and tiny-vision, each a folder in
// Hugging Face layout (config.json, model.safetensors, and tokenizer.json or preprocessor_config.json). The scripts beside them
// trained them; package transformer reads them:
//
//	m, err := transformer.Open("tiny-text")
//
// Embedding needs the files below this folder, hence this package; it has no other purpose.
package models

import "embed"

// FS holds the three files of each of the folders tiny-text and tiny-vision that define the models, and the hidden layers fitted to
// all their heads, maps.npz.
//
//go:embed tiny-text/config.json tiny-text/model.safetensors tiny-text/tokenizer.json tiny-text/maps.npz
//go:embed tiny-vision/config.json tiny-vision/model.safetensors tiny-vision/preprocessor_config.json tiny-vision/maps.npz
var FS embed.FS
