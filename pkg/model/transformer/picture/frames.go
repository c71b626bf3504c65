package picture

import (
	"bytes"
	"encoding/binary"
)

// Frames counts the pictures in a file, of which Decode takes the first: frames of a GIF, PNG or WebP, pages of a TIFF. It goes
// from block to block and decodes none. Of other files, and where a file ends in the middle, it is what was counted, and 1 at
// least.
func Frames(raw []byte) int {
	switch {
	case bytes.HasPrefix(raw, []byte("GIF8")):
		return max(1, gifFrames(raw))
	case bytes.HasPrefix(raw, []byte("\x89PNG\r\n\x1a\n")):
		return max(1, pngFrames(raw[8:]))
	case isWebP(raw):
		count := 0
		for _, c := range chunks(raw[12:]) {
			if c.name == "ANMF" {
				count++
			}
		}
		return max(1, count)
	case isTIFF(raw):
		return max(1, tiffPages(raw))
	}
	return 1
}

// Blocks of a GIF file (GIF89a specification, sections 18 to 27).
const (
	gifExtension  = 0x21
	gifImage      = 0x2c
	gifHeader     = 13 // signature and logical screen descriptor
	gifDescriptor = 10
)

// gifFrames counts image descriptors.
func gifFrames(raw []byte) (count int) {
	at := gifHeader
	if len(raw) < at {
		return 0
	}
	at += colourTable(raw[10])
	for at < len(raw) {
		switch raw[at] {
		case gifExtension:
			at = afterSubBlocks(raw, at+2)
		case gifImage:
			count++
			if at+gifDescriptor > len(raw) {
				return count
			}
			at = afterSubBlocks(raw, at+gifDescriptor+colourTable(raw[at+9])+1)
		default:
			return count // the trailer, or damage
		}
	}
	return count
}

// colourTable is the size of the table that a byte of flags announces.
func colourTable(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// afterSubBlocks passes over blocks that begin with their length, up to an empty one.
func afterSubBlocks(raw []byte, at int) int {
	for at < len(raw) && raw[at] != 0 {
		at += 1 + int(raw[at])
	}
	return at + 1
}

// pngFrames reads the number of frames that an animated PNG announces before its picture.
func pngFrames(chunks []byte) int {
	for len(chunks) >= 12 {
		length, kind := binary.BigEndian.Uint32(chunks), string(chunks[4:8])
		switch {
		case kind == "acTL":
			return int(binary.BigEndian.Uint32(chunks[8:]))
		case kind == "IDAT" || uint64(length)+12 > uint64(len(chunks)):
			return 1
		}
		chunks = chunks[length+12:]
	}
	return 1
}
