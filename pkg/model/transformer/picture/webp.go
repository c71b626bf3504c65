package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"
)

func isWebP(raw []byte) bool {
	return len(raw) >= 16 && string(raw[:4]) == "RIFF" && string(raw[8:12]) == "WEBP"
}

// chunk is a piece of a WebP file: four letters and their content.
type chunk struct {
	name    string
	content []byte
}

// chunks lists the pieces of a WebP file, or of a frame of an animation.
func chunks(raw []byte) []chunk {
	var all []chunk
	for len(raw) >= 8 {
		length := uint64(binary.LittleEndian.Uint32(raw[4:]))
		if length > uint64(len(raw)-8) {
			break
		}
		all = append(all, chunk{string(raw[:4]), raw[8 : 8+length]})
		raw = raw[min(8+length+length&1, uint64(len(raw))):]
	}
	return all
}

func webpMetadata(raw []byte) metadata {
	var m metadata
	for _, c := range chunks(raw[12:]) {
		switch c.name {
		case "EXIF":
			m.exif = bytes.TrimPrefix(c.content, []byte("Exif\x00\x00"))
		case "XMP ":
			m.xmp = c.content
		}
	}
	return m
}

// webpFrame is the file, or of an animation the first frame as a file of its own.
func webpFrame(raw []byte) ([]byte, error) {
	var canvas []byte // the width and height that the header gives, less one, of three bytes each
	for _, c := range chunks(raw[12:]) {
		switch {
		case c.name == "VP8X" && len(c.content) >= 10:
			canvas = c.content[4:10]
		case c.name == "ANMF" && len(c.content) >= 16:
			if canvas == nil || !bytes.Equal(c.content[:6], make([]byte, 6)) || !bytes.Equal(c.content[6:12], canvas) {
				return nil, errTransparent // where the frame leaves the picture open
			}
			return webpFile(canvas, c.content[16:]), nil
		}
	}
	return raw, nil
}

// webpFile puts a frame into a file of its own.
func webpFile(canvas, frame []byte) []byte {
	var alpha byte
	for _, c := range chunks(frame) {
		if c.name == "ALPH" {
			alpha = 1 << 4
		}
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+18+len(frame)))
	out = append(out, "WEBPVP8X\x0a\x00\x00\x00"...)
	out = append(out, alpha, 0, 0, 0)
	out = append(out, canvas...)
	return append(out, frame...)
}

func webpSize(raw []byte) (width, height int, err error) {
	c, err := webp.DecodeConfig(bytes.NewReader(raw))
	return c.Width, c.Height, err
}

func decodeWebP(raw []byte) (*Picture, error) {
	frame, err := webpFrame(raw)
	if err != nil {
		return nil, err
	}
	img, err := webp.Decode(bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	switch img := img.(type) {
	case *image.YCbCr:
		return fromVideo(img)
	case *image.NYCbCrA:
		for _, a := range img.A {
			if a != 255 {
				return nil, errTransparent
			}
		}
		return fromVideo(&img.YCbCr)
	case *image.NRGBA:
		for _, c := range chunks(frame[12:]) { // without this flag alpha means nothing
			if c.name == "VP8L" && len(c.content) >= 5 && c.content[4]&0x10 == 0 {
				for i := 3; i < len(img.Pix); i += 4 {
					img.Pix[i] = 255
				}
			}
		}
		return FromImage(img)
	}
	return nil, errors.New("pixels of an unknown kind")
}

// fromVideo converts the brightness and the halved colour differences of a lossy WebP as libwebp does. Brightness is from 16 to
// 235, as in video, which Go's own conversion does not know. Colour differences are interpolated: of the four nearest samples
// the nearest counts 9, the two beside it 3, the one across 1 sixteenths.
func fromVideo(img *image.YCbCr) (*Picture, error) {
	if img.SubsampleRatio != image.YCbCrSubsampleRatio420 || img.Rect.Min != (image.Point{}) {
		return nil, errors.New("colour differences of an unknown size")
	}
	p := &Picture{img.Rect.Dx(), img.Rect.Dy(), 3, make([]uint8, 0, 3*img.Rect.Dx()*img.Rect.Dy())}
	across, down := (p.Width+1)/2, (p.Height+1)/2
	for y := range p.Height {
		near, far := y/2*img.CStride, min(max(y/2-1+2*(y%2), 0), down-1)*img.CStride
		for x := range p.Width {
			nearX, farX := x/2, min(max(x/2-1+2*(x%2), 0), across-1)
			between := func(plane []uint8) int {
				return (9*int(plane[near+nearX]) + 3*int(plane[near+farX]) + 3*int(plane[far+nearX]) + int(plane[far+farX]) + 8) >> 4
			}
			red, green, blue := fromLimited(int(img.Y[y*img.YStride+x]), between(img.Cb), between(img.Cr))
			p.Pix = append(p.Pix, red, green, blue)
		}
	}
	return p, nil
}

// fromLimited is libwebp's conversion, with 14 fraction bits of which 8 are dropped early.
func fromLimited(y, u, v int) (red, green, blue uint8) {
	part := func(x, factor int) int { return x * factor >> 8 }
	level := func(x int) uint8 { return uint8(min(max(x>>6, 0), 255)) }
	base := part(y, 19077)
	return level(base + part(v, 26149) - 14234), level(base - part(u, 6419) - part(v, 13320) + 8708), level(base + part(u, 33050) - 17685)
}
