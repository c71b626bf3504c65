package main

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/internal/npz"
)

// oddWeights are those of model.safetensors.
func oddWeights() []odd {
	content := func(text string) func(folder) { return func(f folder) { f.write(weightsOf, []byte(text)) } }
	query := func(change func(s stored) stored) func(folder) {
		return func(f folder) {
			f.retensor(func(all map[string]stored) { all[attention+"query.weight"] = change(all[attention+"query.weight"]) })
		}
	}
	number := func(x float64) func(folder) {
		return query(func(s stored) stored {
			binary.LittleEndian.PutUint32(s.bytes[4*(3*8+2):], math.Float32bits(float32(x)))
			return s
		})
	}
	header := func(change func(header string, body []byte) (string, []byte)) func(folder) {
		return func(f folder) {
			raw := f.read(weightsOf)
			length := int(binary.LittleEndian.Uint64(raw))
			f.write(weightsOf, safetensors(change(string(raw[8:8+length]), raw[8+length:])))
		}
	}
	alone := func(entries string, bytes int) func(folder) {
		return content(string(safetensors("{"+entries+"}", make([]byte, bytes))))
	}
	cases := []odd{
		{"weights-lfs", "text", content("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90868376\n"), "LFS", nil},
		{"weights-html", "text", content(webPage + strings.Repeat("<!-- -->", 100)), "web page", nil},
		{"weights-empty", "text", content(""), "0 bytes", nil},
		{"weights-dangling-link", "text", func(f folder) { f.link(weightsOf, "../../blobs/ab12") }, "symbolic link to ../../blobs/ab12", nil},
		{"weights-folder", "text", func(f folder) { f.directory(weightsOf) }, "directory", nil},
		{"weights-nan", "text", number(math.NaN()), "NaN at index [3 2]", nil},
		{"weights-zero-query", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				clear(all[attention+"query.weight"].bytes)
				clear(all[attention+"query.bias"].bytes)
			})
		}, "", uniform},
		{"weights-f64", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				for name, s := range all {
					var wide []byte
					for i := 0; i < len(s.bytes); i += 4 {
						x := math.Float32frombits(binary.LittleEndian.Uint32(s.bytes[i:]))
						wide = binary.LittleEndian.AppendUint64(wide, math.Float64bits(float64(x)))
					}
					all[name] = stored{DType: "F64", Shape: s.Shape, bytes: wide}
				}
			})
		}, "", like},
		{"weights-f8", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				for name, s := range all {
					all[name] = stored{DType: "F8_E4M3", Shape: s.Shape, bytes: s.bytes[:len(s.bytes)/4]}
				}
			})
		}, "F8_E4M3", nil},
		{"weights-new-type", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				all["unused.scale"] = stored{DType: "F8_E8M0", Shape: []int{4}, bytes: make([]byte, 4)}
			})
		}, "", like},
		{"weights-no-lm-head", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				maps.DeleteFunc(all, func(name string, _ stored) bool { return strings.HasPrefix(name, "predictions.") })
			})
		}, "", like},
		{"weights-missing", "text", func(f folder) { f.retensor(func(all map[string]stored) { delete(all, attention+"query.bias") }) }, "query.bias", nil},
		{"weights-shape", "text", func(f folder) { f.setKey(configOf, "hidden_size", "16") }, "shape", nil},
		{"weights-twice", "text", header(func(h string, body []byte) (string, []byte) {
			return h[:len(h)-1] + `,"` + attention + `query.bias":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}`, body
		}), "twice", nil},
		{"weights-padded-header", "text", header(func(h string, body []byte) (string, []byte) { return h + strings.Repeat(" ", 37), body }), "", like},
		{"weights-long-header", "text", content(string(binary.LittleEndian.AppendUint64(nil, 1<<62)) + "{}"), "header", nil},
		{"weights-only-bin", "text", func(f folder) { f.write("model/pytorch_model.bin", f.read(weightsOf)); f.remove(weightsOf) }, "pytorch_model.bin", nil},
		{"cache-layout", "text", func(f folder) {
			const hash = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff"
			for i, name := range []string{"config.json", "model.safetensors", "tokenizer.json"} {
				blob := strconv.Itoa(i)
				f.write("models--me--tiny/blobs/"+blob, f.read("model/"+name))
				f.link("models--me--tiny/snapshots/"+hash+"/"+name, "../../blobs/"+blob)
			}
			f.write("models--me--tiny/refs/main", []byte(hash))
			f.remove("model")
			f.edit("config.yaml", "./model", "./models--me--tiny")
		}, "", like},

		{"weights-infinity", "text", number(math.Inf(-1)), "-Inf at index [3 2]", nil},
		{"weights-huge", "text", number(3e38), "query 0 has the length", nil},
		{"weights-cut", "text", func(f folder) { raw := f.read(weightsOf); f.write(weightsOf, raw[:len(raw)-1]) }, "truncated", nil},
		{"weights-longer", "text", func(f folder) { f.write(weightsOf, append(f.read(weightsOf), 0)) }, "bytes follow the header", nil},
		{"weights-missing-all", "text", func(f folder) { f.remove(weightsOf) }, "model.safetensors is missing", nil},
		{"weights-pipe", "text", func(f folder) { f.pipe(weightsOf) }, "not a regular file", nil},
		{"weights-overlap", "text", alone(`"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}`, 12), "overlaps", nil},
		{"weights-hole", "text", alone(`"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}`, 20), "belong to no tensor", nil},
		{"weights-beyond", "text", alone(`"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}`, 8), "truncated", nil},
		{"weights-negative-shape", "text", alone(`"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}`, 8), "impossible shape", nil},
		{"weights-shape-overflow", "text", alone(`"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}`, 8), "impossible shape", nil},
		{"weights-shape-beyond-int64", "text", alone(`"a":{"dtype":"F32","shape":[9999999999999999999999],"data_offsets":[0,8]}`, 8), `"a"`, nil},
		{"weights-null-shape", "text", alone(`"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}`, 4), "shape is null", nil},
		{"weights-null-type", "text", alone(`"a":{"dtype":null,"shape":[1],"data_offsets":[0,4]}`, 4), "dtype is null", nil},
		{"weights-null-tensor", "text", alone(`"a":null`, 0), `"a"`, nil},
		{"weights-none", "text", content(string(safetensors("{}", nil))), "no tensor", nil},
		{"weights-many-dimensions", "text", alone(`"a":{"dtype":"F32","shape":[`+strings.Repeat("1,", 1<<20)+`1],"data_offsets":[0,4]}`, 4), "no tensor", nil},
		{"weights-of-another", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				for name, s := range maps.Clone(all) {
					delete(all, name)
					all[strings.Replace(name, "albert.", "bart.decoder.", 1)+".x"] = s
				}
			})
		}, "no tensor's name ends in", nil},
		{"weights-two-models", "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				for name, s := range maps.Clone(all) {
					all["teacher."+name] = s
				}
			})
		}, "more than one model", nil},
		{"weights-empty-classifier", "image", func(f folder) {
			f.retensor(func(all map[string]stored) { all["classifier.weight"] = stored{DType: "F32", Shape: []int{1 << 40, 0}} })
		}, `"classifier.weight" has shape`, nil},
		{"weights-huge-classifier", "image", func(f folder) {
			f.retensor(func(all map[string]stored) { all["classifier.weight"] = stored{DType: "F9", Shape: []int{1 << 62, 8}} })
		}, `"classifier.weight" is stored as F9`, nil},
		{"weights-no-classes", "image", func(f folder) {
			f.retensor(func(all map[string]stored) {
				all["classifier.weight"] = stored{DType: "F32", Shape: []int{0, 8}}
				all["classifier.bias"] = stored{DType: "F32", Shape: []int{0}}
			})
		}, "classifier", nil},
		{"weights-classifier-vector", "image", func(f folder) {
			f.retensor(func(all map[string]stored) {
				s := all["classifier.weight"]
				all["classifier.weight"] = stored{DType: "F32", Shape: []int{len(s.bytes) / 4}, bytes: s.bytes}
			})
		}, `"classifier.weight" has shape [24]`, nil},
	}
	for _, dtype := range []string{"F8_E4M3", "F8_E5M2", "F4", "C64", "I8", "BOOL", "f32", ""} {
		cases = append(cases, odd{"weights-type-" + dtype, "text", func(f folder) {
			f.retensor(func(all map[string]stored) {
				s := all[attention+"query.weight"]
				all[attention+"query.weight"] = stored{DType: dtype, Shape: s.Shape, bytes: s.bytes[:64]}
			})
		}, fmt.Sprintf("is stored as %s; supported|has the type %q", dtype, dtype), nil})
	}
	return cases
}

// uniform: every attention weight is 1/N.
func uniform(t *testing.T, run, _ string) {
	f, err := npz.Open(filepath.Join(run, "outputs.npz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"attention_softmax"} {
		a, shape, err := f.Float64(name)
		if err != nil || len(a) == 0 {
			t.Fatal(name, err)
		}
		for _, x := range a {
			if want := 1 / float64(shape[2]); math.Abs(x-want) > 1e-14 {
				t.Fatalf("%s holds %v, not %v", name, x, want)
			}
		}
	}
}

const (
	first  = "model-00001-of-00002.safetensors"
	second = "model-00002-of-00002.safetensors"
)

// shard divides the weights; what is given changes the parts and the index.
func shard(change func(f folder, parts [2]map[string]stored, index map[string]string)) func(folder) {
	return func(f folder) {
		all := f.tensors(weightsOf)
		parts, index := [2]map[string]stored{{}, {}}, map[string]string{}
		for i, name := range slices.Sorted(maps.Keys(all)) {
			part, file := 0, first
			if i >= 10 {
				part, file = 1, second
			}
			parts[part][name], index[name] = all[name], file
		}
		f.remove(weightsOf)
		if change != nil {
			change(f, parts, index)
		}
		for i, file := range []string{first, second} {
			if parts[i] != nil {
				f.putTensors("model/"+file, parts[i])
			}
		}
		var entries []string
		for _, name := range slices.Sorted(maps.Keys(index)) {
			entries = append(entries, fmt.Sprintf("%q: %q", name, index[name]))
		}
		f.write(indexOf, []byte(`{"metadata": {"total_size": 1}, "weight_map": {`+strings.Join(entries, ", ")+`}}`))
	}
}

// oddShards are those of weights in several files.
func oddShards() []odd {
	const words = "albert.embeddings.word_embeddings.weight"
	named := func(file string) func(folder) {
		return shard(func(_ folder, _ [2]map[string]stored, index map[string]string) { index[words] = file })
	}
	index := func(text string) func(folder) {
		return func(f folder) { shard(nil)(f); f.write(indexOf, []byte(text)) }
	}
	return []odd{
		{"shards-good", "text", shard(nil), "", like},
		{"shards-missing", "text", func(f folder) { shard(nil)(f); f.remove("model/" + second) }, second, nil},
		{"shards-shape", "text", shard(func(_ folder, parts [2]map[string]stored, _ map[string]string) {
			for name, s := range parts[1] {
				parts[1][name] = stored{DType: s.DType, Shape: append([]int{3}, s.Shape...), bytes: slices.Concat(s.bytes, s.bytes, s.bytes)}
			}
		}), "shape", nil},
		{"shards-elsewhere", "text", named("../../etc/passwd"), "wanted are files beside it", nil},
		{"shards-absolute", "text", named("/etc/passwd"), "wanted are files beside it", nil},
		{"shards-backslash", "text", named(`..\weights`), "wanted are files beside it", nil},
		{"shards-unnamed", "text", named(""), "wanted are files beside it", nil},
		{"shards-of-themselves", "text", named("model.safetensors.index.json"), "model.safetensors.index.json", nil},
		{"shards-listed-and-lacking", "text", shard(func(_ folder, parts [2]map[string]stored, _ map[string]string) { delete(parts[0], words) }), `"` + words + `" should be in ` + first, nil},
		{"shards-with-one-twice", "text", shard(func(_ folder, parts [2]map[string]stored, _ map[string]string) { parts[1][words] = parts[0][words] }), `"` + words + `" is in`, nil},
		{"shards-nan", "text", shard(func(_ folder, parts [2]map[string]stored, _ map[string]string) {
			binary.LittleEndian.PutUint32(parts[0][words].bytes, math.Float32bits(float32(math.NaN())))
		}), first + `: tensor "` + words + `" holds NaN`, nil},
		{"shards-cut", "text", func(f folder) {
			shard(nil)(f)
			raw := f.read("model/" + second)
			f.write("model/"+second, raw[:len(raw)-1])
		}, second + ": not a readable safetensors file", nil},
		{"shards-pipe", "text", func(f folder) { shard(nil)(f); f.pipe("model/" + second) }, "not a regular file", nil},
		{"shards-dangling", "text", func(f folder) { shard(nil)(f); f.link("model/"+second, "../blobs/1") }, "symbolic link", nil},
		{"index-no-map", "text", index(`{"weight_map": null}`), "weight_map", nil},
		{"index-empty-map", "text", index(`{"weight_map": {}}`), "weight_map is {}", nil},
		{"index-list", "text", index(`{"weight_map": ["a"]}`), `weight_map is ["a"]`, nil},
		{"index-numbers", "text", index(`{"weight_map": {"a": 1}}`), "weight_map: a is 1", nil},
		{"index-other-case", "text", index(`{"Weight_Map": {}}`), "weight_map", nil},
		{"index-twice", "text", index(`{"weight_map": {"` + words + `": "` + first + `", "` + words + `": "` + second + `"}}`), words + " is given twice", nil},
		{"index-html", "text", index(webPage), "web page", nil},
		{"index-empty", "text", index(""), "empty", nil},
		{"index-pipe", "text", func(f folder) { shard(nil)(f); f.pipe(indexOf) }, "not a regular file", nil},
	}
}
