package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"syscall"
)

// stored is a tensor as a safetensors file has it.
type stored struct {
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
	At    [2]int `json:"data_offsets"`
	bytes []byte
}

// tensors reads the base's weights.
func (f folder) tensors(name string) map[string]stored {
	f.Helper()
	raw := f.read(name)
	length := int(binary.LittleEndian.Uint64(raw))
	var header map[string]json.RawMessage
	f.must(json.Unmarshal(raw[8:8+length], &header))
	delete(header, "__metadata__")
	all := map[string]stored{}
	for name, text := range header {
		var s stored
		f.must(json.Unmarshal(text, &s))
		s.bytes = raw[8+length+s.At[0] : 8+length+s.At[1]]
		all[name] = s
	}
	return all
}

// putTensors writes a safetensors file.
func (f folder) putTensors(name string, all map[string]stored) {
	f.Helper()
	var body []byte
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		s.At = [2]int{len(body), len(body) + len(s.bytes)}
		body = append(body, s.bytes...)
		all[name] = s
	}
	header, err := json.Marshal(all)
	f.must(err)
	f.write(name, safetensors(string(header), body))
}

func safetensors(header string, body []byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), body...)
}

// retensor changes the base's weights.
func (f folder) retensor(change func(all map[string]stored)) {
	f.Helper()
	all := f.tensors(weightsOf)
	change(all)
	f.putTensors(weightsOf, all)
}

const (
	weightsOf   = "model/model.safetensors"
	configOf    = "model/config.json"
	tokenizerOf = "model/tokenizer.json"
	pixelsOf    = "model/preprocessor_config.json"
	indexOf     = "model/model.safetensors.index.json"
	attention   = "albert.encoder.albert_layer_groups.0.albert_layers.0.attention."
)

// setConfig replaces a key's value in a JSON file, as it is written.
func (f folder) setKey(file, key, value string) {
	f.Helper()
	var keys map[string]json.RawMessage
	f.must(json.Unmarshal(f.read(file), &keys))
	keys[key] = json.RawMessage(value)
	raw, err := json.Marshal(keys)
	f.must(err)
	f.write(file, raw)
}

func (f folder) dropKey(file, key string) {
	f.Helper()
	var keys map[string]json.RawMessage
	f.must(json.Unmarshal(f.read(file), &keys))
	if keys[key] == nil {
		f.Fatalf("%s has no %s", file, key)
	}
	delete(keys, key)
	raw, err := json.Marshal(keys)
	f.must(err)
	f.write(file, raw)
}

func (f folder) pipe(name string) {
	f.Helper()
	f.remove(name)
	f.must(syscall.Mkfifo(f.path(name), 0o666))
}

// array is a member of an .npz archive.
type array struct{ name, header, body string }

// arrays reads the members of an archive.
func (f folder) arrays(name string) (all []array) {
	f.Helper()
	raw := f.read(name)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	f.must(err)
	for _, member := range z.File {
		r, err := member.Open()
		f.must(err)
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		f.must(err)
		end := 10 + int(binary.LittleEndian.Uint16(b.Bytes()[8:]))
		text := b.String()
		all = append(all, array{member.Name, strings.TrimSpace(text[10:end]), text[end:]})
	}
	return all
}

// putArrays writes an archive, by the given method.
func (f folder) putArrays(name string, method uint16, all []array) {
	f.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, a := range all {
		w, err := z.CreateHeader(&zip.FileHeader{Name: a.name, Method: method})
		f.must(err)
		head := a.header + strings.Repeat(" ", (64-(len(a.header)+11)%64)%64) + "\n"
		_, err = w.Write([]byte("\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(head)))) + head + a.body))
		f.must(err)
	}
	f.must(z.Close())
	f.write(name, out.Bytes())
}

// rearrange changes the arrays of heads.npz.
func (f folder) rearrange(change func(all []array) []array) {
	f.Helper()
	f.putArrays("heads.npz", zip.Store, change(f.arrays("heads.npz")))
}
