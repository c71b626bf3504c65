package transformer

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nasim-sim/nasim/models"
)

func TestEmbeddedModels(t *testing.T) {
	for name, kind := range map[string]string{"tiny-text": KindText, "tiny-vision": KindImage} {
		m := open(t, name)
		raw, err := models.FS.ReadFile(name + "/" + weightsFile)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(raw)
		if m.SHA256() != hex.EncodeToString(sum[:]) || m.Kind() != kind || m.Name() != name || m.Causal() || len(m.Files()) != 3 {
			t.Errorf("%s: %s, kind %s, files %v", name, m.SHA256(), m.Kind(), m.Files())
		}
		if !m.Embedded() || open(t, name) != m || open(t, "../../../models/"+name).Embedded() {
			t.Errorf("%s is not shared, or a directory is", name)
		}
		if m.Heads()*m.HeadDim() != m.Width() || m.Layers() < 4 || m.Heads() < 4 {
			t.Errorf("%s: %d layers, %d heads of %d in %d", name, m.Layers(), m.Heads(), m.HeadDim(), m.Width())
		}
		if kind == KindImage && (len(m.Labels()) != 10 || m.MaxTokens() != 50) {
			t.Errorf("%d labels, %d tokens", len(m.Labels()), m.MaxTokens())
		}
	}
}

func TestMissingFiles(t *testing.T) {
	cases := map[string]struct{ model, want string }{
		configFile: {"albert", "the model's sizes"},

		tokenizerFile:    {"albert", "a vocabulary and its rules"},
		preprocessorFile: {"vit", "size, resampling"},
	}
	for file, c := range cases {
		dir := copyModel(t, c.model)
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir)
		if err == nil || !strings.Contains(err.Error(), "the file "+file+" is missing; expected is") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// A checkpoint that is older than tokenizer.json has its tokens in vocab.txt.
func TestOlderVocabulary(t *testing.T) {
	newer := open(t, "testdata/albert")
	var file struct {
		Model struct{ Vocab map[string]int }
	}
	readJSON(t, "testdata/albert/tokenizer.json", &file)
	lines := make([]string, len(file.Model.Vocab))
	for token, id := range file.Model.Vocab {
		lines[id] = token
	}
	dir := copyModel(t, "albert")
	if err := os.Remove(filepath.Join(dir, tokenizerFile)); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{vocabTextFile: strings.Join(lines, "\n"), tokenizerConfigFile: `{"tokenizer_class": "BertTokenizer", "do_lower_case": false}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	older := open(t, dir)
	want, err := newer.EncodeText("The synapse near a cell")
	if err != nil {
		t.Fatal(err)
	}
	got, err := older.EncodeText("The synapse near a cell")
	if err != nil || !slices.Equal(got.IDs, want.IDs) {
		t.Errorf("%q, %v; wanted %q", got.Strings, err, want.Strings)
	}
	var read []string
	for _, f := range older.Files() {
		read = append(read, f.Name)
	}
	if !slices.Contains(read, vocabTextFile) || !slices.Contains(read, tokenizerConfigFile) {
		t.Errorf("files %q", read)
	}
	if err := os.WriteFile(filepath.Join(dir, tokenizerConfigFile), []byte(`{"tokenizer_class": "XLNetTokenizer"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "XLNetTokenizer") || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
}

func TestNoSuchModel(t *testing.T) {
	for name, want := range map[string]string{
		"tiny-txt":         `"tiny-text" and "tiny-vision"`,
		"listing.go":       "is a file",
		"~/no/such/model/": "no such file or directory",
	} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; wanted %q", name, err, want)
		}
	}
}

// cacheEntry lays out a model as the Hugging Face hub's client does: files in blobs, snapshots that link to them, refs.
func cacheEntry(t *testing.T, root string, snapshots ...string) string {
	t.Helper()
	entry := filepath.Join(root, "models--owner--small")
	blobs := filepath.Join(entry, "blobs")
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(os.MkdirAll(blobs, 0o755))
	for _, file := range []string{configFile, weightsFile, preprocessorFile} {
		raw, err := os.ReadFile(filepath.Join("testdata/vit", file))
		check(err)
		check(os.WriteFile(filepath.Join(blobs, "blob-"+file), raw, 0o600))
		for _, s := range snapshots {
			check(os.MkdirAll(filepath.Join(entry, "snapshots", s), 0o755))
			check(os.Symlink(filepath.Join("..", "..", "blobs", "blob-"+file), filepath.Join(entry, "snapshots", s, file)))
		}
	}
	return entry
}

func writeRef(t *testing.T, entry, hash string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(entry, "refs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(entry, "refs", "main"), []byte(hash), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestHuggingFaceCache(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	entry := cacheEntry(t, filepath.Join(home, ".cache/huggingface/hub"), "abc")
	if m := open(t, entry); !strings.HasSuffix(m.Path(), "snapshots/abc") {
		t.Errorf("read from %s", m.Path())
	}
	writeRef(t, entry, "abc\n")
	if m := open(t, "~/.cache/huggingface/hub/models--owner--small"); !strings.HasSuffix(m.Path(), "snapshots/abc") {
		t.Errorf("read from %s", m.Path())
	}
	writeRef(t, entry, "def")
	if _, err := Open(entry); err == nil || !strings.Contains(err.Error(), `refs/main names the snapshot "def"`) {
		t.Errorf("dangling ref: %v", err)
	}

	two := cacheEntry(t, t.TempDir(), "abc", "def")
	if _, err := Open(two); err == nil || !strings.Contains(err.Error(), "2 snapshots and no refs/main") {
		t.Errorf("two snapshots: %v", err)
	}
	writeRef(t, two, "def")
	if m := open(t, two); !strings.HasSuffix(m.Path(), "snapshots/def") {
		t.Errorf("read from %s", m.Path())
	}
	bare := filepath.Join(t.TempDir(), "models--a--b")
	if err := os.Mkdir(bare, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(bare); err == nil || !strings.Contains(err.Error(), "without a readable snapshots directory") {
		t.Errorf("no snapshots: %v", err)
	}
}

func TestModels(t *testing.T) {
	all, err := Models("")
	if err != nil || len(all) != 2 || all[0].Err != nil || all[1].Err != nil || all[0].Kind != KindText || all[1].MaxTokens != 50 {
		t.Errorf("%+v %v", all, err)
	}
	all, err = Models("testdata") // and two levels down
	var names []string
	for _, m := range all {
		if names = append(names, m.Name); m.Err != nil || m.Layers < 1 {
			t.Errorf("%s: %v", m.Name, m.Err)
		}
	}
	if err != nil || len(all) < 10 || names[0] != filepath.Join("testdata", "albert") || names[1] != filepath.Join("testdata", "sentence", "albert-older") {
		t.Errorf("%v %v", names, err)
	}
	if all, err = Models("testdata/vit"); err != nil || len(all) != 1 || all[0].Architecture != "vit" {
		t.Errorf("%+v %v", all, err)
	}
	root := t.TempDir()
	entry := cacheEntry(t, root, "abc")
	for _, dir := range []string{root, entry} {
		if all, err = Models(dir); err != nil || len(all) != 1 || all[0].Err != nil {
			t.Errorf("%s: %+v %v", dir, all, err)
		}
	}
	broken := copyModel(t, "vit")
	changeJSON(t, filepath.Join(broken, configFile), map[string]any{"model_type": "bert"})
	if all, err = Models(broken); err != nil || len(all) != 1 || all[0].Err == nil {
		t.Errorf("a model that cannot be used must be listed with its error: %+v %v", all, err)
	}
	if _, err = Models(filepath.Join(root, "none")); err == nil {
		t.Error("a directory that is not there was listed")
	}
}
