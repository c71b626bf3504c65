package family

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A tensor of a file that is to be written.
type stored struct {
	dtype string
	shape []int64
	bytes []byte
}

// readWeights reads a reference's weights, which are bfloat16.
func readWeights(t testing.TB, folder string) map[string]stored {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	length := binary.LittleEndian.Uint64(raw)
	var header map[string]struct {
		DType   string  `json:"dtype"`
		Shape   []int64 `json:"shape"`
		Offsets []int64 `json:"data_offsets"`
	}
	var any map[string]json.RawMessage
	if err := json.Unmarshal(raw[8:8+length], &any); err != nil {
		t.Fatal(err)
	}
	delete(any, "__metadata__")
	text, _ := json.Marshal(any)
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatal(err)
	}
	tensors := map[string]stored{}
	for name, e := range header {
		tensors[name] = stored{e.DType, e.Shape, raw[8+int64(length)+e.Offsets[0] : 8+int64(length)+e.Offsets[1]]}
	}
	return tensors
}

// as stores bfloat16 as another type, which holds the references' numbers exactly.
func (s stored) as(dtype string) stored {
	if s.dtype != "BF16" || dtype == "BF16" {
		return s
	}
	var b []byte
	for i := 0; i < len(s.bytes); i += 2 {
		x := math.Float32frombits(uint32(binary.LittleEndian.Uint16(s.bytes[i:])) << 16)
		switch dtype {
		case "F64":
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(x)))
		case "F32":
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		case "F16":
			b = binary.LittleEndian.AppendUint16(b, halfOf(x))
		}
	}
	return stored{dtype, s.shape, b}
}

// halfOf narrows a number that binary16 holds exactly.
func halfOf(x float32) uint16 {
	bits := math.Float32bits(x)
	sign, exponent, fraction := uint16(bits>>16&0x8000), int(bits>>23&0xff)-127, bits&0x7fffff
	switch {
	case x == 0:
		return sign
	case exponent >= -14:
		return sign | uint16(exponent+15)<<10 | uint16(fraction>>13)
	}
	return sign | uint16((fraction|0x800000)>>(13-14-exponent))
}

// writeWeights writes a safetensors file.
func writeWeights(t testing.TB, path string, tensors map[string]stored) {
	t.Helper()
	header, body := map[string]any{"__metadata__": map[string]string{"format": "pt"}}, []byte(nil)
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		s := tensors[name]
		header[name] = map[string]any{"dtype": s.dtype, "shape": s.shape, "data_offsets": []int{len(body), len(body) + len(s.bytes)}}
		body = append(body, s.bytes...)
	}
	text, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	raw := append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...)
	if err := os.WriteFile(path, append(raw, body...), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A layout is a way of storing the same checkpoint.
type layout struct {
	name   string
	change func(tensors map[string]stored) map[string]stored
	config func(map[string]json.RawMessage)
	shards int
}

// renamed returns tensors under other names.
func renamed(by func(string) string) func(map[string]stored) map[string]stored {
	return func(tensors map[string]stored) map[string]stored {
		other := map[string]stored{}
		for name, s := range tensors {
			other[by(name)] = s
		}
		return other
	}
}

// reprefixed puts something else before the names of a model without its head.
func reprefixed(prefix string) func(map[string]stored) map[string]stored {
	return func(tensors map[string]stored) map[string]stored {
		before := ""
		for name := range tensors {
			for _, f := range Families() {
				if at, ok := strings.CutSuffix(name, f.Base); ok {
					before = at
				}
			}
		}
		head := func(name string) bool {
			return before != "" && !strings.HasPrefix(name, before) || strings.HasPrefix(name, "classifier")
		}
		return renamed(func(name string) string {
			if head(name) {
				return name
			}
			return prefix + strings.TrimPrefix(name, before)
		})(tensors)
	}
}

func layouts() []layout {
	all := []layout{
		{name: "sharded", shards: 3},
		{name: "gamma and beta", change: renamed(func(name string) string {
			if strings.Contains(name, "LayerNorm") {
				name = strings.NewReplacer("LayerNorm.weight", "LayerNorm.gamma", "LayerNorm.bias", "LayerNorm.beta").Replace(name)
			}
			return name
		})},
		{name: "in the names of another model", change: reprefixed("encoder.auto_model.")},
		{name: "bare names", change: reprefixed("")},
		{name: "no model_type", config: func(c map[string]json.RawMessage) { delete(c, "model_type") }},
		{name: "beside what is not used", change: func(tensors map[string]stored) map[string]stored {
			other := maps.Clone(tensors)
			other["unused.scale"] = stored{"F8_E8M0", []int64{3}, []byte{1, 2, 3}}
			other["unused.nan"] = stored{"F32", []int64{1}, []byte{0, 0, 0xc0, 0x7f}}
			other["unused.counter"] = stored{"I64", []int64{}, make([]byte, 8)}
			return other
		}},
	}
	for _, dtype := range []string{"F64", "F32", "F16"} {
		all = append(all, layout{name: dtype, change: func(tensors map[string]stored) map[string]stored {
			other := map[string]stored{}
			for name, s := range tensors {
				other[name] = s.as(dtype)
			}
			return other
		}})
	}
	return all
}

// write stores the checkpoint of a folder in another way.
func (l layout) write(t testing.TB, folder string) string {
	t.Helper()
	dir := t.TempDir()
	raw, err := os.ReadFile(filepath.Join(folder, "config.json"))
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]json.RawMessage{}
	if err := json.NewDecoder(bytes.NewReader(raw)).Decode(&config); err != nil {
		t.Fatal(err)
	}
	if l.config != nil {
		l.config(config)
	}
	text, _ := json.Marshal(config)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	tensors := readWeights(t, folder)
	if l.change != nil {
		tensors = l.change(tensors)
	}
	if l.shards == 0 {
		writeWeights(t, filepath.Join(dir, "model.safetensors"), tensors)
		return dir
	}
	parts, index := make([]map[string]stored, l.shards), map[string]string{}
	for i, name := range slices.Sorted(maps.Keys(tensors)) {
		part := i % l.shards
		if parts[part] == nil {
			parts[part] = map[string]stored{}
		}
		parts[part][name] = tensors[name]
		index[name] = fmt.Sprintf("model-%05d-of-%05d.safetensors", part+1, l.shards)
	}
	for i, part := range parts {
		writeWeights(t, filepath.Join(dir, fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, l.shards)), part)
	}
	text, _ = json.Marshal(map[string]any{"metadata": map[string]int{"total_size": 1}, "weight_map": index})
	if err := os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), text, 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Every checkpoint is the same model however it is stored.
func TestLayouts(t *testing.T) {
	for _, folder := range references(t) {
		r := readReference(t, folder)
		for _, l := range layouts() {
			t.Run(filepath.Base(folder)+", "+l.name, func(t *testing.T) { r.check(t, l.write(t, folder)) })
		}
	}
}

// Where config.json says neither model_type nor class, the names of the tensors tell, or
// the families that they fit are named: never is one taken for another.
func TestUnnamed(t *testing.T) {
	unnamed := layout{config: func(c map[string]json.RawMessage) {
		delete(c, "model_type")
		delete(c, "architectures")
	}}
	refused, taken := 0, 0
	for _, folder := range references(t) {
		dir := unnamed.write(t, folder)
		if _, err := openFolder(dir); err != nil {
			refused++
			if !strings.Contains(err.Error(), `the names of the tensors fit "bert" and "roberta"`) && !strings.Contains(err.Error(), `the names of the tensors fit "vit" and "deit"`) {
				t.Errorf("%s: %v", folder, err)
			}
			continue
		}
		taken++
		readReference(t, folder).check(t, dir)
	}
	if refused < 10 || taken < 20 {
		t.Errorf("%d refused, %d taken", refused, taken)
	}
}
