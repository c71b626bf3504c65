package checkpoint

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	saved    = "convert them in Python: from transformers import AutoModel; AutoModel.from_pretrained(DIR%s).save_pretrained(DIR)"
	original = "take the safetensors and config.json of the model that it was made from"
	merge    = "merge it in Python: from peft import AutoPeftModel; AutoPeftModel.from_pretrained(DIR).merge_and_unload().save_pretrained(NEW)"
)

// others are what people have in the place of weights that can be read: how such a file's
// name matches, what it is, and the way out.
var others = []struct{ pattern, is, way string }{
	{"pytorch_model.bin", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
	{"pytorch_model.bin.index.json", "names pickles, programs, which are not run", fmt.Sprintf(saved, "")},
	{"pytorch_model-*.bin", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
	{"model.ckpt.index", "is TensorFlow's", fmt.Sprintf(saved, ", from_tf=True")},
	{"tf_model.h5", "is TensorFlow's", fmt.Sprintf(saved, ", from_tf=True")},
	{"flax_model.msgpack", "is Flax's", fmt.Sprintf(saved, ", from_flax=True")},
	{"adapter_model.safetensors", "is an adapter, which is no model without its base", merge},
	{"adapter_config.json", "is of an adapter, which is no model without its base", merge},
	{"*.gguf", "is of llama.cpp, with numbers of its own kinds", original},
	{"*.ggml", "is of llama.cpp, with numbers of its own kinds", original},
	{"*.onnx", "is a graph without the names of its layers", onnx},
	{"onnx/*.onnx", "is a graph without the names of its layers", onnx},
	{"openvino_model.xml", "is of OpenVINO", original},
	{"*.mlpackage", "is of Core ML", original},
	{"*.tflite", "is of TensorFlow Lite", original},
	{"model.*.safetensors", "has another name", "call it " + weightsFile},
	{"*.safetensors", "has another name", "call it " + weightsFile + " if it is the whole model"},
	{"*.bin", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
	{"*.ckpt", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
	{"*.pt", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
	{"*.pth", "is a pickle, a program, and is not run", fmt.Sprintf(saved, "")},
}

const onnx = "take the repository's safetensors, or write its initializers under their names: import onnx, safetensors.numpy as s; " +
	"s.save_file({t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(FILE).graph.initializer}, \"" + weightsFile + "\")"

// instead says what there is in the place of weights that can be read, and the way out.
func (d *Directory) instead() string {
	for _, other := range others {
		found, err := fs.Glob(d.files, other.pattern)
		for _, name := range found {
			if err == nil && !strings.HasPrefix(path.Base(name), ".") {
				return fmt.Sprintf("; %s %s: %s", name, other.is, other.way)
			}
		}
	}
	return ""
}

// unconfigured says, of a directory without a config.json, where there is one, or what
// there is instead.
func (d *Directory) unconfigured() string {
	if within, err := fs.Glob(d.files, "*/"+ConfigFile); err == nil && len(within) > 0 {
		return fmt.Sprintf("; there is %s: name that directory", within[0])
	}
	if d.Has(weightsFile) || d.Has(indexFile) {
		return "; download it again: it stands beside the weights"
	}
	return d.instead()
}
