package compare

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// modelFieldTexts say what each field of `model` is, by its path in JSON.
var modelFieldTexts = [][2]string{
	{"mode", "swap.mode: free-running, teacher-forced or, of a set, none."},
	{"rung", "swap.rung: what stands in the place of the heads."},
	{"heads_replaced", "How many heads are replaced."},
	{"inputs", "How many inputs were asked about: 1, or those of a set."},
	{"failed", "How many of them there is no answer to. They are in no number below; responses.csv says why."},
	{"responses", "The first 10 answers in words; of an input at most 5."},
	{"responses.input", "The input's name, or the beginning of the text."},
	{"responses.token", "Which token is read, from 0: a masked one; of a causal model the last; of a text without a mask each that is not special. −1: the input as a whole."},
	{"responses.label", "The true class; null where it is not known."},
	{"responses.transformer, .network, .uniform, .random", "`top`: the 5 likeliest words or classes, each with its `id`, `text` and `probability` (softmax of the logits). Absent of whom is not asked."},
	{"top1_agreement", "Share of an input's questions whose likeliest answer is the transformer's; ties go to the lower number."},
	{"top5_agreement", "|five likeliest ∩ the transformer's five likeliest| / 5 (or the number of classes, if less), mean over an input's questions."},
	{"logits_kl", "Σ p ln(p/q) in nats, p the transformer's probabilities, q the network's; mean over an input's questions."},
	{"embedding_cosine", "Cosine of the network's embedding and the transformer's, of models that make one."},
	{"accuracy_transformer", "Share of inputs whose likeliest answer by the transformer is the label."},
	{"accuracy_network", "The same by the network."},
	{"accuracy_difference", "accuracy_network − accuracy_transformer, input by input."},
	{"intervals", "95 % intervals of the means above over the inputs, by name, as [low, high]: quantiles 0.025 and 0.975 of the means of 2 000 resamplings of the inputs, or of fewer, 200 at least, of more than 25 000 inputs (percentile bootstrap; Efron, Annals of Statistics 7, 1979), drawn by the seed. They say what other inputs of the kind would give, for this draw of the neurons; other neurons are another seed. Absent for one input."},
	{"layers", "How far hidden states are from the transformer's, as they leave each layer; teacher-forced, only layers with replaced heads, each with the transformer's own states going in."},
	{"layers.layer", "Which layer, from 0."},
	{"layers.relative_error", "‖h − h_transformer‖_F / ‖h_transformer‖_F."},
	{"layers.cosine", "Cosine of a token's state and the transformer's, mean over tokens."},
	{"heads", "How far the output of each replaced head is from softmax attention on the queries, keys and values that it is given where it stands; free-running, those are of a model whose earlier heads are replaced, too."},
	{"heads.layer", "Which layer, from 0."},
	{"heads.head", "Which head of it, from 0."},
	{"heads.relative_error", "‖output − softmax output‖_F / ‖softmax output‖_F."},
	{"controls", "What the same comparison says of something else in the same heads (swap.controls): `uniform`, attention that weighs all tokens that are seen alike, and `random`, the sums of as many random features (map positive) without dynamics. Each has `top1_agreement`, `top5_agreement`, `logits_kl`, `embedding_cosine` and `accuracy`, as above."},
}

// modelSection is the page's part on the whole model.
func modelSection() string {
	var b strings.Builder
	b.WriteString("\n## The whole model\n\n`model` in metrics.json says how the transformer's answers change with the network in the place of heads (`swap`), or, of a\nset of inputs, how right they are. Every number is a mean over the inputs that have it, first over an input's own questions;\nnull where it does not apply. Without swap and without a set it is `{}`.\n\n| field | meaning |\n|---|---|\n")
	for _, f := range modelFieldTexts {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(f[0], ", .", "`, `."), strings.ReplaceAll(f[1], "|", `\|`))
	}
	return b.String()
}

// TestModelPage: every field of `model` is on the page, and none that is not there.
func TestModelPage(t *testing.T) {
	told := map[string]bool{}
	for _, f := range modelFieldTexts {
		if told[f[0]] {
			t.Errorf("%s is told twice", f[0])
		}
		told[f[0]] = true
	}
	fields := func(under string, x any) {
		of := reflect.TypeOf(x)
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if !told[under+name] {
				t.Errorf("%s is not told", under+name)
			}
			delete(told, under+name)
		}
	}
	fields("", Model{})
	fields("responses.", Response{})
	fields("layers.", Layer{})
	fields("heads.", ReplacedHead{})
	all := "responses"
	for _, who := range answerers() {
		all += "." + who + ", "
	}
	delete(told, strings.TrimSuffix(all, ", "))
	for name := range told {
		t.Errorf("%s is no field", name)
	}
	for i := range reflect.TypeFor[Distance]().NumField() {
		if name := reflect.TypeFor[Distance]().Field(i).Tag.Get("json"); !strings.Contains(modelSection(), "`"+name+"`") {
			t.Errorf("%s is not told", name)
		}
	}
}
