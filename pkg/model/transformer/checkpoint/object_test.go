package checkpoint

import (
	"strings"
	"testing"
)

func TestBadObjects(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "empty (0 bytes)",
		"<html><body>Sign in":      "web page (HTML)",
		"  \n<!DOCTYPE html>":      "web page (HTML)",
		"version https://git-lfs.": "Git LFS pointer",
		"{\n \"a\": 1,\n}":         "line 3",
		"{\"a\": Infinity}":        "line 1",
		"{\"a\": 1} {}":            "something follows",
		"{\"a\": 1, \"a\": 2}":     "a is given twice",
		"[1]":                      "it does not hold a JSON object",
		"{\"a\": 1":                "cut off",
		"7":                        "it does not hold a JSON object",
	} {
		if _, err := ParseObject("dir/config.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "dir/config.json: ") {
			t.Errorf("%q: %v, without %q", text, err, want)
		}
	}
}

func TestObject(t *testing.T) {
	o, err := ParseObject("config.json", []byte("\ufeff{\"size\": 8.0, \"SIZE\": 9, \"none\": null, \"act\": \"gelu\", \"yes\": true, \"eps\": 1e-5, \"names\": [\"a\"], \"in\": {\"x\": 3}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Int("size", 0) != 8 || o.Size("size", 0) != 8 || o.Int("none", 5) != 5 || o.Has("none") || o.String("act", "") != "gelu" || !o.Bool("yes", false) ||
		o.Float("eps", 0) != 1e-5 || len(o.Strings("names")) != 1 || o.Object("in").Int("x", 0) != 3 || o.Object("none") != nil || o.Int("Size", 4) != 4 {
		t.Error("a key is read as another")
	}
	if o.Err() != nil {
		t.Error(o.Err())
	}
}

// A fault names the file, the key, what is found and what is wanted; the first one stays.
func TestFaults(t *testing.T) {
	const text = `{"text": "8", "half": 2.5, "list": [1], "negative": -3, "huge": 1e15, "long": "` + "ααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααααα" + `"}`
	for name, c := range map[string]struct {
		read func(*Object)
		want string
	}{
		"text":     {func(o *Object) { o.Int("text", 0) }, `text is "8"; wanted is a whole number`},
		"half":     {func(o *Object) { o.Int("half", 0) }, "half is 2.5; wanted is a whole number"},
		"list":     {func(o *Object) { o.Float("list", 0) }, "list is [1]; wanted is a number"},
		"negative": {func(o *Object) { o.Size("negative", 0) }, "negative is -3; wanted is a whole number from 1 to"},
		"huge":     {func(o *Object) { o.Size("huge", 0) }, "huge is 1000000000000000"},
		"missing":  {func(o *Object) { o.Size("missing", 0) }, "missing is missing; wanted"},
		"long":     {func(o *Object) { o.Bool("long", true) }, "…; wanted is true or false"},
		"object":   {func(o *Object) { o.Object("list") }, "list is [1]; wanted is an object"},
		"first":    {func(o *Object) { o.Int("half", 0); o.Int("text", 0) }, "half is"},
	} {
		o, err := ParseObject("m/config.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		c.read(o)
		if err := o.Err(); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "m/config.json: ") {
			t.Errorf("%s: %v, without %q", name, err, c.want)
		}
	}
}
