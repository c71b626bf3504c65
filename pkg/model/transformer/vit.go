package transformer

import "fmt"

// vit is an image classifier with the Vision Transformer's architecture (Dosovitskiy et al., arXiv 2010.11929): square patches
// through one linear map, a class token in front, learned positions, pre-layer-norm blocks, a final layer norm, and a linear
// classifier on the class token. Names of tensors: ViTForImageClassification of Hugging Face.
type vit struct {
	config *config
	act    activation

	patch      linear // from channels·patch·patch pixels
	classToken []float32
	positions  []float32 // (1 + patches) rows

	blocks     []vitBlock
	norm       layerNorm
	classifier linear
}

type vitBlock struct {
	before                   layerNorm
	query, key, value, dense linear
	after                    layerNorm
	intermediate, output     linear
}

func newViT(c *config, file *safetensors) (*vit, error) {
	r := &checkpoint{file: file}
	d, p, channels := c.HiddenSize, c.PatchSize.Height, orDefault(c.Channels, 3)
	patches := (c.ImageSize.Height / p) * (c.ImageSize.Width / p)
	const projection = "vit.embeddings.patch_embeddings.projection"
	m := &vit{
		config: c, act: activations[c.HiddenAct],
		patch: linear{in: channels * p * p, out: d,
			weight: r.tensor(projection+".weight", d, channels, p, p), bias: r.tensor(projection+".bias", d)},
		classToken: r.tensor("vit.embeddings.cls_token", 1, 1, d),
		positions:  r.tensor("vit.embeddings.position_embeddings", 1, 1+patches, d),
		norm:       r.layerNorm("vit.layernorm", d, c.eps()),
		classifier: r.linear("classifier", d, len(c.labels())),
	}
	for i := 0; i < c.Layers && r.first == nil; i++ {
		m.blocks = append(m.blocks, readViTBlock(r, c, fmt.Sprintf("vit.encoder.layer.%d.", i)))
	}
	return m, r.err()
}

func readViTBlock(r *checkpoint, c *config, prefix string) vitBlock {
	d, inner := c.HiddenSize, c.IntermediateSize
	project := r.linear
	if !orDefault(c.QKVBias, true) {
		project = r.linearWithoutBias
	}
	return vitBlock{
		before:       r.layerNorm(prefix+"layernorm_before", d, c.eps()),
		query:        project(prefix+"attention.attention.query", d, d),
		key:          project(prefix+"attention.attention.key", d, d),
		value:        project(prefix+"attention.attention.value", d, d),
		dense:        r.linear(prefix+"attention.output.dense", d, d),
		after:        r.layerNorm(prefix+"layernorm_after", d, c.eps()),
		intermediate: r.linear(prefix+"intermediate.dense", d, inner),
		output:       r.linear(prefix+"output.dense", inner, d),
	}
}

// embed returns class token and patches, with positions.
func (m *vit) embed(in Input) ([]float64, error) {
	p, ok := in.(Patches)
	if !ok {
		return nil, fmt.Errorf("this model takes an image (Patches), not %T", in)
	}
	if err := p.check(m.config); err != nil {
		return nil, err
	}
	x := append(widen(m.classToken), m.patch.apply(p.columns(), p.Rows*p.Cols)...)
	for i, v := range m.positions {
		x[i] += float64(v)
	}
	return x, nil
}

func (m *vit) block(layer int, x []float64, attend attention) ([]float64, error) {
	b := &m.blocks[layer]
	n := len(x) / m.config.HiddenSize
	normed := b.before.apply(x)
	heads, err := attend(layer, b.query.apply(normed, n), b.key.apply(normed, n), b.value.apply(normed, n))
	if err != nil {
		return nil, err
	}
	x = add(x, b.dense.apply(heads, n))
	inner := b.intermediate.apply(b.after.apply(x), n)
	m.act.apply(inner)
	return add(x, b.output.apply(inner, n)), nil
}

// finish applies the final layer norm.
func (m *vit) finish(x []float64) []float64 { return m.norm.apply(x) }

// logits returns one row of class scores, read from the class token.
func (m *vit) logits(x []float64) (scores []float64, rows, columns int) {
	return m.classifier.apply(x[:m.config.HiddenSize], 1), 1, m.classifier.out
}
