package jpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Image is a decoded picture: Channels (1 grey; 3 red, green, blue) levels per pixel, row by row.
type Image struct {
	Width, Height, Channels int
	Pix                     []uint8
}

// Markers, the second byte after 0xFF.
const (
	markSOF0 = 0xC0 // baseline
	markSOF2 = 0xC2 // progressive
	markDHT  = 0xC4
	markRST0 = 0xD0
	markSOI  = 0xD8
	markEOI  = 0xD9
	markSOS  = 0xDA
	markDQT  = 0xDB
	markDNL  = 0xDC
	markDRI  = 0xDD
	markAPP0 = 0xE0
	markAPPe = 0xEE
)

// unsupported names what the frame markers stand for that are not decoded here.
var unsupported = map[byte]string{
	0xC3: "lossless JPEG", 0xC5: "hierarchical JPEG", 0xC6: "hierarchical JPEG", 0xC7: "hierarchical lossless JPEG", 0xC8: "JPEG with an extension",
	0xC9: "arithmetic-coded JPEG", 0xCA: "arithmetic-coded JPEG", 0xCB: "arithmetic-coded lossless JPEG", 0xCC: "arithmetic-coded JPEG",
	0xCD: "hierarchical JPEG", 0xCE: "hierarchical JPEG", 0xCF: "hierarchical lossless JPEG", 0xF7: "JPEG-LS",
}

// Unsupported is the error of a picture of a kind that is not decoded here, and is no damage.
type Unsupported string

func (u Unsupported) Error() string { return string(u) + " is not supported" }

var errCut = errors.New("the data ends too early")

// decoder is the state of reading one picture.
type decoder struct {
	raw []byte
	at  int // of the next byte

	frame       bool // seen
	progressive bool
	components  []component
	width       int
	height      int
	maxH, maxV  int // largest sampling factors

	quantizers [4]*[64]uint16 // in zigzag order
	dc, ac     [4]*huffman
	interval   int // MCUs between restarts, 0 for none
	scans      int

	jfif     bool
	adobe    bool
	adobeTag byte // how Adobe says colours are coded
}

// Size reads width and height.
func Size(raw []byte) (width, height int, err error) {
	d := &decoder{raw: raw}
	if err := d.segments(true); err != nil {
		return 0, 0, err
	}
	return d.width, d.height, nil
}

// Decode decodes a picture. The caller has bounded its size (see Size): at most 12 bytes per pixel are taken, 15 with 4 components.
func Decode(raw []byte) (*Image, error) {
	d := &decoder{raw: raw}
	if err := d.segments(false); err != nil {
		return nil, err
	}
	if err := d.complete(); err != nil {
		return nil, err
	}
	return d.image(), nil
}

// segments reads all markers up to the end of the picture, or up to its size.
func (d *decoder) segments(sizeOnly bool) error {
	if len(d.raw) < 2 || d.raw[0] != 0xFF || d.raw[1] != markSOI {
		return errors.New("it does not begin as a JPEG")
	}
	d.at = 2
	for {
		mark, err := d.marker()
		if err != nil {
			return err
		}
		if mark == markEOI {
			if !d.frame {
				return errors.New("it ends without a picture")
			}
			return nil
		}
		if mark >= markRST0 && mark <= markSOI || mark == 0x01 { // without content; here without meaning
			continue
		}
		content, err := d.segment()
		if err != nil {
			return err
		}
		if err := d.read(mark, content); err != nil {
			return err
		}
		if sizeOnly && d.frame {
			return nil
		}
	}
}

// marker finds the next marker; bytes before it are skipped, as decoders do.
func (d *decoder) marker() (byte, error) {
	for ; d.at+1 < len(d.raw); d.at++ {
		if mark := d.raw[d.at+1]; d.raw[d.at] == 0xFF && mark != 0 && mark != 0xFF {
			d.at += 2
			return mark, nil
		}
	}
	return 0, errCut
}

// segment is the content of a marker's segment, which begins with its length.
func (d *decoder) segment() ([]byte, error) {
	if d.at+2 > len(d.raw) {
		return nil, errCut
	}
	length := int(binary.BigEndian.Uint16(d.raw[d.at:]))
	if length < 2 {
		return nil, fmt.Errorf("a segment of length %d", length)
	}
	if d.at+length > len(d.raw) {
		return nil, errCut
	}
	content := d.raw[d.at+2 : d.at+length]
	d.at += length
	return content, nil
}

func (d *decoder) read(mark byte, content []byte) error {
	if name, ok := unsupported[mark]; ok {
		return Unsupported(name)
	}
	switch mark {
	case markSOF0, markSOF0 + 1, markSOF2:
		d.progressive = mark == markSOF2
		return d.readFrame(content)
	case markDHT:
		return d.readHuffman(content)
	case markDQT:
		return d.readQuantizers(content)
	case markDNL:
		return Unsupported("JPEG with its height after its pixels")
	case markDRI:
		if len(content) != 2 {
			return errors.New("a restart interval that is no number")
		}
		d.interval = int(binary.BigEndian.Uint16(content))
	case markSOS:
		return d.readScan(content)
	case markAPP0:
		d.jfif = d.jfif || len(content) >= 14 && string(content[:5]) == "JFIF\x00"
	case markAPPe:
		if len(content) >= 12 && string(content[:5]) == "Adobe" {
			d.adobe, d.adobeTag = true, content[11]
		}
	}
	return nil
}

func (d *decoder) readQuantizers(content []byte) error {
	for len(content) > 0 {
		precision, which := content[0]>>4, content[0]&15
		bytes := 1 + 64*(1+int(precision))
		if precision > 1 || which > 3 || len(content) < bytes {
			return errors.New("a table of quantizers that is none")
		}
		table := new([64]uint16)
		for i := range table {
			if precision == 0 {
				table[i] = uint16(content[1+i])
			} else {
				table[i] = binary.BigEndian.Uint16(content[1+2*i:])
			}
		}
		d.quantizers[which] = table // a new one: components keep those of their first scan
		content = content[bytes:]
	}
	return nil
}
