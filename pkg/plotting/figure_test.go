package plotting

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

func written(t *testing.T, f *Figure, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Write(&b, format); err != nil {
		t.Fatalf("%s as %s: %v", f.Name, format, err)
	}
	return b.Bytes()
}

// What a user could ask for, ordinary or not, can be read, and a decoder takes it.
func TestCases(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			f := mustMake(t, c)
			if figure, _, _ := strings.Cut(c.name, "/"); f.Name != figure {
				t.Errorf("the figure is named %s", f.Name)
			}
			checkLayout(t, c.name, f)
			for _, format := range []string{"svg", "pdf"} {
				checkFile(t, f, format, written(t, f, format))
			}
		})
	}
}

// images finds the pictures within an SVG file, in which any letters may occur.
var images = regexp.MustCompile(`base64,[A-Za-z0-9+/=]*`)

func checkFile(t *testing.T, f *Figure, format string, file []byte) {
	t.Helper()
	switch format {
	case "png":
		img, err := png.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			t.Fatalf("png: %v", err)
		}
		if want := int(math.Round(float64(f.Width/vg.Inch) * pngDPI)); img.Width != want {
			t.Errorf("png is %d pixels wide, want %d", img.Width, want)
		}
	case "svg":
		if text := images.ReplaceAllString(string(file), ""); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Error("svg: a coordinate is not finite")
		}
		for d := xml.NewDecoder(bytes.NewReader(file)); ; {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("svg: %v", err)
			}
		}
	case "pdf":
		if !bytes.HasPrefix(file, []byte("%PDF-1.7")) || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
			t.Error("pdf: no header or no end")
		}
		if bytes.Contains(file, []byte("Date")) {
			t.Error("pdf: names a date")
		}
	}
}

// The physical size in a PNG file is the figure's.
func TestResolution(t *testing.T) {
	f, err := Budget(budgetInput(1))
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, f, "png")
	i := bytes.Index(file, []byte("pHYs"))
	if i < 0 {
		t.Fatal("no pHYs chunk")
	}
	perMetre := binary.BigEndian.Uint32(file[i+4:])
	img, err := png.DecodeConfig(bytes.NewReader(file)) // checks the chunk's sum, too
	if err != nil {
		t.Fatal(err)
	}
	const halfPixel = 0.5
	wide := float64(f.Width/vg.Millimeter) / 1000 * float64(perMetre)
	if math.Abs(wide-float64(img.Width)) > halfPixel+0.1 {
		t.Errorf("%d pixels at %d per metre are not %g mm", img.Width, perMetre, f.Width/vg.Millimeter)
	}
}

func TestUnknownFormatAndName(t *testing.T) {
	f := &Figure{Name: "budget", Width: 100, Height: 100}
	err := f.Write(io.Discard, "gif")
	if err == nil || !strings.Contains(err.Error(), "png, svg, pdf") {
		t.Errorf("gif: %v", err)
	}
	if err := Known("atention"); err == nil || !strings.Contains(err.Error(), "attention") {
		t.Errorf("atention: %v", err)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrorsAreReported(t *testing.T) {
	f, err := Budget(budgetInput(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats() {
		if err := f.Write(fullDisk{}, format); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// Contradicting shapes are errors that name the field.
func TestShapesAreChecked(t *testing.T) {
	attention := attentionInput(3)
	attention.Network = attention.Network[:8]
	tokens := attentionInput(3)
	tokens.Tokens = tokens.Tokens[:2]
	norm := attentionInput(3)
	norm.Norm = "cubic"
	grid := imageInput(2, 2, 1, nil)
	grid.Grid.Front = nil
	query := imageInput(2, 2, 1, nil)
	query.Grid.Queries = []int{5}
	backwards := tracesInput(2, false)
	backwards.Time[3] = -1
	ragged := tracesInput(2, false)
	ragged.Panels[1].Values = ragged.Panels[1].Values[1:]
	columns := tracesInput(2, false)
	columns.Panels[1].Columns = []int{7}
	overview := tracesInput(2, false)
	overview.Overview = 4
	budget := budgetInput(3)
	budget.Parts[4].Values = budget.Parts[4].Values[:2]
	try := func(f *Figure, err error) error { return err }
	for _, c := range []struct {
		err  error
		want string
	}{
		{try(Attention(attention)), "Network has 8 values, want 9"},
		{try(Attention(tokens)), "Tokens has 2"},
		{try(Attention(norm)), "sqrt, linear, log"},
		{try(Attention(grid)), "5 tokens"},
		{try(Attention(query)), "allowed are 0 to 4"},
		{try(Traces(backwards)), "Time[3]"},
		{try(Traces(ragged)), "Panels[1].Values"},
		{try(Traces(columns)), "Panels[1].Columns has 1 values, want 3"},
		{try(Traces(overview)), "Overview is 4; allowed are 0 to 3"},
		{try(Budget(budget)), "Parts[4].Values has 2"},
		{try(Normalizer(NormalizerInput{Z: all(3, 1), Curves: []NormalizerCurve{{P: all(2, 1)}}})), "Curves[0].P"},
		{try(Output(OutputInput{Heads: []OutputHead{{Values: 3, Transformer: all(4, 1), Network: all(4, 1)}}})), "Heads[0].Values"},
		{try(Output(OutputInput{Heads: []OutputHead{{Values: 1, Transformer: all(4, 1), Network: all(3, 1)}}})), "Heads[0].Network"},
		{try(Output(OutputInput{Width: 10})), "60 mm"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("error %v, want one with %q", c.err, c.want)
		}
	}
}

// Widths are read with their unit; what is no width is told how to write one.
func TestParseWidth(t *testing.T) {
	for text, mm := range map[string]float64{"85mm": 85, "178mm": 178, "17.8cm": 178, "7in": 177.8, "60mm": 60, "40cm": 400, "400mm": 400, "100 mm": 100} {
		got, err := ParseWidth(text)
		if err != nil || math.Abs(float64(got/vg.Millimeter)-mm) > 1e-9 || got < Narrowest || got > Widest {
			t.Errorf("%q is %g mm, %v", text, got/vg.Millimeter, err)
		}
	}
	for text, why := range map[string]string{
		"85": "no unit", "": "no width", "mm": "no width", "wide": "no width", "NaNmm": "no width", "85furlongs": "none of mm, cm and in",
		"85MM": "none of", "59.9mm": "59.9 mm", "401mm": "401 mm", "-85mm": "-85 mm", "0mm": "0 mm", "1e999mm": "no width", "85mm,": "no width",
	} {
		if _, err := ParseWidth(text); err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "write 85mm") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
