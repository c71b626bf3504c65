package experiment

import (
	"fmt"
	"image"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment/config"
	"github.com/nasim-sim/nasim/pkg/model"
	"github.com/nasim-sim/nasim/pkg/model/features"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
)

// When an input is doubted: it can be run, and the numbers are right, but they are
// probably not about what was meant.
const (
	doubtUnknown   = 0.1 // share of a text's tokens that are the unknown token
	doubtPieces    = 3   // tokens of a word, on average
	doubtElongated = 3   // by which a picture's sides are scaled unlike
	doubtCropped   = 0.4 // share of a picture that is left
	doubtWidth     = 256 // size of a single head
)

// shownWords is how many of a text's unknown words are named.
const shownWords = 5

// doubts collects warnings about an input.
type doubts []compare.Warning

func (d *doubts) add(code, format string, values ...any) {
	*d = append(*d, compare.Warning{Code: code, Text: fmt.Sprintf(format, values...)})
}

// doubtOrder looks whether tokens see in the network what they see in the model.
func doubtOrder(m *transformer.Model, causal, swapped bool) []compare.Warning {
	var d doubts
	if swapped && causal && !m.Causal() {
		d.add("order-looks-back", "in the model %s a token sees all others, and in the heads that are replaced itself and earlier ones alone (schedule.order: causal): --set schedule.order=bidirectional has it as in the model", m.Name())
	}
	if m.Causal() && !causal {
		d.add("order-looks-ahead", "in the model %s a token sees only itself and earlier ones, and here all (schedule.order: bidirectional): --set schedule.order=causal has it as in the model", m.Name())
	}
	return d
}

// atRest is how many of its time constants a membrane needs to come to rest, to within 1 %.
const atRest = 5

// doubtCircuit looks whether the circuit can do what its keys say: know texts that are still to come, and learn from neurons at rest.
func doubtCircuit(cfg *config.Config) []compare.Warning {
	var d doubts
	network := cfg.Network.Parameters()
	if network.Causal {
		var foreknown, without []string
		if cfg.Network.Features.QueryGain == features.GainBalanced {
			foreknown, without = append(foreknown, "the queries' common factor (query_gain: balanced)"), append(without, "--set network.features.query_gain=none")
		}
		if cfg.Network.Astrocyte.Baseline.Word == config.Median {
			foreknown, without = append(foreknown, "the calcium's first value (baseline: median)"), append(without, "--set network.astrocyte.baseline=1")
		}
		if network.Division.Readout == model.Event {
			foreknown, without = append(foreknown, "the receptors' half effect and the threshold of release (readout: event)"), append(without, "--set network.astrocyte.readout=reciprocal")
		}
		if network.Division.Readout == model.Threshold {
			foreknown, without = append(foreknown, "the threshold of activity (readout: threshold)"), append(without, "--set network.astrocyte.readout=reciprocal")
		}
		if network.Division.Readout == model.Receptor {
			foreknown, without = append(foreknown, "the receptors' half effect (readout: receptor)"), append(without, "--set network.astrocyte.readout=reciprocal")
		}
		if network.Circuit == model.Tripartite && network.Calcium != model.Pole {
			foreknown, without = append(foreknown, "how strongly what is collected drives the cell (calcium: "+network.Calcium.String()+")"), append(without, "--set network.astrocyte.calcium="+model.Pole.String())
		}
		if network.Circuit == model.NoAstrocyte {
			foreknown, without = append(foreknown, "the number that divides (circuit: none)"), append(without, "--set network.circuit=tripartite")
		}
		if foreknown != nil {
			is := "is"
			if len(foreknown) > 1 {
				is = "are"
			}
			d.add("order-foreknown", "tokens see themselves and earlier ones alone, but %s %s made from all tokens, later ones too, and a circuit would have to know earlier texts; without: %s",
				strings.Join(foreknown, " and "), is, strings.Join(without, " "))
		}
	}
	if slowest := max(network.TauHidden, network.TauOutput); cfg.Network.Synapses.LearningRate.Word == config.Calibrated && network.Gap > 0 && network.Gap < atRest*slowest {
		d.add("blanks-short", "the learning rate is calibrated for tokens that are written from rest, and blanks of %v are short for neurons with a time constant of %v: --set network.schedule.gap=%v, or 0ms, where it is 1",
			config.Time(network.Gap), config.Time(slowest), config.Time(atRest*slowest))
	}
	if network.Calcium == model.LiRinzel && network.IP3Max > model.StableIP3 && network.Circuit == model.Tripartite {
		d.add("calcium-oscillates", "where queries read much, IP3 reaches %v µM, and from %v to %v µM calcium does not settle but oscillates (ip3_max): --set network.astrocyte.ip3_max=0.3", network.IP3Max, model.OscillatesFrom, model.OscillatesTo)
	}
	return d
}

// DoubtText looks whether the model can read a text: of a word that its vocabulary
// lacks only the unknown token is left, the same for all.
func DoubtText(m *transformer.Model, text string, tokens transformer.Tokens) []compare.Warning {
	var d doubts
	if tokens.Dropped > 0 {
		d.add("text-cut", "the text is cut off: of %d tokens the last %d are not read (truncate: true; %s has %d positions)",
			tokens.Len()+tokens.Dropped, tokens.Dropped, m.Name(), m.MaxTokens())
	}
	if n := len(tokens.Written); n > 0 {
		var names []string
		for _, i := range tokens.Written {
			if name := fmt.Sprintf("%q", tokens.Strings[i]); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		d.add("text-special", "the text spells out special tokens of the model %s (%d: %s): it reads them as such, not as text", m.Name(), n, few(names, shownWords))
	}
	if prompt := m.Prompt(); prompt != "" {
		d.add("text-prompt", "the model %s puts its prompt %q in front of the text (default_prompt_name of its sentence-transformers configuration): its tokens are read, too", m.Name(), prompt)
	}
	if n := strings.Count(text, string(utf8.RuneError)); n > 0 {
		d.add("text-damaged", "characters of the text were lost when it was decoded (%d × U+FFFD, which stands for one); take it from its source again, as UTF-8", n)
	}
	words, unknown, err := m.Tokenizer().Words(text)
	if err != nil {
		return d // which EncodeText has reported
	}
	var strange []string
	count := 0
	for i, word := range words {
		if unknown[i] {
			count++
			if name := fmt.Sprintf("%.40q", word); !slices.Contains(strange, name) {
				strange = append(strange, name)
			}
		}
	}
	content := tokens.Dropped
	for _, special := range tokens.Special {
		if !special {
			content++
		}
	}
	switch share := float64(count) / float64(content); {
	case count == content:
		d.add("text-unknown", "the model %s knows no word of the text (%s): all %d tokens are its unknown token, and differ by position alone", m.Name(), few(strange, shownWords), count)
	case share >= doubtUnknown:
		d.add("text-unknown", "%d of the text's %d tokens (%.0f %%) are the unknown token, the same for every word that is not in the vocabulary of the model %s: %s",
			count, content, 100*share, m.Name(), few(strange, shownWords))
	case float64(content) >= doubtPieces*float64(len(words)):
		d.add("text-pieces", "the text's %d words are cut into %d tokens, %.1f a word: few are in the vocabulary of the model %s; is it of another language or script?",
			len(words), content, float64(content)/float64(len(words)), m.Name())
	}
	return d
}

// DoubtPicture looks whether much is left of a picture in what the model sees of it.
func DoubtPicture(file image.Rectangle, frames int, seen transformer.Patches) []compare.Warning {
	var d doubts
	if frames > 1 {
		d.add("picture-frames", "the file holds %d frames; the first is taken", frames)
	}
	width, height := file.Dx(), file.Dy()
	if oneColour(seen.Picture) {
		d.add("picture-one-colour", "the picture, %d × %d pixels, shows one colour: all patches are alike, and their tokens differ by position alone", width, height)
		return d
	}
	if width < seen.Cols || height < seen.Rows {
		d.add("picture-coarse", "the picture has %d × %d pixels, fewer than there are patches, %d × %d: what most of them show is interpolated", width, height, seen.Cols, seen.Rows)
	}
	wide, tall := float64(width)*float64(seen.Resized.Y), float64(height)*float64(seen.Resized.X)
	if unlike := max(wide/tall, tall/wide); unlike >= doubtElongated {
		d.add("picture-elongated", "the picture has %d × %d pixels, and the model sees it as %d × %d: one side is squeezed %.3g times as much as the other; crop it if shapes matter",
			width, height, seen.Resized.X, seen.Resized.Y, unlike)
	}
	left := seen.Source.Size()
	if share := float64(left.X) * float64(left.Y) / (float64(width) * float64(height)); share < doubtCropped {
		d.add("picture-cropped", "the picture has %d × %d pixels, and the model sees its centre of %d × %d alone, %.0f %% of it; cut out what matters",
			width, height, left.X, left.Y, 100*share)
	}
	return d
}

func oneColour(picture *image.RGBA) bool {
	first := picture.Pix[:4]
	for pixel := range slices.Chunk(picture.Pix, 4) {
		if !slices.Equal(pixel, first) {
			return false
		}
	}
	return true
}

// doubtTensors looks whether arrays have the axes and hold the numbers that they are
// taken for.
func doubtTensors(all [3]tensor) []compare.Warning {
	var d doubts
	a := all[0]
	heads, tokens, width := a.shape[0], a.shape[1], a.shape[2]
	if heads > tokens {
		d.add("tensors-axes", "%s has the shape %v, taken as [heads, tokens, size], with more heads than tokens; if it is [tokens, heads, size], save %s.transpose(1, 0, 2), and the others likewise",
			a.name, a.shape, a.name)
	}
	if features := strings.HasPrefix(a.name, "phi"); heads == 1 && width > doubtWidth && !features {
		d.add("tensors-joined", "%s has the shape %v, taken as one head of size %d, and few heads are larger than %d; if several are joined, separate them: %s.reshape(tokens, heads, size).transpose(1, 0, 2)",
			a.name, a.shape, width, doubtWidth, a.name)
	}
	for _, t := range all[:2] {
		if t.kind != 'f' {
			d.add("tensors-whole", "%s holds whole numbers; if they are quantised, multiply them by their scale", t.name)
		}
	}
	for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		if x, y := all[pair[0]], all[pair[1]]; heads*tokens > 1 && x.shape == y.shape && slices.Equal(x.x, y.x) {
			d.add("tensors-equal", "%s and %s hold the same numbers; if that is not meant, one was saved twice", x.name, y.name)
		}
	}
	return d
}

// doubtTuning looks whether the hidden layer of a causal head is tuned to tokens that are still to come.
func doubtTuning(cfg *config.Config) []compare.Warning {
	var d doubts
	if f := cfg.Network.Features; cfg.Network.Schedule.Order == "causal" && f.Map != features.Learned {
		const remedy = "the answers at each token depend on those that follow it"
		switch aligned := f.Invariances != features.NoInvariance && f.File == ""; {
		case features.Adapts(f.Map):
			d.add("tuning-looks-ahead", "the rows of the map %s are drawn as all tokens of the input call for, and in a causal run %s: a map that is fitted to other inputs (nasim fit, map: learned) does not look ahead", f.Map, remedy)
		case aligned:
			d.add("tuning-looks-ahead", "the invariances (%s) are those of all tokens of the input, and in a causal run %s: network.features.file takes those of a map file, which are of other inputs", f.Invariances, remedy)
		}
	}
	return d
}

// doubtHeads looks for heads on which there is nothing to compare: those whose
// attention is uniform, or whose output is the same whatever it is.
func doubtHeads(heads []headInput) []compare.Warning {
	var d doubts
	if heads[0].n == 1 {
		d.add("heads-one-token", "there is one token: its attention is 1, whatever the queries and keys are")
		return d
	}
	for _, c := range []struct {
		code, text string
		holds      func(*headInput) bool
	}{
		{"heads-uniform", "attention is uniform: the queries are all 0, or the keys all equal", func(h *headInput) bool {
			return !h.given() && (allZero(h.q) || sameRows(h.k, h.d))
		}},
		{"heads-no-values", "the values are all 0, and so is every output: errors relative to it are null", func(h *headInput) bool { return allZero(h.v) }},
		{"heads-one-value", "the values of all tokens are equal: every attention whose rows sum to 1 gives the same output", func(h *headInput) bool {
			return sameRows(h.v, h.dv) && !allZero(h.v)
		}},
	} {
		var which []string
		for i := range heads {
			if c.holds(&heads[i]) {
				which = append(which, heads[i].label())
			}
		}
		switch {
		case len(which) == len(heads) && len(heads) > 1:
			d.add(c.code, "every head: %s", c.text)
		case len(which) > 0:
			d.add(c.code, "%s: %s", few(which, shownWords), c.text)
		}
	}
	return d
}

func allZero(x []float64) bool { return x[0] == 0 && sameRows(x, 1) }

// sameRows reports whether all rows of that width are the first.
func sameRows(x []float64, width int) bool {
	for row := range slices.Chunk(x, width) {
		if !slices.Equal(row, x[:width]) {
			return false
		}
	}
	return true
}
