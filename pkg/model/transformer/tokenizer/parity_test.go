package tokenizer

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

func unzip(t testing.TB, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func referenceStrings(t testing.TB) []string {
	t.Helper()
	var texts []string
	if err := json.Unmarshal(unzip(t, "testdata/reference/strings.json.gz"), &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// referenceTokenizer reads a tokenizer.json, or the files of a checkpoint that is older than that.
func referenceTokenizer(t testing.TB, name string) *Tokenizer {
	t.Helper()
	raw := unzip(t, "testdata/reference/"+name+".json.gz")
	var older struct{ Files map[string]string }
	var tok *Tokenizer
	err := json.Unmarshal(raw, &older)
	config := []byte(older.Files["tokenizer_config.json"])
	switch {
	case err != nil:
	case older.Files == nil:
		tok, err = Parse(raw)
	case older.Files["vocab.txt"] != "":
		tok, err = FromVocab([]byte(older.Files["vocab.txt"]), config)
	default:
		tok, err = FromMerges([]byte(older.Files["vocab.json"]), []byte(older.Files["merges.txt"]), config, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func referenceNames(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/reference/*.ids.gz")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d tokenizers, %v", len(paths), err)
	}
	for i, path := range paths {
		paths[i] = strings.TrimSuffix(filepath.Base(path), ".ids.gz")
	}
	return paths
}

// 2 000 texts through a tokenizer of every kind, against the reference libraries (testdata/make_reference.py).
func TestParity(t *testing.T) {
	texts := referenceStrings(t)
	if len(texts) != 2000 {
		t.Fatalf("%d texts", len(texts))
	}
	for _, name := range referenceNames(t) {
		t.Run(name, func(t *testing.T) {
			tok := referenceTokenizer(t, name)
			ids := bytes.NewReader(unzip(t, "testdata/reference/"+name+".ids.gz"))
			next := func() int {
				n, err := binary.ReadUvarint(ids)
				if err != nil {
					t.Fatal(err)
				}
				return int(n)
			}
			wrong := 0
			for _, text := range texts {
				want := make([]int, next())
				for i := range want {
					want[i] = next()
				}
				got, err := tok.Encode(text)
				if err == nil && slices.Equal(got.IDs, want) {
					continue
				}
				if wrong++; wrong <= 5 {
					t.Errorf("%q: error %v\n got %d %q\nwant %d %q", text, err, got.IDs, got.Strings, want, tok.strings(want))
				}
			}
			if wrong > 0 || ids.Len() > 0 {
				t.Errorf("%d of %d texts differ; %d bytes are left", wrong, len(texts), ids.Len())
			}
		})
	}
}

func (t *Tokenizer) strings(ids []int) []string {
	var out []string
	for _, id := range ids {
		out = append(out, t.Token(id))
	}
	return out
}

// The texts are hard: a quarter in other scripts than Latin, and emoji, control characters, combining marks among them.
func TestReferenceStrings(t *testing.T) {
	count := map[string]int{}
	for _, text := range referenceStrings(t) {
		letters, latin := 0, 0
		found := map[string]bool{}
		for _, r := range text {
			if unicode.IsLetter(r) {
				letters++
				if unicode.Is(unicode.Latin, r) {
					latin++
				}
			}
			found["control"] = found["control"] || unicode.Is(unicode.C, r)
			found["mark"] = found["mark"] || unicode.Is(unicode.M, r)
			found["emoji"] = found["emoji"] || r >= 0x1F000 && unicode.Is(unicode.So, r)
		}
		found["not Latin"] = 2*latin < letters
		for name, is := range found {
			if is {
				count[name]++
			}
		}
	}
	t.Log(count)
	for name, least := range map[string]int{"not Latin": 500, "control": 200, "mark": 200, "emoji": 100} {
		if count[name] < least {
			t.Errorf("%s: %d texts; wanted are %d", name, count[name], least)
		}
	}
}
