package transformer

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

// processorJSON holds the fields of TemplateProcessing and of BertProcessing.
type processorJSON struct {
	Single []struct {
		SpecialToken *templatePiece
		Sequence     *templatePiece
	} `json:"single"`
	SpecialTokens map[string]struct {
		IDs []int `json:"ids"`
	} `json:"special_tokens"`
	CLS bertEnd `json:"cls"`
	SEP bertEnd `json:"sep"`
}

type templatePiece struct {
	ID     string `json:"id"`
	TypeID int    `json:"type_id"`
}

// bertEnd is written as ["[CLS]", 2].
type bertEnd struct {
	content string
	id      int
}

func (b *bertEnd) UnmarshalJSON(raw []byte) error {
	var pair [2]json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil {
		return err
	}
	if err := json.Unmarshal(pair[0], &b.content); err != nil {
		return err
	}
	return json.Unmarshal(pair[1], &b.id)
}

func parsePostProcessor(raw json.RawMessage) (postProcessor, error) {
	kind, err := stage(raw)
	if err != nil {
		return postProcessor{}, fmt.Errorf("post_processor: %w", err)
	}
	if kind == "" {
		return postProcessor{}, nil
	}
	if kind != "TemplateProcessing" && kind != "BertProcessing" {
		return postProcessor{}, unsupported("post_processor", kind, "TemplateProcessing or BertProcessing")
	}
	var file processorJSON
	if err := json.Unmarshal(raw, &file); err != nil {
		return postProcessor{}, fmt.Errorf("post_processor: %w", err)
	}
	if kind == "BertProcessing" {
		return postProcessor{before: []typedToken{{id: file.CLS.id, content: file.CLS.content}},
			after: []typedToken{{id: file.SEP.id, content: file.SEP.content}}}, nil
	}
	return file.template()
}

// template reads the pattern for a single text, in which the text itself (sequence A) stands once.
func (file processorJSON) template() (postProcessor, error) {
	var p postProcessor
	texts := 0
	for _, part := range file.Single {
		switch {
		case part.Sequence != nil && part.Sequence.ID == "A":
			p.contentType = part.Sequence.TypeID
			texts++
		case part.SpecialToken != nil:
			special, ok := file.SpecialTokens[part.SpecialToken.ID]
			if !ok {
				return p, fmt.Errorf("post_processor: special token %q of the template has no ids", part.SpecialToken.ID)
			}
			for _, id := range special.IDs {
				t := typedToken{id: id, kind: part.SpecialToken.TypeID, content: part.SpecialToken.ID}
				if texts == 0 {
					p.before = append(p.before, t)
				} else {
					p.after = append(p.after, t)
				}
			}
		}
	}
	if texts != 1 {
		return p, fmt.Errorf("post_processor: the template for a single text holds the text %d times; supported is once", texts)
	}
	return p, nil
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

func (p postProcessor) apply(content []int) Tokens {
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
	for _, e := range p.after {
		put(e.id, e.kind, true)
	}
	return t
}
