package main

import (
	"os"
	"strings"
	"testing"
)

// TestModelsThatCannotBeUsed: nasim models names every directory that looks like a
// model, two levels down, and of each that cannot be used says why and what to do.
func TestModelsThatCannotBeUsed(t *testing.T) {
	f := oddFolder(t, "text")
	model := func(name string, files ...string) {
		for _, file := range files {
			content := []byte{1}
			if from, ok := map[string]string{"config.json": configOf, "model.safetensors": weightsOf, "tokenizer.json": tokenizerOf}[file]; ok {
				content = f.read(from)
			}
			f.write("models/"+name+"/"+file, content)
		}
	}
	model("whole", "config.json", "model.safetensors", "tokenizer.json")
	model("owner/whole", "config.json", "model.safetensors", "tokenizer.json")
	model("too/deep/whole", "config.json", "model.safetensors", "tokenizer.json")
	model("other/program", "settings.json", "data.bin")
	model(".git/hooks", "config.json")
	want := map[string]string{}
	refused := func(name, why string, files ...string) { model(name, files...); want[name] = why }
	refused("bin", "pytorch_model.bin is a pickle, a program, and is not run: convert them in Python", "config.json", "pytorch_model.bin", "tokenizer.json")
	refused("bins", "pytorch_model.bin.index.json names pickles", "config.json", "pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin")
	refused("half-bins", "pytorch_model-00001-of-00002.bin is a pickle", "config.json", "pytorch_model-00001-of-00002.bin")
	refused("tensorflow", "from_tf=True", "config.json", "tf_model.h5")
	refused("flax", "from_flax=True", "config.json", "flax_model.msgpack")
	refused("onnx", "onnx/model.onnx is a graph without the names of its layers: take the repository's safetensors", "config.json", "onnx/model.onnx")
	refused("onnx-alone", "model_quantized.onnx is a graph", "model_quantized.onnx")
	refused("gguf", "tiny.Q4_0.gguf is of llama.cpp, with numbers of its own kinds: take the safetensors and config.json", "tiny.Q4_0.gguf")
	refused("adapter", "is no model without its base: merge it", "adapter_config.json", "adapter_model.safetensors")
	refused("variant", "model.fp16.safetensors has another name: call it model.safetensors", "config.json", "model.fp16.safetensors")
	refused("no-config", "config.json is missing; expected is the model's sizes, as Hugging Face's save_pretrained writes them; download it again", "model.safetensors", "tokenizer.json")
	refused("no-weights", "model.safetensors is missing", "config.json", "tokenizer.json")
	refused("no-tokenizer", "tokenizer.json is missing", "config.json", "model.safetensors")
	refused("sentences", "modules.json: it lists no module", "0_Transformer/config.json", "0_Transformer/model.safetensors")
	f.write("models/sentences/modules.json", []byte("[]"))
	refused("owner/llama", `model_type is "llama"`, "model.safetensors", "tokenizer.json")
	f.write("models/owner/llama/config.json", []byte(`{"model_type": "llama"}`))
	refused("cut", "model.safetensors: not a readable safetensors file", "config.json")
	f.write("models/cut/model.safetensors", f.read(weightsOf)[:5000])
	refused("models--me--empty", "a Hugging Face cache entry without a readable snapshots directory", "refs/main")
	const hash = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff"
	refused("models--me--dangling", "model.safetensors is a symbolic link to ../../blobs/1, which is not there", "snapshots/"+hash+"/config.json")
	f.write("models/models--me--dangling/snapshots/"+hash+"/config.json", f.read(configOf))
	f.link("models/models--me--dangling/snapshots/"+hash+"/model.safetensors", "../../blobs/1")
	for _, name := range []string{"config.json", "model.safetensors", "tokenizer.json"} {
		f.write("models/hub/models--me--tiny/snapshots/"+hash+"/"+name, f.read("model/"+name))
	}

	printed, said, status := f.nasim("models", "models")
	if status != 0 || goWords.MatchString(said) {
		t.Errorf("status %d: %s", status, said)
	}
	for _, name := range []string{"whole", "owner/whole", "hub/models--me--tiny"} {
		if !strings.Contains(printed, "models/"+name+" ") {
			t.Errorf("%s is not listed: %s", name, printed)
		}
	}
	if got := strings.Count(printed, "\n"); got != 4 {
		t.Errorf("%d lines: %s", got, printed)
	}
	for name, why := range want {
		found := ""
		for _, line := range strings.Split(said, "\n") {
			if strings.HasPrefix(line, "nasim: models/"+name+" cannot be used: ") {
				found = line
			}
		}
		if !strings.Contains(found, why) {
			t.Errorf("%s: %q, want %q", name, found, why)
		}
		_, alone, status := f.nasim("models", "models/"+name)
		if status == 0 || !strings.Contains(alone, why) {
			t.Errorf("%s alone: status %d, %s", name, status, alone)
		}
	}
	if got := strings.Count(said, "\n"); got != len(want) {
		t.Errorf("%d lines of %d: %s", got, len(want), said)
	}
}

// TestNoPermission: what may not be read is said to be so, with the way out.
func TestNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	f := oddFolder(t, "text")
	for _, name := range []string{configOf, tokenizerOf, weightsOf, "input.txt", "config.yaml", "model"} {
		f.must(os.Chmod(f.path(name), 0))
		said, status := f.run()
		if status != statusRefused || !strings.Contains(said, "permission") {
			t.Errorf("%s: status %d, %s", name, status, said)
		}
		if _, said, status := f.nasim("models", "."); name == "model" && (status != 1 || !strings.Contains(said, "model cannot be used: it cannot be read: you have no permission; make it readable")) {
			t.Errorf("models: status %d, %s", status, said)
		}
		f.must(os.Chmod(f.path(name), 0o755))
	}
}
