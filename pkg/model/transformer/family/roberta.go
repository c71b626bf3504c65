package family

import "github.com/nasim-sim/nasim/pkg/model/transformer/checkpoint"

// roberta is RoBERTa (Liu et al. 2019, arXiv 1907.11692): BERT's blocks, positions that begin
// after the padding token's number.
var roberta = Family{
	Type: "roberta", Like: []string{"xlm-roberta", "camembert"}, Classes: []string{"Roberta", "XLMRoberta", "Camembert"}, Kind: Text, Source: "liu2019",
	Base: "embeddings.word_embeddings.weight", Signs: []string{"encoder.layer.0.attention.self.query.weight"},
	build: func(config *checkpoint.Object, t *tensors) *Model {
		c := readBERT(config, 1e-12)
		padding := config.Int("pad_token_id", 1)
		if padding < 0 || config.Err() == nil && padding+2 > c.positions {
			config.Fail("pad_token_id is %d; wanted is a number from 0 to below max_position_embeddings - 1, as positions begin after it", padding)
		}
		if config.Err() != nil {
			return nil
		}
		m := c.encoder(t, padding)
		h := t.ofHead()
		switch {
		case h.has("lm_head.dense.weight"):
			c.wordHead(config, h, m, "lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias", activations["gelu"])
		case h.has("classifier.out_proj.weight"):
			dense := h.linear("classifier.dense", c.width, c.width)
			c.classify(m, config, h, "classifier.out_proj", firstToken, step{linear: &dense}, step{act: activations["tanh"]})
		case h.has("classifier.weight"):
			c.classify(m, config, h, "classifier", everyToken)
		case h.has("qa_outputs.weight"):
			c.classify(m, config, h, "qa_outputs", everyToken)
		}
		return m
	},
}
