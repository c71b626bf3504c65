package family

import (
	"fmt"

	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// dinov2 is DINOv2 (Oquab et al. 2023, arXiv 2304.07193), with registers or without (Darcet et al.
// 2023, arXiv 2309.16588): LayerScale, a gated inner network in the largest, and positions that
// are interpolated for pictures of other sizes.
var dinov2 = Family{
	Type: "dinov2", Like: []string{"dinov2_with_registers"}, Classes: []string{"Dinov2", "Dinov2WithRegisters"}, Kind: Image, Source: "oquab2023",
	Base: "embeddings.cls_token", Signs: []string{"encoder.layer.0.layer_scale1.lambda1"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		image := readImage(config)
		c := struct {
			imageConfig
			ratio       float64
			act         activation
			eps         float64
			bias, gated bool
			registers   int
		}{
			image, config.Float("mlp_ratio", 4), activationOf(config, "hidden_act", "gelu"), epsilon(config, "layer_norm_eps", 1e-6),
			config.Bool("qkv_bias", true), config.Bool("use_swiglu_ffn", false), 0,
		}
		if t.has("embeddings.register_tokens") {
			c.registers = config.Size("num_register_tokens", 4)
		}
		inner := int(float64(c.width) * c.ratio)
		if c.width > 0 && (inner < 1 || inner > 1<<24) {
			config.Fail("mlp_ratio is %g; wanted is the inner network's width over hidden_size", c.ratio)
		}
		if config.Err() != nil {
			return nil
		}
		final, embedding := t.norm("layernorm", c.width, c.eps), c.embedding(t, c.rows, c.columns, "cls_token")
		embedding.resize = cubic
		if c.registers > 0 {
			embedding.resize = smoothCubic // as their authors' code has it
			embedding.unplaced = append(embedding.unplaced, t.tensor("embeddings.register_tokens", 1, c.registers, c.width))
		}
		m := &Model{
			Layers: c.layers, Heads: c.heads, Width: c.width, MaxTokens: 1 + c.registers + c.rows*c.columns,
			Channels: c.channels, PixelRows: c.height, PixelColumns: c.across, Patch: c.patch, Rows: c.rows, Columns: c.columns, Front: 1 + c.registers,
			Resizes: true, image: embedding, final: &final,
		}
		project := t.linear
		if !c.bias {
			project = t.without
		}
		for i := 0; i < c.layers && t.first == nil; i++ {
			at, d := fmt.Sprintf("encoder.layer.%d.", i), c.width
			b := block{
				before: true, attentionNorm: t.norm(at+"norm1", d, c.eps), mlpNorm: t.norm(at+"norm2", d, c.eps), act: c.act, gated: c.gated,
				query: project(at+"attention.attention.query", d, d), key: project(at+"attention.attention.key", d, d),
				value: project(at+"attention.attention.value", d, d), out: t.linear(at+"attention.output.dense", d, d),
				attentionScale: t.tensor(at+"layer_scale1.lambda1", d), mlpScale: t.tensor(at+"layer_scale2.lambda1", d),
			}
			if c.gated {
				half := (inner*2/3 + 7) / 8 * 8
				b.up, b.down = t.linear(at+"mlp.weights_in", d, 2*half), t.linear(at+"mlp.weights_out", half, d)
			} else {
				b.up, b.down = t.linear(at+"mlp.fc1", d, inner), t.linear(at+"mlp.fc2", inner, d)
			}
			m.block = append(m.block, b)
		}
		if h := t.ofHead(); h.has("classifier.weight") {
			scores, classes := h.classifier("classifier", 2*c.width)
			m.heads = []head{{reads: firstAndMean(1 + c.registers), columns: classes, steps: []step{{linear: &scores}}}}
			m.Reads, m.Labels = "classes", labels(config, classes)
		}
		return m
	},
}
