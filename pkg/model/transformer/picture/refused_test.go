package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is not read is refused by name, with the way out.
func TestRefused(t *testing.T) {
	cases := map[string][2]string{
		"transparent.png": {"transparent pixels", "background"}, "transparent.tiff": {"transparent pixels", "background"},
		"transparent.webp": {"transparent pixels", "background"}, "transparent_lossless.webp": {"transparent pixels", "background"},
		"transparent.gif": {"transparent pixels", "background"}, "offset.gif": {"covers 2 × 2 of its 4 × 3 pixels", "PNG"},
		"transparent_P.png": {"transparent pixels", "background"},
		"grey16.png":        {"16 bits", "8 bits"}, "grey16.tiff": {"16 bits", "8 bits"},
		"cmyk.tiff": {"not supported (color model)", "PNG"}, "jpeg.tiff": {"not supported (", "PNG"}, "float.tiff": {"not supported (sample format)", "PNG"},
	}
	for name, want := range cases {
		_, err := Decode(name, readFile(t, filepath.Join("testdata/files", "refused_"+name)))
		if err == nil || !strings.Contains(err.Error(), want[0]) || !strings.Contains(err.Error(), want[1]) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v; wanted %q", name, err, want)
		}
	}
}

// Files that are other things are named as such, whatever they are called.
func TestOtherFormats(t *testing.T) {
	cases := map[string]string{
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00": "it looks like HEIC", "\x00\x00\x00\x1cftypavif": "it looks like AVIF",
		"\x00\x00\x00\x1cftypisom": "a film", "<svg xmlns=''/>": "SVG", "\ufeff\n <?xml version='1.0'?><svg/>": "SVG", "%PDF-1.7": "PDF",
		"8BPS\x00\x01": "Photoshop", "\x00\x00\x01\x00\x01\x00": "an icon", "\x00\x00\x00\x0cjP  \r\n": "JPEG 2000", "\xff\x0a\x00": "JPEG XL",
		"II*\x00\x10\x00\x00\x00CR\x02\x00": "CR2", "II+\x00\x08\x00": "BigTIFF", "P6\n4 4\n255\n": "PNM", "<!DOCTYPE html><html>": "a web page",
		"version https://git-lfs.github.com/spec/v1": "Git LFS", "not a picture": "not a picture that can be read", "": "the file is empty",
		"\x1f\x8b\x08": "gzip", "\x93NUMPY\x01\x00": "NumPy",
	}
	for raw, want := range cases {
		_, err := Decode("drawing.png", []byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "PNG, JPEG, GIF, BMP, TIFF and WebP") {
			t.Errorf("%q: error %v; wanted %q", raw, err, want)
		}
	}
}

// A file that ends early, or says it is enormous, is refused as that.
func TestDamaged(t *testing.T) {
	whole := readFile(t, "testdata/photograph.png")
	enormous := bytes.Clone(whole[:33]) // signature and IHDR; the width's bytes are 16 to 19, the height's 20 to 23
	copy(enormous[16:], []byte{0, 1, 0, 0, 0, 1, 0, 0})
	binary.BigEndian.PutUint32(enormous[29:], crc32.ChecksumIEEE(enormous[12:29]))
	cases := map[string]struct {
		raw  []byte
		want string
	}{"half": {whole[:len(whole)/2], "damaged"}, "header": {whole[:20], "damaged"}, "enormous": {enormous, "65536 × 65536 pixels"}}
	for name, c := range cases {
		if _, err := Decode("x.png", c.raw); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v; wanted %q", name, err, c.want)
		}
	}
	for _, name := range []string{"jpeg_420.jpg", "jpeg_420_progressive.jpg", "gif_P.gif", "bmp_RGB.bmp", "tiff_lzw.tiff", "webp_80.webp", "webp_lossless.webp"} {
		raw := readFile(t, filepath.Join("testdata/files", name))
		for _, part := range []int{3, len(raw) / 4, len(raw) / 2, len(raw) * 3 / 4} {
			if _, err := Decode(name, raw[:part]); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s cut at %d: error %v", name, part, err)
			}
		}
	}
}

// A camera's raw picture is a TIFF whose first picture is a thumbnail; planes are not pixels; neither may be misread.
func TestMisleadingTIFF(t *testing.T) {
	raw := readFile(t, "testdata/files/tiff_RGB.tiff")
	for want, tag := range map[string][2]uint16{"camera's raw": {tagSubfile, 1}, "raw picture": {tagDNGVersion, 1}, "separate planes": {tagPlanar, 2},
		"fax": {tagFaxOptions, 1}} {
		changed := withTag(raw, tag[0], tag[1])
		if tag[0] == tagFaxOptions {
			changed = withTag(changed, tagCompression, 3)
		}
		if _, err := Decode("x.tiff", changed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; wanted %q", err, want)
		}
	}
}

// withTag is a little-endian TIFF with another directory at its end, in which a field has this value.
func withTag(raw []byte, tag, value uint16) []byte {
	at := binary.LittleEndian.Uint32(raw[4:])
	n := binary.LittleEndian.Uint16(raw[at:])
	fields := map[uint16][]byte{}
	for i := range uint32(n) {
		field := raw[at+2+12*i:][:12]
		fields[binary.LittleEndian.Uint16(field)] = field
	}
	field := binary.LittleEndian.AppendUint16(nil, tag)
	field = append(field, 3, 0, 1, 0, 0, 0)
	fields[tag] = binary.LittleEndian.AppendUint32(field, uint32(value))
	out := bytes.Clone(raw)
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)))
	out = binary.LittleEndian.AppendUint16(out, uint16(len(fields)))
	for _, tag := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, fields[tag]...)
	}
	return append(out, 0, 0, 0, 0)
}
