package inspect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/nasim-sim/nasim/configs"
	"github.com/nasim-sim/nasim/internal/bounded"
	"github.com/nasim-sim/nasim/pkg/compare"
	"github.com/nasim-sim/nasim/pkg/experiment"
	"github.com/nasim-sim/nasim/pkg/experiment/rundir"
	"github.com/nasim-sim/nasim/pkg/model/transformer"
	"github.com/nasim-sim/nasim/pkg/model/transformer/picture"
)

// Input is a text or a picture, ready for a model.
type Input struct {
	Name string // of the file, or what it is
	Ours bool   // the one that is in the program

	encoded  transformer.Input
	warnings []compare.Warning
}

// Tokens is the number of tokens N.
func (in *Input) Tokens() int { return in.encoded.Len() }

// Ours is the text or the picture in the program, whichever the model reads.
func Ours(model *transformer.Model) (Input, error) {
	if model.Kind() == transformer.KindText {
		in, err := text(model, "nasim's own paragraph (configs/inputs/abstract.txt)", configs.Abstract)
		in.Ours = true
		return in, err
	}
	in, err := image(model, "nasim's own drawing (configs/inputs/drawing-shirt.png)", configs.Drawing)
	in.Ours = true
	return in, err
}

// Text reads a text for a model from a file; - is stdin. One that has more tokens than the model
// has positions is cut off, with a warning.
func Text(model *transformer.Model, path string, stdin io.Reader) (Input, error) {
	name, raw, err := read(path, stdin, experiment.MostText)
	if err != nil {
		return Input{}, err
	}
	return text(model, name, raw)
}

// Image reads a picture for a model from a file; - is stdin.
func Image(model *transformer.Model, path string, stdin io.Reader) (Input, error) {
	name, raw, err := read(path, stdin, experiment.MostImage)
	if err != nil {
		return Input{}, err
	}
	return image(model, name, raw)
}

// read reads a whole file of at most so many bytes.
func read(path string, stdin io.Reader, most int64) (name string, raw []byte, err error) {
	if path == "-" {
		name = "standard input"
		raw, err = bounded.Read(stdin, name, most)
	} else {
		name = filepath.Base(path)
		raw, err = bounded.ReadFile(path, most)
	}
	var fault *os.PathError
	switch {
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("%w; check the path", rundir.Explain(err))
	case errors.As(err, &fault):
		err = fmt.Errorf("%s cannot be read: %w", fault.Path, fault.Err)
	}
	return name, raw, err
}

func text(model *transformer.Model, name string, raw []byte) (Input, error) {
	if !utf8.Valid(raw) {
		return Input{}, fmt.Errorf("%s is not UTF-8 text; convert it, for example with iconv", name)
	}
	written := string(raw)
	if strings.TrimSpace(written) == "" {
		return Input{}, fmt.Errorf("%s: the text is empty; write at least one word", name)
	}
	tokens, err := model.EncodeText(written, transformer.TextOptions{Truncate: true})
	if err != nil {
		return Input{}, fmt.Errorf("%s: %w", name, err)
	}
	in := Input{Name: name, encoded: tokens, warnings: experiment.DoubtText(model, written, tokens)}
	return in, nil
}

func image(model *transformer.Model, name string, raw []byte) (Input, error) {
	img, err := picture.Decode(name, raw)
	if err != nil {
		return Input{}, err
	}
	patches, err := model.EncodeImage(img)
	if err != nil {
		return Input{}, fmt.Errorf("%s: %w", name, err)
	}
	in := Input{Name: name, encoded: patches, warnings: experiment.DoubtPicture(img.Bounds(), picture.Frames(raw), patches)}
	return in, nil
}
