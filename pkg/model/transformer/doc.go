// Package transformer runs the transformers that nasim compares its network with: it reads a checkpoint in Hugging Face layout,
// turns the user's text or image into tokens, and gives the queries, keys, values and hidden states of every layer and head.
//
// Supported are the families of package family (BERT, GPT-2, ViT, … with or without a head). Two small models of ours,
// "tiny-text" and "tiny-vision", are embedded in the program:
//
//	m, err := transformer.Open("tiny-text")
//	tokens, err := m.EncodeText("Astrocytes listen to many thousand synapses.")
//	a, err := m.Forward(ctx, tokens, transformer.Options{})
//	q, k := a.Layers[0].Q[1], a.Layers[0].K[1] // layer 0, head 1: N × d, as the projections give them
//	attention, logZ := transformer.Softmax(transformer.ScaleHead(q, m.HeadDim()), transformer.ScaleHead(k, m.HeadDim()),
//		a.Tokens, m.HeadDim(), m.Causal())
//
// Contract: matrices are flat, row-major, token after token. Queries and keys in Activations are unscaled; the scores of
// attention are q·k/√d as a rule, reached by dividing both by d^(1/4) (science §1; HeadState.Scaled has the model's own scale).
// Weights stay on disk (package checkpoint) and are widened when a layer is used, and every sum is in float64, so the results
// agree with a float64 run of the original model to rounding. Whatever is wrong with a file is found by Open, and the message
// names file, tensor and remedy.
//
// Package tokenizer follows the tokenizers library string for string; pictures are decoded, resized and cropped level for level as
// the published image processors do it with the Python Imaging Library (package picture).
//
// References: Lan et al. 2020, ALBERT, arXiv 1909.11942; Dosovitskiy et al. 2021, ViT, arXiv 2010.11929; Vaswani et al. 2017,
// arXiv 1706.03762.
package transformer
