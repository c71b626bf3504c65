package picture

import (
	"bytes"
	"strings"
)

// signature tells a format that is not read by bytes at a place.
type signature struct {
	at    int
	bytes string
	name  string
	way   string
}

const (
	render  = "draw it as PNG, at least as large as the model's pictures"
	develop = "develop it to PNG or JPEG"
	still   = "take a picture out of it"
	again   = "download the picture itself"
)

// signatures are asked before the formats that are read: some files of cameras begin like TIFF.
var signatures = []signature{
	{4, "ftypheic", "HEIC", toPNG}, {4, "ftypheix", "HEIC", toPNG}, {4, "ftyphevc", "HEIC", toPNG}, {4, "ftypheim", "HEIC", toPNG},
	{4, "ftypmif1", "HEIF", toPNG}, {4, "ftypmsf1", "HEIF", toPNG},
	{4, "ftypavif", "AVIF", toPNG}, {4, "ftypavis", "AVIF", toPNG},
	{4, "ftypcrx ", "a camera's raw picture (CR3)", develop},
	{4, "ftyp", "a film", still},
	{0, "\x00\x00\x00\x0cjP  ", "JPEG 2000", toPNG}, {0, "\xff\x4f\xff\x51", "JPEG 2000", toPNG},
	{0, "\x00\x00\x00\x0cJXL ", "JPEG XL", toPNG}, {0, "\xff\x0a", "JPEG XL", toPNG}, {0, "II\xbc", "JPEG XR", toPNG},
	{8, "CR\x02", "a camera's raw picture (CR2)", develop}, {0, "IIRO", "a camera's raw picture (ORF)", develop},
	{0, "IIU\x00", "a camera's raw picture (RW2)", develop}, {0, "FUJIFILM", "a camera's raw picture (RAF)", develop},
	{0, "II+\x00", "BigTIFF", toPNG}, {0, "MM\x00+", "BigTIFF", toPNG},
	{0, "8BPS", "Photoshop (PSD)", toPNG}, {0, "\x00\x00\x01\x00", "an icon (ICO)", toPNG}, {0, "\x00\x00\x02\x00", "a cursor (CUR)", toPNG},
	{0, "icns", "an icon (ICNS)", toPNG}, {0, "v/1\x01", "OpenEXR", toPNG}, {0, "#?RADIANCE", "Radiance HDR", toPNG},
	{0, "DDS ", "DDS", toPNG}, {0, "gimp xcf", "GIMP (XCF)", toPNG}, {0, "qoif", "QOI", toPNG}, {0, "\x0a\x05\x01", "PCX", toPNG},
	{0, "%PDF", "PDF", render}, {0, "%!PS", "PostScript", render}, {0, "\xd7\xcd\xc6\x9a", "WMF", render}, {40, " EMF", "EMF", render},
	{0, "\x1a\x45\xdf\xa3", "a film", still}, {0, "PK\x03\x04", "a ZIP archive", "unpack it"}, {0, "\x1f\x8b", "gzip", "unpack it"},
	{0, "\x93NUMPY", "NumPy (NPY)", "save it as PNG"}, {0, "version https://git-lfs", "a pointer of Git LFS", again},
}

// textSignatures tell formats that are text, behind blanks and a byte order mark.
var textSignatures = []signature{
	{0, "<svg", "SVG", render}, {0, "<?xml", "SVG", render}, {0, "<!doctype svg", "SVG", render}, {0, "<!--", "SVG", render},
	{0, "<!doctype html", "a web page", again}, {0, "<html", "a web page", again}, {0, "/* xpm */", "XPM", toPNG},
}

// otherFormat says what a file is that is no picture to be read, where that can be told; nil where it cannot.
func otherFormat(raw []byte) error {
	for _, s := range signatures {
		if len(raw) >= s.at && bytes.HasPrefix(raw[s.at:], []byte(s.bytes)) {
			return s.refusal()
		}
	}
	text := strings.ToLower(strings.TrimLeft(string(raw[:min(len(raw), 256)]), "\ufeff \t\r\n"))
	for _, s := range textSignatures {
		if strings.HasPrefix(text, s.bytes) {
			return s.refusal()
		}
	}
	if len(raw) > 2 && raw[0] == 'P' && raw[1] >= '1' && raw[1] <= '7' && strings.ContainsRune(" \t\r\n", rune(raw[2])) {
		return signature{name: "PNM (PBM, PGM, PPM or PAM)", way: toPNG}.refusal()
	}
	if len(raw) == 0 {
		return &refusal{"the file is empty", "supported are " + supported}
	}
	return nil
}

func (s signature) refusal() error {
	return &refusal{"it looks like " + s.name, "supported are " + supported + ", so " + s.way}
}
