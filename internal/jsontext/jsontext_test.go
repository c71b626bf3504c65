package jsontext

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFile(t *testing.T) {
	for text, want := range map[string]string{
		"\ufeff{\"a\": 1, \"A\": 2}": "",
		"{}":                         "",
		"":                           "empty (0 bytes)",
		" \n":                        "it ends in the middle",
		"{\"a\": 1":                  "it ends in the middle",
		"\xff\xfe{\x00}\x00":         "UTF-16",
		" <!DOCTYPE html>":           "web page (HTML)",
		"version https://git-lfs.github.com/spec/v1\n": "Git LFS pointer",
		"[]":                   "it does not hold a JSON object",
		"null":                 "it does not hold a JSON object",
		"{\"a\": 1, \"a\": 2}": "a is given twice",
		"{}{}":                 "something follows",
		"{\n\"a\": 1,\n}":      "line 3, column 1: ",
		"{\"a\": NaN}":         "line 1, column 7: a: ",
		"{\"a\" 1}":            "line 1, column 6: ",
		"{\"" + strings.Repeat("k", 1000) + "\": x}": "kkk: invalid character 'x'",
	} {
		members, err := File([]byte(text))
		if want == "" && (err != nil || members == nil) || want != "" && (err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 300) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	members, err := File([]byte(`{"a": 1, "A": {"b": 2}}`))
	if err != nil || len(members) != 2 || string(members["a"]) != "1" || string(members["A"]) != `{"b": 2}` {
		t.Errorf("%v, %v", members, err)
	}
}

func TestDecode(t *testing.T) {
	check := func(err error, want string) {
		t.Helper()
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	var whole int
	check(Decode(json.RawMessage("7"), &whole), "")
	check(Decode(json.RawMessage(`"7"`), &whole), `is "7"; wanted is a whole number`)
	check(Decode(nil, &whole), "is missing; wanted is a whole number")
	var yes *bool
	check(Decode(json.RawMessage("[\n1]"), &yes), "is [ 1]; wanted is true or false")
	var of map[string]json.RawMessage
	check(Decode(json.RawMessage("5"), &of), "is 5; wanted is an object, {…}")
	if long := Brief(json.RawMessage(strings.Repeat("é", 5000))); long != strings.Repeat("é", 60)+"…" {
		t.Error(long)
	}
}

func TestMisspelt(t *testing.T) {
	there := map[string]int{"Hidden_Size": 1, "size": 2}
	if got := Misspelt(there, "hidden_size") + Misspelt(there, "size") + Misspelt(there, "other"); got != "Hidden_Size" {
		t.Error(got)
	}
}
