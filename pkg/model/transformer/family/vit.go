package family

import (
	"encoding/json"
	"fmt"

	"github.com/nasim-sim/nasim/internal/jsontext"
	"github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"
)

// vit is the Vision Transformer (Dosovitskiy et al. 2021, arXiv 2010.11929): square patches, a
// class token in front, norms before the sublayers and a last one at the end.
var vit = Family{
	Type: "vit", Classes: []string{"ViT"}, Kind: Image, Source: "dosovitskiy2021",
	Base: "embeddings.cls_token", Signs: []string{"encoder.layer.0.layernorm_before.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := readViT(config)
		if config.Err() != nil {
			return nil
		}
		m := c.encoder(t, "cls_token")
		if h := t.ofHead(); h.has("classifier.weight") {
			scores, classes := h.classifier("classifier", c.width)
			m.heads = []head{{reads: firstToken, columns: classes, steps: []step{{linear: &scores}}}}
			m.Reads, m.Labels = "classes", labels(config, classes)
		}
		return m
	},
}

// deit is DeiT with its distillation token (Touvron et al. 2021, arXiv 2012.12877).
var deit = Family{
	Type: "deit", Classes: []string{"DeiT"}, Kind: Image, Source: "touvron2021",
	Base: "embeddings.cls_token", Signs: []string{"embeddings.distillation_token"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := readViT(config)
		if config.Err() != nil {
			return nil
		}
		m := c.encoder(t, "cls_token", "distillation_token")
		h := t.ofHead()
		read := []struct {
			name  string
			reads pool
		}{{"classifier", firstToken}, {"cls_classifier", firstToken}, {"distillation_classifier", secondToken}}
		for _, r := range read {
			if h.has(r.name + ".weight") {
				scores, classes := h.classifier(r.name, c.width)
				m.heads = append(m.heads, head{reads: r.reads, columns: classes, steps: []step{{linear: &scores}}})
				m.Reads, m.Labels = "classes", labels(config, classes)
			}
		}
		return m
	},
}

// vitConfig holds the keys of config.json that ViT and DeiT have.
type vitConfig struct {
	imageConfig

	inner int
	act   activation
	eps   float64
	bias  bool // of queries, keys and values
}

// imageConfig holds those of all image models.
type imageConfig struct {
	width, layers, heads           int
	channels, patch, rows, columns int
	height, across                 int // pixels
}

func readViT(config *checkpoint.Object) vitConfig {
	return vitConfig{
		imageConfig: readImage(config), inner: config.Size("intermediate_size", 0),
		act: activationOf(config, "hidden_act", "gelu"), eps: epsilon(config, "layer_norm_eps", 1e-12), bias: config.Bool("qkv_bias", true),
	}
}

func readImage(config *checkpoint.Object) imageConfig {
	c := imageConfig{width: config.Size("hidden_size", 0), layers: depth(config, "num_hidden_layers"), heads: config.Size("num_attention_heads", 0), channels: config.Int("num_channels", 3)}
	sized(config, "hidden_size", "num_attention_heads", c.width, c.heads)
	if c.channels != 1 && c.channels != 3 {
		config.Fail("num_channels is %d; supported are 1 (grey) and 3 (red, green, blue)", c.channels)
	}
	height, width := extent(config, "image_size")
	down, across := extent(config, "patch_size")
	if config.Err() != nil {
		return c
	}
	if down != across {
		config.Fail("patch_size is %d × %d; supported are square patches", down, across)
		return c
	}
	if height < down || width < down {
		config.Fail("image_size %d × %d is smaller than a patch, patch_size %d", height, width, down)
	}
	c.patch, c.rows, c.columns, c.height, c.across = down, height/down, width/down, height, width
	return c
}

// extent reads a height and a width: one number for both, a pair [height, width], or an
// object with the two.
func extent(config *checkpoint.Object, key string) (height, width int) {
	const longest = 1 << 15
	raw := config.Raw(key)
	if raw == nil {
		config.Fail("%s is missing; wanted is a whole number of pixels", key)
		return 0, 0
	}
	var side float64
	var pair []float64
	switch {
	case json.Unmarshal(raw, &side) == nil:
		pair = []float64{side, side}
	case raw[0] == '{':
		if o := config.Object(key); o != nil {
			pair = []float64{o.Float("height", 0), o.Float("width", 0)}
		}
	case json.Unmarshal(raw, &pair) != nil:
		pair = nil
	}
	if len(pair) != 2 || pair[0] != float64(int(pair[0])) || pair[1] != float64(int(pair[1])) || min(pair[0], pair[1]) < 1 || max(pair[0], pair[1]) > longest {
		config.Fail("%s is %s; wanted are whole numbers of pixels from 1 to %d: one, [height, width] or {\"height\": …, \"width\": …}", key, jsontext.Brief(raw), longest)
		return 0, 0
	}
	return int(pair[0]), int(pair[1])
}

// embedding is the part that turns patches into hidden states, with the given tokens in front.
func (c *imageConfig) embedding(t *tensors, rows, columns int, front ...string) *imageEmbedding {
	const projection = "embeddings.patch_embeddings.projection"
	e := &imageEmbedding{
		channels: c.channels, patch: c.patch, rows: rows, columns: columns,
		project: linear{in: c.channels * c.patch * c.patch, out: c.width,
			weight: t.tensor(projection+".weight", c.width, c.channels, c.patch, c.patch), bias: t.tensor(projection+".bias", c.width)},
		positions: t.tensor("embeddings.position_embeddings", 1, len(front)+rows*columns, c.width),
	}
	for _, name := range front {
		e.front = append(e.front, t.tensor("embeddings."+name, 1, 1, c.width))
	}
	return e
}

func (c *vitConfig) encoder(t *tensors, front ...string) *Model {
	final := t.norm("layernorm", c.width, c.eps)
	m := &Model{
		Layers: c.layers, Heads: c.heads, Width: c.width, MaxTokens: len(front) + c.rows*c.columns,
		Channels: c.channels, PixelRows: c.height, PixelColumns: c.across, Patch: c.patch, Rows: c.rows, Columns: c.columns, Front: len(front),
		image: c.embedding(t, c.rows, c.columns, front...), final: &final,
	}
	project := t.linear
	if !c.bias {
		project = t.without
	}
	for i := 0; i < c.layers && t.first == nil; i++ {
		at := fmt.Sprintf("encoder.layer.%d.", i)
		m.block = append(m.block, block{
			before: true, attentionNorm: t.norm(at+"layernorm_before", c.width, c.eps), mlpNorm: t.norm(at+"layernorm_after", c.width, c.eps),
			query: project(at+"attention.attention.query", c.width, c.width), key: project(at+"attention.attention.key", c.width, c.width),
			value: project(at+"attention.attention.value", c.width, c.width), out: t.linear(at+"attention.output.dense", c.width, c.width),
			up: t.linear(at+"intermediate.dense", c.width, c.inner), down: t.linear(at+"output.dense", c.inner, c.width), act: c.act,
		})
	}
	return m
}
