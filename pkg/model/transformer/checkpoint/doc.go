// Package checkpoint reads the files of a transformer in Hugging Face layout: where they
// are, config.json and its like key by key, and weights in the safetensors format, in
// one file or in several.
//
//	d, err := checkpoint.Open("~/models/all-MiniLM-L6-v2")
//	config, err := d.Object("config.json", "the model's sizes")
//	weights, err := d.Weights()
//	w, err := weights.Tensor("embeddings.LayerNorm.weight", config.Size("hidden_size", 0))
//	x, err := w.Float64s()
//
// Weights stay on disk: opening them reads the headers and, once, all bytes, for their
// SHA-256 and for numbers that are not finite; a tensor's numbers are read when they are
// asked for. Every reader has a bound, and whatever is wrong with a file is an error that
// names file, place and remedy.
//
// Format: https://huggingface.co/docs/safetensors
package checkpoint
