package picture

import (
	"os"
	"path/filepath"
	"testing"
)

// Whatever the bytes: no panic, and a picture of the size that was announced or an error. Sizes are bounded here as Decode
// bounds them by the memory there is, so that fuzzing is quick.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/files/*")
	if err != nil || len(files) == 0 {
		f.Fatalf("no pictures: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, format := range formats {
			if !format.is(raw) {
				continue
			}
			if width, height, err := format.size(raw); err == nil && width*height > 1<<18 {
				return
			}
		}
		p, err := decode(raw)
		if (err == nil) != (p != nil) {
			t.Fatalf("a picture %v and an error %v", p != nil, err)
		}
		if err != nil {
			return
		}
		if p.Width < 1 || p.Height < 1 || p.Channels != 1 && p.Channels != 3 || len(p.Pix) != p.Width*p.Height*p.Channels {
			t.Fatalf("%d × %d × %d, but %d levels", p.Width, p.Height, p.Channels, len(p.Pix))
		}
	})
}

// Whatever the configuration: no panic, and a processor that works on a small picture or says why not.
func FuzzProcessor(f *testing.F) {
	for _, seed := range []string{
		`{"size": {"height": 12, "width": 20}, "resample": 3}`, `{"image_processor_type": "CLIPImageProcessor", "size": 21, "crop_size": 36}`,
		`{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 28}, "crop_pct": 0.9, "image_mean": [1, 2, 3]}`,
		`{"size": {"shortest_edge": 20, "longest_edge": 26}, "do_normalize": false}`, `{"size": {"max_height": 30, "max_width": 25}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParseProcessor(raw, "vit")
		if err != nil {
			return
		}
		if width, height, err := p.Size(3, 2); err != nil || width*height > 1<<16 {
			return
		}
		in, err := p.Apply(noise(3, 2, 3), 3)
		if err == nil && len(in.Values) != 3*in.Width*in.Height {
			t.Fatalf("%d values of %d × %d", len(in.Values), in.Width, in.Height)
		}
	})
}
