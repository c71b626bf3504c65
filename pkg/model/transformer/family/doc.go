// Package family knows how the transformers of the field are built. A family (BERT,
// GPT-2, ViT, …) is one file and one row of a table: it reads its own config.json, names
// its tensors and says how they are put together, of parts that all share:
//
//	embedding → block → block → … → (norm) → head
//
// What families differ in is data here: whether a norm comes before or after a sublayer,
// how scores are scaled, whether a token sees later ones, where positions begin.
//
//	m, err := family.Open(config, weights)
//	x, err := m.EmbedText(ids, nil)
//	x, err = m.Block(0, x, attend)
//
// Matrices are flat, row-major, token after token, in float64; weights are read from disk
// and widened when a part is used, and not kept.
//
// References: Vaswani et al. 2017, arXiv 1706.03762; each family's own in its file.
package family
