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
//	pass := family.NewPass[float64](m, 1, false)
//	x, err = pass.Block(0, x, attend)
//
// Beside each part's way forth stands its way back: the gradient of a number by what the part gives, taken to that by what it was
// given, its weights being constants ([Pass.Back]). So every family has gradients by what stands in the place of its heads.
//
// Matrices are flat, row-major, token after token. A pass is in float64, the reference, or in float32;
// weights are read from disk when a part is used, and kept where the pass is to be repeated.
//
// References: Vaswani et al. 2017, arXiv 1706.03762; each family's own in its file.
package family
