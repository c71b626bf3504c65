package picture

import (
	"bytes"
	"fmt"
	"image"
	"math/rand/v2"
	"strings"
	"testing"
)

func parse(t *testing.T, config, modelType string) *Processor {
	t.Helper()
	p, err := ParseProcessor([]byte(config), modelType)
	if err != nil {
		t.Fatalf("%s: %v", config, err)
	}
	return p
}

// noise is a picture of random levels.
func noise(width, height, channels int) *Picture {
	rng := rand.New(rand.NewPCG(1, uint64(width*height)))
	p := &Picture{width, height, channels, make([]uint8, width*height*channels)}
	for i := range p.Pix {
		p.Pix[i] = uint8(rng.Uint32())
	}
	return p
}

// A file that names no type is read as transformers reads it for the model; endings that tell implementations apart do not
// matter; null is as good as nothing.
func TestTypes(t *testing.T) {
	same := [][2]string{
		{`{"size": 30}`, `{"image_processor_type": "ViTImageProcessor", "size": {"height": 30, "width": 30}}`},
		{`{"feature_extractor_type": "ViTFeatureExtractor", "size": 30, "resample": null}`, `{"image_processor_type": "ViTImageProcessorFast", "size": [30, 30]}`},
		{`{"feature_extractor_type": "ViTFeatureExtractor", "image_processor_type": "BitImageProcessor"}`, `{"image_processor_type": "BitImageProcessorPil"}`},
		{`{"image_processor_type": "CLIPImageProcessor", "size": 224}`, `{"image_processor_type": "CLIPFeatureExtractor", "size": {"shortest_edge": 224}, "crop_size": 224}`},
		{`{"image_processor_type": "SiglipImageProcessor", "size": 30}`, `{"image_processor_type": "SiglipImageProcessor", "size": {"shortest_edge": 30}}`},
		{`{"image_processor_type": "CLIPImageProcessor", "size": 30, "default_to_square": true}`, `{"image_processor_type": "CLIPImageProcessor", "size": {"height": 30, "width": 30}}`},
		{`{"do_resize": true, "do_flip_channel_order": false, "crop_pct": null}`, `{}`},
	}
	for _, pair := range same {
		if a, b := describe(parse(t, pair[0], "vit")), describe(parse(t, pair[1], "vit")); a != b {
			t.Errorf("%s is %s\nbut %s is %s", pair[0], a, pair[1], b)
		}
	}
	for model, kind := range map[string]string{"": "ViT", "vit": "ViT", "deit": "DeiT", "dinov2": "Bit", "clip": "CLIP", "beit": "Beit"} {
		if a, b := describe(parse(t, `{}`, model)), describe(parse(t, `{"image_processor_type": "`+kind+`ImageProcessor"}`, "")); a != b {
			t.Errorf("a model of type %s takes %s; wanted %s", model, a, b)
		}
	}
}

func describe(p *Processor) string {
	return fmt.Sprint(p.resize, p.size, p.filter.name, p.crop, p.crop && p.cropSize.fixed(), p.cropSize, p.factor, p.mean, p.std)
}

// Whatever may change pixels is understood or refused by its name.
func TestBadProcessors(t *testing.T) {
	cases := map[string]string{
		`[]`:   "it does not hold a JSON object",
		`null`: "it does not hold a JSON object",
		`{`:    "it ends in the middle",
		`{"image_mean": 1e300, "image_std": 1e-300}`:      "not finite",
		`{"image_processor_type": "DonutImageProcessor"}`: `image_processor_type is "DonutImageProcessor"; supported are BeitImageProcessor, `,
		`{"image_processor_type": "ViT"}`:                 `is "ViT"`,
		`{"do_flip_channel_order": true}`:                 "do_flip_channel_order is not supported",
		`{"do_pad": true, "pad_size": 30}`:                "do_pad is not supported",
		`{"do_align_long_axis": 1}`:                       "do_align_long_axis is not supported",
		`{"rescale_offset": true}`:                        "rescale_offset",
		`{"auto_map": {"AutoImageProcessor": "x"}}`:       "auto_map",
		`{"Do_Resize": false}`:                            "Do_Resize is spelled do_resize",
		`{"IMAGE_MEAN": [0]}`:                             "IMAGE_MEAN is spelled image_mean",
		`{"size": {"Height": 3, "Width": 4}}`:             "size has the keys Height, Width",
		`{"size": {"height": 3}}`:                         "size has the keys height",
		`{"size": {"longest_edge": 3}}`:                   "size has the keys longest_edge",
		`{"size": {"shortest_edge": 0}}`:                  "size has shortest_edge 0",
		`{"size": -4}`:                                    "-4",
		`{"size": 2.5}`:                                   "size is 2.5",
		`{"size": "large"}`:                               "size is \"large\"",
		`{"resample": 6}`:                                 "resample is 6",
		`{"resample": "bicubic"}`:                         "resample is \"bicubic\"; wanted is a whole number",
		`{"do_resize": "yes"}`:                            "do_resize is \"yes\"; wanted is true or false",
		`{"do_center_crop": true}`:                        "crop_size has no height and width",
		`{"image_std": [1, 0, 1]}`:                        "image_std holds 0",
		`{"image_mean": []}`:                              "image_mean is []",
		`{"rescale_factor": 0}`:                           "rescale_factor is 0",
		`{"image_processor_type": "ConvNextImageProcessor", "size": {"height": 3, "width": 3}}`: "shortest_edge",
		`{"image_processor_type": "ConvNextImageProcessor", "crop_pct": 2}`:                     "crop_pct is 2",
		`{"crop_pct": 0.9}`: "crop_pct is not supported",
	}
	for config, want := range cases {
		if _, err := ParseProcessor([]byte(config), "vit"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v; wanted %q", config, err, want)
		}
	}
	if _, err := ParseProcessor([]byte(`{}`), "donut"); err == nil || !strings.Contains(err.Error(), `"donut"`) {
		t.Errorf("a model whose processor is not known: %v", err)
	}
}

func TestFits(t *testing.T) {
	p := parse(t, `{"size": 12}`, "vit")
	if err := p.Fits(3, 8, 8); err == nil || err.Error() != "size is 12 × 12, but the model's image_size is 8 × 8" {
		t.Errorf("error %v", err)
	}
	if err := p.Fits(1, 12, 12); err != nil {
		t.Errorf("the default mean for one channel: %v", err)
	}
	if err := parse(t, `{"image_mean": [0.5, 0.5, 0.5]}`, "vit").Fits(1, 224, 224); err == nil || !strings.Contains(err.Error(), "image_mean has 3 numbers") {
		t.Errorf("error %v", err)
	}
	if err := parse(t, `{"crop_size": 9}`, "clip").Fits(3, 8, 8); err == nil || !strings.Contains(err.Error(), "crop_size is 9 × 9") {
		t.Errorf("error %v", err)
	}
	if err := parse(t, `{"do_center_crop": false}`, "clip").Fits(3, 8, 8); err != nil {
		t.Errorf("what depends on the picture: %v", err)
	}
}

// A part of a resized picture is that part of the whole, for every filter and both orders of the passes.
func TestPartIsPartOfWhole(t *testing.T) {
	for _, from := range [][2]int{{31, 17}, {20, 90}, {1, 5}, {64, 1}} {
		for _, to := range [][2]int{{20, 20}, {31, 40}, {90, 9}, {7, 90}, {50, 17}} {
			img := noise(from[0], from[1], 3)
			for _, f := range filters {
				whole := img.resize(to[0], to[1], f, image.Rect(0, 0, to[0], to[1]))
				for _, part := range []image.Rectangle{image.Rect(0, 0, 1, 1), image.Rect(3, 2, 5, 9), image.Rect(to[0]-2, to[1]-3, to[0], to[1])} {
					got, want := img.resize(to[0], to[1], f, part), whole.cut(part)
					if got.Width != part.Dx() || got.Height != part.Dy() || !bytes.Equal(got.Pix, want.Pix) {
						t.Errorf("%v to %v, %s: the part %v differs", from, to, f.name, part)
					}
				}
			}
		}
	}
}

// A picture of one colour stays that colour under every filter: the integer weights sum to one up to rounding.
func TestResizeKeepsFlatPictures(t *testing.T) {
	for _, f := range filters {
		for _, level := range []uint8{0, 1, 127, 254, 255} {
			p := &Picture{13, 29, 1, bytes.Repeat([]uint8{level}, 13*29)}
			if n := bytes.Count(p.resize(50, 7, f, image.Rect(0, 0, 50, 7)).Pix, []uint8{level}); n != 50*7 {
				t.Errorf("%s, level %d: %d of %d pixels kept it", f.name, level, n, 50*7)
			}
		}
	}
}

// Of a line of 60 000 pixels a crop takes its own pixels only: resized to 224 in width the line would have 3 000 million.
func TestLongPictureIsBounded(t *testing.T) {
	p := parse(t, `{}`, "clip")
	for _, size := range [][2]int{{1, 60000}, {60000, 1}} {
		in, err := p.Apply(noise(size[0], size[1], 3), 3)
		if err != nil || len(in.Values) != 3*224*224 {
			t.Errorf("%v: %v", size, err)
		}
	}
	if _, err := parse(t, `{"do_center_crop": false}`, "clip").Apply(noise(1, 60000, 3), 3); err == nil || !strings.Contains(err.Error(), "224 × 13440000") {
		t.Errorf("without a crop: %v", err)
	}
	if _, err := parse(t, `{"size": {"max_height": 10, "max_width": 10}, "do_center_crop": false}`, "clip").Apply(noise(1, 600, 3), 3); err == nil {
		t.Error("a side of no pixels was accepted")
	}
}

// Grey pictures are the same to a model of three channels as the same levels three times, and colours become grey before they
// are resized.
func TestGrey(t *testing.T) {
	grey := noise(9, 7, 1)
	colour := &Picture{9, 7, 3, nil}
	for _, level := range grey.Pix {
		colour.Pix = append(colour.Pix, level, level, level)
	}
	p := parse(t, `{"size": 5, "image_mean": 0.4}`, "vit")
	for _, channels := range []int{1, 3} {
		a, err := p.Apply(grey, channels)
		if err != nil {
			t.Fatal(err)
		}
		b, err := p.Apply(colour, channels)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(a.Values) != fmt.Sprint(b.Values) || !bytes.Equal(a.Shown.Pix, b.Shown.Pix) || len(a.Values) != 25*channels {
			t.Errorf("%d channels: grey and colour differ", channels)
		}
	}
}

// What is said to be left of a picture, and how large it is said to have become.
func TestFraming(t *testing.T) {
	cases := []struct {
		config, model string
		width, height int
		want          Framing
	}{
		{`{"size": 8}`, "vit", 30, 20, Framing{image.Pt(8, 8), image.Rect(0, 0, 30, 20)}},
		{`{"size": 10, "crop_size": 8}`, "clip", 40, 20, Framing{image.Pt(20, 10), image.Rect(12, 2, 28, 18)}},
		{`{"size": 10, "crop_size": 12}`, "clip", 20, 40, Framing{image.Pt(10, 20), image.Rect(0, 8, 20, 32)}},
		{`{"do_resize": false, "crop_size": 4}`, "clip", 7, 3, Framing{image.Pt(7, 3), image.Rect(1, 0, 5, 3)}},
	}
	for _, c := range cases {
		in, err := parse(t, c.config, c.model).Apply(noise(c.width, c.height, 3), 3)
		if err != nil || in.Framing != c.want {
			t.Errorf("%s of %d × %d: %v, %v; wanted %v", c.config, c.width, c.height, in.Framing, err, c.want)
		}
	}
}
