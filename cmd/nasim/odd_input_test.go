package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"
)

// oddTexts are those of a text.
func oddTexts() []odd {
	text := func(content string) func(folder) { return func(f folder) { f.write("input.txt", []byte(content)) } }
	var wide []byte
	for _, unit := range utf16.Encode([]rune("\ufeffthe cell near a synapse, the glia")) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	return []odd{
		{"text-latin1", "text", text("the caf\xe9 cell"), "UTF-8", nil},
		{"text-utf16", "text", text(string(wide)), "UTF-16|UTF-8", nil},
		{"text-crlf-nul", "text", text("the cell\r\nnear\u200b a syn\x00apse,\r\n\r\nthe glia\r\n"), "", like},
		{"text-blank", "text", text(" \n\t \r\n"), "empty", nil},
		{"text-bom", "text", text("\ufeffthe cell near a synapse, the glia"), "", like},
		{"text-zero", "text", text(""), "empty", nil},
		{"text-nul-only", "text", text("\x00\x00\x00"), "empty", nil},
		{"text-special-only", "text", text("[CLS] [SEP] [MASK]"), "", nil},
		{"text-surrogate", "text", text("the \xed\xa0\x80 cell"), "UTF-8", nil},
		{"text-10-MB", "text", text(strings.Repeat("the cell near a synapse ", 10<<20/24)), "the model has 32 positions", nil},
		{"text-long-word", "text", text(strings.Repeat("e", 1e6)), "", nil},
		{"text-many-marks", "text", text("e" + strings.Repeat("\u0301", 1e6)), "", nil},
		{"text-commas", "text", text(strings.Repeat(",", 1e6)), "positions", nil},
		{"text-pipe", "text", func(f folder) { f.pipe("input.txt") }, "is a pipe", nil},
		{"text-directory", "text", func(f folder) { f.directory("input.txt") }, "directory", nil},
		{"text-missing", "text", func(f folder) { f.remove("input.txt") }, "there is no such file", nil},
		{"text-dangling", "text", func(f folder) { f.link("input.txt", "gone") }, "there is no such file", nil},
		{"text-binary", "text", func(f folder) { f.put("input.txt", "photo.tiff") }, "UTF-8", nil},
		{"text-to-an-image-model", "image", func(f folder) { f.edit("config.yaml", "image: {file: picture.png}", "text: {string: the cell}") }, "takes image input", nil},
	}
}

// oddPictures are those of a picture.
func oddPictures() []odd {
	named := func(name string, content []byte) func(folder) {
		return func(f folder) { f.edit("config.yaml", "picture.png", name); f.write(name, content) }
	}
	file := func(name, from string) func(folder) {
		return func(f folder) { f.edit("config.yaml", "picture.png", name); f.put(name, from) }
	}
	cut := func(name, from string, bytes int) func(folder) {
		return func(f folder) { file(name, from)(f); f.write(name, f.read(name)[:bytes]) }
	}
	cases := []odd{
		{"image-exif6", "image", file("photo.jpg", "exif6.jpg"), "", shows("seen.png", 20)},
		{"image-tiff", "image", file("photo.tiff", "photo.tiff"), "", shows("seen.png", 1)},
		{"image-webp", "image", file("photo.webp", "photo.webp"), "", shows("seen.png", 20)},
		{"image-progressive", "image", file("photo.jpg", "progressive.jpg"), "", shows("seen.png", 20)},
		{"image-one-pixel", "image", file("one.png", "one.png"), "", shows("one.png", 1)},
		{"image-animated", "image", file("moving.gif", "moving.gif"), "", shows("seen.png", 30)},
		{"image-alpha", "image", file("alpha.png", "alpha.png"), "transparent", nil},
		{"image-cut", "image", file("photo.jpg", "cut.jpg"), "damaged", nil},
		{"image-bomb", "image", file("bomb.png", "bomb.png"), "pixels", nil},
		{"image-svg", "image", named("drawing.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>`)), "SVG", nil},
		{"image-clean", "image", func(folder) {}, "", shows("seen.png", 1)},

		{"image-other-ending", "image", file("photo.png", "photo.tiff"), "", shows("seen.png", 1)},
		{"image-zero", "image", named("photo.png", nil), "image photo.png: ", nil},
		{"image-html", "image", named("photo.png", []byte(webPage)), "web page", nil},
		{"image-lfs", "image", named("photo.png", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")), "LFS", nil},
		{"image-text", "image", named("photo.png", []byte("a picture")), "image photo.png: ", nil},
		{"image-npz", "image", file("photo.png", "single.npz"), "image photo.png: ", nil},
		{"image-pipe", "image", func(f folder) { f.pipe("picture.png") }, "is a pipe", nil},
		{"image-directory", "image", func(f folder) { f.directory("picture.png") }, "directory", nil},
		{"image-missing", "image", func(f folder) { f.remove("picture.png") }, "there is no such file", nil},
		{"image-to-a-text-model", "text", func(f folder) {
			f.edit("config.yaml", "text: {file: input.txt}", "image: {file: one.png}")
			f.put("one.png", "one.png")
		}, "takes text input", nil},
		{"image-cut-png", "image", func(f folder) { f.write("picture.png", f.read("picture.png")[:60]) }, "damaged|ends", nil},
	}
	for name, from := range map[string]string{"photo.tiff": "photo.tiff", "photo.webp": "photo.webp", "moving.gif": "moving.gif", "photo.jpg": "progressive.jpg"} {
		for _, bytes := range []int{1, 8, 20, 40} {
			cases = append(cases, odd{fmt.Sprint("image-cut-", name, "-", bytes), "image", cut(name, from, bytes), "image " + name + ": ", nil})
		}
	}
	return cases
}

// oddPreprocessors are those of preprocessor_config.json.
func oddPreprocessors() []odd {
	set := func(key, value string) func(folder) { return func(f folder) { f.setKey(pixelsOf, key, value) } }
	content := func(text string) func(folder) { return func(f folder) { f.write(pixelsOf, []byte(text)) } }
	edit := func(old, new string) func(folder) { return func(f folder) { f.edit(pixelsOf, old, new) } }
	return []odd{
		{"preprocessor-zero-std", "image", set("image_std", "[0.5, 0, 0.5]"), "image_std", nil},
		{"preprocessor-other-size", "image", set("size", `{"height": 12, "width": 12}`), "size is 12", nil},
		{"preprocessor-old", "image", content(`{"do_normalize": true, "do_resize": true, "feature_extractor_type": "ViTFeatureExtractor", "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 8}`), "", like},

		{"preprocessor-bom", "image", func(f folder) { f.write(pixelsOf, append([]byte("\ufeff"), f.read(pixelsOf)...)) }, "", like},
		{"preprocessor-html", "image", content(webPage), "preprocessor_config.json: it is a web page", nil},
		{"preprocessor-empty", "image", content(""), "preprocessor_config.json: it is empty", nil},
		{"preprocessor-list", "image", content("[]"), "preprocessor_config.json: it does not hold", nil},
		{"preprocessor-comma", "image", edit(`"ViTImageProcessor"`, `"ViTImageProcessor",`), "preprocessor_config.json: line ", nil},
		{"preprocessor-cut", "image", func(f folder) { f.write(pixelsOf, f.read(pixelsOf)[:99]) }, "preprocessor_config.json: it ends in the middle", nil},
		{"preprocessor-twice", "image", edit(`"resample": 2`, `"resample": 2, "resample": 3`), "resample is given twice", nil},
		{"preprocessor-inner-twice", "image", edit(`"height": 8`, `"height": 8, "height": 9`), "height is given twice", nil},
		{"preprocessor-other-case", "image", edit("image_mean", "Image_Mean"), "Image_Mean is spelled image_mean", nil},
		{"preprocessor-float-size", "image", set("size", `{"height": 8.0, "width": 8.0}`), `size is {"height":8.0,"width":8.0}; wanted is a whole number`, nil},
		{"preprocessor-float-resample", "image", set("resample", "2.0"), "resample is 2.0; wanted is a whole number", nil},
		{"preprocessor-text-size", "image", set("size", `"8"`), `size is "8"`, nil},
		{"preprocessor-infinity", "image", edit("0.00392156862745098", "Infinity"), "rescale_factor", nil},
		{"preprocessor-NaN-mean", "image", set("image_mean", `"NaN"`), "image_mean", nil},
		{"preprocessor-two-means", "image", set("image_mean", "[0.5, 0.5]"), "image_mean", nil},
		{"preprocessor-huge-size", "image", set("size", "1e18"), "size", nil},
		{"preprocessor-number-type", "image", set("image_processor_type", "5"), "image_processor_type is 5", nil},
		{"preprocessor-directory", "image", func(f folder) { f.directory(pixelsOf) }, "is a directory", nil},
		{"preprocessor-pipe", "image", func(f folder) { f.pipe(pixelsOf) }, "not a regular file", nil},
		{"preprocessor-missing", "image", func(f folder) { f.remove(pixelsOf) }, "is missing", nil},
		{"preprocessor-endless", "image", func(f folder) { f.link(pixelsOf, "/dev/zero") }, "not a regular file", nil},
	}
}

// oddTensors are those of an .npz file.
func oddTensors() []odd {
	file := func(from string) func(folder) { return func(f folder) { f.put("heads.npz", from) } }
	change := func(change func(all []array) []array) func(folder) { return func(f folder) { f.rearrange(change) } }
	header := func(old, new string) func(folder) {
		return change(func(all []array) []array { all[0].header = strings.Replace(all[0].header, old, new, 1); return all })
	}
	return []odd{
		{"npz-fortran", "npz", file("fortran.npz"), "", like},
		{"npz-big-endian", "npz", file("big-endian.npz"), "", like},
		{"npz-object", "npz", file("object.npz"), `|O|object`, nil},
		{"npz-scalar", "npz", change(func(all []array) []array {
			all[0].header, all[0].body = strings.Replace(all[0].header, "(2, 7, 4)", "()", 1), all[0].body[:8]
			return all
		}), "shape", nil},
		{"npz-batch", "npz", change(func(all []array) []array {
			for i := range all {
				all[i].header = strings.Replace(all[i].header, "(2,", "(1, 2,", 1)
			}
			return all
		}), "shape", nil},
		{"npz-bfloat16", "npz", file("bfloat16.npz"), "V2", nil},
		{"npz-nan", "npz", change(func(all []array) []array {
			nan := binary.LittleEndian.AppendUint64(nil, math.Float64bits(math.NaN()))
			all[1].body = all[1].body[:8*39] + string(nan) + all[1].body[8*40:]
			return all
		}), "k holds NaN at index 39", nil},
		{"npz-names", "npz", change(func(all []array) []array {
			for i, name := range []string{"query", "key", "value"} {
				all[i].name = name + ".npy"
			}
			return all
		}), "q, k and v", nil},
		{"npz-single", "npz", file("single.npz"), "q, k and v", nil},
		{"npz-huge-shape", "npz", file("huge-shape.npz"), "shape", nil},

		{"npz-compressed", "npz", func(f folder) { f.putArrays("heads.npz", zip.Deflate, f.arrays("heads.npz")) }, "", like},
		{"npz-twice", "npz", change(func(all []array) []array { return append(all, all[0]) }), `two members are called "q.npy"`, nil},
		{"npz-more", "npz", change(func(all []array) []array { return append(all, array{"notes.txt", "", "text"}) }), "", like},
		{"npz-wrong-sum", "npz", func(f folder) {
			raw := f.read("heads.npz")
			at := bytes.Index(raw, []byte("NUMPY")) + 200
			raw[at] ^= 1
			f.write("heads.npz", raw)
		}, "checksum|check sum|damaged", nil},
		{"npz-none", "npz", func(f folder) { f.putArrays("heads.npz", zip.Store, nil) }, "q, k and v", nil},
		{"npz-zero", "npz", func(f folder) { f.write("heads.npz", nil) }, "heads.npz", nil},
		{"npz-half", "npz", func(f folder) { f.write("heads.npz", f.read("heads.npz")[:1000]) }, "damaged or cut off", nil},
		{"npz-html", "npz", func(f folder) { f.write("heads.npz", []byte(webPage)) }, "web page|neither a .npz", nil},
		{"npz-pickle", "npz", func(f folder) { f.write("heads.npz", []byte("\x80\x04\x95")) }, "neither a .npz", nil},
		{"npz-complex", "npz", header("<f8", "<c16"), "element type", nil},
		{"npz-negative", "npz", header("(2, 7, 4)", "(-2, 7, 4)"), "shape", nil},
		{"npz-empty-heads", "npz", change(func(all []array) []array {
			for i := range all {
				all[i].header, all[i].body = strings.Replace(all[i].header, "(2, 7, 4)", "(0, 7, 4)", 1), ""
			}
			return all
		}), "shape", nil},
		{"npz-other-tokens", "npz", change(func(all []array) []array {
			all[2].header, all[2].body = strings.Replace(all[2].header, "(2, 7, 4)", "(2, 6, 4)", 1), all[2].body[:8*48]
			return all
		}), "v has|v ", nil},
		{"npz-directory", "npz", func(f folder) { f.directory("heads.npz") }, "not a regular file|directory", nil},
		{"npz-missing", "npz", func(f folder) { f.remove("heads.npz") }, "there is no such file", nil},
		{"npz-dangling", "npz", func(f folder) { f.link("heads.npz", "gone") }, "there is no such file", nil},
	}
}

// oddYAML are those of the configuration.
func oddYAML() []odd {
	edit := func(old, new string) func(folder) { return func(f folder) { f.edit("config.yaml", old, new) } }
	add := func(text string) func(folder) {
		return func(f folder) { f.write("config.yaml", append(f.read("config.yaml"), text...)) }
	}
	content := func(text string) func(folder) { return func(f folder) { f.write("config.yaml", []byte(text)) } }
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 9; i++ {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", "))
	}
	return []odd{
		{"yaml-nbsp", "npz", edit("method: none", "method:\u00a0none"), "U+00A0", nil},
		{"yaml-minus", "npz", add("seed: −3\n"), "−", nil},
		{"yaml-tab", "npz", edit("  tensors", "\ttensors"), "tab", nil},
		{"yaml-bom-crlf", "npz", func(f folder) {
			f.write("config.yaml", append([]byte("\ufeff"), bytes.ReplaceAll(f.read("config.yaml"), []byte("\n"), []byte("\r\n"))...))
		}, "", like},
		{"yaml-bomb", "npz", add(bomb), "anchor", nil},
		{"yaml-smart-quotes", "npz", edit("heads.npz", "“heads.npz”"), "“heads.npz”", nil},

		{"yaml-alias", "npz", edit("solver: {method: none}", "solver: &s {method: none}\nx: *s"), "anchor", nil},
		{"yaml-merge", "npz", edit("solver: {method: none}", "solver:\n  <<: {method: none}"), "merge", nil},
		{"yaml-tag", "npz", add("seed: !!int 3\n"), "a tag (!)", nil},
		{"yaml-python", "npz", add("seed: !!python/object/apply:os.system [id]\n"), "a tag (!)", nil},
		{"yaml-twice", "npz", add("seed: 3\nseed: 4\n"), "given twice", nil},
		{"yaml-deep", "npz", add("seed: " + strings.Repeat("[", 50000) + "\n"), "config.yaml", nil},
		{"yaml-deep-whole", "npz", add("seed: " + strings.Repeat("[", 50000) + strings.Repeat("]", 50000) + "\n"), "config.yaml", nil},
		{"yaml-deep-keys", "npz", add("seed: " + strings.Repeat("{a: ", 20000) + strings.Repeat("}", 20000) + "\n"), "config.yaml", nil},
		{"yaml-octal", "npz", add("seed: 0o17\n"), "seed: ", nil},
		{"yaml-old-octal", "npz", add("seed: 017\n"), "seed: ", nil},
		{"yaml-hex", "npz", add("seed: 0x1F\n"), "seed: ", nil},
		{"yaml-underscore", "npz", add("seed: 1_000\n"), "seed: ", nil},
		{"yaml-sexagesimal", "npz", add("seed: 1:30\n"), "seed: ", nil},
		{"yaml-yes", "npz", add("record: {attention: yes}\n"), `record.attention: `, nil},
		{"yaml-date", "npz", add("seed: 2023-05-01\n"), "seed: ", nil},
		{"yaml-NaN", "npz", add("network: {astrocyte: {floor: .nan}}\n"), "config.yaml", nil},
		{"yaml-NaN-rtol", "npz", edit("{method: none}", "{method: exact, rtol: .nan}"), "solver.rtol", nil},
		{"yaml-infinite", "npz", edit("{method: none}", "{method: exact, rtol: .inf}"), "solver.rtol", nil},
		{"yaml-empty", "npz", content(""), "is empty", nil},
		{"yaml-comments", "npz", content("# nothing\n---\n# at all\n"), "is empty", nil},
		{"yaml-list", "npz", content("- nasim: 1\n"), "is not a configuration", nil},
		{"yaml-word", "npz", content("nasim"), "is not a configuration", nil},
		{"yaml-binary", "npz", content("\x00\x01\x02\xff"), "config.yaml:1:1: a control character", nil},
		{"yaml-latin1", "npz", add("# caf\xe9\n"), "is not UTF-8", nil},
		{"yaml-utf16", "npz", content("\xff\xfen\x00"), "UTF-16", nil},
		{"yaml-html", "npz", content(webPage), "config.yaml", nil},
		{"yaml-json", "npz", content(`{"nasim": 1, "input": {"tensors": {"file": "heads.npz"}}, "network": {"features": {"map": "positive", "neurons": 2}}, "solver": {"method": "none"}}`), "", like},
		{"yaml-pipe", "npz", func(f folder) { f.pipe("config.yaml") }, "is a pipe", nil},
		{"yaml-endless", "npz", func(f folder) { f.link("config.yaml", "/dev/zero") }, "is larger than 16 MiB", nil},
		{"yaml-directory", "npz", func(f folder) { f.directory("config.yaml") }, "directory", nil},
		{"yaml-missing", "npz", func(f folder) { f.remove("config.yaml") }, "there is no such file", nil},
		{"yaml-null-byte-in-name", "npz", edit("heads.npz", `"heads\0.npz"`), "NUL", nil},
		{"yaml-long-name", "npz", edit("heads.npz", strings.Repeat("n", 100000)), "name", nil},
		{"yaml-null-file", "npz", edit("heads.npz", "null"), "input.tensors.file", nil},
		{"yaml-number-file", "npz", edit("heads.npz", "5"), "input.tensors.file", nil},
		{"yaml-model-null", "text", edit("./model", "~"), "transformer.model", nil},
		{"yaml-model-empty", "text", edit("./model", `""`), "transformer.model", nil},
	}
}
