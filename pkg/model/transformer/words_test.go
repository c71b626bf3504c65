package transformer

import "testing"

// A word is unknown where the unknown token is all that is left of it, also where
// it is written so.
func TestWords(t *testing.T) {
	m, err := Open("tiny-text")
	if err != nil {
		t.Fatal(err)
	}
	words, unknown, err := m.Tokenizer().Words("The STAR, 神[UNK]xkcd")
	want := []string{"the", "star", ",", "神", "[UNK]", "xkcd"}
	if err != nil || len(words) != len(want) {
		t.Fatalf("%q, %v", words, err)
	}
	for i, word := range want {
		if words[i] != word || unknown[i] != (i == 3 || i == 4) {
			t.Errorf("%q, unknown %v; want %q", words[i], unknown[i], word)
		}
	}
	if _, _, err := m.Tokenizer().Words("caf\xe9"); err == nil {
		t.Error("no UTF-8, and no error")
	}
}
