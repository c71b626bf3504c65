package config

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

//go:generate go test -run ^TestReferencePage$ -update .

var update = flag.Bool("update", false, "write docs/configuration.md")

// TestReferencePage: the page in docs/ is the one that the table makes.
func TestReferencePage(t *testing.T) {
	const page = "../../../docs/configuration.md"
	if *update {
		if err := os.MkdirAll("../../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, referencePage(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(written, referencePage()) {
		t.Errorf("%s is out of date: run go generate ./pkg/experiment/config", page)
	}
}

// referencePage is the reference page of the configuration in Markdown
// (docs/configuration.md), made from the table of keys.
func referencePage() []byte {
	var b strings.Builder
	b.WriteString(referenceHead)
	if top := rows(""); top != "" {
		b.WriteString("\n## Top level\n\n" + tableHead + top)
	}
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", s.path, s.doc)
		if inside := rows(s.path); inside != "" {
			b.WriteString("\n" + tableHead + inside)
		}
	}
	return []byte(b.String())
}

const referenceHead = `<!-- Made by go generate ./pkg/experiment/config from the table of keys. Do not edit. -->

# Configuration

A configuration is a YAML document in UTF-8, without anchors, aliases and tags; a file may hold several, with
lines ` + "`---`" + ` between them, and ` + "`nasim run`" + ` does each. Every key but ` + "`nasim` and `input`" + `
may be left out. ` + "`nasim run CONFIG.yaml --check`" + ` checks a file,
` + "`nasim schema`" + ` prints its JSON schema, and the ` + "`config.yaml`" + ` in a run directory is the
configuration with every default written out.

* **Times** carry a unit: ` + "`250ms`, `20s`, `1.5min`, `500us`, `2h`" + `; ` + "`inf`" + ` is no limit. A bare number is an error.
* **Whole numbers** are never rounded: ` + "`1e5`" + ` is one, ` + "`3.7`" + ` is an error.
* **Paths** in a file are relative to the file; in ` + "`--set`" + ` and in a configuration from standard input
  to the working directory. ` + "`~/`" + ` is the home directory.
* **` + "`--set path=value`" + `** replaces the value at a path, a whole section if the path names one. The last wins.
  The beginning of a path may be left out where the rest names one key only: ` + "`--set heads=[1,2]`" + `.
  What is set displaces its alternative in the file: another input, a text's ` + "`file` or `string`" + `,
  ` + "`select` or `layers` and `heads`" + `.
  Keys of the file that do not apply with what is set are dropped, as are the ` + "`record.variables`" + ` of the file that a set network has not. An explicit ` + "`transformer.model`" + `
  stays with a text or an image. Two ` + "`--set`" + ` that contradict each other are an error. Of several configurations each is set.
`

const tableHead = "| key | type | default | allowed | meaning |\n|---|---|---|---|---|\n"

// rows are the table's rows for the keys directly inside a section.
func rows(path string) string {
	var b strings.Builder
	for _, k := range keys {
		if parent(k.Path) != path {
			continue
		}
		standard := "–"
		if k.Require {
			standard = "required"
		} else if text := k.defaultText(); text != "" {
			standard = "`" + strings.Replace(text, "; ", "`; `", -1) + "`"
			if k.Instead != nil {
				standard = k.defaultMarkdown()
			}
		}
		meaning := k.Doc
		if k.Only != nil {
			meaning += " Only " + k.Only.String() + "."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", leaf(k.Path), k.kind(), standard, k.allowedMarkdown(), cell(meaning))
	}
	return b.String()
}

func (k Key) defaultMarkdown() string {
	text := "`" + k.Default + "`"
	for _, other := range k.Instead {
		text += "; `" + other.value + "` " + other.when.String()
	}
	return cell(text)
}

// allowedMarkdown is what the type leaves open.
func (k Key) allowedMarkdown() string {
	if k.Choices != nil {
		text := "`" + strings.Join(k.Choices, "`, `") + "`"
		if k.isModel {
			text += ", a directory"
		}
		return text
	}
	for _, prefix := range []string{"a " + k.kind(), k.kind()} {
		if rest, ok := strings.CutPrefix(k.allowed(), prefix); ok {
			return cell(strings.TrimSpace(rest))
		}
	}
	return cell(k.allowed())
}

// cell escapes what would end a table's cell.
func cell(text string) string {
	return strings.ReplaceAll(text, "|", `\|`)
}
