package transformer

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// config holds the keys of config.json that the two architectures use; names and defaults are those of Hugging Face.
type config struct {
	ModelType        string   `json:"model_type"`
	HiddenSize       int      `json:"hidden_size"`
	Layers           int      `json:"num_hidden_layers"`
	Heads            int      `json:"num_attention_heads"`
	IntermediateSize int      `json:"intermediate_size"`
	HiddenAct        string   `json:"hidden_act"`
	LayerNormEps     *float64 `json:"layer_norm_eps"`

	// ALBERT
	VocabSize             int    `json:"vocab_size"`
	EmbeddingSize         int    `json:"embedding_size"`
	MaxPositions          int    `json:"max_position_embeddings"`
	TypeVocabSize         *int   `json:"type_vocab_size"`
	HiddenGroups          *int   `json:"num_hidden_groups"`
	InnerGroups           *int   `json:"inner_group_num"`
	PositionEmbeddingType string `json:"position_embedding_type"`
	TieWordEmbeddings     *bool  `json:"tie_word_embeddings"`

	// ViT
	ImageSize *extent           `json:"image_size"`
	PatchSize *extent           `json:"patch_size"`
	Channels  *int              `json:"num_channels"`
	QKVBias   *bool             `json:"qkv_bias"`
	Labels    map[string]string `json:"id2label"`
}

// extent is a height and a width; JSON may give one number for both, a pair [height, width], or an object with the two.
type extent struct{ Height, Width int }

func (e *extent) UnmarshalJSON(raw []byte) error {
	var side int
	if json.Unmarshal(raw, &side) == nil {
		*e = extent{side, side}
		return nil
	}
	var pair []int
	if json.Unmarshal(raw, &pair) == nil && len(pair) == 2 {
		*e = extent{pair[0], pair[1]}
		return nil
	}
	var named struct {
		Height *int `json:"height"`
		Width  *int `json:"width"`
	}
	if json.Unmarshal(raw, &named) == nil && named.Height != nil && named.Width != nil {
		*e = extent{*named.Height, *named.Width}
		return nil
	}
	return fmt.Errorf("%s is no size; wanted is a number, [height, width] or {\"height\": …, \"width\": …}", raw)
}

// largestSize bounds every size of config.json: far above any checkpoint, low enough that products of two stay exact.
const largestSize = 1 << 24

// largestDepth bounds num_hidden_layers, which no tensor's shape checks where layers share their weights.
const largestDepth = 1024

// parseConfig reads config.json and checks what all architectures share.
func parseConfig(path string, raw []byte) (*config, error) {
	c := &config{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	switch c.ModelType {
	case "albert":
		c.HiddenAct = cmp.Or(c.HiddenAct, "gelu_new")
	case "vit":
		c.HiddenAct = cmp.Or(c.HiddenAct, "gelu")
	case "":
		return nil, fmt.Errorf("%s: model_type is missing; supported are \"albert\" and \"vit\"", path)
	default:
		return nil, fmt.Errorf("%s: model_type is %q; supported are \"albert\" (masked language model) and \"vit\" (image classification)", path, c.ModelType)
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func (c *config) check() error {
	sizes := []struct {
		name  string
		value int
		limit int
	}{
		{"hidden_size", c.HiddenSize, largestSize}, {"num_attention_heads", c.Heads, largestSize},
		{"intermediate_size", c.IntermediateSize, largestSize}, {"num_hidden_layers", c.Layers, largestDepth},
	}
	for _, s := range sizes {
		if err := checkSize(s.name, s.value, s.limit); err != nil {
			return err
		}
	}
	if c.HiddenSize%c.Heads != 0 {
		return fmt.Errorf("hidden_size %d is not a multiple of num_attention_heads %d", c.HiddenSize, c.Heads)
	}
	if c.LayerNormEps != nil && !(*c.LayerNormEps > 0 && *c.LayerNormEps < 1) {
		return fmt.Errorf("layer_norm_eps is %g; wanted is a number between 0 and 1", *c.LayerNormEps)
	}
	if _, ok := activations[c.HiddenAct]; !ok {
		return fmt.Errorf("hidden_act is %q; supported are %s", c.HiddenAct, quotedList(slices.Sorted(maps.Keys(activations))))
	}
	if c.PositionEmbeddingType != "" && c.PositionEmbeddingType != "absolute" {
		return fmt.Errorf("position_embedding_type is %q; supported is \"absolute\"", c.PositionEmbeddingType)
	}
	return nil
}

func checkSize(name string, value, limit int) error {
	if value < 1 || value > limit {
		return fmt.Errorf("%s is %d (or missing, if 0); wanted is a whole number from 1 to %d", name, value, limit)
	}
	return nil
}

// checkText checks the sizes only an ALBERT has.
func (c *config) checkText() error {
	if err := checkSize("vocab_size", c.VocabSize, largestSize); err != nil {
		return err
	}
	if err := checkSize("embedding_size", c.EmbeddingSize, largestSize); err != nil {
		return err
	}
	if err := checkSize("max_position_embeddings", c.MaxPositions, largestSize); err != nil {
		return err
	}
	if err := checkSize("type_vocab_size", orDefault(c.TypeVocabSize, 2), largestSize); err != nil {
		return err
	}
	if groups, inner := orDefault(c.HiddenGroups, 1), orDefault(c.InnerGroups, 1); groups != 1 || inner != 1 {
		return fmt.Errorf("num_hidden_groups is %d and inner_group_num %d; supported is one block shared by all layers (1 and 1)", groups, inner)
	}
	return nil
}

// checkImage checks the sizes only a ViT has.
func (c *config) checkImage() error {
	const longestSide = 1 << 15
	if c.ImageSize == nil || c.PatchSize == nil {
		return fmt.Errorf("image_size or patch_size is missing; wanted are whole numbers of pixels")
	}
	for name, size := range map[string]int{"image_size": min(c.ImageSize.Height, c.ImageSize.Width), "patch_size": min(c.PatchSize.Height, c.PatchSize.Width)} {
		if err := checkSize(name, size, longestSide); err != nil {
			return err
		}
	}
	if err := checkSize("image_size", max(c.ImageSize.Height, c.ImageSize.Width), longestSide); err != nil {
		return err
	}
	if c.PatchSize.Height != c.PatchSize.Width {
		return fmt.Errorf("patch_size is %d × %d; supported are square patches", c.PatchSize.Height, c.PatchSize.Width)
	}
	if p := c.PatchSize.Height; c.ImageSize.Height%p != 0 || c.ImageSize.Width%p != 0 {
		return fmt.Errorf("image_size %d × %d is not a multiple of patch_size %d", c.ImageSize.Height, c.ImageSize.Width, p)
	}
	if n := orDefault(c.Channels, 3); n != 1 && n != 3 {
		return fmt.Errorf("num_channels is %d; supported are 1 (grey) and 3 (red, green, blue)", n)
	}
	return c.checkLabels()
}

func (c *config) checkLabels() error {
	for i := range len(c.Labels) {
		if _, ok := c.Labels[strconv.Itoa(i)]; !ok {
			return fmt.Errorf("id2label has %d entries but none for class %d", len(c.Labels), i)
		}
	}
	return nil
}

// labels lists the class names by number; without id2label there are two, as in Hugging Face.
func (c *config) labels() []string {
	if len(c.Labels) == 0 {
		return []string{"LABEL_0", "LABEL_1"}
	}
	names := make([]string, len(c.Labels))
	for i := range names {
		names[i] = c.Labels[strconv.Itoa(i)]
	}
	return names
}

func (c *config) eps() float64 { return orDefault(c.LayerNormEps, 1e-12) }

func orDefault[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
