package checkpoint

import (
	"fmt"
	"path/filepath"
	"strings"
)

// published are repositories of the Hugging Face hub that the shipped configurations and
// the README name, and what of each is read.
var published = []struct{ owner, name, files string }{
	{"albert", "albert-base-v2", ConfigFile + " tokenizer.json " + weightsFile},
	{"google", "vit-base-patch16-224", ConfigFile + " preprocessor_config.json " + weightsFile},
	{"sentence-transformers", "all-MiniLM-L6-v2", ConfigFile + " tokenizer.json " + weightsFile + " modules.json sentence_bert_config.json 1_Pooling/config.json"},
	{"openai-community", "gpt2", ConfigFile + " tokenizer.json " + weightsFile},
}

// download says how a model that is not there is had, where its name is one of those.
func download(name, path string) string {
	for _, p := range published {
		if filepath.Base(path) == p.name {
			return fmt.Sprintf("; to download it: hf download %s/%s %s --local-dir %s", p.owner, p.name, p.files, quoted(strings.TrimSuffix(name, "/")))
		}
	}
	return ""
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"\\$&|;<>()*?[]#`!{}") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
