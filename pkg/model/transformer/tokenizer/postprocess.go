package tokenizer

import (
	"encoding/json"
	"fmt"
)

// postProcessor puts special tokens before and after a text.
type postProcessor struct {
	before, after []typedToken
	contentType   int
}

type typedToken struct {
	id, kind int
	content  string
}

func postProcessors() stage[postProcessor] {
	return stage[postProcessor]{name: "post-processor", kinds: []kind[postProcessor]{
		{"TemplateProcessing", parseTemplate},
		{"BertProcessing", parseEnds},
		{"RobertaProcessing", func(f *fields) postProcessor {
			f.known("trim_offsets", "add_prefix_space")
			return parseEnds(f)
		}},
		{"ByteLevel", func(f *fields) postProcessor {
			f.known("trim_offsets", "add_prefix_space", "use_regex") // where tokens lie in the text, which nobody asks here
			return postProcessor{}
		}},
		{"Sequence", parseProcessors},
	}}
}

// parseProcessors reads a Sequence. Two members that add tokens would have the second see the first one's as the text.
func parseProcessors(f *fields) postProcessor {
	var all postProcessor
	for _, p := range postProcessors().list(f, "processors") {
		if p.adds() && all.adds() {
			f.fail("two processors add tokens; supported is one")
		}
		if p.adds() || p.contentType != 0 {
			all = p
		}
	}
	return all
}

func (p postProcessor) adds() bool { return len(p.before)+len(p.after) > 0 }

// namedID is written as ["[CLS]", 2].
type namedID struct {
	name string
	id   int
}

func (n *namedID) UnmarshalJSON(raw []byte) error {
	var pair []json.RawMessage
	if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 || json.Unmarshal(pair[0], &n.name) != nil || json.Unmarshal(pair[1], &n.id) != nil {
		return fmt.Errorf("%.60s; wanted is a token and its id", raw)
	}
	return nil
}

func parseEnds(f *fields) postProcessor {
	cls, sep := need[namedID](f, "cls"), need[namedID](f, "sep")
	return postProcessor{before: []typedToken{{id: cls.id, content: cls.name}}, after: []typedToken{{id: sep.id, content: sep.name}}}
}

// parseTemplate reads the pattern for a single text, in which the text itself (sequence A) stands once.
func parseTemplate(f *fields) postProcessor {
	f.known("pair") // of two texts, which nobody gives here
	var p postProcessor
	special := parseSpecialTokens(f)
	texts := 0
	for i, raw := range need[[]json.RawMessage](f, "single") {
		part := fieldsOf(fmt.Sprintf("%s.single[%d]", f.where, i), raw)
		name := "SpecialToken"
		if part.has("Sequence") {
			name = "Sequence"
		}
		inner := fieldsOf(part.where+"."+name, need[json.RawMessage](part, name))
		id, kind := need[string](inner, "id"), take(inner, "type_id", 0)
		for _, err := range []error{part.done(), inner.done()} {
			if err != nil && f.err == nil {
				f.err = err
			}
		}
		if name == "Sequence" {
			if id != "A" {
				f.fail("single[%d] is the text %q; a single text has only A", i, id)
			}
			p.contentType = kind
			texts++
			continue
		}
		ids, ok := special[id]
		if !ok {
			f.fail("special token %q of the template has no ids", id)
		}
		for _, n := range ids {
			t := typedToken{id: n, kind: kind, content: id}
			if texts == 0 {
				p.before = append(p.before, t)
			} else {
				p.after = append(p.after, t)
			}
		}
	}
	if texts != 1 {
		f.fail("the template for a single text holds the text %d times; supported is once", texts)
	}
	return p
}

func parseSpecialTokens(f *fields) map[string][]int {
	ids := map[string][]int{}
	for name, raw := range take(f, "special_tokens", map[string]json.RawMessage{}) {
		inner := fieldsOf(fmt.Sprintf("%s.special_tokens[%q]", f.where, name), raw)
		inner.known("id", "tokens")
		ids[name] = need[[]int](inner, "ids")
		if err := inner.done(); err != nil && f.err == nil {
			f.err = err
		}
	}
	return ids
}

// check verifies that the special tokens exist.
func (p postProcessor) check(tokens map[int]string) error {
	for _, t := range append(append([]typedToken(nil), p.before...), p.after...) {
		if _, ok := tokens[t.id]; !ok {
			return fmt.Errorf("post_processor: %q has the id %d, which is not in the vocabulary", t.content, t.id)
		}
	}
	return nil
}

// length is the number of tokens it adds.
func (p postProcessor) length() int { return len(p.before) + len(p.after) }

// apply puts its tokens around those of a text, of which the written ones (by index) are special.
func (p postProcessor) apply(content, written []int) Tokens {
	var t Tokens
	put := func(id, kind int, special bool) {
		t.IDs, t.Types, t.Special = append(t.IDs, id), append(t.Types, kind), append(t.Special, special)
	}
	for _, e := range p.before {
		put(e.id, e.kind, true)
	}
	for _, id := range content {
		put(id, p.contentType, false)
	}
	for _, i := range written {
		t.Written = append(t.Written, len(p.before)+i)
	}
	for _, e := range p.after {
		put(e.id, e.kind, true)
	}
	return t
}
