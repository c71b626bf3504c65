package picture

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/nasim-sim/nasim/internal/jsontext"
)

// Processor turns a picture into a model's input, as a preprocessor_config.json says: resize, crop to the centre, multiply,
// subtract the mean and divide by the standard deviation of each channel. It is not changed by use.
type Processor struct {
	resize    bool
	size      sizing
	filter    filter
	crop      bool
	cropSize  sizing
	factor    float64 // 1 without do_rescale
	mean, std []float64
}

// harmless are keys that say nothing of pixels: whose file it is, how arrays are passed around, what belongs to labels and texts.
// Pictures are always converted to the model's channels, whatever do_convert_rgb says, as load_image does it.
var harmless = []string{
	"image_processor_type", "feature_extractor_type", "processor_class", "_processor_class", "transformers_version", "use_fast",
	"_valid_processor_keys", "_valid_kwargs_names", "_name_or_path", "_commit_hash", "model_input_names", "name_or_path",
	"data_format", "input_data_format", "device", "return_tensors", "disable_grouping", "image_seq_length", "default_to_square",
	"do_convert_rgb", "do_reduce_labels", "reduce_labels", "pad_size", "crop_size", "size", "resample", "rescale_factor",
	"image_mean", "image_std", "do_resize", "do_center_crop", "do_rescale", "do_normalize",
}

// ParseProcessor reads a preprocessor_config.json. Keys that are missing or null are as transformers has them for the type that
// image_processor_type names, or else feature_extractor_type, or else for the model, whose type modelType is config.json's
// model_type. Names of keys must be right to the letter.
func ParseProcessor(raw []byte, modelType string) (*Processor, error) {
	members, err := jsontext.File(raw)
	if err != nil {
		return nil, err
	}
	keys := fields(members)
	r := &keyReader{keys: keys}
	named := read(r, "image_processor_type", read(r, "feature_extractor_type", ""))
	if r.err != nil {
		return nil, r.err
	}
	kind, err := findType(named, modelType)
	if err != nil {
		return nil, err
	}
	square := read(r, "default_to_square", kind.square)
	p := &Processor{
		resize: read(r, "do_resize", true), size: r.sizing("size", square, kind.size),
		crop: read(r, "do_center_crop", kind.crop), cropSize: r.sizing("crop_size", true, kind.cropSize),
		factor: 1, mean: r.numbers("image_mean", kind.mean), std: r.numbers("image_std", kind.std),
	}
	if number := read(r, "resample", kind.resample); r.err == nil && number >= 0 && number < len(filters) {
		p.filter = filters[number]
	} else {
		r.wrong(fmt.Errorf("resample is %d; supported are 0 (nearest) to 5 (hamming)", number))
	}
	if factor := read(r, "rescale_factor", 1.0/255); read(r, "do_rescale", true) {
		p.factor = factor
	}
	if !read(r, "do_normalize", true) {
		p.mean, p.std = []float64{0}, []float64{1}
	}
	if kind.cropPart > 0 {
		p.convNeXT(read(r, "crop_pct", kind.cropPart), r)
		keys = maps.Clone(keys)
		delete(keys, "crop_pct")
	}
	r.wrong(unknownKey(keys))
	r.wrong(p.check())
	if r.err != nil {
		return nil, r.err
	}
	return p, nil
}

// convNeXT is ConvNeXT's own way: a picture below 384 is the centre of one that is larger by crop_pct, others are stretched to a
// square.
func (p *Processor) convNeXT(part float64, r *keyReader) {
	side := p.size.shortest
	switch {
	case side == 0 || p.size.longest > 0:
		r.wrong(errors.New("size has no shortest_edge alone, which a ConvNextImageProcessor wants"))
	case p.crop:
		r.wrong(errors.New("do_center_crop is not supported for a ConvNextImageProcessor, which crops by itself"))
	case !(part > 0 && part <= 1):
		r.wrong(fmt.Errorf("crop_pct is %g; wanted is a number above 0, and 1 at most", part))
	case !p.resize:
	case side < 384:
		p.size.shortest = int(float64(side) / part)
		p.crop, p.cropSize = true, squareOf(side)
	default:
		p.size = squareOf(side)
	}
}

// unknownKey refuses the first key, by name, that may change pixels in a way that is not known. One that switches something off
// changes none.
func unknownKey(keys fields) error {
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(harmless, name) {
			continue
		}
		for _, known := range harmless {
			if strings.EqualFold(name, known) {
				return fmt.Errorf("%s is spelled %s", name, known)
			}
		}
		if value := string(keys[name]); value == "null" || value == "false" {
			continue
		}
		return fmt.Errorf("%s is not supported, and may change the pixels; supported are resizing, centre crops, rescaling and normalisation", name)
	}
	return nil
}

// check verifies what is left of the values.
func (p *Processor) check() error {
	if p.crop && !p.cropSize.fixed() {
		return errors.New("crop_size has no height and width")
	}
	for _, s := range p.std {
		if !(s > 0) {
			return fmt.Errorf("image_std holds %g; wanted are positive numbers", s)
		}
	}
	if !(p.factor > 0) {
		return fmt.Errorf("rescale_factor is %g; wanted is a positive number", p.factor)
	}
	for _, m := range p.mean {
		for _, s := range p.std {
			if x := (float64(255*p.factor) + math.Abs(m)) / s; math.IsInf(x, 0) {
				return fmt.Errorf("rescale_factor %g, an image_mean of %g and an image_std of %g give numbers that are not finite", p.factor, m, s)
			}
		}
	}
	return nil
}

// fields are the keys of a JSON object, as they are spelled.
type fields map[string]json.RawMessage

// keyReader reads keys; the first error stays.
type keyReader struct {
	keys fields
	err  error
}

func (r *keyReader) wrong(err error) {
	if r.err == nil {
		r.err = err
	}
}

// has says whether a key has a value other than null.
func (r *keyReader) has(name string) bool {
	raw, ok := r.keys[name]
	return ok && string(raw) != "null"
}

// read is the value of a key.
func read[T bool | int | float64 | string](r *keyReader, name string, otherwise T) T {
	if !r.has(name) {
		return otherwise
	}
	var value T
	if json.Unmarshal(r.keys[name], &value) != nil {
		wanted := map[string]string{"bool": "true or false", "int": "a whole number", "float64": "a number", "string": "a name"}
		r.wrong(fmt.Errorf("%s is %s; wanted is %s", name, r.keys[name], wanted[fmt.Sprintf("%T", value)]))
		return otherwise
	}
	return value
}

func (r *keyReader) sizing(name string, square bool, otherwise sizing) sizing {
	if !r.has(name) {
		return otherwise
	}
	s, err := parseSizing(name, r.keys[name], square)
	r.wrong(err)
	return s
}

// numbers reads one number or a list of them.
func (r *keyReader) numbers(name string, otherwise []float64) []float64 {
	if !r.has(name) {
		return otherwise
	}
	var one float64
	if json.Unmarshal(r.keys[name], &one) == nil {
		return []float64{one}
	}
	var many []float64
	if json.Unmarshal(r.keys[name], &many) != nil || len(many) == 0 {
		r.wrong(fmt.Errorf("%s is %s; wanted is a number, or a list of one for each channel", name, r.keys[name]))
	}
	return many
}
