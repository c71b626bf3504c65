package compare

import "encoding/json"

// Who answers an input: the transformer itself, and the transformer with something else
// in the place of some of its heads.
const (
	Transformer = "transformer"
	Network     = "network" // neurons and astrocytes
	Uniform     = "uniform" // attention that weighs all tokens that are seen alike
	Random      = "random"  // the sums of as many drawn features (map positive), without dynamics
)

// Replaced lists who has heads replaced, the network first. An answer of the network
// proves little by itself: a transformer may not need the heads at all, which uniform
// attention in their place shows.
func Replaced() []string { return []string{Network, Uniform, Random} }

// Choice is one of the words or classes that an answer may be.
type Choice struct {
	ID          int    `json:"id"`
	Text        string `json:"text"`
	Probability Number `json:"probability"`
}

// Answer is what is thought most likely, best first.
type Answer struct {
	Top []Choice `json:"top"`
}

// Response is one question of an input (a masked word, the next word, the class) and
// everyone's answer.
type Response struct {
	Input   string            `json:"input"`
	Token   int               `json:"token"` // that is read; −1: the input as a whole
	Label   *int              `json:"label"` // the true answer; null where it is not known
	Answers map[string]Answer `json:"-"`     // by who answers
}

type responseFields Response

// MarshalJSON puts each answer under the name of who gives it.
func (r Response) MarshalJSON() ([]byte, error) {
	raw, err := json.Marshal(responseFields(r))
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, err
	}
	for _, who := range answerers() {
		if answer, ok := r.Answers[who]; ok {
			if fields[who], err = json.Marshal(answer); err != nil {
				return nil, err
			}
		}
	}
	return json.Marshal(fields)
}

// UnmarshalJSON reads the same.
func (r *Response) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, (*responseFields)(r)); err != nil {
		return err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	r.Answers = map[string]Answer{}
	for _, who := range answerers() {
		var answer Answer
		if raw, ok := fields[who]; ok {
			if err := json.Unmarshal(raw, &answer); err != nil {
				return err
			}
			r.Answers[who] = answer
		}
	}
	return nil
}

func answerers() []string { return append([]string{Transformer}, Replaced()...) }

// Distance is how far answers to one input are from the transformer's; what does not
// apply is null.
type Distance struct {
	Top1    Number `json:"top1_agreement"`   // share of the questions whose likeliest answer is the same
	Top5    Number `json:"top5_agreement"`   // share of the transformer's five likeliest answers that are among these five; mean
	KL      Number `json:"logits_kl"`        // KL(transformer‖other), nats; mean over the questions
	Cosine  Number `json:"embedding_cosine"` // of the embeddings
	Correct Number `json:"accuracy"`         // share of the questions whose likeliest answer is the label
}

// Layer is how far the hidden states that leave a layer are from the transformer's.
type Layer struct {
	Layer         int    `json:"layer"`
	RelativeError Number `json:"relative_error"` // ‖h − h_transformer‖_F / ‖h_transformer‖_F
	Cosine        Number `json:"cosine"`         // of each token's; mean over tokens
}

// ReplacedHead is how far a head's output is from softmax attention on the queries, keys and
// values that it was given where it stands.
type ReplacedHead struct {
	Layer         int    `json:"layer"`
	Head          int    `json:"head"`
	RelativeError Number `json:"relative_error"`
}

// Reply is all that is known of the answers to one input.
type Reply struct {
	Index     int                 `json:"index"` // of the input, from 0
	Input     string              `json:"input"`
	Tokens    int                 `json:"tokens"`
	Label     *int                `json:"label"`
	Responses []Response          `json:"responses"`
	Correct   Number              `json:"correct"` // of the transformer
	Distances map[string]Distance `json:"distances"`
	Layers    []Layer             `json:"layers"`
	Heads     []ReplacedHead      `json:"heads"`
	Failed    string              `json:"failed,omitempty"` // why the network has no answer
}

// Model is what metrics.json says of the whole model: how its answers change with the
// network in the place of heads. Of several inputs every number is a mean over them.
type Model struct {
	Mode      string     `json:"mode"` // of the swap
	Rung      string     `json:"rung"`
	Replaced  int        `json:"heads_replaced"`
	Inputs    int        `json:"inputs"`
	Failed    int        `json:"failed"` // of them, to which the network has no answer; they are left out of every mean
	Responses []Response `json:"responses"`

	Top1                Number `json:"top1_agreement"`
	Top5                Number `json:"top5_agreement"`
	KL                  Number `json:"logits_kl"`
	Cosine              Number `json:"embedding_cosine"`
	AccuracyTransformer Number `json:"accuracy_transformer"`
	AccuracyNetwork     Number `json:"accuracy_network"`
	AccuracyDifference  Number `json:"accuracy_difference"` // network − transformer

	Intervals map[string][2]Number `json:"intervals"` // 95 %, of the means over inputs; absent for one input
	Layers    []Layer              `json:"layers"`
	Heads     []ReplacedHead       `json:"heads"`
	Controls  map[string]Distance  `json:"controls"` // uniform, random: the same of their answers
}

// Given reports whether there is a model's answer.
func (m Model) Given() bool { return m.Inputs > 0 }

type modelFields Model

// MarshalJSON writes {} where no model answers.
func (m Model) MarshalJSON() ([]byte, error) {
	if !m.Given() {
		return []byte("{}"), nil
	}
	return json.Marshal(modelFields(m))
}
