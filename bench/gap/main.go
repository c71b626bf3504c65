// Command gap asks whether any other form of the hidden layer beats that of positive neurons
// at the same number of synapses. It writes what heads are given by their model, to which
// bench/gap_torch.py fits layers of all forms, and turns what that has found into the block
// gap of a page, and its figure.
//
//	go run ./bench/gap -tokens TOKENS.npz -model tiny-text -texts FOLDER -heads 1:0,0:3 -most 45
//	go run ./bench/gap -results GAP.jsonl -page docs/learned.md -figure docs/images/gap.png
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/nasim-sim/nasim/bench/internal/page"
)

const blockName = "gap"

func main() {
	out := flag.String("tokens", "", "write what heads are given into this .npz, and do nothing else")
	model := flag.String("model", "tiny-text", "of this model")
	texts := flag.String("texts", "", "reading the texts in this folder, one a line")
	heads := flag.String("heads", "", "these heads, LAYER:HEAD,…")
	most := flag.Int("most", 40, "so many texts of a file")
	results := flag.String("results", "", "what gap_torch.py has found")
	picture := flag.String("figure", "", "PNG file to draw; none: no figure")
	file := flag.String("page", "", "Markdown page whose block gap is replaced; none: standard output alone")
	flag.Parse()
	var err error
	if *out != "" {
		err = writeTokens(*out, *model, *texts, *heads, *most)
	} else {
		err = tell(*results, *picture, *file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gap:", err)
		os.Exit(1)
	}
}

// tell prints, draws and writes what has been found.
func tell(results, picture, file string) error {
	found, err := read(results)
	if err != nil {
		return err
	}
	text := table(found)
	fmt.Print(text)
	if picture != "" {
		if err := drawFigure(found, picture); err != nil {
			return err
		}
	}
	return page.Write(file, page.Block{Name: blockName, Text: text})
}
