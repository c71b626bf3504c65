package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"io"
)

// file collects the objects of a document; object i has number i + 1.
type file struct {
	objects [][]byte
}

// add appends an object and returns its reference.
func (f *file) add(body string) string {
	f.objects = append(f.objects, []byte(body))
	return fmt.Sprintf("%d 0 R", len(f.objects))
}

// stream appends a compressed stream with further dictionary entries.
func (f *file) stream(entries string, content []byte) string {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(content) // a bytes.Buffer takes everything
	w.Close()
	return f.add(fmt.Sprintf("<< %s /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream", entries, z.Len(), z.Bytes()))
}

// bytes lays the objects out behind the header, with their table.
func (f *file) bytes(root string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, body := range f.objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root %s >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, root, table)
	return b.Bytes()
}

// Write writes the document. It names no date and no producer. The canvas may
// be drawn on and written again.
func (c *Canvas) Write(w io.Writer) error {
	var f file
	content := f.stream("", c.content.Bytes())
	resources := "<< /Font <<"
	for i, t := range c.fonts {
		resources += fmt.Sprintf(" /F%d %s", i, t.embed(&f))
	}
	resources += " >> /XObject <<"
	for i, img := range c.images {
		resources += fmt.Sprintf(" /I%d %s", i, embedImage(&f, img))
	}
	resources += " >> /ExtGState <<"
	for i, a := range c.alphas {
		resources += fmt.Sprintf(" /A%d << /CA %s /ca %s >>", i, num(float64(a)/255), num(float64(a)/255))
	}
	resources += " >> >>"
	// The page names its parent by number: the next object but one.
	parent := fmt.Sprintf("%d 0 R", len(f.objects)+2)
	page := f.add(fmt.Sprintf("<< /Type /Page /Parent %s /MediaBox [0 0 %s %s] /Contents %s /Resources %s >>",
		parent, num(c.width), num(c.height), content, resources))
	pages := f.add(fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count 1 >>", page))
	root := f.add(fmt.Sprintf("<< /Type /Catalog /Pages %s >>", pages))
	_, err := w.Write(f.bytes(root))
	return err
}

// embedImage stores the colours and, unless all pixels are opaque, a mask.
func embedImage(f *file, img *image.NRGBA) string {
	size := img.Bounds().Size()
	rgb := make([]byte, 0, 3*size.X*size.Y)
	mask := make([]byte, 0, size.X*size.Y)
	opaque := true
	for i := 0; i < len(img.Pix); i += 4 {
		rgb = append(rgb, img.Pix[i:i+3]...)
		mask = append(mask, img.Pix[i+3])
		opaque = opaque && img.Pix[i+3] == 0xff
	}
	entries := fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8", size.X, size.Y)
	extra := ""
	if !opaque {
		extra = " /SMask " + f.stream(entries+" /ColorSpace /DeviceGray", mask)
	}
	return f.stream(entries+" /ColorSpace /DeviceRGB"+extra, rgb)
}
