package picture

import (
	"bytes"
	"image"

	"golang.org/x/image/tiff"
)

func isTIFF(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("II*\x00")) || bytes.HasPrefix(raw, []byte("MM\x00*"))
}

// decodeTIFF decodes the first page, after refusing what the decoder would misread.
func decodeTIFF(raw []byte) (*Picture, error) {
	d := directory(raw)
	value := func(tag, otherwise int) int {
		if e, ok := d[tag]; ok {
			return e.first()
		}
		return otherwise
	}
	_, dng := d[tagDNGVersion]
	switch {
	case dng || value(tagSubfile, 0)&1 != 0: // its first picture is a thumbnail
		return nil, &refusal{"a camera's raw picture", "develop it to PNG or JPEG"}
	case value(tagPlanar, 1) == 2 && value(tagSamples, 1) > 1:
		return nil, &refusal{"TIFF with its colours in separate planes is not supported", toPNG}
	case value(tagCompression, 1) == 3 && value(tagFaxOptions, 0)&1 != 0:
		return nil, &refusal{"TIFF with two-dimensional fax coding is not supported", toPNG}
	}
	img, err := tiff.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	if wide, ok := img.(*image.Gray16); ok {
		if value(tagPhotometric, 1) == 0 {
			return nil, &refusal{"TIFF with 16-bit levels from white to black is not supported", toPNG}
		}
		return fromWide(wide)
	}
	if grey, ok := img.(*image.Gray); ok && value(tagPhotometric, 1) == 1 && (value(tagCompression, 1) == 3 || value(tagCompression, 1) == 4) {
		for i := range grey.Pix { // fax coding calls white 0, which the decoder takes for white here too
			grey.Pix[i] ^= 255
		}
	}
	return FromImage(img)
}

func tiffMetadata(raw []byte) metadata {
	return metadata{exif: raw, xmp: directory(raw)[tagXMP].value}
}

// mostPages is as far as pages are counted.
const mostPages = 1000

// tiffPages counts the directories of a TIFF file that are not of thumbnails.
func tiffPages(raw []byte) int {
	if len(raw) < 8 {
		return 0
	}
	order := byteOrder(raw)
	pages, seen := 0, map[uint32]bool{}
	for at := order.Uint32(raw[4:]); at != 0 && !seen[at] && pages < mostPages && len(seen) < 2*mostPages; {
		seen[at] = true
		if uint64(at)+2 > uint64(len(raw)) {
			break
		}
		if e, ok := directoryAt(raw, order, uint64(at))[tagSubfile]; !ok || e.first()&1 == 0 {
			pages++
		}
		next := uint64(at) + 2 + 12*uint64(order.Uint16(raw[at:]))
		if next+4 > uint64(len(raw)) {
			break
		}
		at = order.Uint32(raw[next:])
	}
	return pages
}
