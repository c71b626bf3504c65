package picture

import (
	"encoding/binary"
	"regexp"
)

// Cameras store what the sensor saw and write down how it was held: Exif's orientation, 1 to 8.

// oriented turns a picture upright. Which side of what is stored is up, in Exif's numbers:
//
//	1 as it is     2 mirrored         3 upside down              4 mirrored, upside down
//	5 transposed   6 a quarter right  7 transposed, upside down  8 a quarter left
func (p *Picture) oriented(orientation int) *Picture {
	if orientation < 2 || orientation > 8 {
		return p
	}
	out := &Picture{p.Width, p.Height, p.Channels, make([]uint8, len(p.Pix))}
	turned := orientation >= 5 // rows become columns
	if turned {
		out.Width, out.Height = p.Height, p.Width
	}
	fromRight := orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8
	fromBottom := orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7
	n := p.Channels
	for y := range out.Height {
		for x := range out.Width {
			fromX, fromY := x, y
			if turned {
				fromX, fromY = y, x
			}
			if fromRight {
				fromX = p.Width - 1 - fromX
			}
			if fromBottom {
				fromY = p.Height - 1 - fromY
			}
			copy(out.Pix[(y*out.Width+x)*n:][:n], p.Pix[(fromY*p.Width+fromX)*n:])
		}
	}
	return out
}

// metadata is what a file says about itself beside its pixels.
type metadata struct {
	exif, xmp []byte
}

var xmpOrientation = regexp.MustCompile(`tiff:Orientation(?:="|>)([0-9])`)

// orientation is Exif's, or else XMP's; 0 if neither tells.
func (m metadata) orientation() int {
	d := directory(m.exif)
	if entry, ok := d[tagOrientation]; ok {
		return entry.first()
	}
	if found := xmpOrientation.FindSubmatch(m.xmp); found != nil {
		return int(found[1][0] - '0')
	}
	return 0
}

// The tags of a TIFF directory that matter here.
const (
	tagSubfile     = 254
	tagBits        = 258
	tagCompression = 259
	tagPhotometric = 262
	tagOrientation = 274
	tagSamples     = 277
	tagPlanar      = 284
	tagFaxOptions  = 292
	tagXMP         = 700
	tagDNGVersion  = 50706
)

// entry is a field of a TIFF directory: its values as bytes, in the file's order.
type entry struct {
	order binary.ByteOrder
	kind  uint16
	value []byte
}

// first is the first value of an entry of whole numbers, 0 of any other.
func (e entry) first() int {
	switch {
	case e.kind == 1 && len(e.value) >= 1:
		return int(e.value[0])
	case e.kind == 3 && len(e.value) >= 2:
		return int(e.order.Uint16(e.value))
	case e.kind == 4 && len(e.value) >= 4:
		return int(e.order.Uint32(e.value))
	}
	return 0
}

// typeBytes is the size of a value of each type of TIFF 6.0.
var typeBytes = [...]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}

// directory reads the first directory of a TIFF file, which is also what Exif is; what is damaged in it is left out.
func directory(raw []byte) map[int]entry {
	if !isTIFF(raw) || len(raw) < 8 {
		return nil
	}
	order := byteOrder(raw)
	return directoryAt(raw, order, uint64(order.Uint32(raw[4:])))
}

// byteOrder is that of a TIFF file.
func byteOrder(raw []byte) binary.ByteOrder {
	if raw[0] == 'I' {
		return binary.LittleEndian
	}
	return binary.BigEndian
}

// mostEntries bounds a directory's entries; real ones have fewer than 300.
const mostEntries = 1 << 12

func directoryAt(raw []byte, order binary.ByteOrder, at uint64) map[int]entry {
	if at+2 > uint64(len(raw)) {
		return nil
	}
	entries := map[int]entry{}
	for range min(order.Uint16(raw[at:]), mostEntries) {
		if at+14 > uint64(len(raw)) {
			break
		}
		field := raw[at+2 : at+14]
		at += 12
		kind, count := order.Uint16(field[2:]), uint64(order.Uint32(field[4:]))
		if int(kind) >= len(typeBytes) {
			continue
		}
		value, bytes := field[8:], count*typeBytes[kind]
		if bytes > 4 {
			offset := uint64(order.Uint32(field[8:]))
			if offset+bytes > uint64(len(raw)) {
				continue
			}
			value = raw[offset : offset+bytes]
		}
		entries[int(order.Uint16(field))] = entry{order, kind, value}
	}
	return entries
}
