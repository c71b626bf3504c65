package picture

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
)

// jpegMetadata collects the Exif and XMP segments in front of a JPEG's pixels.
func jpegMetadata(raw []byte) metadata {
	var m metadata
	for at := 2; at+4 <= len(raw) && raw[at] == 0xFF; {
		if raw[at+1] == 0xFF { // filling
			at++
			continue
		}
		mark, length := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if mark == 0xDA || length < 2 || at+2+length > len(raw) {
			break
		}
		if content := raw[at+4 : at+2+length]; mark == 0xE1 {
			if rest, ok := bytes.CutPrefix(content, []byte("Exif\x00\x00")); ok {
				m.exif = append(m.exif, rest...) // long Exif comes in several segments
			} else if rest, ok := bytes.CutPrefix(content, []byte("http://ns.adobe.com/xap/1.0/\x00")); ok {
				m.xmp = rest
			}
		}
		at += 2 + length
	}
	return m
}

// pngMetadata finds Exif and XMP in a PNG's chunks: eXIf, or what ImageMagick wrote as text before there was such a chunk.
func pngMetadata(raw []byte) metadata {
	var m metadata
	for at := 8; at+12 <= len(raw); {
		length := int(binary.BigEndian.Uint32(raw[at:]))
		if length < 0 || length > len(raw)-at-12 {
			break
		}
		content := raw[at+8 : at+8+length]
		switch string(raw[at+4 : at+8]) {
		case "eXIf":
			m.exif = bytes.TrimPrefix(content, []byte("Exif\x00\x00"))
		case "tEXt", "zTXt", "iTXt":
			key, text := pngText(string(raw[at+4:at+8]), content)
			switch {
			case key == "XML:com.adobe.xmp":
				m.xmp = text
			case key == "Raw profile type exif" && m.exif == nil:
				m.exif = rawProfile(string(text))
			}
		}
		at += 12 + length
	}
	return m
}

// longestText bounds what a compressed text may expand to.
const longestText = 1 << 20

// pngText reads a text chunk: a keyword and a text, which may be compressed.
func pngText(kind string, content []byte) (key string, text []byte) {
	word, rest, ok := bytes.Cut(content, []byte{0})
	if !ok {
		return "", nil
	}
	compressed := kind == "zTXt"
	switch {
	case compressed && len(rest) > 0:
		rest = rest[1:]
	case kind == "iTXt" && len(rest) > 2:
		compressed = rest[0] == 1
		rest = rest[2:]
		for range 2 { // language, translated keyword
			_, rest, _ = bytes.Cut(rest, []byte{0})
		}
	}
	if compressed {
		r, err := zlib.NewReader(bytes.NewReader(rest))
		if err != nil {
			return "", nil
		}
		if rest, err = io.ReadAll(io.LimitReader(r, longestText)); err != nil {
			return "", nil
		}
	}
	return string(word), rest
}

// rawProfile decodes Exif written as text: a line with its name, one with its length, lines of hexadecimal digits.
func rawProfile(text string) []byte {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return nil
	}
	exif, err := hex.DecodeString(strings.Join(lines[3:], ""))
	if err != nil {
		return nil
	}
	return bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
}
